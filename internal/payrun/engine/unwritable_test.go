package engine_test

import (
	"strings"
	"testing"

	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/payrun/payruntest"
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
	count := func(p *engine.Plan, changes ...payruntest.Change) int {
		n := 0
		for _, f := range payruntest.Compute(t, p, payruntest.Person(payruntest.Eighty, changes...)).Findings {
			if f.Kind == "银行文件" {
				n++
				if f.Level != payrun.Blocking || !strings.HasPrefix(f.Sentence, "甲㐂（") || !strings.HasSuffix(f.Sentence, "重新运行") {
					t.Errorf("%+v", f)
				}
			}
		}
		return n
	}
	odd := func(c *engine.Case) { c.Dossier.Name = "甲㐂" }
	p := payruntest.Plan(t, "2026-11")
	if n := count(p, odd); n != 0 {
		t.Errorf("%d findings without shapes", n)
	}
	p.Unwritable = lackingKu
	for _, c := range []struct {
		name    string
		changes []payruntest.Change
		want    int
	}{
		{"the holder", []payruntest.Change{odd}, 1},
		{"a plain name", nil, 0},
		{"another bank", []payruntest.Change{odd, func(c *engine.Case) { c.Dossier.Account.Bank = "他行" }}, 0},
		{"a doubt holds the line", []payruntest.Change{payruntest.Holder("甲㐂")}, 0},
		{"nothing is paid", []payruntest.Change{odd, payruntest.Account("")}, 0},
	} {
		if n := count(p, c.changes...); n != c.want {
			t.Errorf("%s: %d findings, want %d", c.name, n, c.want)
		}
	}
}

func TestUnwritableInstitution(t *testing.T) {
	t.Parallel()
	p := payruntest.Plan(t, "2026-11")
	p.Unwritable = lackingKu
	p.Payees["甲院"] = roster.Account{Bank: "示例银行", Number: "2001", Holder: "甲㐂院"}
	in := []payruntest.Change{payruntest.Fact("特困=集中"), payruntest.Fact("自理能力=全自理"), payruntest.Fact("入住机构=甲院")}
	_, spread := payruntest.ComputeAll(t, p, payruntest.Person(payruntest.Seventy, in...), payruntest.Person(payruntest.Seventy, in...))
	f := payruntest.TheFinding(t, spread.Findings(0), "银行文件", payrun.Blocking)
	if !strings.Contains(f.Sentence, "收款单位“甲院”") {
		t.Error(f.Sentence)
	}
}

// An alias and the full name of a bank are the same account.
func TestAliasIsNoChangeOfAccount(t *testing.T) {
	t.Parallel()
	for bank, want := range map[string]bool{"工行": false, "工商银行": false, "农行": true} {
		c := payruntest.Person(payruntest.Eighty, func(c *engine.Case) {
			c.Dossier.Account.Bank = bank
			c.LastPaid = &roster.Account{Bank: "中国工商银行", Number: "6201", Holder: "甲某"}
		})
		found := false
		for _, f := range payruntest.Compute(t, payruntest.Plan(t, "2026-11"), c).Findings {
			found = found || f.Kind == "账户变更"
		}
		if found != want {
			t.Errorf("%s: change %v, want %v", bank, found, want)
		}
	}
}
