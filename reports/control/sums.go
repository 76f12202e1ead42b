package control

import (
	"fmt"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/payrun"
)

// Sums are of lines, in 分. What is held is no part of the others.
type Sums struct {
	Heads, Lines int // people with such a line, and lines
	CurrentHeads int // people with a line of this month
	Current      money.Fen
	Arrears      money.Fen
	Recovery     money.Fen
	HeldHeads    int
	HeldLines    int
	Held         money.Fen
}

// Add takes a line.
func (s *Sums) Add(l *payrun.Line) {
	switch {
	case l.Hold != 0:
		s.HeldLines++
		s.Held = s.Held.Add(l.Amount)
		return
	case l.Kind == payrun.Current:
		s.Current = s.Current.Add(l.Amount)
	case l.Kind == payrun.Arrears:
		s.Arrears = s.Arrears.Add(l.Amount)
	default:
		s.Recovery = s.Recovery.Add(l.Amount)
	}
	s.Lines++
}

// Join adds other sums.
func (s *Sums) Join(o *Sums) {
	s.Heads, s.Lines, s.CurrentHeads = s.Heads+o.Heads, s.Lines+o.Lines, s.CurrentHeads+o.CurrentHeads
	s.Current, s.Arrears, s.Recovery = s.Current.Add(o.Current), s.Arrears.Add(o.Arrears), s.Recovery.Add(o.Recovery)
	s.HeldHeads, s.HeldLines, s.Held = s.HeldHeads+o.HeldHeads, s.HeldLines+o.HeldLines, s.Held.Add(o.Held)
}

// Pays is what is to be paid, 扣回 netted.
func (s *Sums) Pays() money.Fen { return s.Current.Add(s.Arrears).Add(s.Recovery) }

// People is a set of people by their number, which counts from 1 in a region.
type People []uint64

// Add puts somebody in and reports whether they were not there yet.
func (p *People) Add(person int64) bool {
	word, bit := int(person>>6), uint64(1)<<(person&63)
	for word >= len(*p) {
		*p = append(*p, 0)
	}
	if (*p)[word]&bit != 0 {
		return false
	}
	(*p)[word] |= bit
	return true
}

// Disagree is the fault of two figures that must be equal.
func Disagree(what string, written, expected any) error {
	return fault.New(fault.Internal, "控制总数不符：%s，表内为 %v，批次为 %v；未写出任何文件，请重新计算后再试，仍不符请联系维护人员",
		what, written, expected)
}

// CheckItem compares an item's sums with those of the batch.
func CheckItem(title string, got *Sums, want payrun.ItemTotal) error {
	amounts := []struct {
		what      string
		got, want money.Fen
	}{
		{"当月", got.Current, want.Current},
		{"补发", got.Arrears, want.Arrears},
		{"扣回", got.Recovery, want.Recovery},
		{"暂缓", got.Held, want.Held},
	}
	for _, a := range amounts {
		if a.got != a.want {
			return Disagree(fmt.Sprintf("%s %s金额（元）", title, a.what), a.got, a.want)
		}
	}
	if got.Heads != want.Heads {
		return Disagree(title+" 人数", got.Heads, want.Heads)
	}
	return nil
}

// CheckBatch compares the sums of all items with the batch itself.
func CheckBatch(got *Sums, b *payrun.Batch) error {
	switch {
	case got.Pays() != b.Pays:
		return Disagree("应发合计（元）", got.Pays(), b.Pays)
	case got.Held != b.Held:
		return Disagree("暂缓合计（元）", got.Held, b.Held)
	case got.Heads != b.Heads:
		return Disagree("人数", got.Heads, b.Heads)
	case got.Lines+got.HeldLines != b.Lines:
		return Disagree("明细条数", got.Lines+got.HeldLines, b.Lines)
	}
	return nil
}
