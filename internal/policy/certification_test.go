package policy

import (
	"strings"
	"testing"

	"disburse/internal/month"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// The rules of this file, after the key that they follow in the small pack.
const (
	asksProof = "\ncertification:\n  fact: 认证\n  from: 80\n  every: 12\n  grace: 3\n"
	twoSign   = "approval: {second_above: \"500000.00\"}\n"
	closing   = "freezes:\n  - {from: 2026-12-25, to: 2026-12-31, why: 年终关账}\n  - {from: 2027-12-25, to: 2027-12-31, why: 年终关账}\n"
)

// strict is the small pack with all of them.
func strict(t *testing.T) string {
	t.Helper()
	body, _ := change(t, small, "facts:\n", "facts:\n  - {name: 认证, type: flag}\n")
	body, _ = change(t, body, "\nrates:\n", asksProof+twoSign+closing+"rates:\n")
	return body
}

func TestStrictPack(t *testing.T) {
	t.Parallel()
	p := load(t, strict(t))
	if limit, ok := p.File.SecondAbove(); !ok || limit != 50_000_000 {
		t.Errorf("second above %s, %v", limit, ok)
	}
	if limit, ok := builtin(t).File.SecondAbove(); ok {
		t.Errorf("the built-in pack asks for a second 审批 above %s", limit)
	}
	for day, want := range map[month.Date]string{
		month.DateOf(2026, 12, 24): "", month.DateOf(2027, 1, 1): "",
		month.DateOf(2026, 12, 25): "年终关账，2026-12-25 至 2026-12-31（含）冻结", month.DateOf(2026, 12, 31): "年终关账，2026-12-25 至 2026-12-31（含）冻结",
		month.DateOf(2027, 12, 31): "年终关账，2027-12-25 至 2027-12-31（含）冻结",
	} {
		if why, frozen := p.Frozen(day); why != want || frozen != (want != "") {
			t.Errorf("%s: %q, %v", day, why, frozen)
		}
	}
	some, _ := change(t, strict(t), "  grace: 3\n", "  grace: 0\n  since: 2027-01\n  items: [\"1\", \"3\"]\n")
	for sentence, want := range map[string]string{
		p.File.Certification.Sentence():             "年满 80 周岁每 12 个月认证一次（事实“认证”），宽限 3 个月，逾期暂缓全部发放项目",
		load(t, some).File.Certification.Sentence(): "年满 80 周岁每 12 个月认证一次（事实“认证”），宽限 0 个月，逾期暂缓项目 1、3，自 2027-01 起",
		p.File.Approval.Sentence():                  "一批可发超过 500000.00 元的，要两位审批（审批、终审）",
		p.File.Freezes[0].Sentence():                "2026-12-25 至 2026-12-31 冻结：年终关账",
	} {
		if sentence != want {
			t.Errorf("%q, want %q", sentence, want)
		}
	}
}

// TestStrictPackIsChecked: every error has its line and column.
func TestStrictPackIsChecked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, with, sentence string }{
		"unknown fact":         {"fact: 认证\n", "fact: ‸健在\n", "事实“健在”不存在"},
		"no fact":              {"  fact: 认证\n  from", "  ‸from", "缺少生存认证的 fact"},
		"fact with an amount":  {"fact: 认证\n", "fact: ‸收费\n", "是金额"},
		"no age":               {"from: 80\n  every", "from: ‸0\n  every", "应为年龄"},
		"age of nobody":        {"from: 80\n  every", "from: ‸121\n  every", "应为年龄"},
		"never":                {"every: 12", "every: ‸0", "every 应为 1 到 120"},
		"grace without end":    {"grace: 3", "grace: ‸121", "grace 应为 0 到 120"},
		"unknown key":          {"grace: 3", "grace: 3\n  ‸until: 3", "不认识的键“until”"},
		"item that is none":    {"grace: 3", "grace: 3\n  items: [\"1\", ‸\"9\"]", "项目“9”不在清单中，或不发钱"},
		"item that only lists": {"grace: 3", "grace: 3\n  items: [‸\"2\"]", "项目“2”不在清单中，或不发钱"},
		"item twice":           {"grace: 3", "grace: 3\n  items: [\"1\", ‸\"1\"]", "项目“1”重复"},
		"no sum":               {`{second_above: "500000.00"}`, `‸{}`, "缺少 second_above"},
		"a float":              {`"500000.00"`, `‸5000.5`, "浮点数"},
		"half a 分":             {`"500000.00"`, `‸"0.005"`, "最多两位小数"},
		"no reason":            {"to: 2026-12-31, why: 年终关账", "to: 2026-12-31, why: ‸\"\"", "缺少冻结期的 why"},
		"no end":               {"{from: 2026-12-25, to: 2026-12-31, why", "‸{from: 2026-12-25, why", "要写 from"},
		"end before beginning": {"from: 2026-12-25, to: 2026-12-31", "from: ‸2026-12-25, to: 2026-12-24", "晚于最后一天"},
		"overlap":              {"from: 2027-12-25", "from: ‸2026-12-31", "重叠"},
		"no date":              {"from: 2026-12-25", "from: ‸2026-12-32", "2026-12-32"},
		"example of no rule":   {"    lists: [\"2\"]\n", "    lists: [\"2\"]\n    certification: ‸早\n", "应为 不要求、有效、宽限、逾期"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, at := change(t, strict(t), c.old, c.with)
			for _, p := range problems(t, body) {
				if strings.Contains(p.Sentence, c.sentence) {
					if p.Pos != at && name != "no fact" { // what is missing is placed where its part begins
						t.Errorf("placed at %s, want %s: %s", p.Pos, at, p.Sentence)
					}
					return
				}
			}
			t.Errorf("no problem says %q", c.sentence)
		})
	}
	body, _ := change(t, small, "    lists: [\"2\"]\n", "    lists: [\"2\"]\n    certification: 有效\n")
	if ps := problems(t, body); len(ps) != 1 || !strings.Contains(ps[0].Sentence, "没有写 certification") {
		t.Errorf("an example without the rule: %v", ps)
	}
}

