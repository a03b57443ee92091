package backoffice

import (
	"errors"
	"testing"
	"time"

	"mozartosim/simulator/adminapi"
)

func TestAdd(t *testing.T) {
	t.Parallel()
	d, now := NewDirectory(1), time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	first, err := d.Add(Company{Profile: adminapi.Profile{Name: "a"}}, now)
	if err != nil {
		t.Fatal(err)
	}
	renamed := *first
	renamed.Name = "b"
	if _, err := d.Put(renamed, now); err != nil {
		t.Fatal(err)
	}
	var taken *Taken
	if _, err := d.Add(Company{Profile: adminapi.Profile{Name: "a"}}, now); !errors.As(err, &taken) || taken.Field != "id" {
		t.Errorf("the renamed company's id: %v", err)
	}
	if _, err := d.Add(Company{Profile: adminapi.Profile{Name: "b", ID: "665f1c2ab7e4d93a5c0f1a2b"}}, now); !errors.As(err, &taken) || taken.Field != "name" {
		t.Errorf("the renamed company's name: %v", err)
	}
	if got, _ := d.Get(first.ID); got.Name != "b" {
		t.Errorf("the first company is now %s", got.Name)
	}
}
