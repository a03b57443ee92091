package openapi

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/language"
)

// What is enforced beside, or instead of, a pattern. Nothing that has a whole format breaks the pattern beside it.
func TestFormats(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 64)
	for schema, of := range map[string]struct{ right, wrong []string }{
		"Date": {[]string{"1984-02-29", "0001-01-01", "9999-12-31"}, []string{
			"2566-02-31", "1985-02-29", "1985-4-01", "85-04-01", "1985-04-01 ", "1985-04-01T00:00:00Z", "1985-13-01", "1985-00-10", "1985/04/01", "",
		}},
		"Email": {[]string{
			"a@b.c", "ann.o'neill+shop@mail.example", "jürgen@müller.example", long + "@" + long[1:] + ".example", "a@1-2.x9",
		}, []string{
			"a", "@b.c", "a@b", "a@b.", "a@.c", "a@b..c", "a..b@c.d", ".a@c.d", "a.@c.d", "a@-b.c", "a@b-.c", "a@b_c.d", "a b@c.d", "a@b@c.d", `"a"@b.c`,
			"a(b)@c.d", "a,b@c.d", long + "a@b.c", "a@" + long + ".c", "a\u0000@b.c", "a@b.c\n", "",
		}},
		"GigadatUserIp": {[]string{"203.0.113.7", "0.0.0.0", "255.255.255.255", "::", "2001:db8::7", "::ffff:203.0.113.7", "1:2:3:4:5:6:7:8"}, []string{
			"549.458.438.535", "203.0.113", "203.0.113.07", "203.0.113.7.1", "256.1.1.1", "fe80::1%eth0", ":::", "1:2:3:4:5:6:7", "1::2::3", "12345::", "localhost", "",
		}},
		"ReturnUrl": {[]string{"http://a", "https://shop.example:8443/paid?order=7%20a#x", "https://[2001:db8::7]/"}, []string{"shop.example", "https://", "https://:80", "https://a:port", "https://a/%zz", "https://a b", "ftp://a", ""}},
	} {
		c, err := Cashier()
		if err != nil {
			t.Fatal(err)
		}
		value, err := c.value(c.bundle.node("schemas/" + schema))
		if err != nil {
			t.Fatal(err)
		}
		pattern := regexp.MustCompile(value.schema.Pattern)
		for _, text := range of.right {
			if err := value.schema.VisitJSON(text, value.options...); err != nil || !value.plain.obvious(text) || !pattern.MatchString(text) {
				t.Errorf("%s: %q is refused: %v", schema, text, err)
			}
		}
		for _, text := range of.wrong {
			if err := value.schema.VisitJSON(text, value.options...); err == nil || value.plain.obvious(text) {
				t.Errorf("%s: %q is accepted", schema, text)
			}
		}
	}
}

// A request's formats are judged without allocating.
func TestFormatsAllocateNothing(t *testing.T) {
	for format, text := range map[string]string{"date": "1984-02-29", "email": "ann@mail.example", "ip": "2001:db8::7"} {
		fits := formatOf(format).fits
		if n := testing.AllocsPerRun(100, func() { fits(text) }); n != 0 {
			t.Errorf("%s allocates %v times", format, n)
		}
	}
}

// The countries are all of ISO 3166-1 as another list has them, each by two letters and by three.
func TestCountries(t *testing.T) {
	t.Parallel()
	c, err := Cashier()
	if err != nil {
		t.Fatal(err)
	}
	value, err := c.value(c.bundle.node("schemas/Country"))
	if err != nil {
		t.Fatal(err)
	}
	codes := texts(value.schema.Enum)
	slices.Sort(codes)
	var want []string
	for _, code := range codes {
		region, err := language.ParseRegion(code)
		if err != nil || !region.IsCountry() {
			t.Errorf("%s is no country: %v", code, err)
		} else if len(code) == 2 {
			want = append(want, code, region.ISO3())
		}
	}
	if slices.Sort(want); len(want) != 2*249 || !slices.Equal(want, codes) {
		t.Errorf("there are %d codes: %q", len(codes), codes)
	}
}
