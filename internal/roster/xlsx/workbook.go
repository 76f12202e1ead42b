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

func (b *Book) addSheet(s Sheet, state string) {
	if state == "veryHidden" {
		b.Unseen = append(b.Unseen, s.Name)
		return
	}
	b.Sheets = append(b.Sheets, s)
}

// Unread says in sentences what of the workbook is not read, which nobody would see
// otherwise: sheets that no menu shows, and programs.
func (b *Book) Unread() []Unread {
	var all []Unread
	for _, name := range b.Unseen {
		all = append(all, Unread{name, "这张工作表被深度隐藏（在 Excel 的菜单里看不到），没有读入；要导入的请先取消隐藏，或复制到看得见的工作表"})
	}
	if b.Macros() {
		all = append(all, Unread{"", "工作簿里带有宏，没有读入，也没有运行；请另存为不带宏的 .xlsx"})
	}
	return all
}

// Unread is a part of a workbook that is not read.
type Unread struct {
	Sheet  string // empty: of the whole workbook
	Reason string // a Chinese sentence
}

// Title returns the title in the workbook's properties, empty where there is none.
func (b *Book) Title() string {
	var damaged error
	defer b.recovered(&damaged) // it has no title then
	if b.target.properties == "" {
		return ""
	}
	p, err := b.open(b.target.properties, smallPart)
	if err != nil {
		return ""
	}
	defer p.Close()
	var title []byte
	inside := false
	for s := newScanner(p); ; {
		switch tok, err := s.next(); {
		case err != nil || tok == tokenEOF:
			return string(title)
		case tok == tokenStart:
			inside = string(s.name) == "title"
		case tok == tokenEnd:
			inside = false
		case inside:
			if title, err = s.appendText(title); err != nil {
				return ""
			}
		}
	}
}

// readWorkbook finds the sheets, the shared strings and the styles.
func (b *Book) readWorkbook() error {
	top, err := b.relations("")
	if err != nil {
		return err
	}
	main := ""
	for _, r := range top {
		switch r.kind {
		case "officeDocument":
			main = r.target
		case "core-properties":
			b.target.properties = r.target
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
				b.addSheet(Sheet{Name: attributeText(attrs, "name"), part: r.target}, attributeText(attrs, "state"))
			}
		}
	})
	if err != nil {
		return err
	}
	if len(b.Sheets)+len(b.Unseen) == 0 {
		return b.damaged(fmt.Errorf("workbook %s has no worksheet", main))
	}
	return nil
}

// tooMuchText is the fault for shared strings beyond the limit.
func (b *Book) tooMuchText() error {
	return fault.New(fault.Invalid, "工作簿“%s”里的文字太多，已停止读取，请分成几个工作簿导入", b.name)
}
