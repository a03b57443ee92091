// Package chart draws counts over time as stacked bars: SVG without colours of its own (simulator/design's .chart), and as words for
// those who don't see it. It knows nothing of what is counted.
package chart
