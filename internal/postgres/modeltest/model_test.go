// Package modeltest plays random histories of a district against a model of it: imports,
// decisions, runs, signatures, voids, bank results, collections. The model is maps and
// a hand-written list of rules; the real system is postgres.DB on a real PostgreSQL.
// After every step both must say the same.
package modeltest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// key is what money is owed for: a person's item to a payee for a month.
type key struct {
	person      int64
	item, payee string
	month       month.Month
}

// lineKey tells the lines of a batch apart; against is the item whose payment carries it.
type lineKey struct {
	key
	against string
}

type line struct {
	kind    payrun.Kind
	amount  money.Fen
	hold    payrun.Hold
	account roster.Account
}

// model is all that is known of the district, and all money that was settled.
type model struct {
	people   []*person // the number of somebody is their place, from 1
	payees   map[string]roster.Account
	settled  map[key]money.Fen
	waived   map[key]money.Fen
	refused  map[roster.Account]string // by a bank: the last payment that failed
	released map[string]bool           // 疑点, by what they rest on
	batches  []*batch
	returned []returned        // collected or waived
	stated   map[key]money.Fen // 期初
	asked    []request         // waivers that wait for a second person
	waiting  map[waiter]wanted // accounts that wait for a second person
	opened   map[string]int    // first accounts of institutions, by imports that were not undone
	opening  month.Month
	raised   bool // the second pack is in use

	memo map[entitlement]map[grant]money.Fen // what the rules said, until something else is known
}

type entitlement struct {
	person int64
	month  month.Month
}

type person struct {
	roster.Person
	gone   int64 // merged into this one; 0: still there; nowhere: brought by an import that was undone
	facts  map[string][]roster.Fact
	awards map[string][]roster.Award
}

const nowhere = -1

func newModel() *model {
	return &model{waiting: map[waiter]wanted{}, opened: map[string]int{}, payees: map[string]roster.Account{}, settled: map[key]money.Fen{}, waived: map[key]money.Fen{}, stated: map[key]money.Fen{},
		refused: map[roster.Account]string{}, released: map[string]bool{}, memo: map[entitlement]map[grant]money.Fen{}}
}

// itemsOf are the items that a bureau pays, in the order of the list.
var itemsOf = map[string][]string{
	civil: {"11", "12", "13", "15", "16", "17", "18-1", "18-2", "18-3", "18-4", "18-5", "19", "23-1", "23-2"},
	labor: {"1", "2"},
}

// replacements are the 替代组, in their order.
var replacements = [][]string{{"11", "12"}, {"16", "23-2"}, {"13", "16", "18-1", "18-3", "23-1", "23-2"}}

// dues are a bureau's entitled − settled of one person that are not zero, in the order of netting.
func (w *model) dues(n int64, bureau string, m month.Month) []key {
	all := map[key]bool{}
	for at := w.opening; at <= m; at++ {
		for g := range w.grants(n, at) {
			all[key{n, g.item, g.payee, at}] = true
		}
	}
	for k := range w.settled {
		all[k] = true
	}
	var keys []key
	for k := range all {
		if k.person == n && k.month <= m && slices.Contains(itemsOf[bureau], k.item) && w.due(k) != 0 {
			keys = append(keys, k)
		}
	}
	order := itemsOf[bureau]
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.month, b.month), cmp.Compare(slices.Index(order, a.item), slices.Index(order, b.item)), strings.Compare(a.payee, b.payee))
	})
	return keys
}

// due is entitled − settled. Before the opening month nothing is granted.
func (w *model) due(k key) money.Fen {
	if k.month < w.opening {
		return -w.settled[k]
	}
	return w.grants(k.person, k.month)[grant{k.item, k.payee}] - w.settled[k]
}

func (w *model) grants(n int64, m month.Month) map[grant]money.Fen {
	known, ok := w.memo[entitlement{n, m}]
	if !ok {
		known = w.entitled(w.people[n-1], m)
		w.memo[entitlement{n, m}] = known
	}
	return known
}

// learned forgets what was computed from older knowledge.
func (w *model) learned() { clear(w.memo) }

// open is what can still be recovered: waived money is not.
func (w *model) open(k key) money.Fen { return max(0, -w.due(k)-w.waived[k]) }

// living are the numbers of the people who are there: not merged into another.
func (w *model) living() (all []int64) {
	for i, p := range w.people {
		if p.gone == 0 {
			all = append(all, int64(i+1))
		}
	}
	return all
}

// survivor is who somebody is by now.
func (w *model) survivor(n int64) int64 {
	for w.people[n-1].gone > 0 {
		n = w.people[n-1].gone
	}
	return n
}

