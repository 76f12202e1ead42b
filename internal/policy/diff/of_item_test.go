package diff

import (
	"strings"
	"testing"

	"disburse/internal/policy"
)

// packWith is the built-in pack with texts replaced: pairs of old and new.
func packWith(t *testing.T, changes ...string) *policy.Pack {
	t.Helper()
	body := string(policy.Builtin())
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(body, changes[i]) {
			t.Fatalf("the pack does not have %q", changes[i])
		}
		body = strings.Replace(body, changes[i], changes[i+1], 1)
	}
	p, err := policy.Load([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// shorter is a rate whose name is a part of another's, and belongs to no item but one.
const shorter = "rates:\n  - name: 津贴标准\n    unit: 元/月\n    values: [{from: 2024-01, value: 1, source: 试}]\n"

// TestDiffOf: what belongs to an item is told by codes and names as a whole, also where
// one name or code is a part of another and where a group has a date.
func TestDiffOf(t *testing.T) {
	t.Parallel()
	a := packWith(t, "rates:\n", shorter, `  - {items: ["16", "23-2"], source: 清单第16、23项}`, `  - {items: ["16", "23-2"], from: 2026-01, source: 清单第16、23项}`)
	b := packWith(t, "rates:\n", strings.Replace(shorter, "value: 1,", "value: 2,", 1),
		`  - {items: ["16", "23-2"], source: 清单第16、23项}`, `  - {items: ["16", "23-2"], from: 2026-01, source: 另一处}`)
	for code, want := range map[string]string{"11": "", "12": "", "16": "另一处", "23-2": "另一处", "23-1": "", "2": ""} {
		var said []string
		for _, d := range OfItem(a, b, code) {
			said = append(said, d.Sentence)
		}
		if got := strings.Join(said, "；"); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("item %s: %q, want %q", code, got, want)
		}
	}
	if found := OfItem(a, b, "11"); len(found) > 0 {
		t.Errorf("a rate that 11 does not rest on: %+v", found)
	}
}
