package runs_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/store/batches"
	"disburse/internal/store/storetest"
)

// TestRunTellsItsLines: what a run tells while it writes is, batch by batch and in order,
// what is read from the batch afterwards.
func TestRunTellsItsLines(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), storetest.Resident(1943, storetest.Without), storetest.Resident(1942), storetest.Resident(1905)))
	d.Paid(9)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.DiedOn(storetest.Day(2026, 8, 20)))))
	text := func(m *batches.LineSummary) string {
		return fmt.Sprintf("%d %s %s %s %s %d %d %d", m.Person, m.Item, m.Name, m.Street, m.Bank, m.Kind, m.Hold, m.Amount)
	}
	told := map[int32][]string{}
	order := d.Order(storetest.At(10))
	order.Line = func(batch int32, m *batches.LineSummary) { told[batch] = append(told[batch], text(m)) }
	report, err := d.TryRun(order)
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, b := range report.Bureaus {
		if b.Batch.Number == 0 {
			continue
		}
		var read []string
		if err := batches.EachLineSummary(t.Context(), d.Db, storetest.DeskRegion, b.Batch, func(m *batches.LineSummary) { read = append(read, text(m)) }); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(read, told[b.Batch.Number]); diff != "" {
			t.Errorf("%s (-read +told):\n%s", b.Bureau, diff)
		}
		lines += len(read)
	}
	if lines < 3 {
		t.Errorf("%d lines", lines)
	}
}
