package policy

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"disburse/internal/month"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// small is a pack with one of everything, for tests that change one thing in it.
const small = `language: 1
region: "140213"
district: 示例区
title: 示例清单
streets: [甲街, 乙街]
bureaus:
  - {name: 区民政局, code: MZ}
  - {name: 区卫体局, code: WT}
facts:
  - {name: 低保, type: flag}
  - {name: 供养, type: choice, values: [分散, 集中]}
  - {name: 类别, type: choices, values: [智力, 精神]}
  - {name: 机构, type: text}
  - {name: 收费, type: amount}
  - {name: 停发, type: text}
suspension: 停发
rates:
  - name: 标准
    unit: 元/月
    values:
      - {from: 2024-01, value: 70, floor: 70, source: 甲文}
      - {from: 2025-01, value: 80, source: 乙文}
  - name: 分档
    by: 年龄
    values:
      - {from: 2024-01, when: 80-, value: 70, source: 甲文}
      - {from: 2024-01, when: 60-79, value: "50.005", source: 甲文}
  - name: 供养倍数
    by: 供养
    values:
      - {from: 2024-01, when: 分散, value: "1.3", source: 甲文}
      - {from: 2024-01, when: 集中, value: 1, source: 甲文}
  - name: 探访
    by: 困难
    values:
      - {from: 2024-01, when: 是, value: 2, source: 甲文}
      - {from: 2024-01, when: 否, value: 1, source: 甲文}
derived:
  - name: 困难
    is: 低保 or known(供养)
  - name: 生活费
    is:
      - {to: 2024-12, is: 标准 * 2}
      - {from: 2025-01, is: "max(标准 * 2, 150)"}
items:
  - code: "1"
    name: 高龄
    bureaus: [区民政局]
    when: [年龄 >= 80]
    pay: {amount: 标准, fund: 资金}
  - code: "2"
    name: 探访
    bureaus: [区卫体局, 区民政局]
    when: [年龄 >= 60]
    list: full
    detail:
      - {if: known(机构), fact: 机构}
      - {value: 探访}
  - code: "3"
    name: 救助
    bureaus: [区民政局]
    when: [低保]
    pay: {determined: true, payee: {determined: true}, fund: 资金}
  - code: "4-1"
    name: 护理
    bureaus: [区民政局]
    when:
      - 年龄 >= 60
      - known(供养)
    unless: [known(机构)]
    pay:
      amount: 供养倍数 * 标准
      fund: 资金
  - code: "4-2"
    name: 照护
    bureaus: [区民政局]
    when:
      - 年龄 >= 60
      - known(机构)
    pay:
      needs: [收费]
      amount:
        - {if: 收费 > 1000, is: 收费 - 1000, check: 收费较高}
        - is: 收费 - min(收费, granted("1"))
      payee: {fact: 机构}
      fund: 资金
higher_of:
  - {items: ["1", "4-1"], source: 甲文}
replacements:
  - {items: ["4-1", "4-2"]}
checks:
  age_over: 110
  conflicts:
    - {name: 低保与供养, when: 低保 and known(供养)}
examples:
  - name: 高龄
    why: 满八十
    month: 2026-11
    person: {born: 1940-01-01}
    facts: [低保, {fact: 类别, value: 智力、精神, since: 2026-01-01}, {fact: 收费, value: "10.50"}]
    determined: [{item: "3", amount: 500, first: 2026-11}]
    pays: [{item: "1", amount: 80}, {item: "3", amount: 500}]
    lists: ["2"]
    details: [{item: "2", is: "2"}]
`

// change replaces text in a pack, once; it must be there. A caret in what is put in is
// taken out and marks the place that an error must name.
func change(t *testing.T, pack, old, with string) (body string, at packfile.Pos) {
	t.Helper()
	before, after, found := strings.Cut(pack, old)
	if !found {
		t.Fatalf("the pack has no %q", old)
	}
	left, right, _ := strings.Cut(with, "‸")
	line := before + left
	return before + left + right + after, packfile.Pos{Line: strings.Count(line, "\n") + 1, Col: len([]rune(line[strings.LastIndex(line, "\n")+1:])) + 1}
}

// load loads a pack that must be right.
func load(t testing.TB, body string) *Pack {
	t.Helper()
	p, err := Load([]byte(body))
	if err != nil {
		t.Fatalf("the pack has errors:\n%v", err)
	}
	return p
}

// problems loads a pack that must be wrong, and sees that every error has a sentence
// and a place within the file.
func problems(t testing.TB, body string) packfile.Problems {
	t.Helper()
	_, err := Load([]byte(body))
	var ps packfile.Problems
	if !errors.As(err, &ps) {
		t.Fatalf("want problems, got %v", err)
	}
	lines := linesOf(body)
	for _, p := range ps {
		if p.Line < 1 || p.Line > len(lines) || p.Col < 1 || p.Col > len([]rune(lines[p.Line-1]))+1 || p.Sentence == "" {
			t.Fatalf("no place in the file: %+v", p)
		}
	}
	return ps
}

// lineEnds are the ends of lines as YAML has them.
var lineEnds = regexp.MustCompile("\r\n|[\r\n\u0085\u2028\u2029]")

// linesOf are the lines of a pack, to see that an error names a place within it.
func linesOf(body string) []string {
	return lineEnds.Split(strings.TrimPrefix(body, "\ufeff"), -1)
}

// wants looks for the one problem that there must be.
func wants(t testing.TB, ps packfile.Problems, at packfile.Pos, sentence string) {
	t.Helper()
	if len(ps) != 1 || ps[0].Pos != at || !strings.Contains(ps[0].Sentence, sentence) {
		t.Errorf("want %v …%s…, got\n%v", at, sentence, ps)
	}
}

// person makes a dossier of somebody born on a day, 2006-01-02, with facts in force
// for ever: name, value, name, value.
func person(born string, facts ...string) *roster.Dossier {
	birth := day(born)
	d := &roster.Dossier{Person: roster.Person{ID: roster.MakeID("140213", birth, 1), Name: "例", Birth: birth}}
	for i := 0; i < len(facts); i += 2 {
		d.Facts = append(d.Facts, roster.Fact{Name: facts[i], Value: facts[i+1], Since: exampleSince})
	}
	return d
}

// day reads a date; a wrong one is a mistake in the test.
func day(s string) month.Date {
	d, err := month.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func grant(t testing.TB, p *Pack, d *roster.Dossier, m month.Month) *Outcome {
	t.Helper()
	o, err := p.Grant(d, m)
	if err != nil {
		t.Fatalf("grant %+v for %s: %v", d, m, err)
	}
	return o
}
