package lang_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"disburse/internal/fault"
	"disburse/internal/policy/lang"
)

// Conditions are two-valued: what is absent makes a comparison false, and not of it true.
func TestTwoValued(t *testing.T) {
	absent := values("年龄", number("70"), "低保标准", number("730"))
	with := func(name string, v lang.Value) map[string]lang.Value {
		m := values("年龄", number("70"), "低保标准", number("730"))
		m[name] = v
		return m
	}
	cases := []struct {
		source string
		values map[string]lang.Value
		want   bool
	}{
		{"低保", absent, false},
		{"not 低保", absent, true},
		{"低保", with("低保", flag(true)), true},
		{"not 低保", with("低保", flag(true)), false},
		{"not not 低保", with("低保", flag(true)), true},
		{"低保", with("低保", flag(false)), false},

		{`特困 == "分散"`, absent, false},
		{`not (特困 == "分散")`, absent, true},
		{`特困 == "分散"`, with("特困", text("分散")), true},
		{`特困 == "分散"`, with("特困", text("集中")), false},
		{`入住机构 == ""`, absent, false},
		{`入住机构 == ""`, with("入住机构", text("")), true},
		{`特困 in ["分散", "集中"]`, absent, false},
		{`not (特困 in ["分散", "集中"])`, absent, true},
		{`特困 in ["分散", "集中"]`, with("特困", text("集中")), true},
		{`特困 in ["分散"]`, with("特困", text("集中")), false},
		{`known(特困) and 特困 != "分散"`, absent, false},
		{`not (known(特困) and 特困 != "分散")`, absent, true},
		{`known(特困) and 特困 != "分散"`, with("特困", text("分散")), false},
		{`known(特困) and 特困 != "分散"`, with("特困", text("集中")), true},
		{`known(特困) and 特困 not in ["分散"]`, absent, false},
		{`known(特困) and 特困 not in ["分散"]`, with("特困", text("集中")), true},
		{`known(特困) and 特困 not in ["分散"]`, with("特困", text("分散")), false},

		{`"精神" in 残疾类别`, absent, false},
		{`not ("精神" in 残疾类别)`, absent, true},
		{`"精神" in 残疾类别`, with("残疾类别", texts("肢体", "精神")), true},
		{`"精神" in 残疾类别`, with("残疾类别", texts("肢体")), false},
		{`known(残疾类别) and "精神" not in 残疾类别`, absent, false},
		{`known(残疾类别) and "精神" not in 残疾类别`, with("残疾类别", texts("肢体")), true},
		{`known(残疾类别) and "精神" not in 残疾类别`, with("残疾类别", texts("精神")), false},

		{"known(特困)", absent, false},
		{"not known(特困)", absent, true},
		{"known(特困)", with("特困", text("集中")), true},

		{"机构月收费 < 1000", absent, false},
		{"机构月收费 >= 1000", absent, false},
		{"机构月收费 == 0", absent, false},
		{"not (机构月收费 < 1000)", absent, true},
		{"1000 > 机构月收费", absent, false},
		{"机构月收费 < 低保月金额", with("机构月收费", number("1")), false},
		{"低保月金额 < 机构月收费", with("机构月收费", number("1")), false},
		{"机构月收费 < 机构月收费 + 1", absent, false},
		{"机构月收费 < 机构月收费 + 1", with("机构月收费", number("1")), true},
		{"机构月收费 < 1000", with("机构月收费", number("999.99")), true},
		{"机构月收费 == 1000", with("机构月收费", number("1000.00")), true},
		{"known(机构月收费) and 机构月收费 != 1000", with("机构月收费", number("1000.00")), false},
		{"known(机构月收费) and 机构月收费 + 1 > 2", absent, false},

		{"年龄 >= 70 and 年龄 <= 70 and 年龄 == 70", absent, true},
		{"年龄 > 70 or 年龄 < 70 or 年龄 != 70", absent, false},
		// and binds tighter than or.
		{"低保 or 低保边缘 and 年龄 > 100", with("低保", flag(true)), true},
		{"(低保 or 低保边缘) and 年龄 > 100", with("低保", flag(true)), false},
		{`granted("18-1") > 0`, absent, false},
		{`granted("18-1") == 0`, absent, true},
	}
	for _, c := range cases {
		got, err := compile(t, c.source, lang.Bool).Holds(env{values: c.values})
		if err != nil || got != c.want {
			t.Errorf("%s with %v: %v, %v; want %v", c.source, c.values, got, err, c.want)
		}
	}
}

