package drift

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
		case line[i] == line[start] && line[i] == '\'' && i+1 < len(line) && line[i+1] == '\'':
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
func (f contractFiles) add(file string, key, mapping *yaml.Node, name, text string) error {
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
