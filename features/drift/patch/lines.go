package patch

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// ReadFile and Open make contractFiles a file system, as far as openapi.Merge needs one.
func (f contractFiles) ReadFile(name string) ([]byte, error) {
	file, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return []byte(strings.Join(file.lines, "\n")), nil
}

// Open only completes the interface; fs.ReadFile prefers ReadFile.
func (f contractFiles) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
}

// end is where a node's text ends on its line, as an index of runes; ok is false when it goes on in the next line.
func (f contractFiles) end(file string, node *yaml.Node) (end int, ok bool) {
	line := []rune(f[file].lines[node.Line-1])
	at := node.Column - 1
	if node.Anchor != "" && at < len(line) && line[at] == '&' {
		for at < len(line) && line[at] != ' ' {
			at++
		}
		for at < len(line) && line[at] == ' ' {
			at++
		}
	}
	switch {
	case at >= len(line):
		return 0, false
	case line[at] == '{' || line[at] == '[':
		return closing(line, at)
	case line[at] == '\'' || line[at] == '"':
		return quoted(line, at)
	case node.Kind == yaml.AliasNode:
		for at < len(line) && !strings.ContainsRune(" ,}]", line[at]) {
			at++
		}
		return at, true
	case node.Kind == yaml.ScalarNode && strings.HasPrefix(string(line[at:]), node.Value):
		return at + len([]rune(node.Value)), true
	}
	return 0, false
}

// closing finds the bracket that closes the one at start.
func closing(line []rune, start int) (int, bool) {
	depth := 0
	for i := start; i < len(line); i++ {
		switch line[i] {
		case '\'', '"':
			if !strings.ContainsRune(" [{,", line[i-1]) {
				continue // inside of a word it is not a quote
			}
			next, ok := quoted(line, i)
			if !ok {
				return 0, false
			}
			i = next - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1, true
			}
		}
	}
	return 0, false
}

func quoted(line []rune, start int) (int, bool) {
	for i := start + 1; i < len(line); i++ {
		switch {
		case line[start] == '"' && line[i] == '\\':
			i++
		case line[start] == '\'' && line[i] == '\'' && i+1 < len(line) && line[i+1] == '\'':
			i++
		case line[i] == line[start]:
			return i + 1, true
		}
	}
	return 0, false
}

// put replaces the text of a node that stands on one line.
func (f contractFiles) put(file string, node *yaml.Node, text string) error {
	end, ok := f.end(file, node)
	if !ok {
		return errManual
	}
	line := []rune(f[file].lines[node.Line-1])
	f.set(file, node.Line, string(line[:node.Column-1])+text+string(line[end:]))
	return nil
}

// extent is the last line, counted from 1, of the value of a key in a block mapping.
func (f contractFiles) extent(file string, key *yaml.Node) int {
	lines := f[file].lines
	last := key.Line
	for i := key.Line; i < len(lines); i++ {
		trimmed := strings.TrimSpace(lines[i])
		if trimmed == "" {
			continue
		}
		if indent := len(lines[i]) - len(strings.TrimLeft(lines[i], " ")); indent < key.Column {
			break
		}
		last = i + 1
	}
	return last
}

// replace writes another value for a key, on the key's line.
func (f contractFiles) replace(s location, text string) error {
	if err := f.moveAnchor(s.file, s.value, f.extent(s.file, s.key)); err != nil {
		return err
	}
	if s.value.Line == s.key.Line {
		if _, ok := f.end(s.file, s.value); ok {
			return f.put(s.file, s.value, text)
		}
	}
	if s.owner != nil && s.owner.Style&yaml.FlowStyle != 0 {
		return errManual
	}
	last := f.extent(s.file, s.key)
	line := []rune(f[s.file].lines[s.key.Line-1])
	end, ok := f.end(s.file, s.key)
	if !ok {
		return errManual
	}
	f.splice(s.file, s.key.Line, last, string(line[:end])+": "+text)
	return nil
}

// moveAnchor moves the values of anchors that are about to be removed, a node's own and those inside of it, to the first aliases
// after line last.
func (f contractFiles) moveAnchor(file string, node *yaml.Node, last int) error {
	if node.Kind == yaml.AliasNode {
		return nil
	}
	for _, child := range node.Content {
		if err := f.moveAnchor(file, child, last); err != nil {
			return err
		}
	}
	if node.Anchor == "" {
		return nil
	}
	end, ok := f.end(file, node)
	if !ok {
		return errManual
	}
	whole := string([]rune(f[file].lines[node.Line-1])[node.Column-1 : end]) // with the anchor
	alias := regexp.MustCompile(`\*` + regexp.QuoteMeta(node.Anchor) + `\b`)
	for i := max(last, node.Line); i < len(f[file].lines); i++ {
		text := f[file].lines[i]
		if at := alias.FindStringIndex(text); at != nil {
			f.set(file, i+1, text[:at[0]]+whole+text[at[1]:])
			break
		}
	}
	return nil
}

// splice replaces the lines from first to last, counted from 1.
func (f contractFiles) splice(file string, first, last int, lines ...string) {
	old := f[file].lines
	f[file] = &contractFile{lines: slices.Concat(old[:first-1], lines, old[last:]), edited: true}
}