// compute is a run for one bureau: lines, and what is left to be recovered.
func (w *model) compute(bureau string, m month.Month) (map[lineKey]line, map[key]money.Fen) {
	lines, debts := map[lineKey]line{}, map[key]money.Fen{}
	for _, n := range w.living() {
		keys, left := w.dues(n, bureau, m), map[key]money.Fen{}
		for _, k := range keys {
			if open := w.open(k); open > 0 {
				debts[k] = open
			}
			if due := w.due(k); due > 0 {
				l := line{payrun.Current, due, w.hold(k, m), w.account(k)}
				if k.month < m {
					l.kind = payrun.Arrears
				}
				lines[lineKey{k, k.item}] = l
				if l.hold == 0 {
					left[k] = due
				}
			}
		}
		net(keys, func(from, by key) {
			if part := min(left[by], debts[from]); part > 0 {
				left[by] -= part
				debts[from] -= part
				l := lines[lineKey{from, by.item}]
				lines[lineKey{from, by.item}] = line{payrun.Recovery, l.amount - part, 0, w.account(from)}
			}
		})
	}
	maps.DeleteFunc(debts, func(_ key, left money.Fen) bool { return left == 0 })
	return lines, debts
}

// net offers each due of a person, in order, the others that it may be recovered from.
func net(keys []key, recover func(from, by key)) {
	for _, k := range keys { // (1) the same month, another item of the same 替代组
		for _, group := range replacements {
			for _, item := range group {
				if slices.Contains(group, k.item) && item != k.item {
					recover(k, key{k.person, item, k.payee, k.month})
				}
			}
		}
	}
	for _, k := range keys { // (2) the same item, oldest first
		for _, by := range keys {
			if by.item == k.item && by.payee == k.payee {
				recover(k, by)
			}
		}
	}
}

func (w *model) account(k key) roster.Account {
	if k.payee == roster.Myself {
		p := w.people[k.person-1]
		a := p.Account
		a.Holder = p.HolderName()
		return a
	}
	a := w.payees[k.payee]
	a.Holder = cmp.Or(a.Holder, k.payee)
	return a
}

// hold finds the reasons to keep a line back in a run of month m.
func (w *model) hold(k key, m month.Month) (h payrun.Hold) {
	p, a := w.people[k.person-1], w.account(k)
	release, decided := w.released[refusal(a, w.refused[a])]
	switch {
	case a.Number == "":
		h |= payrun.NoAccount
	case w.refused[a] == "" || release:
	case decided:
		h |= payrun.AccountRefused | payrun.KeptBack
	default:
		h |= payrun.AccountRefused
	}
	died := p.Died != 0 && p.Died < m.First()
	if k.payee == roster.Myself && (died || k.item == "18-4") && p.Deputy.Name == "" {
		h |= payrun.AwaitingHeir
	}
	if p.on("暂停发放", m.First()) != "" {
		h |= payrun.Suspended
	}
	for _, rests := range w.doubts(k.person, m) {
		switch release, decided := w.released[rests]; {
		case !decided:
			h |= payrun.Undecided
		case !release:
			h |= payrun.KeptBack
		}
	}
	return h
}

// refusal is what a decision to try a refused account again rests on.
func refusal(a roster.Account, payment string) string { return "无效" + a.Number + " " + payment }

// doubts are the 疑点 on somebody by kind, each with what it rests on.
func (w *model) doubts(n int64, m month.Month) map[string]string {
	p, all := w.people[n-1], map[string]string{}
	if p.on("低保", m.First()) != "" && p.on("特困", m.First()) != "" {
		all["身份冲突"] = fmt.Sprint(n, p.facts["低保"], p.facts["特困"])
	}
	number, users := p.Account.Number, []int64{}
	for _, i := range w.living() {
		if w.people[i-1].Account.Number == number {
			users = append(users, i)
		}
	}
	if number != "" && len(users) > 1 {
		all["账户共用"] = fmt.Sprint("共用", number, users)
	}
	if h := p.Account.Holder; number != "" && h != "" && h != p.Name && p.Deputy.Reason == "" {
		all["户名不符"] = fmt.Sprint("户名", n, number, h, p.Name)
	}
	if twins := w.namesakes(p, m); len(twins) > 1 && slices.Contains(twins, n) {
		all["疑似重复"] = fmt.Sprint("重复", p.Name, p.Birth, twins)
	}
	if age(p.Birth, m) > 110 {
		all["高龄核实"] = fmt.Sprint("高龄", n, p.Birth)
	}
	return all
}

// namesakes are those of one name and birth date who are there on the first day of m.
func (w *model) namesakes(p *person, m month.Month) (all []int64) {
	for _, n := range w.living() {
		o, first := w.people[n-1], m.First()
		back := o.MovedOut != 0 && o.MovedIn >= o.MovedOut && o.MovedIn < first
		if o.Name == p.Name && o.Birth == p.Birth && (o.Died == 0 || o.Died >= first) && (o.MovedOut == 0 || o.MovedOut >= first || back) {
			all = append(all, n)
		}
	}
	return all
}