// TestStrictPackAtItsLimits: the first and the last value of each number, and a freeze of a
// single day, can be written.
func TestStrictPackAtItsLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, with string }{
		{"from: 80\n  every", "from: 1\n  every"}, {"from: 80\n  every", "from: 120\n  every"},
		{"every: 12", "every: 1"}, {"every: 12", "every: 120"}, {"grace: 3", "grace: 0"}, {"grace: 3", "grace: 120"},
		{"from: 2026-12-25, to: 2026-12-31", "from: 2026-12-31, to: 2026-12-31"},
	} {
		body, _ := change(t, strict(t), c.old, c.with)
		load(t, body)
	}
	// Stretches may stand in any order; what they may not have is a day in common.
	body, at := change(t, strict(t), "from: 2027-12-25, to: 2027-12-31", "from: ‸2026-12-20, to: 2026-12-25")
	wants(t, problems(t, body), at, "重叠")
	body, _ = change(t, strict(t), "from: 2027-12-25, to: 2027-12-31", "from: 2026-12-20, to: 2026-12-24")
	load(t, body)
}

// TestProofIsAskedForSomeItems: only lines of the items that the rule names wait for a proof,
// of all where it names none, and of none without the rule.
func TestProofIsAskedForSomeItems(t *testing.T) {
	t.Parallel()
	some := &packfile.Certification{Items: []packfile.Text{{Value: "11"}, {Value: "13"}}}
	for name, c := range map[string]struct {
		rule *packfile.Certification
		item string
		asks bool
	}{
		"no rule": {nil, "11", false}, "every item": {&packfile.Certification{}, "11", true},
		"the first": {some, "11", true}, "the last": {some, "13", true}, "another": {some, "12", false},
	} {
		if got := c.rule.Asks(c.item); got != c.asks {
			t.Errorf("%s: asks %v", name, got)
		}
	}
}

