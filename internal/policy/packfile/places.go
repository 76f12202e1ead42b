package packfile

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

func isBlock(n *yaml.Node) bool {
	return n.Style == yaml.FoldedStyle || n.Style == yaml.LiteralStyle
}

// placesOf finds where each character of a scalar stands in the file, so that an
// error within an expression is shown where it is also when the text is quoted or
// runs over several lines. It returns nil where counting on from the scalar's own
// place does: for plain text on one line. value is the scalar's, trimmed.
func (d *decoder) placesOf(n *yaml.Node, value string) []Pos {
	c := &cursor{lines: d.lines, line: n.Line - 1, style: n.Style}
	c.to(n.Column - 1)
	if n.Style == 0 && c.reads(value) {
		return nil
	}
	switch {
	case isBlock(n):
		c.nextLine()
	case n.Style != 0:
		c.col++ // the quotation mark
	}
	var places []Pos
	for _, r := range value {
		if unicode.IsSpace(r) { // may stand for a line break or for nothing at all
			places = append(places, c.pos())
			continue
		}
		c.skipSpace()
		places = append(places, c.pos())
		c.col += c.width(r)
	}
	return places
}

// Place turns a place within the text, both counted from 1, into one in the file.
func (t *Text) Place(line, col int) Pos {
	if t.places == nil {
		return Pos{t.Line + line - 1, t.Col + col - 1} // one line: line is 1
	}
	offset, rest := col-1, t.Value
	for ; line > 1; line-- {
		before, after, _ := strings.Cut(rest, "\n")
		offset, rest = offset+utf8.RuneCountInString(before)+1, after
	}
	if offset < len(t.places) {
		return t.places[offset]
	}
	last := t.places[len(t.places)-1]
	return Pos{last.Line, last.Col + 1}
}

// cursor walks the characters of the file beside those of a scalar.
type cursor struct {
	lines [][]rune
	line  int // from 0
	text  []rune
	col   int // from 0, in text
	style yaml.Style
}

func (c *cursor) to(col int) {
	c.text, c.col = nil, col
	if c.line < len(c.lines) {
		c.text = c.lines[c.line]
	}
}

func (c *cursor) nextLine() bool {
	if c.line+1 >= len(c.lines) {
		return false
	}
	c.line++
	c.to(0)
	return true
}

func (c *cursor) rest() []rune { return c.text[min(c.col, len(c.text)):] }

func (c *cursor) pos() Pos { return Pos{c.line + 1, min(c.col, len(c.text)) + 1} }

// reads reports whether the line goes on with just these characters.
func (c *cursor) reads(value string) bool {
	rest := c.rest()
	for _, r := range value {
		if len(rest) == 0 || rest[0] != r {
			return false
		}
		rest = rest[1:]
	}
	return true
}

// skipSpace goes to the next character that is not white, however it is written.
func (c *cursor) skipSpace() {
	for {
		rest := c.rest()
		switch {
		case len(rest) == 0:
			if !c.nextLine() {
				return
			}
		case unicode.IsSpace(rest[0]):
			c.col++
		case c.style == yaml.DoubleQuotedStyle && rest[0] == '\\' && len(rest) == 1:
			c.col++
		case c.style == yaml.DoubleQuotedStyle && rest[0] == '\\' && strings.ContainsRune("tnvfr _NLP", rest[1]):
			c.col += 2
		default:
			return
		}
	}
}

// width is how many characters of the file stand for one of the scalar.
func (c *cursor) width(r rune) int {
	rest := c.rest()
	switch {
	case c.style == yaml.SingleQuotedStyle && r == '\'':
		return 2
	case c.style == yaml.DoubleQuotedStyle && len(rest) > 1 && rest[0] == '\\':
		return 2 + map[rune]int{'x': 2, 'u': 4, 'U': 8}[rest[1]]
	}
	return 1
}
