package policy

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
)

// plainly returns the sentence on one item of the built-in pack.
func plainly(t *testing.T, d *roster.Dossier, item string) string {
	t.Helper()
	p := builtin(t)
	x, err := p.Explain(d, month.Of(2026, 11))
	if err != nil {
		t.Fatal(err)
	}
	for i := range x.Items {
		if x.Items[i].Code == item {
			return p.Plainly(&x.Items[i], "您")
		}
	}
	t.Fatalf("no item %s", item)
	return ""
}

func TestPlainly(t *testing.T) {
	t.Parallel()
	old, long := month.DateOf(1940, 3, 1), month.DateOf(2024, 1, 1)
	fact := func(name, value string) roster.Fact { return roster.Fact{Name: name, Value: value, Since: long} }
	award := roster.Award{Item: "17", Amount: money.Fen(80000), First: month.Of(2026, 11), Last: month.Of(2026, 11), Basis: "平民发〔2026〕8号"}
	monthly := roster.Award{Item: "1", Amount: money.Fen(234567), First: month.Of(2026, 1)}
	for _, c := range []struct {
		name, item string
		facts      []roster.Fact
		awards     []roster.Award
		want       string
	}{
		{"age alone", "11", nil, nil, "您已满 86 周岁，符合高龄津贴（80 至 99 周岁老年人）的条件，每月 70 元。"},
		{"facts behind derived names", "16", []roster.Fact{fact("低保", "是"), fact("失能等级", "重度失能")}, nil,
			"您已满 86 周岁，登记有低保、能力评估为重度失能，符合护理补贴（生活不能自理的经济困难老年人）的条件，每月 100 元。"},
		{"several rates", "18-1", []roster.Fact{fact("特困", "分散")}, nil,
			"您已满 86 周岁，登记有特困人员分散供养，符合分散供养基本生活补贴（在家供养的特困老年人）的条件，本月 960.00 元（按分散供养倍数 1.3 倍、低保标准 每月 730 元、特困基本生活标准 每月 960 元计算）。"},
		{"once", "17", []roster.Fact{fact("低保", "是")}, []roster.Award{award},
			"您已满 86 周岁，登记有低保，符合临时救助（低保后生活仍有困难的老年人）的条件，一次性核定 800.00 元（依据：平民发〔2026〕8号）。"},
		{"determined", "1", []roster.Fact{fact("养老保险", "职工")}, []roster.Award{monthly},
			"登记有职工养老保险，符合职工基本养老保险（符合条件的职工参保老年人）的条件，按核定金额发放 2345.67 元。"},
		{"not granted", "12", nil, nil, ""},
	} {
		d := &roster.Dossier{Person: roster.Person{Number: 1, ID: "140213194003010012", Birth: old}, Facts: c.facts, Awards: c.awards}
		if got := plainly(t, d, c.item); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
	care := []roster.Fact{fact("低保", "是"), fact("失能等级", "完全失能"), fact("入住机构", "示例养老院"), fact("机构月收费", "1800.50"), fact("低保月金额", "730.00")}
	d := &roster.Dossier{Person: roster.Person{Number: 1, ID: "140213194003010012", Birth: old}, Facts: care}
	got := plainly(t, d, "15")
	const made = "本月 900.50 元：机构月收费 1800.50 元，减去低保月金额 730.00 元、养老服务补贴 70.00 元、护理补贴 100.00 元。"
	if !strings.HasSuffix(got, made) {
		t.Errorf("%s does not end with %s", got, made)
	}
	d.Facts[3].Value = "5000.00"
	if got := plainly(t, d, "15"); !strings.HasSuffix(got, "，按最高限额 1260.00 元发放。") {
		t.Errorf("%s does not name the limit that is paid", got)
	}
	d.Facts = []roster.Fact{fact("特困", "集中"), fact("自理能力", "半自理"), fact("入住机构", "示例敬老院")}
	if got := plainly(t, d, "19"); !strings.HasSuffix(got, "本月 1160.00 元：分散供养基本生活费 960.00 元，加照料护理倍数 × 护理补贴标准 200.00 元。") {
		t.Errorf("%s does not list the parts", got)
	}
}

// What letters say of a sum that a fact in another unit than 元 and a taper make.
func TestPlainlyOfATaper(t *testing.T) {
	t.Parallel()
	p := load(t, taper)
	d := &roster.Dossier{Person: roster.Person{Number: 1, ID: "140213194003010012", Birth: month.DateOf(1940, 3, 1)}, Facts: []roster.Fact{
		{Name: "家庭人口", Value: "3", Since: month.DateOf(2026, 1, 1)}, {Name: "月收入", Value: "900.00", Since: month.DateOf(2026, 1, 1)}}}
	x, err := p.Explain(d, month.Of(2026, 11))
	if err != nil {
		t.Fatal(err)
	}
	const want = "您已满 86 周岁，登记有家庭人口 3 人，符合生活补助的条件，本月 550.00 元：补助标准 × 家庭人口 600.00 元，减去递减比例 × 月收入超过收入门槛的部分 50.00 元。"
	if got := p.Plainly(&x.Items[0], "您"); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

const taper = `language: 1
region: "140299"
district: 示例区
title: 示例
bureaus: [{name: 区民政局, code: MZ}]
facts:
  - {name: 家庭人口, type: amount, unit: 人}
  - {name: 月收入, type: amount}
rates:
  - {name: 补助标准, unit: 元/月, values: [{from: 2026-01, value: 200, source: 甲文}]}
  - {name: 收入门槛, unit: 元/月, values: [{from: 2026-01, value: 800, source: 甲文}]}
  - {name: 递减比例, values: [{from: 2026-01, value: "0.5", source: 甲文}]}
items:
  - code: "1"
    name: 生活补助
    bureaus: [区民政局]
    when: [年龄 >= 60, known(家庭人口)]
    pay:
      needs: [月收入]
      amount: max(0, 补助标准 * 家庭人口 - 递减比例 * max(0, 月收入 - 收入门槛))
      fund: 资金
`

// Nothing that only the program reads may reach a citizen, whatever is granted to whom.
func TestPlainlyHasNoExpressions(t *testing.T) {
	t.Parallel()
	p := builtin(t)
	rapid.Check(t, func(rt *rapid.T) {
		m := months().Draw(rt, "month")
		x, err := p.Explain(dossiers(p, m).Draw(rt, "person"), m)
		if err != nil {
			rt.Fatal(err)
		}
		for i := range x.Items {
			it := &x.Items[i]
			text := p.Plainly(it, "您")
			if (it.Verdict == Granted) != (text != "") {
				rt.Fatalf("%s %s: %q", it.Code, it.Verdict, text)
			}
			for _, bad := range []string{"==", ">=", "<=", "≥", "≤", "known", "granted", "取高", "取低", " or ", " and ", "not ", "未登记", "无值"} {
				if strings.Contains(text, bad) {
					rt.Fatalf("%s says %q: %s", it.Code, bad, text)
				}
			}
		}
	})
}

// Every item of the built-in pack has words for citizens.
func TestBuiltinPublicWords(t *testing.T) {
	t.Parallel()
	for _, it := range builtin(t).File.Items {
		if it.Public == nil {
			t.Errorf("item %s has no words for citizens", it.Code.Value)
		}
	}
}