// Amounts are exact; what floats get wrong in the last place is right.
func TestExactDecimals(t *testing.T) {
	world := env{
		values: values("年龄", number("70"), "低保标准", number("0.1"), "分散供养倍数", number("0.2"), "标准_2025", number("730"),
			"机构月收费", number("1800.50"), "低保月金额", number("730.00")),
		granted: map[string]string{"18-1": "960.00", "23-1": "100.00"},
	}
	for source, want := range map[string]string{
		"低保标准 + 分散供养倍数": "0.3",
		"低保标准 * 3":      "0.3",
		"低保标准 * 分散供养倍数 * 分散供养倍数 * 分散供养倍数": "0.0008",
		"标准_2025 * 分散供养倍数 - 低保标准":         "145.9",
		"(10 + 0) - 3 - 2":                          "5",
		"10 - (3 - 2 * 1)":                          "9",
		"2 + 3 * 4":                                 "14",
		"(2 + 3) * 4":                               "20",
		"0 - 5":                                     "-5",
		"max(0, 3 - 5)":                             "0",
		"max(低保标准, 分散供养倍数)":                         "0.2",
		"min(低保标准, 分散供养倍数)":                         "0.1",
		"max(1, 3, 2)":                              "3",
		"min(3, 1, 2)":                              "1",
		"min(0 - 1, 0 - 2)":                         "-2",
		"9223372036854775807 + 1":                   "9223372036854775808",
		"9223372036854775807 * 9223372036854775807": "85070591730234615847396907784232501249",
		`granted("18-1") + granted("23-1")`:         "1060",
		`max(0, min(granted("18-1") - 1000, 5))`:    "0",
		"年龄 * 1":                                    "70",
		"年龄 * 低保标准":                                 "7",
	} {
		got, err := compile(t, source, lang.Number).Amount(world)
		if err != nil || !got.Equal(decimal.RequireFromString(want)) {
			t.Errorf("%s = %s, %v; want %s", source, got, err, want)
		}
	}
	x, errs := lang.Compile("max(0, 机构月收费 - 低保月金额 - granted(\"23-1\"))", scope{}, known("机构月收费", "低保月金额"), lang.Number)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if got, err := x.Amount(world); err != nil || got.String() != "970.5" {
		t.Errorf("deduction = %s, %v", got, err)
	}
	holds, err := compile(t, "低保标准 + 分散供养倍数 == 低保标准 * 3", lang.Bool).Holds(world)
	if err != nil || !holds {
		t.Errorf("0.1 + 0.2 == 0.1 * 3: %v, %v", holds, err)
	}
}

// Exact decimals grow with each multiplication: a product without end is refused, not computed.
func TestProductsAreBounded(t *testing.T) {
	world := env{values: values("低保标准", number("999999999999.999999"), "分散供养倍数", number("0.000001"))}
	for _, name := range []string{"低保标准", "分散供养倍数"} {
		_, err := compile(t, name+strings.Repeat(" * "+name, 100), lang.Number).Amount(world)
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s multiplied a hundred times: %v", name, err)
		}
		if _, err := compile(t, name+strings.Repeat(" * "+name, 3), lang.Number).Amount(world); err != nil {
			t.Errorf("%s multiplied thrice: %v", name, err)
		}
	}
}

// A rate without a value stops the evaluation where it is needed, and only there.
func TestErrorsStop(t *testing.T) {
	world := env{values: values("低保", flag(true), "年龄", number("70")), fails: "低保标准"}
	for source, stops := range map[string]bool{
		"低保标准 > 1":                  true,
		"not (低保标准 > 1)":            true,
		"1 < 低保标准":                  true,
		"低保 and 低保标准 > 1":           true,
		"低保标准 > 1 and 低保":           true,
		"低保标准 > 1 or 低保":            true,
		"低保 or 低保标准 > 1":            false,
		"not 低保 and 低保标准 > 1":       false,
		"年龄 + 低保标准 > 1":             true,
		"低保标准 + 年龄 > 1":             true,
		"max(年龄, 低保标准) > 1":         true,
		"max(低保标准, 年龄) > 1":         true,
		"机构月收费 > 低保标准":              false, // an absent value decides before the rate is asked
		"机构月收费 < 1 and 低保标准 > 1":    false,
		"(低保 or 低保标准 > 1) and 年龄>1": false,
	} {
		holds, err := compile(t, source, lang.Bool).Holds(world)
		if stopped := errors.Is(err, errNoRate); stopped != stops || (err != nil && holds) {
			t.Errorf("%s: %v, %v; stops %v", source, holds, err, stops)
		}
	}
	world.fails = "18-1"
	if _, err := compile(t, `1 + granted("18-1")`, lang.Number).Amount(world); !errors.Is(err, errNoRate) {
		t.Errorf("granted of an item with a gap: %v", err)
	}
	world.fails = "特困"
	for _, source := range []string{`特困 == "分散"`, `特困 in ["分散"]`, "known(特困)", "not known(特困)"} {
		if _, err := compile(t, source, lang.Bool).Holds(world); !errors.Is(err, errNoRate) {
			t.Errorf("%s: %v", source, err)
		}
	}
	world.fails = "残疾类别"
	if _, err := compile(t, `"精神" in 残疾类别`, lang.Bool).Holds(world); !errors.Is(err, errNoRate) {
		t.Errorf("in: %v", err)
	}
}

