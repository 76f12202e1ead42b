package reports

import (
	"fmt"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/payrun"
)

// sums are of lines, in 分. What is held is no part of the others.
type sums struct {
	heads, lines int // people with such a line, and lines
	currentHeads int // people with a line of this month
	current      money.Fen
	arrears      money.Fen
	recovery     money.Fen
	heldHeads    int
	heldLines    int
	held         money.Fen
}

// add takes a line.
func (s *sums) add(l *payrun.Line) {
	switch {
	case l.Hold != 0:
		s.heldLines++
		s.held = s.held.Add(l.Amount)
		return
	case l.Kind == payrun.Current:
		s.current = s.current.Add(l.Amount)
	case l.Kind == payrun.Arrears:
		s.arrears = s.arrears.Add(l.Amount)
	default:
		s.recovery = s.recovery.Add(l.Amount)
	}
	s.lines++
}

// join adds other sums.
func (s *sums) join(o *sums) {
	s.heads, s.lines, s.currentHeads = s.heads+o.heads, s.lines+o.lines, s.currentHeads+o.currentHeads
	s.current, s.arrears, s.recovery = s.current.Add(o.current), s.arrears.Add(o.arrears), s.recovery.Add(o.recovery)
	s.heldHeads, s.heldLines, s.held = s.heldHeads+o.heldHeads, s.heldLines+o.heldLines, s.held.Add(o.held)
}

// pays is what is to be paid, 扣回 netted.
func (s *sums) pays() money.Fen { return s.current.Add(s.arrears).Add(s.recovery) }

// people is a set of people by their number, which counts from 1 in a region.
type people []uint64

// add puts somebody in and reports whether they were not there yet.
func (p *people) add(person int64) bool {
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

// disagree is the fault of two figures that must be equal.
func disagree(what string, written, expected any) error {
	return fault.New(fault.Internal, "控制总数不符：%s，表内为 %v，批次为 %v；未写出任何文件，请重新计算后再试，仍不符请联系维护人员",
		what, written, expected)
}

// checkItem compares an item's sums with those of the batch.
func checkItem(title string, got *sums, want payrun.ItemTotal) error {
	amounts := []struct {
		what      string
		got, want money.Fen
	}{
		{"当月", got.current, want.Current},
		{"补发", got.arrears, want.Arrears},
		{"扣回", got.recovery, want.Recovery},
		{"暂缓", got.held, want.Held},
	}
	for _, a := range amounts {
		if a.got != a.want {
			return disagree(fmt.Sprintf("%s %s金额（元）", title, a.what), a.got, a.want)
		}
	}
	if got.heads != want.Heads {
		return disagree(title+" 人数", got.heads, want.Heads)
	}
	return nil
}

// checkBatch compares the sums of all items with the batch itself.
func checkBatch(got *sums, b *payrun.Batch) error {
	switch {
	case got.pays() != b.Pays:
		return disagree("应发合计（元）", got.pays(), b.Pays)
	case got.held != b.Held:
		return disagree("暂缓合计（元）", got.held, b.Held)
	case got.heads != b.Heads:
		return disagree("人数", got.heads, b.Heads)
	case got.lines+got.heldLines != b.Lines:
		return disagree("明细条数", got.lines+got.heldLines, b.Lines)
	}
	return nil
}
