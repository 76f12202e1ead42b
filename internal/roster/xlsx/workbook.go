package xlsx

import (
	"fmt"
	"strings"

	"disburse/internal/fault"
)

// walk calls start for every start tag of a small part.
func (b *Book) walk(name string, start func(element string, attrs []byte)) error {
	p, err := b.open(name, smallPart)
	if err != nil {
		return err
	}
	defer p.Close()
	s := newScanner(p)
	for {
		tok, err := s.next()
		if err != nil {
			return p.fault(err)
		}
		switch tok {
		case tokenEOF:
			return nil
		case tokenStart:
			start(string(s.name), s.attrs)
		}
	}
}

// relation is one entry of a part's relations.
type relation struct{ kind, target string }

// relations reads what a part points to, by id. kind is the last step of the type's
// address, which the transitional and the strict standard have in common.
func (b *Book) relations(of string) (map[string]relation, error) {
	dir, file := "", of
	if i := strings.LastIndexByte(of, '/'); i >= 0 {
		dir, file = of[:i+1], of[i+1:]
	}
	all := map[string]relation{}
	err := b.walk(dir+"_rels/"+file+".rels", func(element string, attrs []byte) {
		if element != "Relationship" || attributeText(attrs, "TargetMode") == "External" {
			return
		}
		kind := attributeText(attrs, "Type")
		kind = kind[strings.LastIndexByte(kind, '/')+1:]
		all[attributeText(attrs, "Id")] = relation{kind, resolve(of, attributeText(attrs, "Target"))}
	})
	return all, err
}

// readWorkbook finds the sheets, the shared strings and the styles.
func (b *Book) readWorkbook() error {
	top, err := b.relations("")
	if err != nil {
		return err
	}
	main := ""
	for _, r := range top {
		if r.kind == "officeDocument" {
			main = r.target
		}
	}
	related, err := b.relations(main)
	if err != nil {
		return err
	}
	for _, r := range related {
		switch r.kind {
		case "sharedStrings":
			b.target.strings = r.target
		case "styles":
			b.target.styles = r.target
		}
	}
	err = b.walk(main, func(element string, attrs []byte) {
		switch element {
		case "workbookPr":
			value, _ := attribute(attrs, "date1904")
			b.Date1904 = isTrue(value)
		case "sheet":
			if r := related[relationID(attrs)]; r.kind == "worksheet" {
				b.Sheets = append(b.Sheets, Sheet{Name: attributeText(attrs, "name"), part: r.target})
			}
		}
	})
	if err != nil {
		return err
	}
	if len(b.Sheets) == 0 {
		return b.damaged(fmt.Errorf("workbook %s has no worksheet", main))
	}
	return nil
}

// tooMuchText is the fault for shared strings beyond the limit.
func (b *Book) tooMuchText() error {
	return fault.New(fault.Invalid, "工作簿“%s”里的文字太多，已停止读取，请分成几个工作簿导入", b.name)
}
