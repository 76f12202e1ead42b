package shape

import (
	"fmt"
	"io"
	"strings"

	"disburse/internal/bank/field"
	"disburse/internal/policy/packfile"
)

// WriteText writes a part of a text shape. A cell that the shape cannot hold is a fault
// (Refused) that names row, field and value; w may have got earlier records then.
func (p *Part) WriteText(w io.Writer) error {
	record := 0
	return p.Each(func(kind Kind, values []field.Value) error {
		record++
		line, err := p.shape.line(p.record(kind), values, kind)
		if err != nil {
			return refuse("%s 第%d行：%s", p.Name, record, err)
		}
		if _, err := w.Write(line); err != nil {
			return fmt.Errorf("write %s: %w", p.Name, err)
		}
		return nil
	})
}

// record are the columns of a kind of record.
func (p *Part) record(kind Kind) []column {
	switch kind {
	case Header:
		return p.shape.header
	case Trailer:
		return p.trailer
	}
	return p.columns
}

// line writes one record with its line end.
func (s *Shape) line(columns []column, values []field.Value, kind Kind) ([]byte, error) {
	line := []byte(s.def.LineStart.Value)
	for i := range values {
		if i > 0 {
			line = append(line, s.def.Divider()...)
		}
		text, err := s.padded(columns[i].Cell, values[i].Text, kind)
		if err != nil {
			return nil, fmt.Errorf("“%s”栏的“%s”：%w", columns[i].Title(), values[i].Text, err)
		}
		line = append(line, text...)
	}
	line = append(line, s.def.LineStop.Value...)
	body, err := s.set.Encode(string(line))
	if err != nil {
		return nil, err
	}
	if s.def.LineEnd.Value == "LF" {
		return append(body, '\n'), nil
	}
	return append(body, '\r', '\n'), nil
}

// padded makes a value ready for its line: quoted, padded, or refused.
func (s *Shape) padded(col *packfile.Cell, text string, kind Kind) (string, error) {
	if why := s.lacks(col, text); why != "" {
		return "", fmt.Errorf("%s", why)
	}
	if s.def.Format.Value == "csv" && strings.ContainsAny(text, `,"`) {
		return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`, nil
	}
	if !s.def.Fixed() {
		return text, nil
	}
	pad := " "
	if col.Pad.Value != "" && kind != Heading {
		pad = col.Pad.Value
	}
	fill := strings.Repeat(pad, col.Width.Value-s.set.Width(text))
	if col.Align.Value == "right" {
		return fill + text, nil
	}
	return text + fill, nil
}

// lacks says why a column cannot hold a text that is mapped already; empty: it can.
func (s *Shape) lacks(col *packfile.Cell, text string) string {
	if s.Workbook() {
		return ""
	}
	if r, lacks := s.set.Lacks(text); lacks {
		return fmt.Sprintf("“%c”（U+%04X）不在 %s 里", r, r, s.set.Name())
	}
	div := s.def.Divider()
	if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r == 0x7F }); i >= 0 {
		return "里面有控制字符"
	}
	if s.def.Format.Value == "txt" && div != "" && strings.Contains(text, div) {
		return "里面有分隔符“" + div + "”"
	}
	if width := s.set.Width(text); s.def.Fixed() && width > col.Width.Value {
		return fmt.Sprintf("有 %d 字节，栏宽只有 %d", width, col.Width.Value)
	}
	return ""
}
