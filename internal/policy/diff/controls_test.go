package diff

import (
	"reflect"
	"strings"
	"testing"

	"disburse/internal/policy"
	"disburse/internal/policy/packfile"
)

// TestControls: what guards is told, tightened or loosened; what only grants is not.
func TestControls(t *testing.T) {
	t.Parallel()
	body := string(policy.Builtin())
	parse := func(text string) *packfile.File {
		t.Helper()
		f, err := packfile.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	swap := func(pairs ...string) *packfile.File {
		t.Helper()
		text := body
		for i := 0; i < len(pairs); i += 2 {
			if !strings.Contains(text, pairs[i]) {
				t.Fatalf("the pack does not have %q", pairs[i])
			}
			text = strings.Replace(text, pairs[i], pairs[i+1], 1)
		}
		return parse(text)
	}
	base := parse(body)
	freeze := body + "\nfreezes:\n  - {from: 2026-12-25, to: 2026-12-31, why: 年终关账}\n"
	band := body + "\napproval: {second_above: \"500000.00\"}\n"
	raises := body + "\napproval: {second_for_raises: true}\n"
	proof := body + "\ncertification: {fact: 认证, from: 80, every: 12, grace: 3}\n"
	for name, c := range map[string]struct {
		a, b *packfile.File
		says string // empty: no control
	}{
		"the same":                   {base, base, ""},
		"a comment":                  {base, swap("language:", "# 注释\nlanguage:"), ""},
		"a rate":                     {base, swap("- {from: 2024-01, value: 70, source: 清单第11项}", "- {from: 2024-01, value: 71, source: 清单第11项}"), ""},
		"an item's name":             {base, swap("    name: 百岁补贴\n", "    name: 百岁老人补贴\n"), ""},
		"an item ends":               {base, swap("    name: 养老服务补贴\n", "    name: 养老服务补贴\n    to: 2026-07\n"), ""},
		"a threshold":                {base, swap("age_over: ", "age_over: 1"), "检查设定"},
		"arrears":                    {base, withArrears(base, 6), "补发"},
		"a freeze goes":              {parse(freeze), base, "冻结时段"},
		"a freeze comes":             {base, parse(freeze), "冻结时段"},
		"a second 审批 goes":           {parse(band), base, "审批分级"},
		"a higher band":              {parse(band), parse(strings.Replace(band, "500000.00", "900000.00", 1)), "900000.00"},
		"raises by one person again": {parse(raises), base, "审批分级"},
		"raises by two beside a sum": {parse(band), parse(strings.Replace(band, "500000.00\"}", "500000.00\", second_for_raises: true}", 1)), "增发须第二人确认"},
		"certification goes":         {parse(proof), base, "生存认证"},
		"longer grace":               {parse(proof), parse(strings.Replace(proof, "grace: 3", "grace: 6", 1)), "生存认证"},
	} {
		found := Controls(c.a, c.b)
		if c.says == "" && len(found) > 0 {
			t.Errorf("%s: %v", name, found)
		}
		if c.says != "" && (len(found) != 1 || !strings.Contains(found[0].Sentence, c.says)) {
			t.Errorf("%s: %v does not say %q", name, found, c.says)
		}
	}
	unconfirmed := *base
	unconfirmed.Rates = append([]packfile.Rate(nil), base.Rates...)
	unconfirmed.Rates[0].Values = append([]packfile.RateValue(nil), base.Rates[0].Values...)
	unconfirmed.Rates[0].Values[0].Unconfirmed.Value = "待发文"
	if found := Controls(&unconfirmed, base); len(found) != 1 || !strings.Contains(found[0].Sentence, "待核定说明") {
		t.Errorf("a value is no longer 待核定: %v", found)
	}
}

// withArrears is the pack with a limit of arrears on its first item that pays.
func withArrears(f *packfile.File, months int) *packfile.File {
	changed := *f
	changed.Items = append([]packfile.Item(nil), f.Items...)
	for i := range changed.Items {
		if changed.Items[i].Pay != nil {
			pay := *changed.Items[i].Pay
			pay.ArrearsMax.Value += months
			changed.Items[i].Pay = &pay
			break
		}
	}
	return &changed
}

// TestEveryPartOfAPackIsControlOrNot: a new part has to be put on one side.
func TestEveryPartOfAPackIsControlOrNot(t *testing.T) {
	t.Parallel()
	rest := strings.Fields("language region district title source streets facts rates derived items higher_of examples")
	if got, want := len(keysOf(reflect.TypeFor[packfile.File]())), len(rest)+len(controlParts); got != want {
		t.Errorf("a pack has %d parts, %d are known to be controls or not", got, want)
	}
}
