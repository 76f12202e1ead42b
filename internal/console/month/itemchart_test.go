package month

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/store/books"
)

// TestColumnIsAsHighAsItsSum: many small parts do not shrink a column.
func TestColumnIsAsHighAsItsSum(t *testing.T) {
	t.Parallel()
	m := month.Of(2026, 11)
	rapid.Check(t, func(t *rapid.T) {
		var rows []books.MonthItem
		var sum money.Fen
		for i := range rapid.IntRange(1, 9).Draw(t, "items") {
			pays := money.Fen(rapid.Int64Range(100_000, 9_999_999).Draw(t, "pays"))
			rows, sum = append(rows, books.MonthItem{Month: m, Item: strconv.Itoa(i), Pays: pays}), sum.Add(pays)
		}
		top := money.Fen(1)
		for _, k := range []money.Fen{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000, 1000000} {
			if top = 100 * k; top >= sum {
				break
			}
		}
		tall, whole := 0, chartTall
		for _, c := range drawItems(rows, m, func(item string) string { return item }).Columns {
			for _, p := range c.Parts {
				tall += p.Height
			}
		}
		// What is too small to be seen is drawn all the same, so a column may be a little higher.
		if off := money.Fen(tall)*top - money.Fen(whole)*sum; off < -top || off > money.Fen(1+len(rows))*top {
			t.Fatalf("%s of %s is %d of %d high", sum, top, tall, whole)
		}
	})
}
