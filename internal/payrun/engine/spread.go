package engine

import (
	"cmp"
	"fmt"
	"slices"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// notAdopted is the finding that a batch was computed with another pack than the one the
// region has adopted (采用): whoever submits it must have seen what differs.
func (s *Spread) notAdopted() []payrun.Finding {
	if s.plan.NotAdopted == "" {
		return nil
	}
	return []payrun.Finding{finding(payrun.NotAdopted, 0, "", s.plan.NotAdopted, s.plan.Pack.Hash, s.plan.NotAdopted)}
}

// Spread is what a run counts over everybody. Several computers' spreads are added up.
type Spread struct {
	plan    *Plan
	bureaus []bureauSpread
}

type bureauSpread struct {
	payrun.Totals
	lines   map[itemMonth]bool // with a line
	missing map[rateMonth]*missing
	zeros   map[string]int  // heads by item
	phones  map[string]int  // heads by street
	payees  map[string]bool // institutions and bureaus that are paid
}

type itemMonth struct {
	item  string
	month month.Month
}

type rateMonth struct {
	rate  string
	month month.Month
}

type missing struct {
	heads int
	items map[string]bool
}

// NewSpread returns an empty spread.
func NewSpread(plan *Plan) *Spread {
	s := &Spread{plan: plan, bureaus: make([]bureauSpread, len(plan.Bureaus))}
	for i := range s.bureaus {
		s.bureaus[i] = bureauSpread{
			Totals: payrun.Totals{Items: map[string]*payrun.ItemTotal{}}, lines: map[itemMonth]bool{},
			missing: map[rateMonth]*missing{}, zeros: map[string]int{}, phones: map[string]int{}, payees: map[string]bool{},
		}
	}
	return s
}

// Totals returns the control totals of one bureau of the plan.
func (s *Spread) Totals(bureau int) *payrun.Totals { return &s.bureaus[bureau].Totals }

// noRate counts an item that lacks a rate in a month; again says that another item of
// the same person lacks it too, so that the head is counted once.
func (s *Spread) noRate(bureau int, rate string, m month.Month, item string, again bool) {
	b := &s.bureaus[bureau]
	key := rateMonth{rate, m}
	if b.missing[key] == nil {
		b.missing[key] = &missing{items: map[string]bool{}}
	}
	if !again {
		b.missing[key].heads++
	}
	b.missing[key].items[item] = true
}

func (s *Spread) zero(bureau int, item string)      { s.bureaus[bureau].zeros[item]++ }
func (s *Spread) noPhone(bureau int, street string) { s.bureaus[bureau].phones[street]++ }

// add counts one person's result. Lines stand in the order of Line.Compare, so those
// of one item stand together.
func (s *Spread) add(bureau int, r *Result) {
	if len(r.Lines) == 0 {
		return
	}
	b := &s.bureaus[bureau]
	b.Totals.Lines += len(r.Lines)
	b.News = b.News || r.News
	paid, counted := false, ""
	for i := range r.Lines {
		l := &r.Lines[i]
		t := b.Items[l.Item]
		if t == nil {
			t = &payrun.ItemTotal{Item: l.Item}
			b.Items[l.Item] = t
		}
		b.lines[itemMonth{l.Item, l.Month}] = true
		if l.Hold != 0 {
			t.Held, b.Held = t.Held.Add(l.Amount), b.Held.Add(l.Amount)
			continue
		}
		t.Count(l)
		if l.Payee != roster.Myself {
			b.payees[l.Payee] = true
		}
		b.Pays = b.Pays.Add(l.Amount)
		paid = true
		if counted != l.Item {
			counted = l.Item
			t.Heads++
		}
	}
	if paid {
		b.Heads++
	}
}

// Merge adds another computer's counts.
func (s *Spread) Merge(o *Spread) {
	for i := range s.bureaus {
		s.bureaus[i].merge(&o.bureaus[i])
	}
}

func (b *bureauSpread) merge(o *bureauSpread) {
	b.Lines += o.Lines
	b.Heads += o.Heads
	b.News = b.News || o.News
	b.Pays, b.Held = b.Pays.Add(o.Pays), b.Held.Add(o.Held)
	for code, t := range o.Items {
		mine := b.Items[code]
		if mine == nil {
			mine = &payrun.ItemTotal{Item: code}
			b.Items[code] = mine
		}
		mine.Heads += t.Heads
		mine.Current, mine.Arrears = mine.Current.Add(t.Current), mine.Arrears.Add(t.Arrears)
		mine.Recovery, mine.Held = mine.Recovery.Add(t.Recovery), mine.Held.Add(t.Held)
	}
	for k := range o.lines {
		b.lines[k] = true
	}
	for k, v := range o.missing {
		if b.missing[k] == nil {
			b.missing[k] = &missing{items: map[string]bool{}}
		}
		b.missing[k].heads += v.heads
		for item := range v.items {
			b.missing[k].items[item] = true
		}
	}
	for k := range o.payees {
		b.payees[k] = true
	}
	for k, n := range o.zeros {
		b.zeros[k] += n
	}
	for k, n := range o.phones {
		b.phones[k] += n
	}
}

// Findings returns what the counts say of a bureau's batch: rates without a value,
// values that are 待核定, items at zero, people without a phone, institutions whose
// account changed or that the bank's file cannot name, and totals far from last month's.
func (s *Spread) Findings(bureau int) []payrun.Finding {
	b := &s.bureaus[bureau]
	var found []payrun.Finding
	for k, v := range b.missing {
		sentence := fmt.Sprintf("标准“%s”在 %s 没有值，项目 %s 有 %d 人无法计算，请在规则包中补上", k.rate, k.month.Chinese(), join(v.items), v.heads)
		found = append(found, finding(payrun.MissingRate, 0, "", sentence, k.rate, k.month, v.heads))
	}
	found = append(found, s.notAdopted()...)
	found = append(found, s.unconfirmed(b)...)
	for item, heads := range b.zeros {
		sentence := fmt.Sprintf("项目 %s 有 %d 人符合条件，但按规则计算为 0 元，未发放", item, heads)
		found = append(found, finding(payrun.ZeroRate, 0, item, sentence, s.plan.Month, heads))
	}
	for street, heads := range b.phones {
		sentence := fmt.Sprintf("%s 有 %d 名领取人没有登记电话", street, heads)
		found = append(found, finding(payrun.NoTelephone, 0, "", sentence, street, heads))
	}
	for payee := range b.payees {
		now, last := accountOf(s.plan, payee), s.plan.LastPaid[payee]
		if why := s.plan.unwritable(now, ""); why != "" {
			sentence := fmt.Sprintf("收款单位“%s”：%s；请在规则包的格式（map）里写明替代字，或更正账户后重新运行", payee, why)
			found = append(found, finding(payrun.Unwritable, 0, "", sentence, payee, why))
		}
		if last.Number != "" && s.plan.moved(last, now) {
			sentence := fmt.Sprintf("收款单位“%s”的账户与上次付款不同：原 %s，现 %s，请核实变更依据", payee, describeAccount(last), describeAccount(now))
			found = append(found, finding(payrun.AccountChanged, 0, "", sentence, payee, last, now))
		}
	}
	found = append(found, s.comparisons(bureau)...)
	slices.SortFunc(found, func(a, b payrun.Finding) int { return cmp.Compare(a.ID, b.ID) })
	return found
}

func (s *Spread) unconfirmed(b *bureauSpread) []payrun.Finding {
	seen := map[string]bool{}
	var found []payrun.Finding
	for k := range b.lines {
		for _, u := range s.plan.Pack.UnconfirmedFor(k.item, k.month) {
			name := "标准“" + u.Rate + "”"
			if u.When != "" {
				name += "（" + u.When + "）"
			}
			name += fmt.Sprintf("%s 起 %s %s", u.From, u.Value, u.Unit)
			item := ""
			if u.Rate == "" {
				item, name = k.item, "项目 "+k.item+" 的计算公式"
			}
			f := finding(payrun.Unsettled, 0, item, name+" 待核定："+u.Reason, u.Rate, u.When, u.Value, u.From, u.Reason)
			if !seen[f.ID] {
				seen[f.ID] = true
				found = append(found, f)
			}
		}
	}
	return found
}

// comparisons reports a bureau and items whose heads or 当月 lie outside the pack's share
// of last month's. Supplementary batches are not compared: they are part of a month.
func (s *Spread) comparisons(bureau int) []payrun.Finding {
	share := s.plan.Pack.File.Checks.TotalPercent.Value
	plan := &s.plan.Bureaus[bureau]
	if share == 0 || plan.LastMonth == nil || plan.Extra {
		return nil
	}
	var found []payrun.Finding
	compare := func(code, name string, old, is payrun.ItemTotal) {
		if !outside(int64(old.Heads), int64(is.Heads), share) && !outside(int64(old.Current), int64(is.Current), share) {
			return
		}
		sentence := fmt.Sprintf("%s与上月相差超过 %d%%：上月可发 %d 人（含只有补发、扣回的），当月 %s 元；本月可发 %d 人，当月 %s 元，请核实", name, share, old.Heads, old.Current.Grouped(), is.Heads, is.Current.Grouped())
		found = append(found, finding(payrun.TotalChanged, 0, code, sentence, s.plan.Month, old.Heads, old.Current, is.Heads, is.Current))
	}
	now := &s.bureaus[bureau]
	wholeOld, wholeIs := payrun.ItemTotal{Heads: plan.LastMonth.Heads}, payrun.ItemTotal{Heads: now.Heads}
	for _, it := range s.plan.Pack.Items() {
		code := it.Code.Value
		old, is := plan.LastTotals[code], payrun.ItemTotal{}
		if now.Items[code] != nil {
			is = *now.Items[code]
		}
		wholeOld.Current, wholeIs.Current = wholeOld.Current.Add(old.Current), wholeIs.Current.Add(is.Current)
		compare(code, "项目 "+code+" "+it.Name.Value, old, is)
	}
	compare("", plan.Bureau+"合计", wholeOld, wholeIs)
	return found
}

// outside reports whether b differs from a by more than share percent of a.
func outside(a, b int64, share int) bool {
	diff := b - a
	if diff < 0 {
		diff = -diff
	}
	return diff*100 > a*int64(share)
}

func join(set map[string]bool) string {
	var all []string
	for k := range set {
		all = append(all, k)
	}
	slices.Sort(all)
	s := ""
	for i, k := range all {
		if i > 0 {
			s += "、"
		}
		s += k
	}
	return s
}
