package mask_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mozartosim/fixtures"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/random"
)

// live makes a card number of n digits that begins with a prefix and passes the Luhn check, and is no published test number: the
// project has no other number in its text.
func live(n int, prefix string) string {
	prefix += strings.Repeat("0", n-1-len(prefix))
	for check := range 10 {
		if number := prefix + fmt.Sprint(check); mask.Luhn(number) {
			return number
		}
	}
	panic("every number has a check digit")
}

// schemes are prefixes of card schemes, with the lengths of their numbers.
func schemes() map[string][]int {
	return map[string][]int{
		"4": {13, 16, 19}, "51": {16}, "55": {16}, "2221": {16}, "2720": {16}, "34": {15}, "37": {15}, "300": {14, 16}, "36": {14, 19}, "39": {16},
		"6011": {16, 19}, "65": {16}, "644": {16}, "3528": {16}, "3589": {19}, "62": {16, 19}, "2200": {16}, "50": {16, 18},
		"6759": {12, 13, 16, 19}, "6304": {12, 18}, "9792": {16},
	}
}

func drawLive(t *rapid.T, published map[string]bool) string {
	all := schemes()
	prefix := rapid.SampledFrom([]string{
		"4", "51", "55", "2221", "2720", "34", "37", "300", "36", "39", "6011", "65", "644", "3528", "3589", "62", "2200", "50", "6759", "6304", "9792",
	}).Draw(t, "prefix")
	n := rapid.SampledFrom(all[prefix]).Draw(t, "length")
	body := prefix
	for len(body) < n-1 {
		body += rapid.StringMatching(`[0-9]`).Draw(t, "digit")
	}
	for check := range 10 {
		if number := body + fmt.Sprint(check); mask.Luhn(number) && !published[number] {
			return number
		}
	}
	return live(n, prefix) // chance drew a test number
}

// Masking misses nothing: a card number of any scheme, however it is grouped, is hidden in whatever text stands around it.
func TestNoCardIsMissed(t *testing.T) {
	t.Parallel()
	published := testCards(t)
	rapid.Check(t, func(t *rapid.T) {
		number := drawLive(t, published)
		written := ""
		for i := range number {
			if i > 0 && rapid.IntRange(0, 3).Draw(t, "separated") == 0 {
				written += rapid.SampledFrom([]string{" ", "-", "  ", " - ", "+", "%20", "\u00a0", "&nbsp;"}).Draw(t, "separator")
			}
			written += number[i : i+1]
		}
		text := drawAround(t, "before", true) + written + drawAround(t, "after", false)
		for where, got := range map[string]string{
			"Text": mask.Text(text), "Cards": mask.Cards(text), "Value": fmt.Sprint(mask.Value("note", text)),
		} {
			if strings.Contains(mask.Digits(got), number) {
				t.Fatalf("%s left %s in %q: %q", where, number, text, got)
			}
			if again := mask.Cards(got); strings.Contains(mask.Digits(again), number) {
				t.Fatalf("%s: %q", where, again)
			}
		}
	})
}

// drawAround draws text that ends, or begins, at a word's boundary, with digits and separators in it too.
func drawAround(t *rapid.T, label string, before bool) string {
	text := rapid.StringMatching(`([a-z0-9 .,:/"-]|%20|\\n|é|кар){0,12}`).Draw(t, label)
	edge := rapid.SampledFrom([]string{"", " ", ": ", `"`, "/", ", ", "=", "\n", `\n`, "%20", "卡", "-", ">", "("}).Draw(t, label+" edge")
	switch {
	case before && edge == "":
		return "" // the text's own beginning
	case before:
		return text + " x" + edge // what is before the edge is no decimal's dot
	case edge == "" || edge == `\n` || edge == "%20":
		return edge
	}
	return edge + text
}

