package explain

import (
	"fmt"
	"slices"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// whyLess says in plain words, to the one who was paid, why a past month grants less
// than was paid for it. standard is what it does grant.
func (b *Book) whyLess(d *roster.Dossier, item string, m month.Month, standard money.Fen) (string, error) {
	s, err := b.pack.Standing(d, m, item)
	if err != nil {
		return "", fmt.Errorf("explain item %s of person %d: %w", item, d.Number, err)
	}
	switch {
	case standard > 0:
		return "该月应发 " + standard.String() + " 元，多发了", nil
	case !s.InForce:
		return "该月没有这个项目", nil
	case !s.Present:
		if text := absent(d, m); text != "" {
			return text, nil
		}
	case s.LosesTo != "":
		return "与 " + b.title(s.LosesTo) + " 不重复享受，该月改发后者", nil
	case s.Verdict == policy.Granted: // to another payee
		return "该月的款项应付" + s.Payee, nil
	case s.Verdict == policy.Incomplete:
		return "该月金额所需的资料已撤销", nil
	}
	w := lost{b.pack, d, m}
	var parts []string
	for i := range s.Tests {
		if t := &s.Tests[i]; t.Holds == t.Exclude {
			parts = w.add(parts, t)
		}
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, "；"), nil
	case s.Once:
		return "一年一次，本年度已经发放", nil
	case s.Award == nil && b.determined(item):
		return "该月的核定已撤销", nil
	}
	return "该月不符合本项条件", nil
}

func (b *Book) title(code string) string {
	if it, err := b.pack.Item(code); err == nil {
		return it.Name.Value
	}
	return "项目 " + code
}

func (b *Book) determined(code string) bool {
	it, err := b.pack.Item(code)
	return err == nil && it.Pay != nil && it.Pay.Determined.Value
}

// lost puts into words what the conditions of one month found.
type lost struct {
	pack *policy.Pack
	d    *roster.Dossier
	m    month.Month
}

// add says what spoke against in one condition. Of facts any one of which would do, those
// that were once on record and ended are the reason; others never were.
func (w lost) add(parts []string, t *policy.Test) []string {
	var ended, absent []string
	for i := range t.Inputs {
		in := &t.Inputs[i]
		switch w.pack.Reads(in) {
		case policy.ReadsAge:
			ended = append(ended, "该月 "+in.Value+" 周岁")
		case policy.ReadsFact:
			switch until := w.until(in.Name); {
			case in.Since != "":
				ended = append(ended, "该月登记有"+in.Name+w.pack.ValueSaid(in.Name, in.Value))
			case until != 0:
				ended = append(ended, in.Name+"到 "+until.String()+" 止")
			default:
				absent = append(absent, in.Name)
			}
		}
	}
	if len(ended) == 0 && len(absent) > 0 {
		ended = []string{"该月没有登记" + strings.Join(absent, "、")}
	}
	for _, text := range ended {
		if !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	return parts
}

// until is the last day of a fact before the month ends; 0 for none.
func (w lost) until(fact string) month.Date {
	last := month.Date(0)
	for _, f := range w.d.Facts {
		if f.Name == fact && f.Until != 0 && f.Until <= w.m.Last() {
			last = max(last, f.Until)
		}
	}
	return last
}
