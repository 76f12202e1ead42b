package lang_test

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"disburse/internal/fault"
	"disburse/internal/policy/lang"
)

// FuzzCompile: whatever is written, Compile does not panic, every error has a place
// inside the source and a sentence, and what compiles also evaluates.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{
		"低保 or 低保边缘", `not known(特困) and 年龄 >= 60`, `特困 in ["分散", "集中"] and "精神" in 残疾类别`,
		`max(0, min(低保标准 * 分散供养倍数, 100 - granted("18-1")))`, "known(机构月收费) and 机构月收费 - 1 != 2",
		`not 特困 == "分散"`, "年龄 >= 1.30", "0x10", "1_000", "1 < 2 < 3", "# x", "// x", "/* x", "18-1", "granted(18-1)",
		`"`, `"\`, `"\u{`, "入住机构 == \"甲\n乙\" 'x", "\xff", "b\"x\"", "\"a\nb\" # c", "((((((((低保", "a?.b[1:2]", "let a = 1; a", "if 低保 {1} else {2}",
		"all(残疾类别, {# == \"精神\"})", "::max(1,2)", "低保 | max(1)", "{a: 1}", "1..2", "not", "not in", "x not matches 1", "特困 not in 残疾类别",
		"\r\n低保\r\nand\r低保", "  低保  ", "未编译 > 1", "年龄 > 9223372036854775807", "照料护理倍数 * 照料护理倍数", "known(known(特困))",
	} {
		f.Add(seed, uint8(0), uint16(0))
		f.Add(seed, uint8(2), uint16(0xffff))
	}
	f.Fuzz(func(t *testing.T, source string, want uint8, present uint16) {
		x, errs := lang.Compile(source, scope{}, nil, lang.Type(want%3))
		lang.NamesIn(source)
		lang.Plain(source)
		if (x == nil) == (len(errs) == 0) {
			t.Fatalf("%q: neither an expression nor an error, or both", source)
		}
		for _, e := range errs {
			if e.Sentence == "" || !inside(source, e) {
				t.Fatalf("%q: no place in it: %+v", source, e)
			}
		}
		if x != nil {
			evaluate(t, x, present)
		}
	})
}

// inside reports whether an error points into the source, its end included.
func inside(source string, e lang.Error) bool {
	lines := strings.Split(source, "\n")
	return e.Line >= 1 && e.Line <= len(lines) && e.Col >= 1 && e.Col <= len([]rune(lines[e.Line-1]))+1
}

// evaluate runs an expression in a world where the names of the bits are present.
func evaluate(t *testing.T, x *lang.Expr, present uint16) {
	world := env{values: map[string]lang.Value{}, granted: map[string]string{"18-1": "960.00"}}
	for i, n := range names {
		s := n.symbol
		if s.Optional && present&(1<<i) == 0 {
			continue
		}
		v := lang.Value{Known: true, Flag: s.Type == lang.Bool && present&(1<<i) != 0}
		switch s.Type {
		case lang.Number:
			v.Num = decimal.New(int64(present), -2)
		case lang.Text:
			v.Text = append(s.Values, "甲")[int(present)%(len(s.Values)+1)]
		case lang.Texts:
			v.Texts = s.Values[:1+int(present)%len(s.Values)]
		}
		world.values[n.name] = v
	}
	var err error
	if x.Type == lang.Bool {
		_, err = x.Holds(world)
	} else {
		_, err = x.Amount(world)
	}
	if err != nil && !fault.Is(err, fault.Invalid) {
		t.Fatalf("%q: %v", x.Source, err)
	}
}
