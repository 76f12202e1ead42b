package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// Failure is an example that did not come true.
type Failure struct {
	packfile.Pos
	Name     string
	Sentence string // what was expected and what came
}

func (f Failure) String() string {
	return fmt.Sprintf("%s：例子“%s”不符：%s", f.Pos, f.Name, f.Sentence)
}

// Test runs the pack's examples and returns those that fail.
func (p *Pack) Test() []Failure {
	var failed []Failure
	for i := range p.File.Examples {
		e := &p.File.Examples[i]
		if s := p.tryExample(e); s != "" {
			failed = append(failed, Failure{e.Name.Pos, e.Name.Value, s})
		}
	}
	return failed
}

func (p *Pack) tryExample(e *packfile.Example) string {
	d, err := personOf(e)
	if err != nil {
		return err.Error()
	}
	got, err := p.Grant(d, e.Month.Value)
	if err != nil {
		return err.Error()
	}
	if want, have := grantsWanted(e), grantsOf(got); want != have {
		return fmt.Sprintf("应发 %s，算得 %s", orNothing(want), orNothing(have))
	}
	if want, have := packfile.JoinTexts(e.Gaps), gapsOf(got); want != have {
		return fmt.Sprintf("资料不全的项目应为 %s，算得 %s", orNothing(want), orNothing(have))
	}
	if e.Lists != nil {
		if want, have := packfile.JoinTexts(e.Lists), listsOf(got); want != have {
			return fmt.Sprintf("名册应为 %s，算得 %s", orNothing(want), orNothing(have))
		}
	}
	if want := e.Proof.Value; want != "" {
		if have := p.Proof(d, e.Month.Value, 0).word(); have != want {
			return fmt.Sprintf("生存认证应为%s，算得%s", want, have)
		}
	}
	for _, want := range e.Detail {
		i := slices.IndexFunc(got.Listings, func(l Listing) bool { return l.Item == want.Item.Value })
		if i < 0 || got.Listings[i].Detail != want.Is.Value {
			return fmt.Sprintf("项目 %s 的详情应为“%s”", want.Item.Value, want.Is.Value)
		}
	}
	return ""
}

func orNothing(s string) string {
	if s == "" {
		return "（无）"
	}
	return s
}

// exampleSince is when an example's fact began if it does not say.
var exampleSince = month.DateOf(2000, 1, 1)

// personOf makes the dossier of an example's person.
func personOf(e *packfile.Example) (*roster.Dossier, error) {
	p := &e.Person
	d := &roster.Dossier{Person: roster.Person{
		Name: "例", Birth: p.Born.Value, MovedIn: p.MovedIn.Value, MovedOut: p.MovedOut.Value, Died: p.Died.Value,
		ID: roster.MakeID("140213", p.Born.Value, 1),
	}}
	if p.Temporary.Value {
		d.ID = "临-1"
	}
	for _, f := range e.Facts {
		fact := roster.Fact{Name: f.Fact.Value, Value: f.Value.Value, Since: f.Since.Value, Until: f.Until.Value}
		if fact.Since == 0 {
			fact.Since = exampleSince
		}
		if fact.Value == "" {
			fact.Value = "是"
		}
		d.Facts = append(d.Facts, fact)
	}
	for _, a := range e.Awards {
		amount, err := money.Round(decimal.RequireFromString(a.Amount.Value))
		if err != nil {
			return nil, err
		}
		d.Awards = append(d.Awards, roster.Award{Item: a.Item.Value, Amount: amount, First: a.First.Value, Last: a.Last.Value, Payee: a.Payee.Value})
	}
	return d, nil
}

func grantsWanted(e *packfile.Example) string {
	var all []string
	for _, p := range e.Pays {
		amount := decimal.RequireFromString(p.Amount.Value).StringFixed(2)
		all = append(all, grantText(p.Item.Value, amount, p.Payee.Value))
	}
	return strings.Join(all, "，")
}

func grantsOf(o *Outcome) string {
	var all []string
	for _, g := range o.Grants {
		payee := g.Payee
		if payee == roster.Myself {
			payee = ""
		}
		all = append(all, grantText(g.Item, g.Amount.String(), payee))
	}
	return strings.Join(all, "，")
}

func grantText(item, amount, payee string) string {
	s := item + " " + amount + " 元"
	if payee != "" {
		s += "（付" + payee + "）"
	}
	return s
}

func gapsOf(o *Outcome) string {
	var all []string
	for _, g := range o.Gaps {
		all = append(all, g.Item)
	}
	return strings.Join(all, "、")
}

func listsOf(o *Outcome) string {
	var all []string
	for _, l := range o.Listings {
		all = append(all, l.Item)
	}
	return strings.Join(all, "、")
}
