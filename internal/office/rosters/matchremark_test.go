package rosters

import (
	"strings"
	"testing"

	"disburse/internal/month"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// TestMatchRemarkSaysWhatADeathPays: whoever registers a death is told that its month is paid.
func TestMatchRemarkSaysWhatADeathPays(t *testing.T) {
	t.Parallel()
	deaths := &packfile.MatchList{}
	deaths.Deaths.Value = true
	row := &roster.ListRow{Listed: roster.Listed{Date: month.DateOf(2026, 12, 20)}}
	if got := matchRemark(deaths, row, &roster.Person{}); !strings.Contains(got, "建议登记 2026-12-20（死亡当月照发，2027年1月起停发）") {
		t.Errorf("the remark is %q", got)
	}
}
