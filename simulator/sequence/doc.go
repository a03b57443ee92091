// Package sequence draws who sent what to whom: messages between participants, from top to bottom, as a sequence diagram in SVG and
// as text. It knows nothing of payments; who uses it says which events are messages.
//
// The SVG has classes instead of colours (simulator/design's .sequence), links each arrow to its detail, and is a named group for
// screen readers, in which each arrow is a sentence. Text is the same in lines.
package sequence
