package month

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"disburse/internal/fault"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	want := DateOf(2026, 1, 3)
	for _, text := range []string{
		"2026-01-03", "2026-1-3", "2026/1/3", "2026/01/03", "2026.1.3", "2026.01.03", "2026年1月3日", "2026年01月03日", "20260103", " 2026-01-03 ",
	} {
		if got, err := ParseDate(text); err != nil || got != want {
			t.Errorf("ParseDate(%q) = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "2026", "2026-01", "2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-01-32", "0000-01-01", "20260230",
		"26-01-03", "2026-1/3", "2026/1.3", "2026年1月3", "2026-01-03 10:00", "2026-001-03", "２０２６-01-03", "2026-01-03x", "x2026-01-03", "46025", "202601031",
	} {
		if got, err := ParseDate(text); !fault.Is(err, fault.Invalid) || got != 0 {
			t.Errorf("ParseDate(%q) = %v, %v; want a refusal", text, got, err)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	want := Of(2026, 1)
	for _, text := range []string{"2026-01", "2026-1", "2026/1", "2026/01", "2026.1", "202601", "2026年1月", "2026年01月", " 2026-01 "} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("Parse(%q) = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "2026", "2026-13", "2026-00", "0000-01", "2026-01-01", "20261", "26-01", "2026年1", "2026-01月", "202613", "2026-001"} {
		if got, err := Parse(text); !fault.Is(err, fault.Invalid) || got != 0 {
			t.Errorf("Parse(%q) = %v, %v; want a refusal", text, got, err)
		}
	}
}

func TestParseReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDate().Draw(t, "date")
		at := d.Time()
		for _, text := range []string{
			d.String(), fmt.Sprintf("%04d/%d/%d", at.Year(), at.Month(), at.Day()),
			fmt.Sprintf("%04d年%d月%d日", at.Year(), at.Month(), at.Day()), at.Format("20060102"),
		} {
			if got, err := ParseDate(text); err != nil || got != d {
				t.Fatalf("%s is read as %s, %v", text, got, err)
			}
		}
		m := anyMonth().Draw(t, "month")
		for _, text := range []string{m.String(), m.Compact(), fmt.Sprintf("%04d年%d月", m.Year(), m.InYear())} {
			if got, err := Parse(text); err != nil || got != m {
				t.Fatalf("%s is read as %s, %v", text, got, err)
			}
		}
	})
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-11-03", "2026年2月29日", "20261103", "0001.1.1", "\xff", "9999/12/31"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDate(s)
		if err != nil {
			if !fault.Is(err, fault.Invalid) || d != 0 {
				t.Fatalf("ParseDate(%q) = %v, %v", s, d, err)
			}
			return
		}
		if again, err := ParseDate(d.String()); err != nil || again != d || d < 1 {
			t.Fatalf("%q is %s, which is %v, %v", s, d, again, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"2026-11", "2026年11月", "202611", "0001.1", "2026-13", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := Parse(s)
		if err != nil {
			if !fault.Is(err, fault.Invalid) || m != 0 {
				t.Fatalf("Parse(%q) = %v, %v", s, m, err)
			}
			return
		}
		if again, err := Parse(m.String()); err != nil || again != m || m.Year() < 1 {
			t.Fatalf("%q is %s, which is %v, %v", s, m, again, err)
		}
	})
}
