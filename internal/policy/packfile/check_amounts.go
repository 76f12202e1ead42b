package packfile

import (
	"slices"

	"disburse/internal/month"
)

// amountMonths refuses months in which somebody who is granted the item would have no
// amount: between two cases with a gap, where only cases with an if are in force, and
// within the item's own months. Before the first case without an if and after the last
// one an item without months of its own is left alone: nobody has said that it is paid
// there, and a run of such a month finds it and blocks.
func (c *fileChecker) amountMonths(it *Item) {
	cases := it.Pay.Amount
	if slices.ContainsFunc(cases, func(a Amount) bool { return a.To.Value != 0 && a.From.Value > a.To.Value }) {
		return // has been refused already
	}
	first, last, ok := amountSpan(it)
	if !ok {
		if n := len(cases); n > 0 {
			c.Fail(cases[n-1].If.Pos, "项目 %s 的最后一个 amount 不能带 if：否则有人一项也不符合", it.Code.Value)
		}
		return
	}
	for _, m := range turningPoints(cases, first, last) {
		in := casesIn(cases, m)
		switch {
		case len(in) == 0:
			until := nextStart(cases, m)
			if until == 0 || (last != 0 && until > last) {
				until = last + 1
			}
			c.Fail(it.Code.Pos, "项目 %s 的 amount 从 %s 到 %s 没有有效的一条，请补上或改起止月", it.Code.Value, m, until-1)
		case !slices.ContainsFunc(in, func(a *Amount) bool { return a.If.Value == "" }):
			end := in[len(in)-1]
			c.Fail(end.If.Pos, "项目 %s 从 %s 起有效的最后一个 amount 不能带 if：否则有人一项也不符合", it.Code.Value, m)
		}
	}
}

// amountSpan is the first and last month for which an item must have an amount: its own,
// or those of its cases without if; 0: no first, or no last. ok is false where every case
// has an if.
func amountSpan(it *Item) (first, last month.Month, ok bool) {
	endless := false
	for i := range it.Pay.Amount {
		a := &it.Pay.Amount[i]
		if a.If.Value != "" {
			continue
		}
		if !ok || a.From.Value < first {
			first = a.From.Value
		}
		ok, endless, last = true, endless || a.To.Value == 0, max(last, a.To.Value)
	}
	if endless {
		last = 0
	}
	if it.From.Value != 0 {
		first = it.From.Value
	}
	if it.To.Value != 0 {
		last = it.To.Value
	}
	return first, last, ok
}

// turningPoints are the months, in order, from which on other cases are in force than
// before, within the span; the span's first month is one.
func turningPoints(cases []Amount, first, last month.Month) []month.Month {
	points := []month.Month{first}
	for i := range cases {
		for _, m := range []month.Month{cases[i].From.Value, after(cases[i].To.Value)} {
			if m > first && (last == 0 || m <= last) {
				points = append(points, m)
			}
		}
	}
	slices.Sort(points)
	return slices.Compact(points)
}

func after(to month.Month) month.Month {
	if to == 0 {
		return 0
	}
	return to + 1
}

func casesIn(cases []Amount, m month.Month) (in []*Amount) {
	for i := range cases {
		if a := &cases[i]; a.From.Value <= m && (a.To.Value == 0 || m <= a.To.Value) {
			in = append(in, a)
		}
	}
	return in
}

// nextStart is the first month after m in which a case begins; 0 for none.
func nextStart(cases []Amount, m month.Month) (next month.Month) {
	for i := range cases {
		if from := cases[i].From.Value; from > m && (next == 0 || from < next) {
			next = from
		}
	}
	return next
}
