package judge

import (
	"fmt"
	"strings"
	"testing"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// packText is the built-in pack after replacing old by new, pairwise; each old must
// be there once.
func packText(t testing.TB, oldNew ...string) string {
	t.Helper()
	body := string(policy.Builtin())
	for i := 0; i < len(oldNew); i += 2 {
		if n := strings.Count(body, oldNew[i]); n != 1 {
			t.Fatalf("the pack has %d times %q, want once", n, oldNew[i])
		}
		body = strings.Replace(body, oldNew[i], oldNew[i+1], 1)
	}
	return body
}

// pack parses packText.
func pack(t testing.TB, oldNew ...string) *packfile.File {
	t.Helper()
	file, err := packfile.Parse([]byte(packText(t, oldNew...)))
	if err != nil {
		t.Fatalf("parse pack: %v", err)
	}
	return file
}

func newJudge(t *testing.T, w World) *Judge {
	t.Helper()
	j, err := New(w)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return j
}

// date and ym read what the tests write; empty is none.
func date(s string) month.Date {
	if s == "" {
		return 0
	}
	d, err := month.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func ym(s string) month.Month {
	if s == "" {
		return 0
	}
	m, err := month.Parse(s)
	if err != nil {
		panic(err)
	}
	return m
}

func fen(s string) money.Fen {
	a, err := money.Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

// change is one thing that a test says about a person.
type change func(*Case)

// someone is a person with an account, born on the day, known by nothing else.
func someone(born string, changes ...change) *Case {
	c := &Case{
		Person: roster.Person{
			Number: 7, ID: "140202190001010011", Name: "王某", Street: "古城", Community: "一社区",
			Birth:   date(born),
			Account: roster.Account{Bank: "示例银行", Number: "6222000000000001"},
		},
		Released: map[string]bool{}, Kept: map[string]bool{},
	}
	for _, ch := range changes {
		ch(c)
	}
	return c
}

// fact adds records: fact("低保"), fact("特困=分散"), each optionally with since and until.
func fact(what string, sinceUntil ...string) change {
	name, value, ok := strings.Cut(what, "=")
	if !ok {
		value = "是"
	}
	f := roster.Fact{Name: name, Value: value, Since: date("2000-01-01")}
	if len(sinceUntil) > 0 {
		f.Since = date(sinceUntil[0])
	}
	if len(sinceUntil) > 1 {
		f.Until = date(sinceUntil[1])
	}
	return func(c *Case) { c.Facts = append(c.Facts, f) }
}

func award(item, amount, first, last, payee string) change {
	return func(c *Case) {
		c.Awards = append(c.Awards, roster.Award{Item: item, Amount: fen(amount), First: ym(first), Last: ym(last), Payee: payee})
	}
}

func died(d string) change     { return func(c *Case) { c.Person.Died = date(d) } }
func movedIn(d string) change  { return func(c *Case) { c.Person.MovedIn = date(d) } }
func movedOut(d string) change { return func(c *Case) { c.Person.MovedOut = date(d) } }
func id(number string) change  { return func(c *Case) { c.Person.ID = number } }
func account(number string) change {
	return func(c *Case) { c.Person.Account.Number = number }
}
func holderIs(name string) change { return func(c *Case) { c.Person.Account.Holder = name } }
func deputy(name, reason string) change {
	return func(c *Case) { c.Person.Deputy = roster.Deputy{Name: name, Reason: reason} }
}
func shared(c *Case)              { c.AccountShared = true }
func releases(kind string) change { return func(c *Case) { c.Released[kind] = true } }
func keeps(kind string) change    { return func(c *Case) { c.Kept[kind] = true } }

// entry reads "11 2026-10 70.00" or "19 甲院 2026-10 960.00"; without a payee: 本人.
func entry(s string) Entry {
	parts := strings.Fields(s)
	if len(parts) == 3 {
		parts = []string{parts[0], roster.Myself, parts[1], parts[2]}
	}
	return Entry{Key{parts[0], parts[1], ym(parts[2])}, fen(parts[3])}
}

func settled(s string) change { return func(c *Case) { c.Settled = append(c.Settled, entry(s)) } }
func waived(s string) change  { return func(c *Case) { c.Waived = append(c.Waived, entry(s)) } }
func found(s string) change {
	return func(c *Case) { c.Found = append(c.Found, entry(s+" 0").Key) }
}

// grantsText writes grants as the tables expect them: "11=70.00 19=1160.00→甲院".
func grantsText(grants []Grant) string {
	var all []string
	for _, g := range grants {
		s := g.Item + "=" + g.Amount.String()
		if g.Payee != roster.Myself {
			s += "→" + g.Payee
		}
		all = append(all, s)
	}
	return strings.Join(all, " ")
}

// linesText writes lines as the tables expect them, a line each.
func linesText(lines []payrun.Line) []string {
	var all []string
	for _, l := range lines {
		s := fmt.Sprintf("%s %s %s %s %s", l.Item, l.Payee, l.Month, l.Kind, l.Amount)
		if l.Against != l.Item || l.Kind == payrun.Recovery {
			s += " 从" + l.Against
		}
		if l.Hold != 0 {
			s += " " + l.Hold.String()
		}
		all = append(all, s)
	}
	return all
}

func debtsText(debts []payrun.Debt) []string {
	var all []string
	for _, d := range debts {
		all = append(all, fmt.Sprintf("%s %s %s %s", d.Item, d.Payee, d.Month, d.Amount))
	}
	return all
}
