package ogencontrol

import (
	"context"
	"os"
	"testing"

	"mozartosim/openapi/clients/generated/ogen/control"
)

// open is the token of an admin API that asks for none.
type open struct{}

func (open) Bearer(context.Context, control.OperationName) (control.Bearer, error) {
	return control.Bearer{}, nil
}

// What ogen makes of the admin API's document lists payments.
func TestOgen(t *testing.T) {
	admin, err := control.NewClient(os.Getenv("SIMULATOR_ADMIN_URL"), open{})
	if err != nil {
		t.Fatal(err)
	}
	listed, err := admin.ListPayments(t.Context(), control.ListPaymentsParams{})
	if _, ok := listed.(*control.PaymentList); err != nil || !ok {
		t.Errorf("listed %+v, %v", listed, err)
	}
}
