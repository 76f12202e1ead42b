package second_test

import (
	"strings"
	"testing"

	"disburse/internal/payrun"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

// TestConflictsWithAlikeNames: of two conflicts of one person, the name of one is part of
// the other's. Each is decided by itself, by engine and judge alike (run insists that they
// agree), and the person is paid when both are.
func TestConflictsWithAlikeNames(t *testing.T) {
	t.Parallel()
	const one = "    - {name: 低保与特困同时有效, when: 低保 and known(特困)}\n"
	const both = "    - {name: 特困与低保, when: 低保 and known(特困)}\n    - {name: 分散特困与低保, when: 分散供养者 and 低保}\n"
	const derived = "derived:\n  - name: 分散供养者\n    is: 特困 == \"分散\"\n"
	for _, first := range []string{" 特困与低保，", " 分散特困与低保，"} {
		t.Run(first, func(t *testing.T) {
			t.Parallel()
			d := storetest.OpenDistrict(t)
			d.Pack = d.Load(one, both, "derived:\n", derived)
			d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)).
				Fact(storetest.IdOf(1944), "低保", storetest.Since("是", storetest.LongAgo)).Fact(storetest.IdOf(1944), "特困", storetest.Since("分散", storetest.LongAgo)))
			held := func() bool {
				d.Run(storetest.At(11))
				lines := d.Lines(d.Batch(storetest.At(11)))
				if len(lines) == 0 {
					t.Fatal("nobody is paid anything")
				}
				all := strings.Join(lines, "\n")
				return strings.Contains(all, payrun.Undecided.String()) || strings.Contains(all, payrun.KeptBack.String())
			}
			release := func(words string, pays bool) {
				for _, f := range d.Findings(d.Batch(storetest.At(11)), payrun.Doubt) {
					if f.Kind == payrun.Conflict && strings.Contains(f.Sentence, words) {
						if err := signing.Decide(t.Context(), d.Db, storetest.DeskRegion, f.ID, pays, "已核实", storetest.Clerk, storetest.RunBy); err != nil {
							t.Fatal(err)
						}
						return
					}
				}
				t.Fatalf("no conflict %q", words)
			}
			if !held() {
				t.Fatal("paid with two conflicts undecided")
			}
			release(first, true)
			if !held() {
				t.Error("releasing one conflict released the other")
			}
			release(" 特困与低保，", true)
			release(" 分散特困与低保，", true)
			if held() {
				t.Error("held with both conflicts released")
			}
			release(first, false)
			if !held() {
				t.Error("paid with one conflict decided against")
			}
		})
	}
}
