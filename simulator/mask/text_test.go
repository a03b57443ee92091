package mask_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"mozartosim/simulator/mask"
)

func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Bearer eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln.":          "Bearer ***.",
		"https://x/?a=1&token=abc&b=2":                          "https://x/?a=1&token=***&b=2",
		"https://x/?back=https://y/?access_token=abc#z":         "https://x/?back=https://y/?access_token=***#z",
		`<a href="https://x/?Ticket=abc">`:                      `<a href="https://x/?Ticket=***">`,
		`{"cvv": "123", "x": "123"}`:                            `{"cvv": "***", "x": "123"}`,
		`{\"voucherPin\":\"AB12\",\"cvv\":123,\"x\":1}`:         `{\"voucherPin\":\"***\",\"cvv\":***,\"x\":1}`,
		"password=a token=b author=c":                           "password=*** token=*** author=c",
		"postgres://sim:secret@db/x":                            "postgres://sim:***@db/x",
		"postgres://sim:se/cr%zz@et?x=1@db:5432/x?sslmode=off":  "postgres://sim:***@db:5432/x?sslmode=off",
		"postgres:sim:secret@db":                                "postgres:sim:***@db",
		`open "postgres://sim:se%zzcret@db/x": no such file`:    `open "postgres://sim:***@db/x": no such file`,
		"postgres://sim@db/x?password=secret":                   "postgres://sim@db/x?password=***",
		"host=db user=sim password=secret":                      "host=db user=sim password=***",
		"http://user:secret@shop.test/":                         "http://user:***@shop.test/",
		"http://localhost:8080/?for=jane@mail.test":             "http://localhost:8080/?for=jane@mail.test",
		"payment 665af0c2a1b2c3d4e5f60718: mail jane@mail.test": "payment 665af0c2a1b2c3d4e5f60718: mail jane@mail.test",
	} {
		if got := mask.Text(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// Whatever stands in a database's password, it is not shown.
func TestDatabasePasswords(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		secret := "s3" + rapid.StringMatching(`[a-zA-Z0-9%/?#:@!$&()*+,;=.~_-]{4,20}`).Draw(t, "password") + "cr3t"
		if got := mask.Text("data: open postgres://sim:" + secret + "@db:5432/x: failed"); strings.Contains(got, secret) || strings.Contains(got, "cr3t") {
			t.Fatalf("%q is shown in %q", secret, got)
		}
	})
}
