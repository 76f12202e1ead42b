package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/payrun/payruntest"
	"disburse/internal/roster"
)

// TestUnregistered: who would get money by age alone and is not on the roster is named, by
// list and street; nobody is who would get nothing, or only from another bureau.
func TestUnregistered(t *testing.T) {
	t.Parallel()
	missing := func(street string, birth month.Date, name, id string) engine.Missing {
		return engine.Missing{List: "公安", ID: id, Name: name, Birth: birth, Street: street}
	}
	id := roster.MakeID("140202", payruntest.Eighty, 77)
	many := func(n int) (all []engine.Missing) {
		for i := range n {
			all = append(all, missing("永泰", payruntest.Eighty, fmt.Sprintf("某%02d", i), ""))
		}
		return all
	}
	for _, c := range []struct {
		name string
		rows []engine.Missing
		want []string
	}{
		{"nobody", nil, nil},
		{"too young", []engine.Missing{missing("永泰", payruntest.Seventy, "某甲", "")}, nil},
		{"of 82, with a number", []engine.Missing{missing("永泰", payruntest.Eighty, "某甲", id)},
			[]string{"“公安”名单上永泰有 1 人按年龄应享受而不在花名册：某甲（" + roster.MaskID(id) + "，82 周岁，高龄津贴 70.00 元）；"}},
		{"turns 80 in the month, without one", []engine.Missing{missing("", payruntest.Day(1946, 11, 30), "某乙", "")},
			[]string{"“公安”名单上（未写街道）有 1 人按年龄应享受而不在花名册：某乙（没有证号，80 周岁，高龄津贴 70.00 元）；"}},
		{"streets in order", []engine.Missing{missing("永泰", payruntest.Eighty, "某甲", ""), missing("古城", payruntest.Hundred, "某乙", ""), missing("永泰", payruntest.Seventy, "某丙", "")},
			[]string{"“公安”名单上古城有 1 人按年龄应享受而不在花名册：某乙（没有证号，100 周岁，百岁补贴 300.00 元）；", "“公安”名单上永泰有 1 人按年龄应享受而不在花名册：某甲（没有证号，82 周岁，高龄津贴 70.00 元）；"}},
		{"ten are named", many(10), []string{"某09（没有证号，82 周岁，高龄津贴 70.00 元）；"}},
		{"of eleven, ten", many(11), []string{"有 11 人", "某09（没有证号，82 周岁，高龄津贴 70.00 元）等；"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := payruntest.Plan(t, "2026-11")
			p.Bureaus = append(p.Bureaus, engine.BureauPlan{Bureau: "区人社局", Batch: 2, N: 1, From: payruntest.Nov})
			p.Missing = c.rows
			found, err := engine.NewSpread(p).Unregistered(0)
			if err != nil {
				t.Fatal(err)
			}
			all := ""
			for _, f := range found {
				if f.Level != payrun.Information || f.Kind != "应享未享" {
					t.Errorf("%+v", f)
				}
				all += f.Sentence + "\n"
			}
			rest := all
			for _, part := range c.want {
				_, after, ok := strings.Cut(rest, part)
				if !ok {
					t.Errorf("%s\nlacks %s", all, part)
				}
				rest = after
			}
			if len(c.want) == 0 && len(found) > 0 {
				t.Errorf("found %s", all)
			}
			if others, err := engine.NewSpread(p).Unregistered(1); err != nil || len(others) > 0 {
				t.Errorf("another bureau's: %+v, %v", others, err)
			}
		})
	}
}

// TestUnregisteredIsOneFindingWhateverTheOrder: the list in another order is no news.
func TestUnregisteredIsOneFindingWhateverTheOrder(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	rows := []engine.Missing{{List: "公安", Name: "某甲", Birth: payruntest.Eighty}, {List: "公安", Name: "某乙", Birth: payruntest.Hundred}}
	for _, order := range [][]engine.Missing{rows, {rows[1], rows[0]}, rows[:1]} {
		p := payruntest.Plan(t, "2026-11")
		p.Missing = order
		found, err := engine.NewSpread(p).Unregistered(0)
		if err != nil || len(found) != 1 {
			t.Fatalf("%+v, %v", found, err)
		}
		ids[found[0].ID] = true
	}
	if len(ids) != 2 {
		t.Errorf("%d ids of two sets of people", len(ids))
	}
}
