// Package egress guards what the simulator and its tools call on behalf of others: webhooks, verify-user, and what doctor, listen, record
// and certify ask. No call goes to a cloud's metadata or to a link-local address, whatever its name is, and with a list only to what is
// on it.
package egress
