package packfile

import (
	"strings"

	"disburse/internal/month"
)

// Bank is a bank (开户银行) that the pack knows. Accounts of other banks are paid by
// files of their own in the canonical form.
type Bank struct {
	At      Pos
	Name    Text   `yaml:"name"`    // in full, as files and sheets say it
	Aliases []Text `yaml:"aliases"` // 工行: what rosters also call it
	Code    Text   `yaml:"code"`    // 联行号, 12 digits
	Shape   Text   `yaml:"shape"`   // of its files; empty: canonical
	Through Text   `yaml:"through"` // 代发行: the bank whose files carry its accounts; empty: its own
}

// Shape is the form of a bank's files.
type Shape struct {
	At        Pos
	Name      Text `yaml:"name"`
	Format    Text `yaml:"format"`     // xlsx | csv | txt
	Encoding  Text `yaml:"encoding"`   // of csv and txt: UTF-8 | GBK | GB18030
	Separator Text `yaml:"separator"`  // of txt: one character, or tab; without one every column has a width
	LineStart Text `yaml:"line_start"` // stands before every line
	LineStop  Text `yaml:"line_stop"`  // stands behind every line
	LineEnd   Text `yaml:"line_end"`   // CRLF (default) | LF
	Heading   Bool `yaml:"heading"`    // a row of headings before the payments
	Amount    Text `yaml:"amount"`     // 元 (default), two decimals | 分, a whole number
	Rows      Int  `yaml:"rows"`       // payments a file at most, 1–5000; 0: 5000

	FileName Text   `yaml:"file_name"` // ASCII, with {文件号}, without ending
	Header   []Cell `yaml:"header"`    // a record with totals before everything else
	Columns  []Cell `yaml:"columns"`
	Trailer  []Cell `yaml:"trailer"` // a record with totals at the end

	// OwnBank divides a file in two, 本行 in Columns and 他行 in OtherColumns, under the
	// names FileName and OtherFileName.
	OwnBank       Text   `yaml:"own_bank"`
	OtherFileName Text   `yaml:"other_file_name"`
	OtherColumns  []Cell `yaml:"other_columns"`
	OtherTrailer  []Cell `yaml:"other_trailer"`

	Memo  Text      `yaml:"memo"`  // 摘要: text with {月份}, {年月}, {项目}; empty: {月份}{项目}
	Memos []Memo    `yaml:"memos"` // of single items
	Map   []MapPair `yaml:"map"`   // what stands for characters that the bank lacks
}

// Cell is a column of the payments, or a cell of a header or trailer record.
type Cell struct {
	At      Pos
	Heading Text `yaml:"heading"` // empty: the field's name
	Field   Text `yaml:"field"`   // one of internal/bank/field, or
	Text    Text `yaml:"text"`    // fixed words; neither: left empty
	Width   Int  `yaml:"width"`   // of fixed-width text: bytes; of a workbook: characters
	Align   Text `yaml:"align"`   // of fixed-width text: left (default) | right
	Pad     Text `yaml:"pad"`     // of fixed-width text: one ASCII character; empty: a space
}

// Memo is the 摘要 of one item.
type Memo struct {
	At   Pos
	Item Text `yaml:"item"`
	Text Text `yaml:"text"`
}

// MapPair replaces a character in everything that is written to a bank.
type MapPair struct {
	At   Pos
	From Text `yaml:"from"` // one character
	To   Text `yaml:"to"`
}

// MaxBankRows is how many payments a bank file holds at most, whatever the shape.
const MaxBankRows = 5000

// BankOf returns the bank of a name or an alias, nil for one the pack does not know.
func (f *File) BankOf(known string) *Bank {
	for i := range f.Banks {
		b := &f.Banks[i]
		if b.Name.Value == known {
			return b
		}
		for _, alias := range b.Aliases {
			if alias.Value == known {
				return b
			}
		}
	}
	return nil
}

// BankName returns a bank's full name; of one the pack does not know the name itself.
func (f *File) BankName(known string) string {
	if b := f.BankOf(known); b != nil {
		return b.Name.Value
	}
	return known
}

// PayingBank returns the bank whose files carry accounts of the known one, by its full
// name: 代发行, or the bank itself.
func (f *File) PayingBank(known string) string {
	if b := f.BankOf(known); b != nil && b.Through.Value != "" {
		return b.Through.Value
	}
	return f.BankName(known)
}

// ShapeOf returns the shape of the files of a bank, nil for the canonical one.
func (f *File) ShapeOf(bank string) *Shape {
	b := f.BankOf(bank)
	if b == nil || b.Shape.Value == "" {
		return nil
	}
	for i := range f.Shapes {
		if f.Shapes[i].Name.Value == b.Shape.Value {
			return &f.Shapes[i]
		}
	}
	return nil
}

// MaxRows is how many payments a file of the shape holds; s may be nil.
func (s *Shape) MaxRows() int {
	if s == nil || s.Rows.Value == 0 {
		return MaxBankRows
	}
	return s.Rows.Value
}

// MemoOf returns the 摘要 of an item's payments in a month, not yet mapped.
func (s *Shape) MemoOf(code, name string, m month.Month) string {
	text := s.Memo.Value
	for i := range s.Memos {
		if s.Memos[i].Item.Value == code {
			text = s.Memos[i].Text.Value
		}
	}
	if text == "" {
		text = "{月份}{项目}"
	}
	return strings.NewReplacer("{月份}", m.Chinese(), "{年月}", m.Compact(), "{项目}", name).Replace(text)
}

// Mapped returns s with the characters of the shape's map replaced.
func (s *Shape) Mapped(text string) string {
	var pairs []string
	for i := range s.Map {
		pairs = append(pairs, s.Map[i].From.Value, s.Map[i].To.Value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Fixed reports whether the shape is text of fixed widths.
func (s *Shape) Fixed() bool { return s.Format.Value == "txt" && s.Separator.Value == "" }

// Divider returns what stands between the cells of a line of text.
func (s *Shape) Divider() string {
	switch {
	case s.Format.Value == "csv":
		return ","
	case s.Separator.Value == "tab":
		return "\t"
	}
	return s.Separator.Value
}
