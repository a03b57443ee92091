// Package production knows the vendor's production environment, so that nothing of the harness talks to it by accident.
package production
