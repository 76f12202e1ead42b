package postgres_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/postgres"
)

// TestRunTellsItsLines: what a run tells while it writes is, batch by batch and in order,
// what is read from the batch afterwards.
func TestRunTellsItsLines(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944), resident(1943, without), resident(1942), resident(1905)))
	d.paid(9)
	d.learn(newSheet(everyColumn).people(resident(1944, diedOn(day(2026, 8, 20)))))
	text := func(m *postgres.LineMark) string {
		return fmt.Sprintf("%d %s %s %s %s %d %d %d", m.Person, m.Item, m.Name, m.Street, m.Bank, m.Kind, m.Hold, m.Amount)
	}
	told := map[int32][]string{}
	order := d.order(at(10))
	order.Line = func(batch int32, m *postgres.LineMark) { told[batch] = append(told[batch], text(m)) }
	report, err := d.tryRun(order)
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, b := range report.Bureaus {
		if b.Batch.Number == 0 {
			continue
		}
		var read []string
		if err := d.db.LineMarks(t.Context(), deskRegion, b.Batch, func(m *postgres.LineMark) { read = append(read, text(m)) }); err != nil {
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
