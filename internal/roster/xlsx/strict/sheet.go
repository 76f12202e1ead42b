package strict

import (
	"strconv"
	"strings"
	"unicode/utf16"
)

// Limits of a sheet.
const (
	maxRow     = 1048576
	maxColumn  = 16384
	maxText    = 32767 // UTF-16 units of a cell
	maxFormula = 255   // of a data validation
	maxBreaks  = 1026
)

// place is a cell by column and row, from 1.
type place struct{ col, row int }

func placeOf(ref string) place {
	p := place{}
	for i, r := range ref {
		if r < 'A' || r > 'Z' {
			p.row, _ = strconv.Atoi(ref[i:])
			break
		}
		p.col = p.col*26 + int(r-'A') + 1
	}
	return p
}

// area is a range, both ends inclusive.
type area struct{ from, to place }

func areaOf(ref string) area {
	from, to, ok := strings.Cut(ref, ":")
	if !ok {
		to = from
	}
	return area{placeOf(from), placeOf(to)}
}

func (a area) legal() bool {
	return a.from.col >= 1 && a.from.row >= 1 && a.from.col <= a.to.col && a.from.row <= a.to.row && a.to.col <= maxColumn && a.to.row <= maxRow
}

func (a area) overlaps(b area) bool {
	return a.from.col <= b.to.col && b.from.col <= a.to.col && a.from.row <= b.to.row && b.from.row <= a.to.row
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// sheet checks a worksheet and returns whether it is the selected tab.
func (c *checker) sheet(part string) (selected bool) {
	root := c.parse(part)
	if root == nil {
		return false
	}
	c.element(part, root)
	c.columns(part, root.child("cols"))
	last := c.cells(part, root.child("sheetData"))
	if dim := areaOf(root.child("dimension").attr("ref")); dim != (area{place{1, 1}, last}) {
		c.fail(part, "dimension %s, cells reach column %d row %d", root.child("dimension").attr("ref"), last.col, last.row)
	}
	c.merged(part, root.child("mergeCells"))
	c.validations(part, root.child("dataValidations"))
	c.paper(part, root)
	c.sheetParts(part, root)
	for _, v := range root.child("sheetViews").kids {
		on := v.attr("tabSelected")
		selected = selected || on == "1" || on == "true"
	}
	return selected
}

// columns checks that <cols> are in order and do not overlap.
func (c *checker) columns(part string, cols *node) {
	last := 0
	for _, col := range cols.kids {
		from, to := number(col.attr("min")), number(col.attr("max"))
		if from <= last || to < from || to > maxColumn {
			c.fail(part, "column %d–%d after %d", from, to, last)
		}
		last = to
		if w, err := strconv.ParseFloat(col.attr("width"), 64); err == nil && (w < 0 || w > 255) {
			c.fail(part, "column %d is %v wide", from, w)
		}
		c.style(part, col.attr("style"))
	}
}

// cells checks rows and cells and returns the last column and row.
func (c *checker) cells(part string, data *node) place {
	last, row := place{1, 1}, 0
	for _, r := range data.kids {
		n := number(r.attr("r"))
		if n <= row || n > maxRow {
			c.fail(part, "row %d after %d", n, row)
		}
		row = n
		if h, err := strconv.ParseFloat(r.attr("ht"), 64); err == nil && (h < 0 || h > 409) {
			c.fail(part, "row %d is %v high", n, h)
		}
		col := 0
		for _, cell := range r.kids {
			p := placeOf(cell.attr("r"))
			if p.row != row || p.col <= col || p.col > maxColumn {
				c.fail(part, "cell %s in row %d after column %d", cell.attr("r"), row, col)
			}
			col = p.col
			c.cell(part, cell)
		}
		if len(r.kids) > 0 {
			last = place{max(last.col, col), row}
		}
	}
	return last
}

func (c *checker) cell(part string, cell *node) {
	c.style(part, cell.attr("s"))
	v, at := cell.child("v"), cell.attr("r")
	text := v.text
	switch cell.attr("t") {
	case "s":
		c.used++
		if n := number(v.text); n < 0 || n >= c.shared {
			c.fail(part, "%s is shared string %q of %d", at, v.text, c.shared)
		}
	case "inlineStr":
		if len(cell.kids) != 1 || cell.kids[0].name != "is" {
			c.fail(part, "%s is inline without <is>", at)
		}
		text = cell.child("is").child("t").text
	case "b":
		if !valid("bool", v.text) {
			c.fail(part, "%s is no truth value", at)
		}
	case "", "n":
		if _, err := strconv.ParseFloat(v.text, 64); v.name != "" && err != nil {
			c.fail(part, "%s is no number: %q", at, v.text)
		}
	}
	if len(utf16.Encode([]rune(text))) > maxText {
		c.fail(part, "%s is too long", at)
	}
}

func (c *checker) merged(part string, cells *node) {
	var all []area
	for _, m := range cells.kids {
		a := areaOf(m.attr("ref"))
		if !a.legal() || a.from == a.to {
			c.fail(part, "merges %s", m.attr("ref"))
		}
		// Ours are written row by row, so only near ones can overlap; all are compared where there are few.
		for _, b := range all[max(0, len(all)-2000):] {
			if a.overlaps(b) {
				c.fail(part, "merges %s over another", m.attr("ref"))
			}
		}
		all = append(all, a)
	}
}

func (c *checker) validations(part string, all *node) {
	for _, d := range all.kids {
		for _, limit := range []struct {
			what, text string
			most       int
		}{{"formula1", d.child("formula1").text, maxFormula}, {"formula2", d.child("formula2").text, maxFormula}, {"error", d.attr("error"), 225},
			{"errorTitle", d.attr("errorTitle"), 32}, {"prompt", d.attr("prompt"), 255}, {"promptTitle", d.attr("promptTitle"), 32}} {
			if n := len(utf16.Encode([]rune(limit.text))); n > limit.most {
				c.fail(part, "validation of %s: %s has %d characters", d.attr("sqref"), limit.what, n)
			}
		}
		if t := d.attr("type"); t != "" && t != "none" && d.child("formula1").text == "" {
			c.fail(part, "validation of %s has no formula", d.attr("sqref"))
		}
	}
}

// paper checks page setup, breaks, head and foot.
func (c *checker) paper(part string, root *node) {
	if s := root.child("pageSetup").attr("scale"); s != "" && (number(s) < 10 || number(s) > 400) {
		c.fail(part, "scale %s", s)
	}
	for _, k := range root.child("headerFooter").kids {
		if len(utf16.Encode([]rune(k.text))) > 255 {
			c.fail(part, "%s is too long", k.name)
		}
	}
	for _, breaks := range []*node{root.child("rowBreaks"), root.child("colBreaks")} {
		last, man := 0, 0
		for _, b := range breaks.kids {
			id := number(b.attr("id"))
			if id <= last {
				c.fail(part, "%s: %d after %d", breaks.name, id, last)
			}
			last = id
			if valid("bool", b.attr("man")) && b.attr("man") != "0" && b.attr("man") != "false" {
				man++
			}
		}
		if n := breaks.attr("manualBreakCount"); n != "" && number(n) != man {
			c.fail(part, "%s says %s breaks by hand of %d", breaks.name, n, man)
		}
		if len(breaks.kids) > maxBreaks {
			c.fail(part, "%d breaks", len(breaks.kids))
		}
	}
}

// sheetParts checks what the sheet's relationships lead to.
func (c *checker) sheetParts(part string, root *node) {
	targets := c.relations(part)
	for _, k := range root.kids {
		if id := k.relation(); id != "" && targets[id] == "" {
			c.fail(part, "<%s> names %s, which leads nowhere", k.name, id)
		}
	}
	for _, target := range targets {
		switch {
		case strings.Contains(target, "comments"):
			c.comments(target)
		case strings.HasSuffix(target, ".xml"):
			c.parse(target)
			c.relations(target)
		}
	}
}

func (c *checker) comments(part string) {
	root := c.parse(part)
	if root == nil {
		return
	}
	c.element(part, root)
	seen := map[string]bool{}
	for _, k := range root.child("commentList").kids {
		ref := k.attr("ref")
		if seen[ref] {
			c.fail(part, "two notes on %s", ref)
		}
		seen[ref] = true
		if n := number(k.attr("authorId")); n >= len(root.child("authors").kids) {
			c.fail(part, "note on %s has author %d", ref, n)
		}
	}
}
