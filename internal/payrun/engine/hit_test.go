package engine_test

import (
	"strings"
	"testing"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/payrun/payruntest"
	"disburse/internal/roster"
)

// hit is a row of a list that names the person by the ID number.
func hit(list string, date month.Date) engine.Hit {
	return engine.Hit{List: list, How: roster.ByNumber, Listed: roster.Listed{Name: "甲某", Date: date}}
}

// TestHits: a list of deaths, or of people paid by the state, holds the money until somebody
// decides; a death that the roster has as well is settled; other lists only inform.
func TestHits(t *testing.T) {
	t.Parallel()
	third := payruntest.Day(2026, 11, 3)
	for _, c := range []struct {
		name string
		who  *engine.Case
		hits []engine.Hit
		want []string // kind and level of the findings
		held bool
	}{
		{"no list", payruntest.Person(payruntest.Eighty), nil, nil, false},
		{"dead by the list", payruntest.Person(payruntest.Eighty), []engine.Hit{hit("死亡", third)}, []string{"死亡名单命中 疑点"}, true},
		{"dead by a list without a date", payruntest.Person(payruntest.Eighty), []engine.Hit{hit("死亡", 0)}, []string{"死亡名单命中 疑点"}, true},
		{"dead by both, the same day", payruntest.Person(payruntest.Eighty, payruntest.Died(third)), []engine.Hit{hit("死亡", third)}, nil, false},
		{"dead by both, the list has no day", payruntest.Person(payruntest.Eighty, payruntest.Died(third)), []engine.Hit{hit("死亡", 0)}, nil, false},
		{"dead by both, on different days", payruntest.Person(payruntest.Eighty, payruntest.Died(third)), []engine.Hit{hit("死亡", third-1)}, []string{"死亡名单命中 疑点"}, true},
		{"one row is settled, another is not", payruntest.Person(payruntest.Eighty, payruntest.Died(third)), []engine.Hit{hit("死亡", third), hit("死亡", third-9)}, []string{"死亡名单命中 疑点"}, true},
		{"paid by the state, dead or not", payruntest.Person(payruntest.Eighty, payruntest.Died(third)), []engine.Hit{hit("财政供养", 0)}, []string{"财政供养名单命中 疑点"}, true},
		{"for information", payruntest.Person(payruntest.Eighty), []engine.Hit{hit("残联", third)}, []string{"残联名单命中 提示"}, false},
		{"on several lists", payruntest.Person(payruntest.Eighty), []engine.Hit{hit("残联", 0), hit("死亡", third), hit("服刑", 0)},
			[]string{"死亡名单命中 疑点", "服刑名单命中 疑点", "残联名单命中 提示"}, true},
		{"a list that the pack does not have", payruntest.Person(payruntest.Eighty), []engine.Hit{hit("某名单", third)}, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := payruntest.Plan(t, "2026-11")
			p.Hits = map[int64][]engine.Hit{1: c.hits, 2: {hit("死亡", third)}}
			r := payruntest.Compute(t, p, c.who)
			var got []string
			for _, f := range r.Findings {
				if strings.HasSuffix(f.Kind, payrun.HitKind("")) {
					got = append(got, f.Kind+" "+f.Level.Chinese())
				}
			}
			payruntest.Want(t, "findings", got, c.want)
			if held := r.Lines[0].Hold == payrun.Undecided; held != c.held {
				t.Errorf("held for %q", r.Lines[0].Hold)
			}
		})
	}
}

// TestHitSaysWhatTheListHas: whoever decides reads everything that the list has of the
// person, the number masked, and what the roster has against it.
func TestHitSaysWhatTheListHas(t *testing.T) {
	t.Parallel()
	full := hit("死亡", payruntest.Day(2026, 10, 3))
	full.ID, full.Birth, full.Note = roster.MakeID("140202", payruntest.Eighty, 11), payruntest.Eighty, "火化"
	bare := engine.Hit{List: "死亡", How: roster.ByName, Listed: roster.Listed{Name: "甲某"}}
	number := roster.ByNumber.Chinese()
	for name, c := range map[string]struct {
		who  *engine.Case
		hit  engine.Hit
		says string
	}{
		"everything": {payruntest.Person(payruntest.Eighty), full,
			"名单上：" + number + "，名单记载 甲某，" + roster.MaskID(full.ID) + "，1944-05-05 出生，日期 2026-10-03，火化；花名册没有死亡日期，请核实"},
		"a name alone":  {payruntest.Person(payruntest.Eighty), bare, "名单上：" + roster.ByName.Chinese() + "，名单记载 甲某；花名册没有死亡日期，请核实"},
		"another death": {payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 11, 3))), full, "火化；花名册死亡日期是 2026-11-03，请核实"},
	} {
		p := payruntest.Plan(t, "2026-11")
		p.Hits = map[int64][]engine.Hit{1: {c.hit}}
		f := payruntest.TheFinding(t, payruntest.Compute(t, p, c.who).Findings, "死亡"+payrun.HitKind(""), payrun.Doubt)
		if !strings.Contains(f.Sentence, c.says) {
			t.Errorf("%s: %s, want %s", name, f.Sentence, c.says)
		}
	}
}
