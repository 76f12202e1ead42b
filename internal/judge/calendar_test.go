package judge

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"disburse/internal/month"
)

// The judge's calendar against package month's: two programs, one calendar.
func TestCalendarAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := month.Date(rapid.Int32Range(1, int32(month.DateOf(2999, 12, 31))).Draw(t, "date"))
		m := month.Of(rapid.IntRange(1900, 2200).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"))
		mine, at := dayOf(d), monthOf(m)
		if got := fmt.Sprintf("%04d-%02d-%02d", mine.year, mine.month, mine.day); got != d.String() {
			t.Fatalf("day %d is %s, month says %s", d, got, d)
		}
		if at.stored() != m || at.next().stored() != m.Add(1) {
			t.Fatalf("month %s is read as %v, its next as %v", m, at, at.next())
		}
		if got, want := age(mine, at), month.Age(d, m); got != want {
			t.Fatalf("age of %s in %s is %d, month says %d", d, m, got, want)
		}
		if got, want := mine.before(at.firstDay()), d < m.First(); got != want {
			t.Fatalf("%s before %s: %v, month says %v", d, m.First(), got, want)
		}
		if got, want := mine.afterLastDayOf(at), d > m.Last(); got != want {
			t.Fatalf("%s after %s: %v, month says %v", d, m.Last(), got, want)
		}
	})
}

func TestAge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		born, month string
		want        int
	}{
		{"1946-11-30", "2026-11", 80},
		{"1946-12-01", "2026-11", 79},
		{"1944-02-29", "2024-02", 80},
		{"1944-02-29", "2025-02", 81},
		{"2026-12-01", "2026-11", -1},
		{"2026-11-01", "2026-11", 0},
	} {
		if got := age(dayOf(date(c.born)), monthOf(ym(c.month))); got != c.want {
			t.Errorf("§1 age of %s in %s is %d, want %d", c.born, c.month, got, c.want)
		}
	}
}
