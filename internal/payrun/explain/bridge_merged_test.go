package explain

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/payrun"
)

// TestBridgeMerged: an amount of a record that was merged ends, with the reason.
func TestBridgeMerged(t *testing.T) {
	var got []BridgeRow
	BridgeMerged([]payrun.Line{
		{Person: 1, Item: "11", Kind: payrun.Current, Amount: 7000, Name: "某甲"},
		{Person: 1, Item: "11", Kind: payrun.Arrears, Amount: 7000, Name: "某甲"},
		{Person: 1, Item: "13", Kind: payrun.Current, Amount: 7000, Hold: payrun.NoAccount, Name: "某甲"},
		{Person: 2, Item: "11", Kind: payrun.Current, Amount: 300, Name: "某乙"},
		{Person: 2, Item: "11", Kind: payrun.Current, Amount: 400, Name: "某乙"},
	}, func(r BridgeRow) { got = append(got, r) })
	want := []BridgeRow{{Item: "11", Name: "某甲", Last: 7000, Reason: MergedAway, Plain: MergedAway}, {Item: "11", Name: "某乙", Last: 700, Reason: MergedAway, Plain: MergedAway}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
