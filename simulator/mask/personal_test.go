package mask_test

import (
	"testing"

	"mozartosim/simulator/mask"
)

// Names of personal data are known in any spelling, with a number after them, and of lists.
func TestPersonalName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"email": true, "customerEmail": true, "last_name": true, "lastNames": true, "addressLine2": true, "address": true, "addresses": true,
		"deliveryAddresses": true, "phones": true, "IBANs": true, "name": true, "dob": true,
		"status": false, "transaction_status": false, "merchantReference": false, "names": false, "process": false, "amounts": false,
	} {
		if got := mask.PersonalName(name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
