package workbook

import (
	"encoding/json"
	"fmt"

	"github.com/xuri/excelize/v2"
)

// Font is the font of all cells: every office machine has it.
const Font = "宋体"

// Style is how a cell looks; it belongs to the book that gave it.
type Style int

// Format is how a cell's content is shown.
type Format int

// The formats.
const (
	General Format = iota
	Text           // as it stands, never read as a number: ID and account numbers
	Money          // 1,234.50; negative ones red
	Plain          // 1234.50, for files that machines read
	Whole          // 1,234
)

var codes = map[Format]string{Text: "@", Money: "#,##0.00;[Red]-#,##0.00", Plain: "0.00", Whole: "#,##0"}

// Look says how cells look.
type Look struct {
	Format Format
	Size   float64 // of the font, in points; 0: 11
	Bold   bool
	Color  string // of the font, RGB; empty: black
	Fill   string // RGB; empty: none
	Align  string // left, center, right; empty: by content
	Indent int    // from the side of Align, in characters
	Top    bool   // text begins at the top of the cell
	Wrap   bool
	Shrink bool // smaller print rather than cut off
	Border bool
	Under  bool // a line below only
}

// Style returns the style of a look, the same one for the same look.
func (b *Book) Style(l Look) (Style, error) {
	key, err := json.Marshal(l)
	if err != nil {
		return 0, fmt.Errorf("name style: %w", err)
	}
	if s, ok := b.styles[string(key)]; ok {
		return s, nil
	}
	id, err := b.file.NewStyle(l.excelize())
	if err != nil {
		return 0, fmt.Errorf("make style: %w", err)
	}
	b.styles[string(key)] = Style(id)
	return Style(id), nil
}

func (l Look) excelize() *excelize.Style {
	size := l.Size
	if size == 0 {
		size = 11
	}
	st := &excelize.Style{
		Font:      &excelize.Font{Family: Font, Size: size, Bold: l.Bold, Color: l.Color},
		Alignment: &excelize.Alignment{Horizontal: l.Align, Vertical: "center", Indent: l.Indent, WrapText: l.Wrap, ShrinkToFit: l.Shrink},
	}
	if l.Top {
		st.Alignment.Vertical = "top"
	}
	if code := codes[l.Format]; code != "" {
		st.CustomNumFmt = &code
	}
	if l.Fill != "" {
		st.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{l.Fill}}
	}
	if l.Border {
		for _, side := range []string{"left", "top", "right", "bottom"} {
			st.Border = append(st.Border, excelize.Border{Type: side, Color: "808080", Style: 1})
		}
	}
	if l.Under {
		st.Border = []excelize.Border{{Type: "bottom", Color: "000000", Style: 1}}
	}
	return st
}
