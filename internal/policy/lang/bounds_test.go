package lang_test

import (
	"strings"
	"testing"

	"disburse/internal/fault"
	"disburse/internal/policy/lang"
)

// A rule of exactly as many characters as are allowed is a rule; one more is none.
func TestLongestRuleIsAccepted(t *testing.T) {
	longest := "低保" + strings.Repeat(" ", 3998)
	compile(t, longest, lang.Bool)
	if got := lang.NamesIn(longest); len(got) != 1 {
		t.Errorf("names in the longest rule: %v", got)
	}
	refuse(t, lang.Bool, []refusal{{"‸" + longest + " ", "超过 4000 个字"}})
	if got := lang.NamesIn(longest + " "); len(got) != 0 {
		t.Errorf("names in a rule that is too long: %v", got)
	}
}

// Texts are blanked out before spellings are looked for: what follows one must still be
// shown to the pack's author where it stands.
func TestPlaceAfterATextIsRight(t *testing.T) {
	refuse(t, lang.Bool, []refusal{
		{`特困 == "分散" ‸&& 低保`, "请用 and"},
		{`特困 in ["分散", "集中"] and ‸!低保`, "请用 not"},
		{`入住机构 == "" ‸|| 低保`, "请用 or"},
	})
}

// A difference of numbers that cannot be an item's code is arithmetic.
func TestDifferencesThatAreNoItem(t *testing.T) {
	for source, want := range map[string]string{"60 - 60": "0", "60 - 0": "60", "60 - 61": "-1"} {
		got, err := compile(t, source, lang.Number).Amount(env{})
		if err != nil || got.String() != want {
			t.Errorf("%s = %s, %v", source, got, err)
		}
	}
	refuse(t, lang.Number, []refusal{{`18 ‸- 1`, "不是项目编号"}})
}

// A product may have a hundred digits, or a hundred decimals, and not one more: both
// factors count, whichever is longer.
func TestLongestProductIsComputed(t *testing.T) {
	digits := func(n int) string { return strings.Repeat("9", n) }
	decimals := func(n int) string { return "0." + strings.Repeat("0", n-1) + "1" }
	for name, c := range map[string]struct {
		a, b string
		ok   bool
	}{
		"100 digits":                     {digits(50), digits(50), true},
		"101 digits":                     {digits(51), digits(50), false},
		"101 digits, a short factor":     {digits(1), digits(100), false},
		"100 decimals":                   {decimals(50), decimals(50), true},
		"101 decimals":                   {decimals(50), decimals(51), false},
		"101 decimals, a long factor":    {decimals(100), decimals(1), false},
		"money times a rate is far less": {"999999999.99", "1.3", true},
	} {
		world := env{values: values("低保标准", number(c.a), "分散供养倍数", number(c.b))}
		_, err := compile(t, "低保标准 * 分散供养倍数", lang.Number).Amount(world)
		if c.ok && err != nil || !c.ok && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
