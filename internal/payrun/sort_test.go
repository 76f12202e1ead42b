package payrun_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"disburse/internal/payrun"
	"disburse/internal/payrun/payruntest"
)

// TestSorting: item and street in pack order, unknown streets after them, ID number,
// benefit month (docs/interface.md §3.1).
func TestSorting(t *testing.T) {
	t.Parallel()
	sorted := []payrun.Line{
		{Item: "2", Street: "小南头", ID: "9"},
		{Item: "11", Street: "永泰", ID: "1", Month: payruntest.Nov - 1, Kind: payrun.Arrears},
		{Item: "11", Street: "永泰", ID: "1", Month: payruntest.Nov, Kind: payrun.Current},
		{Item: "11", Street: "永泰", ID: "2", Month: payruntest.Nov - 9},
		{Item: "11", Street: "古城", ID: "0"},
		{Item: "11", Street: "小南头", ID: "0"},
		{Item: "11", Street: "某街道", ID: "0"},
		{Item: "11", Street: "某镇", ID: "0"},
		{Item: "18-1", Street: "永泰", ID: "1", Month: payruntest.Nov - 1, Kind: payrun.Recovery, Against: "13"},
		{Item: "18-1", Street: "永泰", ID: "1", Month: payruntest.Nov - 1, Kind: payrun.Recovery, Against: "16"},
		{Item: "18-2", Street: "永泰", ID: "1"},
		{Item: "23-1", Street: "永泰", ID: "1", Month: payruntest.Nov, Payee: "乙院"},
		{Item: "23-1", Street: "永泰", ID: "1", Month: payruntest.Nov, Payee: "甲院"},
		{Item: "24", Street: "永泰", ID: "1"},
	}
	order := payrun.Sorting{Pack: payruntest.Pack(t)}
	rapid.Check(t, func(t *rapid.T) {
		got := rapid.Permutation(sorted).Draw(t, "lines")
		slices.SortFunc(got, func(a, b payrun.Line) int { return order.Lines(&a, &b) })
		for i := range got {
			if got[i] != sorted[i] {
				t.Fatalf("line %d is %+v, want %+v", i, got[i], sorted[i])
			}
		}
	})
	if strings.Compare("某街道", "某镇") > 0 {
		t.Error("the test's unknown streets are not in the order of their bytes")
	}
}
