// Package mcp serves the Model Context Protocol: agents use a simulator by tools that are the verbs of the admin API's client, and read
// contract, scenarios, steps and guides as resources. A tool takes no URL and no path: it reaches the simulator, and by the operator's
// Harness the targets that the operator configured. Errors say what would be right, for the agent to try again.
package mcp