// Masking overreaches nowhere: what has not the form of a card stays as it is.
func TestNothingElseIsMasked(t *testing.T) {
	t.Parallel()
	number := live(16, "4")
	for _, text := range []string{
		"", "x", "order 1234567890123", "2026-11-28 09:05:00", "+49 30 1234567", "IBAN DE89370400440532013000",
		number[:15] + string('0'+(number[15]-'0'+1)%10), // the check digit is wrong
		"x" + number, number + "x", "order_" + number, number + "_1", number + "é"[:0] + "0", "0." + number, // no word of its own
		strings.ReplaceAll(number, "0", "."), number[:8] + "." + number[8:], number[:8] + "/" + number[8:],
		"{" + number[:8] + "}" + number[8:],
		"deadbeef-0000-" + live(16, "4")[:4] + "-" + number[:4] + "-000000000000"[:12],
		"4111111111111111", "4444 3333 2222 1111", "3434-343434-34343", // published test numbers
	} {
		if got := mask.Cards(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([a-z]|[0-9]{1,11}|[.,:/é])*`).Draw(t, "text") // no run of digits is long enough
		text = strings.Map(func(r rune) rune { return r }, text)
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
			if len(word) >= 12 {
				return
			}
		}
		if got := mask.Cards(text); got != text {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

// A card is found beside letters and signs that separators are written with.
func TestCardsAmongSeparators(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		noise := rapid.StringMatching(`([dDCAnbsp&;%+ -]|[0-9]{1,3}[bd]){0,30}`)
		before, after := noise.Draw(t, "before")+"b ", " "+noise.Draw(t, "after")
		number := live(16, "4")
		for _, written := range []string{number, number[:4] + "&nbsp;" + number[4:8] + "%20" + number[8:12] + "\u00a0" + number[12:]} {
			if got := mask.Cards(before + written + ". " + after); !strings.Contains(got, number[:6]+"******"+number[12:]+".") {
				t.Fatalf("%q stays: %q", written, got)
			}
		}
	})
}

// The simulator's own ids are never masked, in whatever text they stand.
func TestIDsStay(t *testing.T) {
	t.Parallel()
	draw := random.New(1, "ids")
	for range 100_000 {
		for _, id := range []string{draw.UUID(), draw.Hex(24), "po-" + draw.Hex(12), draw.Hex(32)} {
			if text := "payment " + id + " is declined"; mask.Text(text) != text {
				t.Fatalf("%s is masked: %s", text, mask.Text(text))
			}
		}
	}
}

// Every published test number stays, and no other one.
func TestPublishedTestCards(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(slices.Sorted(maps.Keys(testCards(t))), slices.Sorted(slices.Values(mask.TestCards()))); diff != "" {
		t.Errorf("fixtures/cards.yaml and mask have different test cards (-fixtures +mask):\n%s", diff)
	}
	for number := range testCards(t) {
		if got := mask.Cards("card " + number); got != "card "+number {
			t.Errorf("%s is masked as %s", number, got)
		}
		if masked := mask.Value("pan", number); masked == number {
			t.Errorf("%s is shown in a card's field", number)
		}
	}
}

func testCards(t testing.TB) map[string]bool {
	t.Helper()
	tables, err := fixtures.Cards()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, c := range tables.Cards {
		all[c.Number] = true
	}
	return all
}

func TestCardsInText(t *testing.T) {
	t.Parallel()
	number := live(16, "4")
	spaced := number[:4] + " " + number[4:8] + " " + number[8:12] + " " + number[12:]
	shown := mask.Card(number)
	for text, want := range map[string]string{
		number:                              shown,
		spaced:                              shown,
		spaced + " 12/30 123":               shown + " 12/30 123",
		"2026-11-28 " + spaced + " 987":     "2026-11-28 " + shown + " 987",
		"<p>" + number + "</p><p>" + spaced: "<p>" + shown + "</p><p>" + shown,
		"?card=" + number + "&x=1":          "?card=" + shown + "&x=1",
		"?card=" + strings.ReplaceAll(spaced, " ", "%20"): "?card=" + shown,
		"a%20" + number:             "a%20" + shown,
		`{"a":"b\n` + number + `"}`: `{"a":"b\n` + shown + `"}`,
		"卡号" + number:               "卡号" + shown,
		"1." + strings.Repeat("0", 4) + " " + number + ".": "1.0000 " + shown + ".",
	} {
		if got := mask.Cards(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func BenchmarkFields(b *testing.B) {
	requests, err := fixtures.Requests()
	if err != nil {
		b.Fatal(err)
	}
	for _, r := range requests {
		if r.Type != "PAYIN" || r.PSP != "PAYONE" && r.PSP != "WORLDPAY_EU" {
			continue
		}
		doc := decode(b, string(r.Body))
		b.Run(r.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mask.Fields(doc.Raw, doc.Fields)
			}
		})
	}
}

// Text of a merchant's own, such as a page of an error, is masked in a time that grows with its length alone.
func BenchmarkText(b *testing.B) {
	for name, text := range map[string]string{
		"page": strings.Repeat("<p>The order 1234567890123 was paid at 2026-11-28 09:05.</p>\n", 1000), "digits": strings.Repeat("4 ", 32_000),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				mask.Text(text)
			}
		})
	}
}