// Random conditions mean what the connectives say, and every name in Knows is known
// wherever the condition holds.
func TestRandomConditions(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		source, oracle := condition(rt, 4)
		x, errs := lang.Compile(source, scope{}, nil, lang.Bool)
		if len(errs) > 0 {
			rt.Fatalf("%s: %v", source, errs)
		}
		world := randomEnv(rt)
		got, err := x.Holds(world)
		if err != nil || got != oracle(world) {
			rt.Fatalf("%s with %v: %v, %v", source, world.values, got, err)
		}
		for _, name := range x.Knows {
			s, _ := scope{}.Lookup(name)
			if v := world.values[name]; got && !v.Known && (s.Optional || !v.Flag) {
				rt.Fatalf("%s holds with %v, yet %s is not known", source, world.values, name)
			}
		}
	})
}

// condition draws a condition and a reading of it that is written out here.
func condition(t *rapid.T, depth int) (string, func(env) bool) {
	kind := rapid.IntRange(0, 9).Draw(t, "kind")
	if depth == 0 {
		kind %= 6
	}
	switch kind {
	case 0:
		return "低保", func(e env) bool { return e.values["低保"].Flag }
	case 1:
		word := rapid.SampledFrom([]string{"分散", "集中"}).Draw(t, "word")
		return `特困 == "` + word + `"`, func(e env) bool { return e.values["特困"].Known && e.values["特困"].Text == word }
	case 2:
		return "known(机构月收费)", func(e env) bool { return e.values["机构月收费"].Known }
	case 3:
		return `"精神" in 残疾类别`, func(e env) bool {
			return strings.Contains(strings.Join(e.values["残疾类别"].Texts, "、"), "精神")
		}
	case 4:
		return "机构月收费 <= 低保标准", func(e env) bool {
			return e.values["机构月收费"].Known && e.values["机构月收费"].Num.LessThanOrEqual(e.values["低保标准"].Num)
		}
	case 5:
		return "年龄 >= 60", func(e env) bool { return e.values["年龄"].Num.IntPart() >= 60 }
	case 6:
		s, f := condition(t, depth-1)
		return "not (" + s + ")", func(e env) bool { return !f(e) }
	case 7:
		return "(known(特困) and 特困 != \"分散\")", func(e env) bool { return e.values["特困"].Known && e.values["特困"].Text != "分散" }
	}
	a, f := condition(t, depth-1)
	b, g := condition(t, depth-1)
	if kind == 8 {
		return "(" + a + ") and (" + b + ")", func(e env) bool { return f(e) && g(e) }
	}
	return "(" + a + ") or (" + b + ")", func(e env) bool { return f(e) || g(e) }
}

// randomEnv draws a world in which some optional names are absent.
func randomEnv(t *rapid.T) env {
	e := env{values: map[string]lang.Value{}, granted: map[string]string{}}
	for _, n := range names {
		if n.symbol.Optional && rapid.Bool().Draw(t, "absent "+n.name) {
			continue
		}
		switch n.symbol.Type {
		case lang.Bool:
			e.values[n.name] = flag(rapid.Bool().Draw(t, n.name))
		case lang.Number:
			e.values[n.name] = number(decimal.New(rapid.Int64Range(0, 200_000).Draw(t, n.name), -2).String())
		case lang.Text:
			e.values[n.name] = text(rapid.SampledFrom(append(n.symbol.Values, "甲")).Draw(t, n.name))
		case lang.Texts:
			e.values[n.name] = texts(rapid.SliceOfN(rapid.SampledFrom(n.symbol.Values), 1, 3).Draw(t, n.name)...)
		}
	}
	return e
}
