package payrun_test

import (
	"strings"
	"testing"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// hit is a row of a list that names the person by the ID number.
func hit(list string, date month.Date) payrun.Hit {
	return payrun.Hit{List: list, How: roster.ByNumber, Listed: roster.Listed{Name: "甲某", Date: date}}
}

// TestHits: a list of deaths, or of people paid by the state, holds the money until somebody
// decides; a death that the roster has as well is settled; other lists only inform.
func TestHits(t *testing.T) {
	t.Parallel()
	third := day(2026, 11, 3)
	for _, c := range []struct {
		name string
		who  *payrun.Case
		hits []payrun.Hit
		want []string // kind and level of the findings
		held bool
	}{
		{"no list", person(eighty), nil, nil, false},
		{"dead by the list", person(eighty), []payrun.Hit{hit("死亡", third)}, []string{"死亡名单命中 疑点"}, true},
		{"dead by a list without a date", person(eighty), []payrun.Hit{hit("死亡", 0)}, []string{"死亡名单命中 疑点"}, true},
		{"dead by both, the same day", person(eighty, died(third)), []payrun.Hit{hit("死亡", third)}, nil, false},
		{"dead by both, the list has no day", person(eighty, died(third)), []payrun.Hit{hit("死亡", 0)}, nil, false},
		{"dead by both, on different days", person(eighty, died(third)), []payrun.Hit{hit("死亡", third-1)}, []string{"死亡名单命中 疑点"}, true},
		{"one row is settled, another is not", person(eighty, died(third)), []payrun.Hit{hit("死亡", third), hit("死亡", third-9)}, []string{"死亡名单命中 疑点"}, true},
		{"paid by the state, dead or not", person(eighty, died(third)), []payrun.Hit{hit("财政供养", 0)}, []string{"财政供养名单命中 疑点"}, true},
		{"for information", person(eighty), []payrun.Hit{hit("残联", third)}, []string{"残联名单命中 提示"}, false},
		{"on several lists", person(eighty), []payrun.Hit{hit("残联", 0), hit("死亡", third), hit("服刑", 0)},
			[]string{"死亡名单命中 疑点", "服刑名单命中 疑点", "残联名单命中 提示"}, true},
		{"a list that the pack does not have", person(eighty), []payrun.Hit{hit("某名单", third)}, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := plan(t, "2026-11")
			p.Hits = map[int64][]payrun.Hit{1: c.hits, 2: {hit("死亡", third)}}
			r := compute(t, p, c.who)
			var got []string
			for _, f := range r.Findings {
				if strings.HasSuffix(f.Kind, payrun.HitKind("")) {
					got = append(got, f.Kind+" "+f.Level.Chinese())
				}
			}
			want(t, "findings", got, c.want)
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
	full := hit("死亡", day(2026, 10, 3))
	full.ID, full.Birth, full.Note = roster.MakeID("140202", eighty, 11), eighty, "火化"
	bare := payrun.Hit{List: "死亡", How: roster.ByName, Listed: roster.Listed{Name: "甲某"}}
	number := roster.ByNumber.Chinese()
	for name, c := range map[string]struct {
		who  *payrun.Case
		hit  payrun.Hit
		says string
	}{
		"everything": {person(eighty), full,
			"名单上：" + number + "，名单记载 甲某，" + roster.MaskID(full.ID) + "，1944-05-05 出生，日期 2026-10-03，火化；花名册没有死亡日期，请核实"},
		"a name alone":  {person(eighty), bare, "名单上：" + roster.ByName.Chinese() + "，名单记载 甲某；花名册没有死亡日期，请核实"},
		"another death": {person(eighty, died(day(2026, 11, 3))), full, "火化；花名册死亡日期是 2026-11-03，请核实"},
	} {
		p := plan(t, "2026-11")
		p.Hits = map[int64][]payrun.Hit{1: {c.hit}}
		f := theFinding(t, compute(t, p, c.who).Findings, "死亡"+payrun.HitKind(""), payrun.Doubt)
		if !strings.Contains(f.Sentence, c.says) {
			t.Errorf("%s: %s, want %s", name, f.Sentence, c.says)
		}
	}
}
