package policy

import (
	"strings"
	"testing"

	"disburse/internal/month"
)

// An error within an expression is shown where it stands, however the expression is
// written down.
func TestPlacesInExpressions(t *testing.T) {
	const condition = "is: 低保 or known(供养)"
	for name, with := range map[string]string{
		"plain":                  "is: 低保 or ‸供给",
		"double quotes":          `is: "低保 or ‸供给"`,
		"single quotes":          `is: '低保 or ‸供给'`,
		"escaped quotes":         `is: "供养 in [\"分散\", \"集中\"] or 供养 == ‸\"散居\""`,
		"doubled quotes":         `is: '年龄 > 1 and (低保 or ‸供给)'`,
		"apostrophe":             `is: '机构 == "it''s" or ‸供给'`,
		"escaped characters":     `is: "\u4f4e\x41 or 低保"`, // 低A
		"escaped white":          `is: "低保\tor\n\ ‸供给"`,
		"plain, two lines":       "is: 低保 or\n      ‸供给",
		"plain, three lines":     "is: 低保\n      or\n\n      ‸供给 or 低保",
		"quoted, two lines":      "is: \"低保 or\n      ‸供给\"",
		"quoted, continued":      "is: \"低保 or \\\n      ‸供给\"",
		"single, two lines":      "is: '低保 or\n\n      ‸供给'",
		"folded":                 "is: >-\n      低保 or\n      ‸供给",
		"folded, kept end":       "is: >\n      低保 or\n      ‸供给\n",
		"folded, empty line":     "is: >-\n      低保\n\n      or ‸供给",
		"folded, leading lines":  "is: >-\n\n\n      低保 or ‸供给",
		"folded, more indented":  "is: >-\n      低保\n        or ‸供给\n      or 低保",
		"folded, comment on top": "is: >- # 说明\n      低保 or\n      ‸供给",
		"folded, own indent":     "is: >2-\n      低保 or\n      ‸供给",
		"literal":                "is: |\n      低保 or\n      ‸供给",
		"literal, empty line":    "is: |-\n      低保 or\n\n      ‸供给 or\n      低保",
		"wide characters":        "is: 低保 or 低保 or ‸𠮷供给",
	} {
		t.Run(name, func(t *testing.T) {
			sentence := "不认识的名称"
			switch name {
			case "escaped quotes":
				sentence = "没有“散居”这个值"
			case "escaped characters":
				with = strings.Replace(with, `\u4f4e`, `‸\u4f4e`, 1)
			}
			body, at := change(t, small, condition, with)
			wants(t, problems(t, body), at, sentence)
		})
	}
	for name, with := range map[string]string{
		"plain":     "is: 低保 or‸",
		"quoted":    "is: \"低保 or‸\"",
		"folded":    "is: >-\n      低保\n      or‸",
		"literal":   "is: |\n      低保\n      or‸\n",
		"two lines": "is: 低保\n      or‸",
	} {
		t.Run("end, "+name, func(t *testing.T) {
			body, end := change(t, small, condition, with)
			ps := problems(t, body)
			// The parser breaks off at the last character or just after it.
			if len(ps) != 1 || ps[0].Line != end.Line || ps[0].Col < end.Col-1 || ps[0].Col > end.Col {
				t.Errorf("want %v, got\n%v", end, ps)
			}
		})
	}
}

// What is compiled is the whole text: an empty line does not end it.
func TestWholeExpressionCounts(t *testing.T) {
	for name, with := range map[string]string{
		"plain":   "is: 低保\n\n      and known(供养)",
		"folded":  "is: >-\n      低保\n\n      and known(供养)",
		"literal": "is: |\n      低保\n\n      and known(供养)\n\n",
		"leading": "is: >-\n\n      低保 and known(供养)",
	} {
		t.Run(name, func(t *testing.T) {
			body, _ := change(t, small, "is: 低保 or known(供养)", with)
			p := load(t, strings.Replace(body, "when: [低保]\n", "when: [困难]\n", 1))
			for _, c := range []struct {
				facts []string
				want  bool
			}{
				{[]string{"低保", "是"}, false},
				{[]string{"供养", "集中"}, false},
				{[]string{"低保", "是", "供养", "集中"}, true},
			} {
				v := newView(p, person("1950-01-01", c.facts...), month.Of(2026, 11), firstDay)
				got, err := v.Value(p.names.slot["困难"])
				if err != nil || got.Flag != c.want {
					t.Errorf("困难 of %v: %v, %v", c.facts, got.Flag, err)
				}
			}
		})
	}
}
