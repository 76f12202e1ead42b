package internal_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// notInTree are files that comments and documents name though the tree does not have
// them, with the reason.
var notInTree = map[string]string{
	"manifest.json":      "export writes it",
	"docs/evidence.json": "make evidence writes it",
	"0001_name.sql":      "an example of the name of a migration",
}

// unchangeable are files whose comments cannot be corrected, with the reason.
var unchangeable = map[string]string{
	"migrations/0001_core.sql": "databases have its checksum; its “policy §6” is docs/rules.md §6",
}

// TestReferences: what comments and documents point to exists. A named file is in the
// tree, a section (docs/rules.md §5.3) or an anchor of a Markdown file is one of its headings.
func TestReferences(t *testing.T) {
	t.Parallel()
	wrong, excepted := brokenReferences(t, os.DirFS(".."))
	for _, complaint := range wrong {
		t.Error(complaint)
	}
	for name := range notInTree {
		if !excepted[name] {
			t.Errorf("%s is an exception that nothing needs", name)
		}
	}
	for name := range unchangeable {
		if !excepted[name] {
			t.Errorf("%s is an exception that nothing needs", name)
		}
	}
}

// reference is one place that a file points to.
type reference struct {
	line     int
	target   string // as it is written; empty: the file itself
	link     bool   // of Markdown, so relative to the file's own folder
	anchor   string // without #
	sections []string
	lost     bool // a section of no document
}

// project is the tree with what was read of it.
type project struct {
	tree     fs.FS
	files    map[string]bool // and folders
	headings map[string][]string
}

// brokenReferences follows all references of a tree, and returns what is wrong with them
// and which exceptions were met.
func brokenReferences(t *testing.T, tree fs.FS) (wrong []string, excepted map[string]bool) {
	t.Helper()
	p := &project{tree: tree, files: map[string]bool{}, headings: map[string][]string{}}
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "out") {
			return fs.SkipDir
		}
		p.files[name] = true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	excepted = map[string]bool{}
	for name := range p.files {
		for _, r := range p.references(t, name) {
			switch why := p.follow(name, &r); {
			case r.lost && unchangeable[name] != "":
				excepted[name] = true
			case notInTree[r.target] != "": // where it was made it is there
				excepted[r.target] = true
			case why != "":
				wrong = append(wrong, fmt.Sprintf("%s:%d: %s", name, r.line, why))
			}
		}
	}
	slices.Sort(wrong)
	return wrong, excepted
}

// follow says what is wrong with a reference; empty: nothing.
func (p *project) follow(from string, r *reference) string {
	if r.lost {
		return "§" + r.sections[0] + " of which document? Write docs/rules.md §" + r.sections[0]
	}
	target := from
	if r.target != "" {
		if target = p.find(from, r); target == "" {
			return r.target + " is not in the tree"
		}
	}
	if r.anchor != "" && !slices.ContainsFunc(p.headingsOf(target), func(h string) bool { return slug(h) == r.anchor }) {
		return target + " has no heading #" + r.anchor
	}
	for _, n := range r.sections {
		if !slices.ContainsFunc(p.headingsOf(target), func(h string) bool { return numbered(h, n) }) {
			return target + " has no section " + n
		}
	}
	return ""
}

// find returns where a file is: for all from the root, their own folder or docs; for
// others than documents also where a path ends in the name (explain/letter.go).
func (p *project) find(from string, r *reference) string {
	own := path.Join(path.Dir(from), r.target)
	if r.link {
		if p.files[own] {
			return own
		}
		return ""
	}
	for _, name := range []string{path.Clean(r.target), own, path.Join("docs", r.target)} {
		if p.files[name] {
			return name
		}
	}
	if path.Ext(r.target) != ".md" {
		for name := range p.files {
			if strings.HasSuffix(name, "/"+r.target) {
				return name
			}
		}
	}
	return ""
}

// The check itself notices what it is there for.
func TestReferencesAreFollowed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file, text string
		want       string // a part of the only complaint; empty: none
	}{
		{"a/a.go", "package a // see docs/rules.md §1.2", ""},
		{"a/a.go", "package a // see rules.md §1", ""},
		{"a/a.go", "package a\n\n// see docs/rules.md\n// §1.2 and b.go", ""},
		{"a/a.go", "package a // see docs/rules.md §1.3", "a/a.go:1: docs/rules.md has no section 1.3"},
		{"a/a.go", "package a\n\n// see docs/rules.md §1–9", "a/a.go:3: docs/rules.md has no section 9"},
		{"a/a.go", "package a // the rule of §1", "§1 of which document"},
		{"a/a.go", "package a // policy.md has it", "policy.md is not in the tree"},
		{"a/a.go", "package a // a/b.go, b.go and check*.go", ""},
		{"a/a.go", "package a // gone.go", "gone.go is not in the tree"},
		{"a/a.go", "package a // kept in words.json", "words.json is not in the tree"},
		{"a/a.go", "package a // https://example.org/x.md and go.yaml.in/yaml", ""},
		{"a/a.go", "package a\n\nvar s = \"gone.md §7\"", ""},
		{"m/1.sql", "-- see docs/rules.md §1\nSELECT 'gone.md';", ""},
		{"m/1.sql", "SELECT 1; -- see gone.md", "m/1.sql:1: gone.md is not in the tree"},
		{"s/x.sh", "echo gone.md\n# see gone.txt", "s/x.sh:2: gone.txt is not in the tree"},
		{"p/x.yaml", "a: b # see docs/rules.md §4", "has no section 4"},
		{"Makefile", "## all: as gone.md says", "Makefile:1: gone.md"},
		{"docs/x.md", "[rules](rules.md#12-in-the-district) and §1", "docs/x.md has no section 1"},
		{"docs/x.md", "[rules](rules.md#12-in-the-district), [rules §1.2](rules.md), [up](../a/b.go), [web](https://example.org/gone.md)", ""},
		{"docs/x.md", "[rules](rules.md#13)", "docs/rules.md has no heading #13"},
		{"docs/x.md", "![picture](images/gone.png)", "images/gone.png is not in the tree"},
		{"docs/x.md", "# X\n\n## 7　还有\n\n见 [上面](#7还有) 和 §7", ""},
		{"docs/x.md", "`disburse bank result 回盘.txt`\n\n```sh\ncat gone.md\n```\n\n    gone.md\n", ""},
		{"docs/x.md", "说明见 `gone.md`", "docs/x.md:1: gone.md"},
	} {
		tree := fstest.MapFS{
			"docs/rules.md": {Data: []byte("# Rules\n\n## 1 Months\n\n### 1.2 In the district\n\n```\n## 9 code\n```\n")},
			"a/b.go":        {Data: []byte("package a\n")},
			c.file:          {Data: []byte(c.text)},
		}
		wrong, _ := brokenReferences(t, tree)
		got := strings.Join(wrong, "\n")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) || len(wrong) > 1 {
			t.Errorf("%s with %q: %q, want %q", c.file, c.text, got, c.want)
		}
	}
}
