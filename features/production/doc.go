// Package production keeps the harness away from production, and real cards away from every target: which hosts count as
// production, a transport that refuses them, and the card numbers that may be sent.
package production
