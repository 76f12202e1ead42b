package month

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// anyDate is a date that a roster may have.
func anyDate() *rapid.Generator[Date] {
	return rapid.Custom(func(t *rapid.T) Date {
		return Date(rapid.IntRange(1, int(DateOf(9999, 12, 31))).Draw(t, "day"))
	})
}

func anyMonth() *rapid.Generator[Month] {
	return rapid.Custom(func(t *rapid.T) Month {
		return Of(rapid.IntRange(1, 9998).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"))
	})
}

func TestMonthArithmetic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := anyMonth().Draw(t, "month")
		n := rapid.IntRange(-12, 12).Draw(t, "n")
		want := time.Date(m.Year(), time.Month(m.InYear()), 1, 0, 0, 0, 0, time.UTC).AddDate(0, n, 0)
		if got := m.Add(n); want.Year() > 0 && (got.Year() != want.Year() || got.InYear() != int(want.Month())) {
			t.Fatalf("%s + %d months is %s", m, n, got)
		}
		if m.First().Day() != 1 || m.First().Month() != m || m.Last().Month() != m || m.Last()+1 != m.Add(1).First() {
			t.Fatalf("%s runs from %s to %s", m, m.First(), m.Last())
		}
	})
}

func TestDatesAreThoseOfTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDate().Draw(t, "date")
		at := d.Time()
		if FromTime(at) != d || DateOf(at.Year(), int(at.Month()), at.Day()) != d || d.Day() != at.Day() {
			t.Fatalf("%d is %s, which is %d", d, at, FromTime(at))
		}
		if d.Month() != Of(at.Year(), int(at.Month())) || d.String() != at.Format("2006-01-02") {
			t.Fatalf("%s is in %s", d, d.Month())
		}
		n := rapid.IntRange(-1000, 1000).Draw(t, "days")
		if got := d.Add(n).Time(); !got.Equal(at.AddDate(0, 0, n)) {
			t.Fatalf("%s + %d days is %s", d, n, got)
		}
	})
}

// TestFromTimeReadsTheClockOfItsZone: early in Shanghai it is still yesterday in UTC.
func TestFromTimeReadsTheClockOfItsZone(t *testing.T) {
	t.Parallel()
	shanghai := time.FixedZone("Asia/Shanghai", 8*3600)
	at := time.Date(2026, 11, 3, 1, 0, 0, 0, shanghai)
	if got := FromTime(at); got != DateOf(2026, 11, 3) {
		t.Errorf("in Shanghai it is %s", got)
	}
	if got := FromTime(at.UTC()); got != DateOf(2026, 11, 2) {
		t.Errorf("in UTC it is %s", got)
	}
}

func TestEnds(t *testing.T) {
	t.Parallel()
	if DateOf(1, 1, 1) != 1 {
		t.Errorf("0001-01-01 is day %d", DateOf(1, 1, 1))
	}
	if Date(0).String() != "" || Date(0).Month() != 0 || Month(0).String() != "" || Month(0).Chinese() != "" {
		t.Error("none is not empty")
	}
	m := Of(2026, 11)
	if m.String() != "2026-11" || m.Compact() != "202611" || m.Chinese() != "2026年11月" || Of(2026, 1).Chinese() != "2026年1月" || Of(987, 1).String() != "0987-01" {
		t.Errorf("%s %s %s", m, m.Compact(), m.Chinese())
	}
}

func TestValidDate(t *testing.T) {
	t.Parallel()
	for year := 0; year <= 10000; year += 1 {
		if year > 1 && year < 9990 && year%4 != 0 && year%97 != 0 {
			continue // a sample of the years that are not leap years will do
		}
		for m := 0; m <= 13; m++ {
			for _, day := range []int{-1, 0, 1, 28, 29, 30, 31, 32} {
				at := time.Date(year, time.Month(m), day, 0, 0, 0, 0, time.UTC)
				want := year >= 1 && year <= 9999 && m >= 1 && m <= 12 && day >= 1 && at.Month() == time.Month(m) && at.Day() == day
				if ValidDate(year, m, day) != want {
					t.Fatalf("ValidDate(%d, %d, %d) = %v", year, m, day, !want)
				}
			}
		}
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	tests := []struct {
		birth Date
		month Month
		want  int
	}{
		{DateOf(1946, 11, 30), Of(2026, 11), 80}, // from the month of the birthday
		{DateOf(1946, 11, 1), Of(2026, 10), 79},
		{DateOf(1946, 12, 1), Of(2026, 11), 79},
		{DateOf(1948, 2, 29), Of(2028, 2), 80},
		{DateOf(2026, 11, 3), Of(2026, 11), 0},
		{DateOf(2026, 12, 3), Of(2026, 11), -1},
		{DateOf(2027, 11, 3), Of(2026, 11), -1},
		{DateOf(2027, 12, 3), Of(2026, 11), -2},
	}
	for _, tt := range tests {
		if got := Age(tt.birth, tt.month); got != tt.want {
			t.Errorf("born %s, in %s: %d, want %d", tt.birth, tt.month, got, tt.want)
		}
	}
}

// TestAgeGrowsInTheMonthOfBirth: by one each year, in that month and no other.
func TestAgeGrowsInTheMonthOfBirth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		birth := rapid.Custom(func(t *rapid.T) Date {
			return Date(rapid.IntRange(int(DateOf(1850, 1, 1)), int(DateOf(2050, 1, 1))).Draw(t, "day"))
		}).Draw(t, "birth")
		m := birth.Month().Add(rapid.IntRange(-30, 1500).Draw(t, "months"))
		grown := Age(birth, m) - Age(birth, m-1)
		if birthday := m.InYear() == birth.Month().InYear(); (grown == 1) != birthday || grown < 0 || grown > 1 {
			t.Fatalf("born %s: %d in %s, %d the month before", birth, Age(birth, m), m, Age(birth, m-1))
		}
		if Age(birth, birth.Month()) != 0 || Age(birth, m+12) != Age(birth, m)+1 {
			t.Fatalf("born %s", birth)
		}
	})
}
