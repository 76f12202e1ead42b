package payruntest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// Bureau is the one that tests run.
const Bureau = "区民政局"

// Nov is the month that most tests run.
var Nov = month.Of(2026, 11)

// Day is a date.
func Day(y, m, d int) month.Date { return month.DateOf(y, m, d) }

// Month is a month written as 2026-11.
func Month(s string) month.Month {
	m, err := month.Parse(s)
	if err != nil {
		panic(err)
	}
	return m
}

// Pack is the built-in one, with texts replaced: pairs of old and new.
func Pack(t testing.TB, changes ...string) *policy.Pack {
	t.Helper()
	body := string(policy.Builtin())
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(body, changes[i]) {
			t.Fatalf("the pack does not have %q", changes[i])
		}
		body = strings.Replace(body, changes[i], changes[i+1], 1)
	}
	p, err := policy.Load([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Plan is a run of nov by 区民政局 alone, which has never approved anything.
func Plan(t testing.TB, opening string) *engine.Plan {
	t.Helper()
	return PlanOf(Pack(t), opening)
}

// PlanOf is plan with another pack.
func PlanOf(p *policy.Pack, opening string) *engine.Plan {
	return &engine.Plan{
		Pack: p, Month: Nov, Opening: Month(opening),
		Bureaus: []engine.BureauPlan{{Bureau: Bureau, Batch: 1, N: 1, From: Month(opening)}},
		Payees: map[string]roster.Account{
			"甲院": {Bank: "示例银行", Number: "2001"}, "乙院": {Bank: "示例银行", Number: "2002"},
			"区医保局": {Bank: "示例银行", Number: "2003"}, "无户院": {}, "停户院": {Bank: "示例银行", Number: "2099"},
		},
		Refused: map[roster.Account]engine.Refusal{{Bank: "示例银行", Number: "6299", Holder: "甲某"}: {Payment: "甲-1/1"}, {Bank: "示例银行", Number: "2099", Holder: "停户院"}: {Payment: "甲-1/2"}}, Shared: map[string][]int64{}, LastPaid: map[string]roster.Account{},
		Released: func(string) bool { return false },
	}
}

// Person is somebody with an account, changed by with.
func Person(birth month.Date, with ...func(*engine.Case)) *engine.Case {
	c := &engine.Case{Touched: true, Dossier: &roster.Dossier{Person: roster.Person{
		Number: 1, Name: "甲某", ID: roster.MakeID("140202", birth, 11), Birth: birth, Street: "永泰", Community: "一社区", Phone: "0352",
		Account: roster.Account{Bank: "示例银行", Number: "6201"},
	}}}
	for _, f := range with {
		f(c)
	}
	slices.SortFunc(c.Dossier.Facts, func(a, b roster.Fact) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.Since, b.Since))
	})
	return c
}

// People of ages whose rules differ.
var (
	Eighty  = Day(1944, 5, 5) // 82
	Seventy = Day(1956, 5, 5) // 70
	Hundred = Day(1926, 5, 5)
)

// Change makes a person another case.
type Change = func(*engine.Case)

// Fact records "低保" or "特困=分散" from a day on, long ago where none is given.
func Fact(text string, dates ...month.Date) Change {
	name, value, ok := strings.Cut(text, "=")
	if !ok {
		value = "是"
	}
	f := roster.Fact{Name: name, Since: Day(2020, 1, 1), Value: value}
	if len(dates) > 0 {
		f.Since = dates[0]
	}
	if len(dates) > 1 {
		f.Until = dates[1]
	}
	return func(c *engine.Case) { c.Dossier.Facts = append(c.Dossier.Facts, f) }
}

// Award determines an amount (核定金额); last may be empty.
func Award(item string, amount money.Fen, first, last, payee string) Change {
	a := roster.Award{Item: item, Amount: amount, First: Month(first), Payee: payee}
	if last != "" {
		a.Last = Month(last)
	}
	return func(c *engine.Case) { c.Dossier.Awards = append(c.Dossier.Awards, a) }
}

// Died has the person dead from a day on.
func Died(d month.Date) Change { return func(c *engine.Case) { c.Dossier.Died = d } }

// Account gives the person an account number; empty: none.
func Account(number string) Change { return func(c *engine.Case) { c.Dossier.Account.Number = number } }

// Holder puts a name on the account.
func Holder(name string) Change { return func(c *engine.Case) { c.Dossier.Account.Holder = name } }