// TestProofOnTheLastDay: a proof counts in the month of its day, also on the last one; where
// money waits, the grace is over.
func TestProofOnTheLastDay(t *testing.T) {
	t.Parallel()
	p := load(t, strict(t))
	d := &roster.Dossier{Person: roster.Person{Birth: month.DateOf(1940, 6, 30)}, Facts: []roster.Fact{{Name: "认证", Since: month.DateOf(2026, 11, 30)}}}
	for m, last := range map[month.Month]month.Date{month.Of(2026, 10): 0, month.Of(2026, 11): month.DateOf(2026, 11, 30)} {
		if got := p.Proof(d, m, 0); got.Last != last {
			t.Errorf("in %s: %+v", m, got)
		}
	}
	for m, want := range map[month.Month][2]bool{month.Of(2027, 11): {false, false}, month.Of(2027, 12): {true, false}, month.Of(2028, 2): {true, false}, month.Of(2028, 3): {false, true}} {
		if got := p.Proof(d, m, 0); got.InGrace() != want[0] || got.Overdue() != want[1] {
			t.Errorf("in %s: grace %v, overdue %v", m, got.InGrace(), got.Overdue())
		}
	}
}

// TestExamplesOfProof: an example says how its person stands with 生存认证.
func TestExamplesOfProof(t *testing.T) {
	t.Parallel()
	for facts, want := range map[string]string{ // in November 2026, born in January 1940
		"": "逾期", ", {fact: 认证, since: 2025-11-02}": "有效", ", {fact: 认证, since: 2025-10-31}": "宽限", ", {fact: 认证, since: 2025-08-01}": "宽限",
		", {fact: 认证, since: 2025-07-31}": "逾期", ", {fact: 认证, since: 2026-12-01}": "逾期",
	} {
		for _, said := range []string{"不要求", "有效", "宽限", "逾期"} {
			body, _ := change(t, strict(t), `value: "10.50"}]`, `value: "10.50"}`+facts+"]\n    certification: "+said)
			failed := load(t, body).Test()
			if (len(failed) == 0) != (said == want) {
				t.Errorf("%q is said to be %s: %v", facts, said, failed)
			}
			if len(failed) > 0 && failed[0].Sentence != "生存认证应为"+said+"，算得"+want {
				t.Errorf("%s", failed[0].Sentence)
			}
		}
	}
	body, _ := change(t, strict(t), `value: "10.50"}]`, "value: \"10.50\"}]\n    certification: 不要求")
	body, _ = change(t, body, "  grace: 3\n", "  grace: 3\n  since: 2026-12\n")
	if failed := load(t, body).Test(); len(failed) > 0 {
		t.Errorf("before the rule begins: %v", failed)
	}
}

// TestProof has the months in which proof is asked for, by hand: 80 in June 2026, every
// 12 months, 3 of grace.
func TestProof(t *testing.T) {
	t.Parallel()
	p := load(t, strict(t))
	d := &roster.Dossier{Person: roster.Person{Birth: month.DateOf(1946, 6, 30)}}
	if got := p.Proof(d, month.Of(2026, 5), 0); got.Asked {
		t.Errorf("at 79: %+v", got)
	}
	got := p.Proof(d, month.Of(2026, 6), 0)
	if !got.Asked || got.Due != month.Of(2026, 5) || got.Holds != month.Of(2026, 9) || !got.InGrace() || got.Overdue() {
		t.Errorf("in the month of the birthday: %+v", got)
	}
	// An opening month, and the rule's own first month, begin it later.
	if got := p.Proof(d, month.Of(2027, 3), month.Of(2027, 1)); got.Holds != month.Of(2027, 4) {
		t.Errorf("opening in 2027-01: %+v", got)
	}
	d.Facts = []roster.Fact{{Name: "认证", Since: month.DateOf(2026, 8, 31)}, {Name: "认证", Since: month.DateOf(2024, 1, 1)}, {Name: "低保", Since: month.DateOf(2026, 10, 1)}}
	for m, turn := range map[month.Month]int{month.Of(2027, 11): -1, month.Of(2027, 12): 0, month.Of(2028, 11): 0, month.Of(2028, 12): 1, month.Of(2029, 12): 2} {
		got := p.Proof(d, m, 0)
		if got.Last != month.DateOf(2026, 8, 31) || got.Due != month.Of(2027, 8) || got.Holds != month.Of(2027, 12) || got.Overdue() != (turn >= 0) {
			t.Errorf("%s: %+v", m, got)
		}
		if turn >= 0 && got.Turn() != turn {
			t.Errorf("%s: turn %d, want %d", m, got.Turn(), turn)
		}
	}
	d.Died = month.DateOf(2028, 1, 1)
	if got := p.Proof(d, month.Of(2028, 1), 0); got.Asked {
		t.Errorf("of the dead: %+v", got)
	}
}
