package diff

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/policy/packfile"
)

// TestDiffOfAPackWithItself: nothing differs, also when comments and quotes do.
func TestDiffOfAPackWithItself(t *testing.T) {
	t.Parallel()
	a, b := mustParse(t, string(policy.Builtin())), mustParse(t, "# 注释\n"+strings.Replace(string(policy.Builtin()), "district: 平城区", `district: "平城区"`, 1))
	if found := Files(a, b); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

func mustParse(t testing.TB, text string) *packfile.File {
	t.Helper()
	f, err := packfile.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestDiffNoticesEveryValue changes each value of the built-in pack by itself, those
// that are not written too: each must be said, both ways, and not as a mere way of writing.
func TestDiffNoticesEveryValue(t *testing.T) {
	t.Parallel()
	before, after := mustParse(t, string(policy.Builtin())), mustParse(t, string(policy.Builtin()))
	changed := 0
	eachScalar(reflect.ValueOf(after).Elem(), "", func(place string, v reflect.Value) {
		was := reflect.New(v.Type()).Elem()
		was.Set(v)
		if scalar(v) == "" && changed%4 > 0 { // of what is not written a part is enough
			changed++
			return
		}
		another(v)
		changed++
		for _, found := range [][]Difference{Files(before, after), Files(after, before)} {
			if len(found) == 0 {
				t.Errorf("%s: %q changed to %q goes unnoticed", place, scalar(was), scalar(v))
			}
			for _, f := range found {
				if scalar(was) != "" && strings.Contains(f.Sentence, "写法有改动") {
					t.Errorf("%s: %q changed to %q is said to be the writing only: %s", place, scalar(was), scalar(v), f.Sentence)
				}
			}
		}
		v.Set(was)
	})
	if changed < 2500 {
		t.Errorf("only %d values were changed", changed)
	}
	if found := Files(before, after); len(found) > 0 {
		t.Errorf("the changes were not undone: %+v", found)
	}
}

// eachScalar calls fn for every value below v.
func eachScalar(v reflect.Value, place string, fn func(place string, v reflect.Value)) {
	switch {
	case isScalar(v.Type()):
		fn(place, v)
	case v.Kind() == reflect.Pointer:
		if !v.IsNil() {
			eachScalar(v.Elem(), place, fn)
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			eachScalar(v.Index(i), fmt.Sprintf("%s[%d]", place, i), fn)
		}
	case v.Kind() == reflect.Struct:
		for _, f := range keysOf(v.Type()) {
			eachScalar(v.Field(f.index), place+"."+f.key, fn)
		}
	}
}

// another gives a value another value of its kind.
func another(v reflect.Value) {
	switch x := v.Addr().Interface().(type) {
	case *packfile.Text:
		x.Value += "改"
	case *packfile.Int:
		x.Value += 7
	case *packfile.Bool:
		x.Value = !x.Value
	case *packfile.Decimal:
		x.Value += "7"
	case *packfile.Month:
		x.Value += 7
		if x.Value == 7 {
			x.Value = month.Of(2031, 7)
		}
	case *packfile.Day:
		x.Value += 7
	}
}

// TestDiffSentences is how an officer reads a change.
func TestDiffSentences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		edit []string // pairs of old and new text
		want []string
	}{
		{"a rate from a month on", []string{"- {from: 2024-01, value: 70, source: 清单第11项}", "- {from: 2024-01, value: 70, source: 清单第11项}\n      - {from: 2026-05, value: 80, source: 区政府〔2026〕1号}"},
			[]string{"标准“高龄津贴标准”自2026年5月起由 70 元/月改为 80 元/月，依据：区政府〔2026〕1号"}},
		{"a rate for some months", []string{"- {from: 2024-01, value: 300, source: 清单第12项}", "- {from: 2024-01, value: 300, source: 清单第12项}\n      - {from: 2026-05, value: 350, source: 甲}\n      - {from: 2026-08, value: 300, source: 乙}"},
			[]string{"标准“百岁补贴标准”2026年5月至2026年7月由 300 元/月改为 350 元/月，依据：甲"}},
		{"a band of a rate", []string{"when: 60-79, value: 0", "when: 60-79, value: 50"},
			[]string{"标准“养老服务补贴标准”（60 至 79 周岁）自2024年1月起由 0 元/月改为 50 元/月，依据：清单第13项，待核定：清单列入 60–79 周岁经济困难老年人，未定金额"}},
		{"a rate is confirmed", []string{"{from: 2024-01, value: 400, source: 城乡居民基本医疗保险个人缴费标准, unconfirmed: 年度个人缴费标准待核定}", "{from: 2024-01, value: 400, source: 城乡居民基本医疗保险个人缴费标准}"},
			[]string{"标准“居民医保个人缴费”2024年1月起的值不再是待核定（原为：年度个人缴费标准待核定）"}},
		{"a condition", []string{"      - 年龄 <= 99", "      - 年龄 <= 98"}, []string{"项目 11“高龄津贴”的条件由“年龄 ≤ 99”改为“年龄 ≤ 98”"}},
		{"one more condition", []string{"    when: [年龄 >= 100]", "    when: [年龄 >= 100, 低保]"}, []string{"项目 12“百岁补贴”增加条件“低保”"}},
		{"no longer excluded", []string{"    unless:\n      - known(特困)\n      - 工伤护理费\n    pay:\n      amount: 困难", "    unless:\n      - known(特困)\n    pay:\n      amount: 困难"},
			[]string{"项目 23-1“困难残疾人生活补贴”取消排除情形“工伤护理费”"}},
		{"an item ends", []string{"    name: 养老服务补贴\n", "    name: 养老服务补贴\n    to: 2026-04\n"}, []string{"项目 13“养老服务补贴”自2026年5月起停止（终止月 2026年4月）"}},
		{"an item is renamed", []string{"    name: 百岁补贴\n", "    name: 百岁老人补贴\n"}, []string{"项目 12 改名：由“百岁补贴”改为“百岁老人补贴”"}},
		{"another payee", []string{"      payee: {name: 区医保局}\n", ""}, []string{"项目 18-2“分散供养医保个人缴费资助”由付给区医保局改为付给本人"}},
		{"a derived name", []string{"is: 低保 or 低保边缘 or 经济困难认定", "is: 低保 or 低保边缘"}, []string{"“经济困难”的含义由“低保 或 低保边缘 或 经济困难认定”改为“低保 或 低保边缘”"}},
		{"a group", []string{`  - {items: ["16", "23-2"], source: 清单第16、23项}`, "  - {items: [\"16\", \"23-2\"], source: 清单第16、23项}\n  - {items: [\"11\", \"13\"], source: 乙}"},
			[]string{"新增就高组“11、13”：项目 11、13，依据 乙"}},
		{"a value of a fact", []string{"values: [独居, 空巢, 留守]", "values: [独居, 空巢]"}, []string{"情况“居住状况”的可选值去掉 留守"}},
		{"a threshold", []string{"total_percent: 20", "total_percent: 30"}, []string{"检查设定的总额变动百分比由“20”改为“30”"}},
		{"a bank", []string{"- {name: 晋商银行, aliases: []}", "- {name: 晋商银行, aliases: [晋商]}"}, []string{"银行“晋商银行”的别名增加 晋商"}},
		{"a cell of a form", []string{"{field: 账号, width: 32}", "{field: 账号, width: 30}"}, []string{"银行文件格式“定长文本”的列第 3 项的宽度由“32”改为“30”"}},
		{"a share", []string{"{payer: 省, percent: 0}, {payer: 市, percent: 0}, {payer: 区, percent: 100}]", "{payer: 省, percent: 40}, {payer: 市, percent: 0}, {payer: 区, percent: 60}]"},
			[]string{"资金来源“高龄津贴资金”的分担比例“省”的百分比由“0”改为“40”", "资金来源“高龄津贴资金”的分担比例“区”的百分比由“100”改为“60”"}},
		{"the order of streets", []string{"streets: [永泰, 古城,", "streets: [古城, 永泰,"}, []string{"街道的次序改变，现为 古城、永泰、新旺、迎宾、振华、清远、武定、御河、开源、大庆路、马军营、卧虎湾、新华、鹿苑、白登山、文瀛湖、水泊寺、小南头"}},
	} {
		text := string(policy.Builtin())
		if !strings.Contains(text, c.edit[0]) {
			t.Fatalf("%s: the pack has no %q", c.name, c.edit[0])
		}
		var got []string
		for _, f := range Files(mustParse(t, text), mustParse(t, strings.Replace(text, c.edit[0], c.edit[1], 1))) {
			got = append(got, f.Sentence)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// TestDiffOfRateHistories: wherever two histories of a rate give another value, a span
// says so, and nowhere else.
func TestDiffOfRateHistories(t *testing.T) {
	t.Parallel()
	history := rapid.Custom(func(t *rapid.T) []*packfile.RateValue {
		var all []*packfile.RateValue
		m := rapid.IntRange(24300, 24310).Draw(t, "from")
		for range rapid.IntRange(0, 4).Draw(t, "n") {
			v := &packfile.RateValue{Value: packfile.Decimal{Value: rapid.SampledFrom([]string{"1", "2", "2.0"}).Draw(t, "value")}}
			v.From.Value = monthNumber(m)
			m += rapid.IntRange(1, 4).Draw(t, "for")
			if rapid.Bool().Draw(t, "ends") {
				v.To.Value = monthNumber(m - 1)
				m += rapid.IntRange(0, 2).Draw(t, "gap")
			}
			all = append(all, v)
		}
		return all
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := history.Draw(t, "a"), history.Draw(t, "b")
		found := spans(a, b)
		for m := 24295; m < 24340; m++ {
			at := monthNumber(m)
			said := slices.ContainsFunc(found, func(s span) bool { return s.from <= at && (s.to == 0 || at <= s.to) })
			if differs := !sameValue(inMonth(a, at), inMonth(b, at)); differs != said {
				t.Fatalf("%s: differs %v, said %v in %+v", at, differs, said, found)
			}
		}
	})
}

func monthNumber(n int) month.Month { return month.Of(n/12, 1).Add(n % 12) }
