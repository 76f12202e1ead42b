package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// references lists what the comments of a file, or the whole of a document, point to.
func (p *project) references(t *testing.T, name string) []reference {
	if strings.Contains(name, "/testdata/") {
		return nil
	}
	switch path.Ext(name) {
	case ".go":
		return p.inGo(t, name)
	case ".sql":
		return inText(commentsOf(p.read(t, name), "--"), false)
	case ".sh", ".yaml", ".yml":
		return inText(commentsOf(p.read(t, name), "#"), false)
	case ".md":
		return inMarkdown(p.read(t, name))
	}
	if base := path.Base(name); base == "Makefile" || base == "Dockerfile" {
		return inText(commentsOf(p.read(t, name), "#"), false)
	}
	return nil
}

func (p *project) read(t *testing.T, name string) string {
	t.Helper()
	body, err := fs.ReadFile(p.tree, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func (p *project) inGo(t *testing.T, name string) (all []reference) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, p.read(t, name), parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range file.Comments {
		var text strings.Builder // a section may be on the line after its document
		for _, c := range group.List {
			text.WriteString(strings.TrimPrefix(c.Text, "//") + "\n")
		}
		for _, r := range inText(text.String(), false) {
			r.line += set.Position(group.Pos()).Line - 1
			all = append(all, r)
		}
	}
	return all
}

// commentsOf leaves of each line only what follows a mark at its beginning or after a space.
func commentsOf(text, mark string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		_, comment, _ := strings.Cut(" "+strings.ReplaceAll(line, "\t", " "), " "+mark)
		lines[i] = comment
	}
	return strings.Join(lines, "\n")
}

var (
	fileName    = regexp.MustCompile(`[\p{Han}\w./-]*[\p{Han}\w]\.(?:md|txt|json|go|sql|sh|ya?ml)\b(?:#[^\s)\]}>|,;；，。、“”"'` + "`" + `]+)?`)
	section     = regexp.MustCompile(`§\s*(\d+(?:\.\d+)*)(?:[–-](\d+(?:\.\d+)*))?`)
	rightAfter  = regexp.MustCompile("^`?\\s*" + section.String())
	link        = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)`)
	headingLine = regexp.MustCompile(`^#{1,6}\s+(.+?)\s*$`)
)

// inText finds file names and sections. own says that a section without a document is one
// of the text's own.
func inText(text string, own bool) (all []reference) {
	rest := []byte(text) // without what was found, so that what is left of § has no document
	for _, at := range fileName.FindAllStringIndex(text, -1) {
		name, after := text[at[0]:at[1]], text[at[1]:]
		target, anchor, _ := strings.Cut(name, "#")
		if !followed(text[:at[0]], target, after) {
			continue
		}
		r := reference{line: lineOf(text, at[0]), target: target, anchor: anchor}
		if m := rightAfter.FindStringSubmatchIndex(after); m != nil {
			r.sections = numbers(after, m)
			copy(rest[at[1]:], strings.Repeat(" ", m[1]))
		}
		all = append(all, r)
	}
	for _, m := range section.FindAllSubmatchIndex(rest, -1) {
		all = append(all, reference{line: lineOf(text, m[0]), sections: numbers(string(rest), m), lost: !own})
	}
	return all
}

// followed reports whether a name is one of this tree's: not a pattern (check*.go), an
// address or absolute path, a module (go.yaml.in), nor a file of the reader's own, which
// manuals give Chinese names (口令.txt).
func followed(before, name, after string) bool {
	switch {
	case strings.HasSuffix(before, "*"), strings.HasSuffix(before, "}"), strings.HasSuffix(before, "…"):
		return false
	case strings.HasPrefix(name, "/"), len(after) > 1 && after[0] == '.' && unicode.IsLetter(rune(after[1])):
		return false
	}
	return path.Ext(name) == ".md" || !strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// numbers are the one or two sections of a match.
func numbers(text string, m []int) []string {
	all := []string{text[m[2]:m[3]]}
	if m[4] >= 0 {
		all = append(all, text[m[4]:m[5]])
	}
	return all
}

func lineOf(text string, at int) int { return 1 + strings.Count(text[:at], "\n") }

// inMarkdown finds links, and names and sections outside links and blocks of code, which
// are commands and what they print.
func inMarkdown(text string) (all []reference) {
	lines, code := strings.Split(text, "\n"), false
	for i, line := range lines {
		if fence := strings.HasPrefix(strings.TrimSpace(line), "```"); fence || code || strings.HasPrefix(line, "    ") {
			code = code != fence
			lines[i] = ""
		}
	}
	text = strings.Join(lines, "\n")
	for _, m := range link.FindAllStringSubmatchIndex(text, -1) {
		target, anchor, _ := strings.Cut(text[m[2]:m[3]], "#")
		if !strings.Contains(target, ":") { // no address
			all = append(all, reference{line: lineOf(text, m[0]), target: target, anchor: anchor, link: true})
		}
	}
	text = link.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat("\n", strings.Count(s, "\n")) })
	return append(all, inText(text, true)...)
}

// headingsOf are the headings of a document, without their #.
func (p *project) headingsOf(name string) []string {
	if known, ok := p.headings[name]; ok || path.Ext(name) != ".md" {
		return known
	}
	body, err := fs.ReadFile(p.tree, name)
	if err != nil {
		return nil
	}
	var all []string
	code := false
	for line := range strings.Lines(string(body)) {
		if strings.HasPrefix(line, "```") {
			code = !code
		}
		if m := headingLine.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil && !code {
			all = append(all, m[1])
		}
	}
	p.headings[name] = all
	return all
}

// numbered reports whether a heading has the number: 5.3 Netting has 5.3 and not 5.
func numbered(heading, number string) bool {
	rest, ok := strings.CutPrefix(heading, number)
	rest = strings.TrimPrefix(rest, ".")
	return ok && rest != "" && unicode.IsSpace([]rune(rest)[0])
}

// slug is the anchor that Markdown viewers make of a heading: lower case, letters, digits,
// _ and - only, a space becomes -.
func slug(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '_', r == '-', unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}
