// Package metrics counts what the simulator does, for Prometheus.
package metrics
