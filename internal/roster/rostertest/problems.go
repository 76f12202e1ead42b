package rostertest

import (
	"fmt"
	"strings"
	"testing"

	"disburse/internal/roster"
)

// Said writes problems as 表!行 列=值：原因.
func Said(problems []roster.Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, fmt.Sprintf("%s!%d %s=%s：%s", p.Place.Sheet, p.Place.Row, p.Column, p.Value, p.Reason))
	}
	return out
}

// WantRefused compares problems, place by place, with what refused writes of them and
// words of the reason.
func WantRefused(t *testing.T, problems []roster.Problem, want ...string) {
	t.Helper()
	got := Said(problems)
	if len(got) != len(want) {
		t.Fatalf("%d problems, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
	for i := range want {
		place, reason, _ := strings.Cut(want[i], "：")
		if !strings.HasPrefix(got[i], place+"：") || !strings.Contains(got[i], reason) {
			t.Errorf("problem %d is\n%s, want\n%s", i, got[i], want[i])
		}
	}
}
