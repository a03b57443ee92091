package mask

import (
	"slices"
	"strings"
)

// The lengths of card numbers.
const (
	shortest = 12
	longest  = 19
)

// Card keeps the first six and the last four digits of a card number.
func Card(number string) string {
	digits := Digits(number)
	if len(digits) < shortest {
		return hidden
	}
	return digits[:6] + strings.Repeat("*", len(digits)-10) + digits[len(digits)-4:]
}

// Digits returns the digits of text, other characters left out.
func Digits(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' }) < 0 {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		if digit(text[i]) {
			out = append(out, text[i])
		}
	}
	return string(out)
}

// CouldBeCard says whether what stands in a card's field could be a real card: 12 to 19 digits, with spaces and dashes or
// without, that pass the Luhn check.
func CouldBeCard(number string) bool {
	digits := Digits(number)
	return len(digits) >= shortest && len(digits) <= longest && strings.Trim(number, "0123456789 -") == "" && Luhn(digits)
}

// Luhn says whether digits pass the Luhn check.
func Luhn(digits string) bool { return luhn(digits) }

func luhn[T string | []byte](digits T) bool {
	sum, double := 0, false
	for i := len(digits) - 1; i >= 0; i-- {
		d := int(digits[i] - '0')
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum, double = sum+d, !double
	}
	return len(digits) > 0 && sum%10 == 0
}

// Cards returns text with the card numbers in it hidden: digits, spaces and dashes between them, that have the prefix and the
// length of a card scheme, pass the Luhn check and stand at word boundaries. Published test numbers, UUIDs and the decimals of
// a number stay.
func Cards(text string) string {
	if !enough(text) {
		return text
	}
	var out []byte
	copied := 0
	word := false // whether what stands before i belongs to a word
	for i := 0; i < len(text); {
		if !digit(text[i]) {
			n, joins := unit(text[i:])
			word = joins || text[i] == '.' && i > 0 && digit(text[i-1])
			i += n
			continue
		}
		digits, end := run(text, i)
		if digits < shortest { // as most are
			i, word = end, true
			continue
		}
		groups := groupsOf(text, i, end)
		joined := end < len(text) && wordly(text[end])
		if word {
			groups = groups[1:]
		}
		if joined && len(groups) > 0 {
			groups = groups[:len(groups)-1]
		}
		for _, found := range cardsIn(text, groups) {
			out = append(append(out, text[copied:found[0].from]...), Card(digitsOf(found))...)
			copied = found[len(found)-1].to
		}
		i, word = end, true
	}
	if copied == 0 {
		return text
	}
	return string(append(out, text[copied:]...))
}

// HasCards says whether Cards would hide anything of a text.
func HasCards(text []byte) bool {
	if !enough(text) {
		return false
	}
	whole := string(text)
	return Cards(whole) != whole
}

// enough says whether text has the digits of a card number with nothing between them but separators: most texts have not. It looks at
// every twelfth byte or so, and back from there for one that no number has.
func enough[T string | []byte](text T) bool {
	begin := 0 // of what has not been looked at
	for at := shortest - 1; at < len(text); at = begin + shortest - 1 {
		i := at
		for i >= begin && inNumber(text[i]) {
			i--
		}
		if i < begin {
			for i = begin; i < len(text) && inNumber(text[i]); {
				digits, end := run(text, i)
				if digits >= shortest {
					return true
				}
				i = max(end, i+1)
			}
		}
		begin = i + 1
	}
	return false
}

// inNumber says whether a byte is a digit or may be part of what separator passes over.
func inNumber(c byte) bool {
	switch c {
	case ' ', '-', '+', '%', 'D', 'd', 'C', 'A', '\xC2', '\xA0', '&', 'n', 'b', 's', 'p', ';':
		return true
	}
	return digit(c)
}

// group is a part of a text that is digits.
type group struct {
	from, to int
	digits   string
}

// digitsOf are the digits of groups together.
func digitsOf(groups []group) string {
	var all strings.Builder
	for _, g := range groups {
		all.WriteString(g.digits)
	}
	return all.String()
}

// run counts the digits that begin at from, with nothing but spaces and dashes between them.
func run[T string | []byte](text T, from int) (digits, end int) {
	for i := from; i < len(text) && digit(text[i]); i += separator(text[i:]) {
		for i < len(text) && digit(text[i]) {
			digits, i = digits+1, i+1
		}
		end = i
	}
	return digits, end
}

// groupsOf returns the groups of digits of a run.
func groupsOf(text string, from, end int) (groups []group) {
	for i := from; i < end; i += separator(text[i:end]) {
		begin := i
		for i < end && digit(text[i]) {
			i++
		}
		groups = append(groups, group{begin, i, text[begin:i]})
	}
	return groups
}

