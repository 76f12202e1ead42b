package policy

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// tiny is the shortest pack that pays and lists something.
const tiny = `language: 1
region: "140213"
district: 区
title: 单
bureaus: [{name: 局, code: MZ}]
facts: [{name: 甲, type: flag}]
items:
- code: '1'
  name: 项
  bureaus: [局]
  when: [甲 or 年龄 >= 80]
  list: full
  pay: {amount: 7 + 1, fund: 金}
`

// FuzzLoad: whatever the bytes, loading ends with a pack or with problems that have
// their places in the file, and a pack that loads also grants and explains.
func FuzzLoad(f *testing.F) {
	// The seeds are short: the engine works over every byte of what it finds interesting.
	for _, seed := range []string{
		tiny, strings.ReplaceAll(tiny, "\n", "\r"), "\ufeff" + tiny,
		tiny + "rates:\n- {name: 乙, by: 年龄, values: [{from: 2024-01, when: 60-, value: \"1.3\", source: 文}]}\nderived: [{name: 丙, is: 乙 > 1}]\n",
		tiny + "rates: [{name: 乙, values: [{from: 2024-01, to: 2024-02, value: 1, floor: 2}, {from: 2025-01}]}]\nhigher_of: [{items: ['1', '1']}]\n",
		tiny + "checks: {conflicts: [{name: 冲突, when: 甲}]}\nexamples: [{name: 例, month: 2024-01, person: {born: 1940-01-01}, facts: [甲], pays: [{item: '1', amount: 1}]}]\n",
		tiny + "- code: '2'\n  when: |\n    甲\n\n    or known(丁)\n  pay: {amount: 'granted(\"1\") - 1', needs: [丁], payee: {fact: 丁}}\n",
		"", "\ufeff", "title: >-", "title: |2\n\n  a\r  b", "a: &a [*a]", "? [a]\n: b", "<<: {a: 1}", "--- a\n--- b", "language: 1\r\ntitle: \"\\u4f4e\\\n  a\"\r\n",
		"language: 0x1\nstreets: [~, 1.0, !!str 1]\n", "%YAML 1.1\n---\nlanguage: 1\n...\n", "\xff\xfe", "\x00", "a\u0085b: c\u2028d: e",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) { useOrRefuse(t, body) })
}

// useOrRefuse loads a pack and uses it in every way, or sees that it was refused well.
func useOrRefuse(t fatalf, body []byte) (loaded bool) {
	t.Helper()
	p, err := Load(body)
	if err != nil {
		refusedWell(t, string(body), err)
		return false
	}
	p.Test()
	p.Vocabulary()
	for _, it := range p.Items() {
		for _, m := range []month.Month{1, month.Of(2024, 6), month.Of(9999, 12)} {
			if it.Pay != nil {
				p.UnconfirmedFor(it.Code.Value, m)
			}
			p.Replacements(m)
		}
	}
	for _, d := range everybody(p) {
		for _, m := range []month.Month{month.Of(2023, 6), month.Of(2024, 6), month.Of(2026, 11)} {
			use(t, p, d, m)
		}
	}
	return true
}

func refusedWell(t fatalf, body string, err error) {
	t.Helper()
	var ps packfile.Problems
	if !errors.As(err, &ps) {
		if !fault.Is(err, fault.Invalid) {
			t.Fatalf("neither problems nor a sentence: %v", err)
		}
		return
	}
	lines := linesOf(body)
	for _, p := range ps {
		if p.Line < 1 || p.Line > len(lines) || p.Col < 1 || p.Col > len([]rune(lines[p.Line-1]))+1 || p.Sentence == "" {
			t.Fatalf("no place in the file: %+v", p)
		}
	}
	if len(ps) == 0 {
		t.Fatalf("refused without a problem")
	}
}

// use grants and explains; a formula may turn out wrong, but never otherwise than with a sentence.
func use(t fatalf, p *Pack, d *roster.Dossier, m month.Month) {
	t.Helper()
	o, err := p.Grant(d, m)
	if err != nil {
		if !fault.Is(err, fault.Invalid) {
			t.Fatalf("grant: %v", err)
		}
		return
	}
	for _, g := range o.Grants {
		if g.Amount <= 0 || g.Payee == "" {
			t.Fatalf("grant %+v", g)
		}
	}
	if _, err := p.Explain(d, m); err != nil {
		t.Fatalf("granted but not explained: %v", err)
	}
	if remembered, err := p.Granter().Grant(d, m); err != nil || len(remembered.Grants) != len(o.Grants) {
		t.Fatalf("a Granter: %+v, %v", remembered, err)
	}
}

// everybody is somebody with nothing known, and somebody with everything.
func everybody(p *Pack) []*roster.Dossier {
	all := []*roster.Dossier{person("1930-01-01"), person("1960-06-30"), person("1950-01-01"), person("1920-02-29")}
	for i, f := range p.File.Facts {
		value := "是"
		switch f.Type.Value {
		case "amount":
			value = "1234.56"
		case "choice", "choices":
			value = f.Values[i%len(f.Values)].Value
		}
		for _, d := range all[2:] {
			d.Facts = append(d.Facts, roster.Fact{Name: f.Name.Value, Value: value, Since: exampleSince})
		}
	}
	for _, it := range p.File.Items {
		all[2].Awards = append(all[2].Awards, roster.Award{Item: it.Code.Value, Amount: 100, First: month.Of(2024, 6), Payee: "丙"})
	}
	all[2].Died = day("2024-06-15")
	return all
}

// Packs with a few changes at random places, which bytes drawn blindly seldom give.
func TestDamagedPacks(t *testing.T) {
	head, _, _ := strings.Cut(small, "examples:")
	pieces := strings.FieldsFunc(small, func(r rune) bool { return strings.ContainsRune(" \n{}[],", r) })
	pieces = append(pieces, "", " ", "\n", "  ", ":", "- ", "{", "}", "[", "]", `"`, "'", "#", "&a ", "*a", "!!str ", ">-\n", "|\n", "\t", "1.5", "true", "null",
		"not ", "known(", "granted(\"1\")", " and ", "!=", "in", "0x1", "from: 2025-03", "to: 2024-01", "\u2028", "\ufeff", "年龄", strings.Repeat("(", 50))
	loaded := 0
	rapid.Check(t, func(rt *rapid.T) {
		for range 5 {
			body := []rune(head)
			for range rapid.IntRange(1, 3).Draw(rt, "changes") {
				at := rapid.IntRange(0, len(body)).Draw(rt, "at")
				if rapid.Bool().Draw(rt, "gently") { // another digit, which often still makes a pack
					if i := slices.IndexFunc(body[at:], unicode.IsDigit); i >= 0 {
						body[at+i] = rapid.RuneFrom([]rune("0123456789")).Draw(rt, "digit")
					}
					continue
				}
				cut := min(rapid.SampledFrom([]int{0, 0, 1, 2, 5, 40}).Draw(rt, "cut"), len(body)-at)
				piece := rapid.SampledFrom(pieces).Draw(rt, "piece")
				body = []rune(string(body[:at]) + piece + string(body[at+cut:]))
			}
			if useOrRefuse(rt, []byte(string(body))) {
				loaded++
			}
		}
	})
	if loaded == 0 || loaded == 500 {
		t.Errorf("%d of 500 damaged packs loaded: the test sees one side only", loaded)
	}
}
