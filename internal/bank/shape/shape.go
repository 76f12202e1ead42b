package shape

import (
	"strings"

	"disburse/internal/bank/field"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/policy/charset"
	"disburse/internal/policy/packfile"
)

// Shape is the form of one bank's files, ready to write. It is never changed and may
// be used by several goroutines.
type Shape struct {
	def  *packfile.Shape
	set  charset.Charset
	subs map[rune]string // the map

	header, columns, trailer   []column
	otherColumns, otherTrailer []column
}

// column is a column of the payments, or a cell of a header or trailer record.
type column struct {
	*packfile.Cell
	field *field.Field // nil: fixed words, or nothing
}

func columnsOf(cells []packfile.Cell, in field.Records) []column {
	columns := make([]column, len(cells))
	for i := range cells {
		columns[i] = column{&cells[i], field.Of(cells[i].Field.Value, in)}
	}
	return columns
}

// Of returns the form of the files of a bank: the pack's shape, or the canonical
// workbook for a bank that has none or that the pack does not know.
func Of(file *packfile.File, bank string) *Shape {
	def := file.ShapeOf(bank)
	if def == nil {
		return Canonical()
	}
	return New(def)
}

// New makes a shape ready; it must have been checked with its pack.
func New(def *packfile.Shape) *Shape {
	s := &Shape{
		def: def, header: columnsOf(def.Header, field.Totals), columns: columnsOf(def.Columns, field.Row), trailer: columnsOf(def.Trailer, field.Totals),
		otherColumns: columnsOf(def.OtherColumns, field.Row), otherTrailer: columnsOf(def.OtherTrailer, field.Totals),
	}
	s.set, _ = charset.Named(def.Encoding.Value)
	for i := range def.Map {
		if s.subs == nil {
			s.subs = map[rune]string{}
		}
		for _, r := range def.Map[i].From.Value {
			s.subs[r] = def.Map[i].To.Value
		}
	}
	return s
}

// Canonical is the workbook of banks without a shape (docs/interface.md §5.3).
func Canonical() *Shape { return canonical }

var canonical = New(&packfile.Shape{
	Format: word("xlsx"), Heading: packfile.Bool{Value: true},
	Columns: []packfile.Cell{
		cell("序号", 8), cell("户名", 14), cell("账号", 24), cell("开户行", 28), cell("金额", 14), cell("证件号码", 22), cell("摘要", 34),
	},
	Trailer: []packfile.Cell{{Text: word("合计")}, {}, {}, {}, {Field: word("总金额")}, {}, {}},
})

func word(s string) packfile.Text { return packfile.Text{Value: s} }

func cell(name string, width int) packfile.Cell {
	return packfile.Cell{Field: word(name), Width: packfile.Int{Value: width}}
}

// Workbook reports whether the files are workbooks rather than text.
func (s *Shape) Workbook() bool { return s.def.Format.Value == "xlsx" }

// Part is one file on disk: a whole payment file, or its 本行 or 他行 half.
type Part struct {
	Name   string // with its ending
	Rows   int
	Amount money.Fen

	shape    *Shape
	head     field.Head
	payments []field.Payment
	columns  []column
	trailer  []column
}

// Widths are those of the payments' columns in a workbook, in characters; 0: not said.
func (p *Part) Widths() []int {
	widths := make([]int, len(p.columns))
	for i := range p.columns {
		widths[i] = p.columns[i].Width.Value
	}
	return widths
}

// Parts divides the payments of a file among the files on disk, of which none is empty.
func (s *Shape) Parts(head field.Head, payments []field.Payment) []Part {
	own := Part{Name: s.fileName(s.def.FileName.Value, &head), columns: s.columns, trailer: s.trailer}
	other := Part{Name: s.fileName(s.def.OtherFileName.Value, &head), columns: s.otherColumns, trailer: s.otherTrailer}
	for i := range payments {
		part := &own
		if s.other(payments[i].Account.Bank) {
			part = &other
		}
		part.Rows++
		part.Amount = part.Amount.Add(payments[i].Amount)
		part.payments = append(part.payments, payments[i])
	}
	var parts []Part
	for _, p := range []Part{own, other} {
		if p.Rows > 0 {
			p.shape, p.head = s, head
			parts = append(parts, p)
		}
	}
	return parts
}

// other reports whether accounts of the bank are 他行.
func (s *Shape) other(bank string) bool {
	return s.def.OwnBank.Value != "" && s.def.OwnBank.Value != bank
}

func (s *Shape) fileName(pattern string, head *field.Head) string {
	if pattern == "" {
		pattern = "{文件号}"
	}
	name := strings.NewReplacer("{文件号}", head.Number, "{年月}", head.Month.Compact(), "{日期}", head.Day()).Replace(pattern)
	return name + "." + s.def.Format.Value
}

// mapped replaces the characters of the map.
func (s *Shape) mapped(text string) string {
	if s.subs == nil {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if to, ok := s.subs[r]; ok {
			b.WriteString(to)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func refuse(format string, args ...any) error { return fault.New(fault.Refused, format, args...) }
