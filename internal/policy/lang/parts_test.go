package lang_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"disburse/internal/policy/lang"
)

func TestMakeup(t *testing.T) {
	t.Parallel()
	world := env{values: values("年龄", number("70"), "低保标准", number("730"), "分散供养倍数", number("1.3"), "机构月收费", number("1800.50"), "低保月金额", number("730.00")),
		granted: map[string]string{"18-1": "960.00", "23-1": "100.00"}}
	for source, want := range map[string][]string{
		"低保标准":          {"低保标准 730"},
		"分散供养倍数 * 低保标准": {"分散供养倍数 × 低保标准 949"},
		`max(0, min(机构月收费 - 低保月金额 - granted("23-1"), 分散供养倍数 * 低保标准))`: {"机构月收费 1800.5", "-低保月金额 730", "-[23-1] 100", "limit 949"},
		"低保标准 - (低保月金额 - 年龄)":                                         {"低保标准 730", "-低保月金额 730", "年龄 70"},
		"低保标准 - 2 * max(0, 机构月收费 - 低保标准)":                             {"低保标准 730", "-2 × 机构月收费超过低保标准的部分 2141"},
		"(低保标准 + 年龄) * 2":                                             {"（低保标准加年龄） × 2 1600"},
		"max(低保标准, 年龄, 5)":                                            {"低保标准、年龄、5中较高的 730"},
	} {
		made, err := compile(t, source, lang.Number, "机构月收费", "低保月金额").Makeup(world)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range made.Parts {
			text := p.Words + " " + p.Value.String()
			if p.Item != "" {
				text = "[" + p.Item + "]" + text
			}
			if p.Minus {
				text = "-" + text
			}
			got = append(got, text)
		}
		if made.Limit != nil {
			got = append(got, "limit "+made.Limit.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", source, diff)
		}
	}
}

// What letters list adds up to what is paid, whatever the amount is made of.
func TestMakeupAddsUp(t *testing.T) {
	t.Parallel()
	sums := rapid.SampledFrom([]string{
		"低保标准 + 机构月收费 - 低保月金额", "机构月收费 - (低保标准 - 低保月金额) - 3", "max(0, 机构月收费 - 低保标准)", "min(机构月收费 + 低保标准, 低保月金额)",
		"max(0, min(机构月收费 - 低保月金额, 低保标准))", `低保标准 + 2 * granted("18-1") - granted("23-1")`,
	})
	rapid.Check(t, func(rt *rapid.T) {
		fen := func(label string) lang.Value {
			return lang.Value{Known: true, Num: decimal.New(rapid.Int64Range(0, 1_000_000).Draw(rt, label), -2)}
		}
		world := env{values: values("低保标准", fen("a"), "机构月收费", fen("b"), "低保月金额", fen("c")), granted: map[string]string{"18-1": "960.00", "23-1": "100.00"}}
		x := compile(t, sums.Draw(rt, "sum"), lang.Number, "机构月收费", "低保月金额")
		made, err := x.Makeup(world)
		if err != nil {
			rt.Fatal(err)
		}
		sum := decimal.Zero
		for _, p := range made.Parts {
			if p.Minus {
				sum = sum.Sub(p.Value)
			} else {
				sum = sum.Add(p.Value)
			}
		}
		if made.Limit != nil {
			sum = decimal.Min(sum, *made.Limit)
		}
		paid, err := x.Amount(world)
		if err != nil {
			rt.Fatal(err)
		}
		if floored := decimal.Max(sum, decimal.Zero); !paid.Equal(sum) && !paid.Equal(floored) {
			rt.Fatalf("%s: parts come to %s, paid %s", x.Source, sum, paid)
		}
	})
}
