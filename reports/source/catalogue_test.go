package source

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/policy/packfile"
)

func TestUnconfirmedRatesAreNoted(t *testing.T) {
	t.Parallel()
	file, err := packfile.Parse(policy.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	november := month.Of(2026, 11)
	cat := NewCatalogue(file, "区民政局")
	for _, c := range []struct {
		item string
		from month.Month
		want string
	}{
		{"11", november, ""},
		{"13", november, "养老服务补贴标准（60-79）"},
		{"15", november, "计算公式待核定"},
		{"18-1", november, ""},
		{"18-1", month.Of(2024, 12), "低保标准 700 元/月"},
		{"18-2", november, "居民医保个人缴费 400 元/年"},
		{"23-1", november, "困难残疾人生活补贴标准 100 元/月"},
	} {
		got := strings.Join(cat.Unconfirmed(cat.items[c.item], c.from, november), "；")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("item %s from %s: %q, want %q", c.item, c.from, got, c.want)
		}
	}
	if diff := cmp.Diff([]string{"机构月收费", "granted", "max", "甲"}, identifiers(`机构月收费 - granted("13") + max(甲, )`)); diff != "" {
		t.Error(diff)
	}
}
