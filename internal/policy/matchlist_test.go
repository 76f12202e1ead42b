package policy_test

import (
	"strings"
	"testing"

	"disburse/internal/month"
	"disburse/internal/policy"
)

func TestMatchListsChecked(t *testing.T) {
	t.Parallel()
	const good = "{name: 死亡, effect: doubt, direction: hits, deaths: true, note: 殡葬、公安、卫健等部门的死亡名单}"
	for bad, say := range map[string]string{
		"{name: 公安, effect: doubt}":                            "重复",
		"{name: 死亡, effect: hold}":                             "effect",
		"{name: 死亡, effect: doubt, direction: both}":           "direction",
		"{name: 死亡, effect: doubt, direction: missing}":        "只能是 effect: information",
		"{name: \"1 号\", effect: doubt}":                       "不能用",
		"{name: 死亡, effect: doubt, direction: hits, kind: 别的}": "不认识的键",
	} {
		body := strings.Replace(string(policy.Builtin()), good, bad, 1)
		if _, err := policy.Load([]byte(body)); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// Somebody of whom only the birth date is known gets what age alone gives.
func TestUnregistered(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(policy.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	for born, want := range map[month.Date]string{
		month.DateOf(1946, 12, 1): "", month.DateOf(1946, 11, 30): "11", month.DateOf(1926, 11, 30): "12", month.DateOf(1966, 1, 1): "",
	} {
		grants, err := p.Unregistered("", born, month.Of(2026, 11))
		var items []string
		for _, g := range grants {
			items = append(items, g.Item)
		}
		if got := strings.Join(items, " "); err != nil || got != want {
			t.Errorf("born %s: %q, %v, want %q", born, got, err, want)
		}
	}
}
