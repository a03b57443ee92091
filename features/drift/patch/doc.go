// Package patch writes what a comparison found as patches of the contract: a report of drift in, its findings' fixes and patches
// out, as unified diffs of the YAML in openapi/.
//
// A patch edits lines of text (lines.go) at places that the parsed YAML gives (files.go), so that everything else in the file
// stays as it is: comments, order, notation. What a difference asks for is in fields.go where a schema describes it, in rules.go
// where a named rule or a behaviour does. A change that cannot be made in lines is described in words. Patches follow the run whose
// target is not the simulator. The judging in drift doesn't know of patches.
package patch
