package shape

import (
	"strings"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/policy/charset"
	"disburse/internal/roster"
)

// Shape is the form of one bank's files, ready to write. It is never changed and may
// be used by several goroutines.
type Shape struct {
	def  *policy.Shape
	set  charset.Charset
	subs map[rune]string // the map
}

// Of returns the form of the files of a bank: the pack's shape, or the canonical
// workbook for a bank that has none or that the pack does not know.
func Of(file *policy.File, bank string) *Shape {
	def := file.ShapeOf(bank)
	if def == nil {
		return Canonical()
	}
	return New(def)
}

// New makes a shape ready; it must have been checked with its pack.
func New(def *policy.Shape) *Shape {
	s := &Shape{def: def}
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

var canonical = New(&policy.Shape{
	Format: word("xlsx"), Heading: policy.Bool{Value: true},
	Columns: []policy.Cell{
		column("序号", 8), column("户名", 14), column("账号", 24), column("开户行", 28), column("金额", 14), column("证件号码", 22), column("摘要", 34),
	},
	Trailer: []policy.Cell{{Text: word("合计")}, {}, {}, {}, {Field: word("总金额")}, {}, {}},
})

func word(s string) policy.Text { return policy.Text{Value: s} }

func column(field string, width int) policy.Cell {
	return policy.Cell{Field: word(field), Width: policy.Int{Value: width}}
}

// Workbook reports whether the files are workbooks rather than text.
func (s *Shape) Workbook() bool { return s.def.Format.Value == "xlsx" }

// Head is what all records of a file share.
type Head struct {
	Number string // the file's number, 140213-202611-MZ-1-003
	Region string // 区划
	Bureau string
	Month  month.Month // the batch's
	Date   month.Date  // of the last signature
}

// Payment is one payment of a file.
type Payment struct {
	Seq      int            // 序号 within the payment file, also where it is divided in two
	Account  roster.Account // Bank by its full name; Holder is never empty
	Code     string         // 联行号 of the bank
	Amount   money.Fen      // 分, over 0
	ID       string         // 证件号码; empty for an institution
	Item     string         // code
	ItemName string
}

// Part is one file on disk: a whole payment file, or its 本行 or 他行 half.
type Part struct {
	Name   string // with its ending
	Rows   int
	Amount money.Fen

	shape    *Shape
	head     Head
	payments []Payment
	columns  []policy.Cell
	trailer  []policy.Cell
}

// Columns are the columns of the payments; not to be changed.
func (p *Part) Columns() []policy.Cell { return p.columns }

// Parts divides the payments of a file among the files on disk, of which none is empty.
func (s *Shape) Parts(head Head, payments []Payment) []Part {
	own := Part{Name: s.fileName(s.def.FileName.Value, head), columns: s.def.Columns, trailer: s.def.Trailer}
	other := Part{Name: s.fileName(s.def.OtherFileName.Value, head), columns: s.def.OtherColumns, trailer: s.def.OtherTrailer}
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

func (s *Shape) fileName(pattern string, head Head) string {
	if pattern == "" {
		pattern = "{文件号}"
	}
	name := strings.NewReplacer("{文件号}", head.Number, "{年月}", head.Month.Compact(), "{日期}", compact(head.Date)).Replace(pattern)
	return name + "." + s.def.Format.Value
}

// compact writes a date as 20261125.
func compact(d month.Date) string { return strings.ReplaceAll(d.String(), "-", "") }

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