// separator is the length of the spaces and dashes that a text begins with, as they are or as URLs and HTML write them.
func separator[T string | []byte](text T) (n int) {
	for n < len(text) {
		switch text[n] {
		case ' ', '-', '+':
			n++
			continue
		case '%', '&', '\xC2':
		default:
			return n
		}
		size := 0
		for _, written := range [...]string{"%20", "%2D", "%2d", "%C2%A0", "\u00a0", "&nbsp;"} {
			if len(text)-n >= len(written) && string(text[n:n+len(written)]) == written {
				size = len(written)
			}
		}
		if size == 0 {
			return n
		}
		n += size
	}
	return n
}

// unit is the length of the one character that a text begins with, escaped or not, and whether a word goes on after it.
func unit(text string) (n int, joins bool) {
	switch c := text[0]; {
	case c == '%' && len(text) >= 3 && hexadecimal(text[1]) && hexadecimal(text[2]):
		return 3, false
	case c == '\\' && len(text) >= 6 && text[1] == 'u':
		return 6, false
	case c == '\\' && len(text) >= 2 && strings.IndexByte("nrtbf", text[1]) >= 0:
		return 2, false
	default:
		return 1, wordly(c)
	}
}

// cardsIn finds the cards that groups of digits make together. Those that overlap are one.
func cardsIn(text string, groups []group) (found [][]group) {
	var digits [longest]byte
	first, end := 0, 0 // of the groups of the card that was found last
	for i := range groups {
		n := 0
		for j, g := range groups[i:] {
			if n+len(g.digits) > longest {
				break
			}
			n += copy(digits[n:], g.digits)
			if n < shortest || !isCard(digits[:n]) || inUUID(text, groups[i].from, g.to) {
				continue
			}
			if i < end {
				found = found[:len(found)-1]
			} else {
				first = i
			}
			end = max(end, i+j+1)
			found = append(found, groups[first:end])
		}
	}
	return found
}

// isCard says whether digits are a card number of a known scheme, and no published test number.
func isCard(digits []byte) bool {
	return scheme(digits) && luhn(digits) && !slices.Contains(testCards(), string(digits))
}

// scheme says whether digits have the prefix and the length of a card scheme.
func scheme(digits []byte) bool {
	prefix := 0 // the first four digits
	for i := range 4 {
		prefix = prefix*10 + int(digits[i]-'0')
	}
	in := func(from, to int) bool { return from <= prefix && prefix <= to }
	switch n := len(digits); {
	case in(4000, 4999): // Visa
		return n == 13 || n == 16 || n == 19
	case in(3400, 3499), in(3700, 3799): // American Express
		return n == 15
	case in(2221, 2720), in(5100, 5599): // Mastercard
		return n == 16
	case in(3000, 3059), prefix == 3095, in(3600, 3699), in(3800, 3999): // Diners Club
		return n == 14 || n >= 16
	case prefix == 5018, prefix == 5020, prefix == 5038, prefix == 5893, prefix == 6304, prefix == 6759, in(6761, 6763): // Maestro
		return true
	case in(3528, 3589), in(2200, 2204), in(5000, 5099), in(5600, 5899), in(6000, 6999), in(8100, 8299), prefix == 9792:
		// JCB, Mir, Maestro, Discover, UnionPay, RuPay, Verve, Elo, Troy
		return n == 16 || n >= 18
	}
	return false
}

// testCards are the test numbers that providers publish. They are those of fixtures/cards.yaml, which imports this package; a test
// compares the two.
func testCards() []string {
	return []string{
		"343434343434343", "4012000000060085", "4066330000000004", "4111110000000922", "4111111111111111", "4111112232423922",
		"4200000000000000", "4378510000000004", "4444333322221111", "4900490000000501", "4900490000000519", "4901164281364345",
		"4901170000000003", "4918190000000002", "4938730000000001", "5100000000000511", "5105105105105100", "5169750000001111",
		"5200000000001005", "5200000000001047", "5433300000000133", "5555555555554444", "6759649826438453",
	}
}

// inUUID says whether the part of a text from from to to lies in a UUID, whose groups may happen to be digits alone.
func inUUID(text string, from, to int) bool {
	for from > 0 && (text[from-1] == '-' || hexadecimal(text[from-1])) {
		from--
	}
	for to < len(text) && (text[to] == '-' || hexadecimal(text[to])) {
		to++
	}
	if to-from != 36 {
		return false
	}
	for i := range 36 {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (text[from+i] == '-') {
			return false
		}
	}
	return true
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func hexadecimal(c byte) bool { return digit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }

// wordly says whether c belongs to a word.
func wordly(c byte) bool {
	return digit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}
