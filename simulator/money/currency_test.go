package money_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mozartosim/simulator/money"
)

func TestReadCurrencies(t *testing.T) {
	t.Parallel()
	got, err := money.ReadCurrencies(strings.NewReader("code,number,exponent,name\nCAD,124,2,Canadian Dollar\nJPY,392,0,Yen\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := money.Currencies{"CAD": {"CAD", 2, "Canadian Dollar"}, "JPY": {"JPY", 0, "Yen"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadCurrenciesRefuses(t *testing.T) {
	t.Parallel()
	const header = "code,number,exponent,name\n"
	tests := []struct{ name, table, want string }{
		{"exponent that is no number", header + "XAU,959,N.A.,Gold\n", `read currencies: line 2: ["XAU" "959" "N.A." "Gold"] is no currency`},
		{"code of two letters", header + "CAD,124,2,Canadian Dollar\nCA,124,2,x\n", `read currencies: line 3: ["CA" "124" "2" "x"] is no currency`},
		{"short line", header + "CAD,124,2\n", "read currencies: record on line 2: wrong number of fields"},
		{"narrow table", "code,number\nCAD,124\n", "read currencies: record on line 1: wrong number of fields"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := money.ReadCurrencies(strings.NewReader(test.table)); err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}
