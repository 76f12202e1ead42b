package judge

import (
	"errors"
	"strings"
	"testing"

	"github.com/expr-lang/expr/parser"
)

// evaluate walks one expression for a person in 2026-11 and writes its value.
func evaluate(t *testing.T, source string, who *Case) (string, error) {
	t.Helper()
	j := newJudge(t, World{File: pack(t)})
	tree, err := parser.Parse(source)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	v := (&view{j: j, person: newSubject(who), reads: firstDay}).on(monthOf(ym("2026-11")))
	got, err := v.eval(tree.Node)
	switch {
	case err != nil:
		return "", err
	case got.kind == flag && got.flag:
		return "是", nil
	case got.kind == flag:
		return "否", nil
	case got.kind == number:
		return got.number.String(), nil
	case got.kind == absent:
		return "缺" + got.text, nil
	}
	return got.text + strings.Join(got.texts, "、"), nil
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	who := someone(seventy, fact("低保"), fact("特困=分散"), fact("残疾类别=肢体、精神"), fact("机构月收费=1500.10"))
	for source, want := range map[string]string{
		`年龄`:                               "71",
		`年龄 >= 71 and 年龄 < 72`:             "是",
		`年龄 > 71 or 年龄 <= 70`:              "否",
		`低保 and not 低保边缘`:                  "是",
		`低保边缘 or 经济困难`:                     "是",
		`特困 == "分散"`:                       "是",
		`特困 == "集中"`:                       "否",
		`特困 != "集中"`:                       "是",
		`特困 in ["集中", "分散"]`:               "是",
		`特困 not in ["集中"]`:                 "是",
		`"精神" in 残疾类别`:                     "是",
		`"智力" in 残疾类别`:                     "否",
		`自理能力 == "全护理"`:                    "否",
		`not (自理能力 == "全护理")`:              "是",
		`自理能力 in ["全自理", "半自理"]`:           "否",
		`低保月金额 < 5`:                        "否",
		`低保月金额 >= 5`:                       "否",
		`"视力" in 居住状况`:                     "否",
		`known(特困)`:                        "是",
		`known(自理能力)`:                      "否",
		`known(低保边缘)`:                      "否",
		`not known(自理能力) or 自理能力 == "全护理"`: "是",
		`低保 or 照料护理倍数 > 1`:                 "是", // the right side is not looked at
		`1 + 2 * 3 - 4`:                    "3",
		`max(1, 3, 2) - min(3, 1, 2)`:      "2",
		`机构月收费 * 3`:                        "4500.3",
		`分散供养倍数 * 低保标准`:                    "949",
		`分散供养基本生活费`:                        "960",
		`max(0, 机构月收费 - 2000)`:             "0",
		`经济困难 and (年龄 > 80 or 重残 or 特困 == "分散")`: "是",
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			got, err := evaluate(t, source, who)
			if err != nil || got != want {
				t.Errorf("got %q, %v; want %q", got, err, want)
			}
		})
	}
}

func TestExpressionLacks(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`低保月金额 + 1`:     "低保月金额",
		`max(0, 低保月金额)`: "低保月金额",
		`照料护理倍数 * 2`:    "照料护理倍数",
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			_, err := evaluate(t, source, someone(seventy))
			var lacking *lack
			if !errors.As(err, &lacking) || lacking.what != want {
				t.Errorf("got %v, want a lack of %s", err, want)
			}
		})
	}
}

// What the language does not have is an error, never a guess.
func TestExpressionsRefused(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		`1.5`, `-年龄`, `年龄 / 2`, `年龄 % 2`, `年龄 == "71"`, `低保 == "是"`, `特困 > "分散"`, `不存在`,
		`not 特困`, `特困 and 低保`, `年龄 + 低保`, `len(残疾类别)`, `known("特困")`, `granted(特困)`, `granted("11")`,
		`特困 in "分散"`, `年龄 in [1]`, `特困 ? 1 : 2`, `true`,
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			got, err := evaluate(t, source, someone(seventy, fact("特困=分散"), fact("残疾类别=肢体")))
			if err == nil {
				t.Errorf("evaluated to %q, want an error", got)
			}
		})
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	// A rate with an end, after which an older value does not come back.
	file := pack(t, `      - {from: 2025-01, value: 960,`, `      - {from: 2024-01, value: 900}
      - {from: 2025-01, to: 2025-06, value: 960,`)
	for _, c := range []struct{ month, want string }{
		{"2023-12", "缺"}, {"2024-01", "900"}, {"2024-12", "900"}, {"2025-01", "960"}, {"2025-06", "960"}, {"2025-07", "缺"},
	} {
		j := newJudge(t, World{File: file})
		v := (&view{j: j, person: newSubject(someone(seventy)), reads: firstDay}).on(monthOf(ym(c.month)))
		got := "缺"
		if d, err := v.rate(j.rates["特困基本生活标准"]); err == nil {
			got = d.String()
		}
		if got != c.want {
			t.Errorf("in %s the rate is %s, want %s", c.month, got, c.want)
		}
	}
}
