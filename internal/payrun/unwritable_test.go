package payrun_test

import (
	"strings"
	"testing"

	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// lackingKu refuses holders with 㐂 at 示例银行.
func lackingKu(a roster.Account, _ string) string {
	if a.Bank == "示例银行" && strings.Contains(a.Holder, "㐂") {
		return "写不下“㐂”"
	}
	return ""
}

// A name that the bank's file cannot hold blocks the batch, as long as it is to be paid.
func TestUnwritableNames(t *testing.T) {
	t.Parallel()
	count := func(p *payrun.Plan, changes ...change) int {
		n := 0
		for _, f := range compute(t, p, person(eighty, changes...)).Findings {
			if f.Kind == "银行文件" {
				n++
				if f.Level != payrun.Blocking || !strings.HasPrefix(f.Sentence, "甲㐂（") || !strings.HasSuffix(f.Sentence, "重新运行") {
					t.Errorf("%+v", f)
				}
			}
		}
		return n
	}
	odd := func(c *payrun.Case) { c.Dossier.Name = "甲㐂" }
	p := plan(t, "2026-11")
	if n := count(p, odd); n != 0 {
		t.Errorf("%d findings without shapes", n)
	}
	p.Unwritable = lackingKu
	for _, c := range []struct {
		name    string
		changes []change
		want    int
	}{
		{"the holder", []change{odd}, 1},
		{"a plain name", nil, 0},
		{"another bank", []change{odd, func(c *payrun.Case) { c.Dossier.Account.Bank = "他行" }}, 0},
		{"a doubt holds the line", []change{holder("甲㐂")}, 0},
		{"nothing is paid", []change{odd, account("")}, 0},
	} {
		if n := count(p, c.changes...); n != c.want {
			t.Errorf("%s: %d findings, want %d", c.name, n, c.want)
		}
	}
}

func TestUnwritableInstitution(t *testing.T) {
	t.Parallel()
	p := plan(t, "2026-11")
	p.Unwritable = lackingKu
	p.Payees["甲院"] = roster.Account{Bank: "示例银行", Number: "2001", Holder: "甲㐂院"}
	in := []change{fact("特困=集中"), fact("自理能力=全自理"), fact("入住机构=甲院")}
	_, spread := computeAll(t, p, person(seventy, in...), person(seventy, in...))
	f := theFinding(t, spread.Findings(0), "银行文件", payrun.Blocking)
	if !strings.Contains(f.Sentence, "收款单位“甲院”") {
		t.Error(f.Sentence)
	}
}

// An alias and the full name of a bank are the same account.
func TestAliasIsNoChangeOfAccount(t *testing.T) {
	t.Parallel()
	for bank, want := range map[string]bool{"工行": false, "工商银行": false, "农行": true} {
		c := person(eighty, func(c *payrun.Case) {
			c.Dossier.Account.Bank = bank
			c.LastPaid = &roster.Account{Bank: "中国工商银行", Number: "6201", Holder: "甲某"}
		})
		found := false
		for _, f := range compute(t, plan(t, "2026-11"), c).Findings {
			found = found || f.Kind == "账户变更"
		}
		if found != want {
			t.Errorf("%s: change %v, want %v", bank, found, want)
		}
	}
}
