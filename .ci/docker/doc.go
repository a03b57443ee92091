// Package docker runs the image, the compose files and the files under deploy by a real Docker engine, and looks at them from outside,
// as who uses them does. It has only tests; .ci/test-docker finds or starts the engine, builds the image and runs them:
//
//	.ci/test-docker          all of them (make test-docker)
//	.ci/test-docker short    TestImage alone, on an image of the binary that this machine's Go has built
//
// Nothing here sleeps or polls: what the engine reports is awaited (its events, a container's log), and what the simulator does by
// its own wait.
package docker
