package strict

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
)

// styleCounts are what cells and styles may point to.
type styleCounts struct {
	fonts, fills, borders, cellStyleXfs, cellXfs int
	formats                                      map[string]bool
}

// book checks the workbook and all that belongs to it.
func (c *checker) book() {
	top := c.relations("")
	part := ""
	for _, target := range top {
		if strings.HasSuffix(c.typeOf(target), ".sheet.main+xml") {
			part = target
		}
		if strings.HasSuffix(target, ".xml") && target != part {
			c.parse(target)
		}
	}
	root := c.parse(part)
	if root == nil {
		return
	}
	c.element(part, root)
	targets := c.relations(part)
	for _, target := range targets {
		switch {
		case strings.Contains(target, "styles"):
			c.stylesheet(target)
		case strings.Contains(target, "sharedStrings"):
			c.strings(target)
		case strings.Contains(target, "theme"):
			c.parse(target)
		}
	}
	names := c.sheets(part, root, targets)
	c.definedNames(part, root.child("definedNames"), names)
	if c.used != c.sharedSaid(targets) {
		c.fail(part, "%d cells name shared strings, the list says %d", c.used, c.sharedSaid(targets))
	}
}

// sheets checks all sheets and their names, and that one of them is selected.
func (c *checker) sheets(part string, root *node, targets map[string]string) []string {
	var names []string
	seen, ids, selected := map[string]bool{}, map[string]bool{}, []int{}
	for i, s := range root.child("sheets").kids {
		name := s.attr("name")
		names = append(names, name)
		if n := len(utf16.Encode([]rune(name))); n == 0 || n > 31 || strings.ContainsAny(name, `:\/?*[]`) || strings.HasPrefix(name, "'") || strings.HasSuffix(name, "'") {
			c.fail(part, "sheet name %q", name)
		}
		if lower := strings.ToLower(name); seen[lower] || ids[s.attr("sheetId")] {
			c.fail(part, "sheet %q or its number twice", name)
		} else {
			seen[lower], ids[s.attr("sheetId")] = true, true
		}
		target := targets[s.relation()]
		if target == "" {
			c.fail(part, "sheet %q leads nowhere", name)
			continue
		}
		if c.sheet(target) {
			selected = append(selected, i)
			if state := s.attr("state"); state != "" && state != "visible" {
				c.fail(part, "the selected sheet %q is hidden", name)
			}
		}
	}
	active := max(0, number(root.child("bookViews").child("workbookView").attr("activeTab")))
	if len(selected) != 1 || selected[0] != active {
		c.fail(part, "sheets %v are selected, %d is the active one", selected, active)
	}
	return names
}

var (
	definedName  = regexp.MustCompile(`^[\p{L}_\\][\p{L}\p{N}_.\\?]{0,254}$`)
	definedRange = regexp.MustCompile(`^(?:'((?:[^']|'')+)'|([^'!]+))!\$?[A-Z]{0,3}\$?[0-9]{0,7}(?::\$?[A-Z]{0,3}\$?[0-9]{0,7})?$`)
)

func (c *checker) definedNames(part string, all *node, sheets []string) {
	seen := map[string]bool{}
	for _, d := range all.kids {
		name, scope := d.attr("name"), d.attr("localSheetId")
		key := strings.ToLower(name) + " " + scope
		if !definedName.MatchString(name) || seen[key] {
			c.fail(part, "defined name %q, or twice", name)
		}
		seen[key] = true
		if scope != "" && number(scope) >= len(sheets) {
			c.fail(part, "%s is of sheet %s", name, scope)
			continue
		}
		for _, text := range strings.Split(d.text, ",") { // columns and rows of titles; no sheet of ours has a comma in its name
			m := definedRange.FindStringSubmatch(text)
			if m == nil {
				c.fail(part, "%s refers to %q", name, d.text)
				continue
			}
			found := slices.Index(sheets, strings.ReplaceAll(m[1], "''", "'")+m[2])
			if found < 0 || (scope != "" && found != number(scope)) {
				c.fail(part, "%s of sheet %s refers to %q", name, scope, d.text)
			}
		}
	}
}

// strings checks the shared strings: no two alike.
func (c *checker) strings(part string) {
	root := c.parse(part)
	if root == nil {
		return
	}
	c.element(part, root)
	c.shared = len(root.kids)
	if n := root.attr("uniqueCount"); n != "" && number(n) != c.shared {
		c.fail(part, "says %s strings of %d", n, c.shared)
	}
}

// sharedSaid is how many cells the list of shared strings says there are; what is counted,
// where it says nothing.
func (c *checker) sharedSaid(targets map[string]string) int {
	for _, target := range targets {
		if strings.Contains(target, "sharedStrings") {
			if root := c.parse(target); root != nil && root.attr("count") != "" {
				return number(root.attr("count"))
			}
		}
	}
	return c.used
}

func (c *checker) stylesheet(part string) {
	root := c.parse(part)
	if root == nil {
		return
	}
	c.element(part, root)
	s := &c.styles
	s.formats = map[string]bool{}
	for _, f := range root.child("numFmts").kids {
		if number(f.attr("numFmtId")) < 164 || s.formats[f.attr("numFmtId")] {
			c.fail(part, "number format %s", f.attr("numFmtId"))
		}
		s.formats[f.attr("numFmtId")] = true
	}
	s.fonts, s.fills, s.borders = len(root.child("fonts").kids), len(root.child("fills").kids), len(root.child("borders").kids)
	s.cellStyleXfs, s.cellXfs = len(root.child("cellStyleXfs").kids), len(root.child("cellXfs").kids)
	if s.fills < 2 || root.child("fills").kids[1].child("patternFill").attr("patternType") != "gray125" {
		c.fail(part, "the first two fills are not none and gray125")
	}
	for _, group := range []string{"cellStyleXfs", "cellXfs"} {
		for i, xf := range root.child(group).kids {
			for _, to := range []struct {
				attr string
				n    int
			}{{"fontId", s.fonts}, {"fillId", s.fills}, {"borderId", s.borders}, {"xfId", s.cellStyleXfs}} {
				if number(xf.attr(to.attr)) >= to.n {
					c.fail(part, "%s %d: %s %s of %d", group, i, to.attr, xf.attr(to.attr), to.n)
				}
			}
			if id := xf.attr("numFmtId"); number(id) >= 164 && !s.formats[id] {
				c.fail(part, "%s %d: no number format %s", group, i, id)
			}
		}
	}
	for _, k := range root.child("cellStyles").kids {
		if number(k.attr("xfId")) >= s.cellStyleXfs {
			c.fail(part, "style %s is of %s", k.attr("name"), k.attr("xfId"))
		}
	}
}

// style checks the index of a cell's style.
func (c *checker) style(part, index string) {
	if index != "" && number(index) >= c.styles.cellXfs {
		c.fail(part, "style %s of %d", index, c.styles.cellXfs)
	}
}