// add writes one more key into a mapping: before the closing brace, or after its last key.
func (f contractFiles) add(file string, mapping *yaml.Node, name, text string) error {
	if mapping.Kind != yaml.MappingNode || len(mapping.Content) == 0 {
		return errManual
	}
	if mapping.Style&yaml.FlowStyle != 0 {
		end, ok := f.end(file, mapping)
		if !ok {
			return errManual
		}
		line := []rune(f[file].lines[mapping.Line-1])
		f.set(file, mapping.Line, string(line[:end-1])+", "+scalar(name)+": "+text+string(line[end-1:]))
		return nil
	}
	last := mapping.Content[len(mapping.Content)-2]
	if last.Value == "x-provenance" && name != "x-provenance" && len(mapping.Content) > 2 {
		return f.before(file, last, name, text) // the provenance stays last
	}
	line := f.extent(file, last)
	f.splice(file, line+1, line, strings.Repeat(" ", last.Column-1)+scalar(name)+": "+text)
	return nil
}

func (f contractFiles) before(file string, key *yaml.Node, name, text string) error {
	f.splice(file, key.Line, key.Line-1, strings.Repeat(" ", key.Column-1)+scalar(name)+": "+text)
	return nil
}

// remove removes an item from a list.
func (f contractFiles) remove(file string, list *yaml.Node, i int) error {
	item := list.Content[i]
	if list.Style&yaml.FlowStyle == 0 {
		f.splice(file, item.Line, item.Line)
		return nil
	}
	end, ok := f.end(file, item)
	if !ok {
		return errManual
	}
	line := []rune(f[file].lines[item.Line-1])
	from := item.Column - 1
	rest := string(line[end:])
	if after, found := strings.CutPrefix(rest, ", "); found {
		rest = after
	} else if strings.HasSuffix(string(line[:from]), ", ") {
		from -= 2
	}
	f.set(file, item.Line, string(line[:from])+rest)
	return nil
}

// scalar writes a text as YAML, for flow and block style.
func scalar(text string) string {
	plain := text != "" && strings.TrimSpace(text) == text && !strings.ContainsAny(text, ",[]{}:#&*!|>'\"%@`?\\\n\t")
	var node yaml.Node
	if plain && !strings.HasPrefix(text, "-") && yaml.Unmarshal([]byte(text), &node) == nil && node.Content[0].Tag == "!!str" {
		return text
	}
	if strings.ContainsAny(text, "\n\t\r") {
		return fmt.Sprintf("%q", text)
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// diff writes the changes between two states of the files as a unified diff for `git apply` at the repository's root.
func diff(a, b contractFiles) string {
	var out strings.Builder
	for _, name := range a.names() {
		if a[name] == b[name] {
			continue
		}
		hunks := hunks(a[name].lines, b[name].lines)
		if len(hunks) == 0 {
			continue
		}
		fmt.Fprintf(&out, "--- a/%s%s\n+++ b/%s%s\n", folder, name, folder, name)
		for _, h := range hunks {
			out.WriteString(h)
		}
	}
	return out.String()
}

// context is how many unchanged lines a hunk has on both sides.
const context = 3

// op is a line of a diff: kept, removed or added.
type op struct {
	sign byte
	text string
}

// hunks makes unified hunks of the differences between two texts. Both end with an empty line, which stands for the newline at
// the end of the file.
func hunks(a, b []string) []string {
	ops := script(strings.TrimSuffix(strings.Join(a, "\n"), "\n"), strings.TrimSuffix(strings.Join(b, "\n"), "\n"))
	var all []string
	for i := 0; i < len(ops); {
		if ops[i].sign == ' ' {
			i++
			continue
		}
		from, to := max(0, i-context), i
		for quiet := 0; to < len(ops) && quiet <= 2*context; to++ {
			if quiet++; ops[to].sign != ' ' {
				quiet = 0
			}
		}
		for to > i && ops[to-1].sign == ' ' {
			to--
		}
		end := min(len(ops), to+context)
		all = append(all, hunk(ops, from, end))
		i = end
	}
	return all
}

func hunk(ops []op, from, to int) string {
	var x, y int // lines before the hunk
	for _, o := range ops[:from] {
		x, y = step(o, x, y)
	}
	var m, n int // lines in it
	var text strings.Builder
	for _, o := range ops[from:to] {
		m, n = step(o, m, n)
		fmt.Fprintf(&text, "%c%s\n", o.sign, o.text)
	}
	return fmt.Sprintf("@@ -%d,%d +%d,%d @@\n%s", x+1, m, y+1, n, text.String())
}

func step(o op, x, y int) (int, int) {
	switch o.sign {
	case '-':
		return x + 1, y
	case '+':
		return x, y + 1
	}
	return x + 1, y + 1
}

// script finds the shortest way from one text to the other, line by line. The common beginning and end are left out of the
// search, which keeps its table small.
func script(before, after string) []op {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	var head, tail []op
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		head = append(head, op{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append([]op{{' ', a[len(a)-1]}}, tail...)
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return append(append(head, middle(a, b)...), tail...)
}

func middle(a, b []string) []op {
	longest := make([][]int, len(a)+1) // of common subsequences of a[i:] and b[j:]
	for i := range longest {
		longest[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	var ops []op
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			ops = append(ops, op{' ', a[i]})
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || longest[i+1][j] >= longest[i][j+1]):
			ops = append(ops, op{'-', a[i]})
			i++
		default:
			ops = append(ops, op{'+', b[j]})
			j++
		}
	}
	return ops
}