// Deputy names who receives the money (代领人), and why.
func Deputy(name, reason string) Change {
	return func(c *engine.Case) { c.Dossier.Deputy = roster.Deputy{Name: name, Relation: "子女", Reason: reason} }
}

// Settled is what the ledger says: "11 2026-10 7000", a payee after it where it is
// not the person.
func Settled(text string) Change {
	return func(c *engine.Case) { c.Settled = append(c.Settled, entry(text)) }
}

// Waived is the same of 核销.
func Waived(text string) Change {
	return func(c *engine.Case) {
		e := entry(text)
		e.Waived, e.Amount = e.Amount, 0
		for i := range c.Settled {
			if s := &c.Settled[i]; s.Item == e.Item && s.Payee == e.Payee && s.Month == e.Month {
				s.Waived += e.Waived
				return
			}
		}
		c.Settled = append(c.Settled, e)
	}
}

// Found is of a held line of the last approved batch.
func Found(text string) Change {
	return func(c *engine.Case) {
		e := entry(text)
		e.Held, e.Amount = e.Amount, 0
		c.Settled = append(c.Settled, e)
	}
}

// SentBack is what a bank refused and nothing has paid since.
func SentBack(text string) Change {
	return func(c *engine.Case) {
		e := entry(text)
		e.Refused, e.Amount = e.Amount, 0
		c.Settled = append(c.Settled, e)
	}
}

func entry(text string) engine.Settled {
	s := engine.Settled{Payee: roster.Myself}
	var of string
	if n, _ := fmt.Sscan(text, &s.Item, &of, &s.Amount, &s.Payee); n < 3 {
		panic(text)
	}
	s.Month = Month(of)
	return s
}

// Compute returns what a run of the plan finds for one person and the first bureau;
// the result is the caller's own.
func Compute(t testing.TB, p *engine.Plan, c *engine.Case) engine.Result {
	t.Helper()
	r, _ := ComputeAll(t, p, c)
	return r
}

// ComputeAll also returns the counts over the people.
func ComputeAll(t testing.TB, p *engine.Plan, people ...*engine.Case) (engine.Result, *engine.Spread) {
	t.Helper()
	computer := engine.New(p)
	var last engine.Result
	for _, c := range people {
		results, err := computer.Person(c)
		if err != nil {
			t.Fatal(err)
		}
		last = results[0]
		last.Lines, last.Debts, last.Findings = slices.Clone(last.Lines), slices.Clone(last.Debts), slices.Clone(last.Findings)
	}
	return last, computer.TakeSpread()
}

// Text writes lines as "11 本人 2026-11 当月 70.00", with 从 and [暂缓] where there are any.
func Text(lines []payrun.Line) []string {
	var all []string
	for _, l := range lines {
		s := fmt.Sprintf("%s %s %s %s %s", l.Item, l.Payee, l.Month, l.Kind, l.Amount)
		if l.Against != l.Item || l.Kind == payrun.Recovery {
			s += " 从" + l.Against
		}
		if l.Hold != 0 {
			s += " [" + l.Hold.String() + "]"
		}
		all = append(all, s)
	}
	return all
}

// DebtText writes debts as "11 本人 2026-08 70.00".
func DebtText(debts []payrun.Debt) []string {
	var all []string
	for _, d := range debts {
		all = append(all, fmt.Sprintf("%s %s %s %s", d.Item, d.Payee, d.Month, d.Amount))
	}
	return all
}

// Want compares texts, line by line.
func Want(t testing.TB, what string, got, want []string) {
	t.Helper()
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Findings returns those of a kind.
func Findings(r engine.Result, kind string) []payrun.Finding {
	var some []payrun.Finding
	for _, f := range r.Findings {
		if f.Kind == kind {
			some = append(some, f)
		}
	}
	return some
}

// TheFinding insists that there is exactly one of the kind and level.
func TheFinding(t testing.TB, all []payrun.Finding, kind string, level payrun.Level) payrun.Finding {
	t.Helper()
	var some []payrun.Finding
	for _, f := range all {
		if f.Kind == kind {
			some = append(some, f)
		}
	}
	if len(some) != 1 || some[0].Level != level {
		t.Fatalf("findings of kind %s: %+v, want one of level %s", kind, some, level.Chinese())
	}
	return some[0]
}
