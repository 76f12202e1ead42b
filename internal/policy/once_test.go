package policy

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"disburse/internal/policy/packfile"
)

// TestLoadOnce: what is shared is what Load makes, and can be had by many at a time; the
// bytes given may be used for something else afterwards.
func TestLoadOnce(t *testing.T) {
	t.Parallel()
	body := append(bytes.Clone(Builtin()), "\n# one of this test\n"...)
	hash := packfile.Hash(body)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			pack, err := LoadOnce(bytes.Clone(body))
			if err != nil || pack.Hash != hash || packfile.Hash(pack.Body) != hash {
				t.Errorf("%v", err)
			}
		})
	}
	all.Wait()
	mine := bytes.Clone(body)
	first, err := LoadOnce(mine)
	if err != nil {
		t.Fatal(err)
	}
	mine[0] ^= 1
	second, err := LoadOnce(body)
	if err != nil || second != first || packfile.Hash(second.Body) != hash {
		t.Errorf("not the same pack: %v", err)
	}
	file, err := packfile.ParseStored(body)
	again, err2 := packfile.ParseStored(body)
	if err != nil || err2 != nil || file != again || file.Region.Value != first.File.Region.Value {
		t.Errorf("not the same file: %v %v", err, err2)
	}
	if _, err := LoadOnce([]byte("region: [")); err == nil {
		t.Error("no pack is loaded")
	}
}

// TestLoadStored: what an older program accepted is still loaded where it is stored, and is no
// longer taken in; what no program accepted is loaded nowhere.
func TestLoadStored(t *testing.T) {
	t.Parallel()
	gap, _ := change(t, small, "pay: {amount: 标准, fund: 资金}", "pay: {amount: [{to: 2024-06, is: 标准}, {from: 2024-10, is: 标准}], fund: 资金}")
	cut := strings.Replace(small, "streets: [甲街, 乙街]", "streets: [甲街(东, 西), 乙街]", 1)
	for name, c := range map[string]struct {
		body        string
		taken, kept bool
	}{
		"cut by a comma":     {cut, false, true},
		"sound":              {small, true, true},
		"months without one": {gap, false, true},
		"no YAML":            {"region: [", false, false},
		"no such fact":       {strings.Replace(small, "known(供养)", "known(没有)", 1), false, false},
	} {
		if _, err := LoadOnce([]byte(c.body)); (err == nil) != c.taken {
			t.Errorf("%s: taken in: %v", name, err)
		}
		pack, err := LoadStored([]byte(c.body))
		if (err == nil) != c.kept {
			t.Errorf("%s: stored: %v", name, err)
		}
		if err == nil && pack.Hash != packfile.Hash([]byte(c.body)) {
			t.Errorf("%s: another pack", name)
		}
	}
}
