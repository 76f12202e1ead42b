package letters

import (
	"cmp"
	"fmt"
	"strings"

	"disburse/reports/sheet"
	"disburse/reports/source"
	"disburse/reports/workbook"
)

// Sheaf is a workbook of letters: an A4 page each, the people of a street on a sheet of
// their own, which goes on in the next one when it has all the page breaks it may have.
type Sheaf struct {
	*sheet.Paper
	spec   sheet.Spec
	looks  []letterLook
	now    *sheet.Table
	room   float64 // points of height on a page
	street string
	part   int
	names  map[string]bool // of sheets, as Excel compares them
	pages  int             // on the present sheet
	max    int             // pages on a sheet
}

// letterLook are the styles of a letter at one size of print. A letter that is too long
// for its page is written smaller: people must get it on one sheet of paper.
type letterLook struct {
	size                float64
	title, marked, body workbook.Style
	right, section, cut workbook.Style
	head, text, center  workbook.Style
	amount              workbook.Style
	total, totalAmount  workbook.Style
}

// letterSizes are tried in turn. The first is large, for old eyes.
var letterSizes = []float64{14, 13, 12, 11, 10, 9, 8}

// newSheaf begins a workbook of letters whose tables have the columns.
func newSheaf(is *source.Issue, cat *source.Catalogue, dir, name string, columns []sheet.Heading) (*Sheaf, error) {
	p, err := sheet.NewPaper(is, cat, dir, name)
	if err != nil {
		return nil, err
	}
	s, err := sheafIn(p, name, columns)
	if err != nil {
		_ = p.Close()
		return nil, err
	}
	return s, nil
}

// sheafIn begins letters in a workbook that is already there.
func sheafIn(p *sheet.Paper, name string, columns []sheet.Heading) (*Sheaf, error) {
	s := &Sheaf{Paper: p, spec: sheet.Spec{Name: name, Columns: columns}, names: map[string]bool{}, max: workbook.MaxBreaks}
	for _, size := range letterSizes {
		look, err := newLetterLook(p, size)
		if err != nil {
			return nil, err
		}
		s.looks = append(s.looks, look)
	}
	return s, nil
}

func newLetterLook(p *sheet.Paper, size float64) (letterLook, error) {
	type look = workbook.Look
	l := letterLook{size: size}
	for _, a := range []struct {
		style *workbook.Style
		look  look
	}{
		{&l.title, look{Size: size + 5, Bold: true, Align: "center"}},
		{&l.marked, look{Size: size + 5, Bold: true, Align: "center", Color: sheet.MarkColor}},
		{&l.body, look{Size: size, Format: workbook.Text, Align: "left", Top: true, Wrap: true}},
		{&l.right, look{Size: size, Format: workbook.Text, Align: "right"}},
		{&l.cut, look{Size: size - 2, Align: "center", Color: "808080"}},
		{&l.section, look{Size: size, Bold: true, Align: "left"}},
		{&l.head, look{Size: size - 1, Bold: true, Align: "center", Fill: sheet.HeadFill, Wrap: true, Border: true}},
		{&l.text, look{Size: size - 1, Format: workbook.Text, Wrap: true, Border: true}},
		{&l.center, look{Size: size - 1, Format: workbook.Text, Align: "center", Wrap: true, Border: true}},
		{&l.amount, look{Size: size - 1, Format: workbook.Money, Align: "right", Shrink: true, Border: true}},
		{&l.total, look{Size: size, Bold: true, Align: "left", Wrap: true, Fill: sheet.TotalFill, Border: true}},
		{&l.totalAmount, look{Size: size - 1, Bold: true, Format: workbook.Money, Align: "right", Shrink: true, Fill: sheet.TotalFill, Border: true}},
	} {
		var err error
		if *a.style, err = p.Style(a.look); err != nil {
			return l, err
		}
	}
	return l, nil
}

// add writes a letter, composed at the largest size that fits on a page.
func (s *Sheaf) add(street string, compose func(*leaf)) error {
	if s.now == nil || street != s.street || s.pages == s.max {
		s.begin(street)
	}
	if s.pages > 0 {
		s.now.Break(s.now.Next())
	}
	s.pages++
	f := &leaf{}
	for i := range s.looks {
		*f = leaf{look: &s.looks[i], s: s}
		compose(f)
		if f.height <= s.room {
			break
		}
	}
	f.write()
	return s.now.Err()
}

// begin goes on in a new sheet.
func (s *Sheaf) begin(street string) {
	if s.now == nil || street != s.street {
		s.part = 0
	}
	s.street, s.pages = street, 0
	s.part++
	footer := s.Issue.Batch.Bureau + "　" + s.spec.Name
	if street != "" {
		footer += "　" + street
	}
	s.now, s.room = s.BareTable(s.spec, s.sheetName(street), footer)
}

// sheetName names the next sheet, unlike all others: streets are free text, and what a
// sheet's name cannot hold may be all that tells two of them apart.
func (s *Sheaf) sheetName(street string) string {
	name := workbook.SheetName(cmp.Or(street, s.spec.Name))
	for n := s.part; ; n++ {
		full := name
		if n > 1 {
			suffix := fmt.Sprintf("(%d)", n)
			r := []rune(name)
			full = string(r[:min(len(r), 31-len(suffix))]) + suffix
		}
		if key := strings.ToLower(full); !s.names[key] {
			s.names[key] = true
			return full
		}
	}
}
