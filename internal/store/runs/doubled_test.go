package runs_test

import (
	"strings"
	"testing"

	"disburse/internal/payrun"
	"disburse/internal/store/storetest"
)

// TestDoubledNumberBlocks: the same ID number twice stops submit (docs/rules.md §6.1). An import
// refuses it; what got in past the program is found all the same.
func TestDoubledNumberBlocks(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), storetest.Resident(1945)))
	d.Exec(`UPDATE person p SET id_number = first.id_number, birth = first.birth FROM person first
		WHERE first.person = 1 AND p.person = 2`)
	d.Run(storetest.At(11))
	blocked := d.Findings(d.Batch(storetest.At(11)), payrun.Blocking)
	if len(blocked) != 2 {
		t.Fatalf("%d people blocked of 2: %+v", len(blocked), blocked)
	}
	for _, f := range blocked {
		if f.Kind != "证号重复" || !strings.Contains(f.Sentence, "2 个人名下") {
			t.Errorf("%s: %s", f.Kind, f.Sentence)
		}
	}
}
