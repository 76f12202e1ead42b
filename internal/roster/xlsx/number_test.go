package xlsx

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"disburse/internal/month"
)

func TestPlain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		raw, want string
		exact, ok bool
	}{
		{"70", "70", true, true},
		{"70.099999999999994", "70.1", true, true},
		{"0.10000000000000001", "0.1", true, true},
		{"1234.5600000000001", "1234.56", true, true},
		{"70.125", "70.125", true, true},
		{"-3.5", "-3.5", true, true},
		{"-0", "0", true, true},
		{"0.00", "0", true, true},
		{"1E-3", "0.001", true, true},
		{"1.5e2", "150", true, true},
		{"99999.999999999999", "100000", true, true},
		{"999999999999999", "999999999999999", true, true},
		{"1000000000000000", "1000000000000000", false, true},
		{"1.4021319400101E+17", "140213194001010000", false, true},
		{"6222021234567890123", "6222021234567890000", false, true},
		{"", "", false, false},
		{"abc", "", false, false},
		{"1.2.3", "", false, false},
		{"1E", "", false, false},
		{"1E999", "", false, false},
		{"--1", "", false, false},
		{"NaN", "", false, false},
		{"INF", "", false, false},
		{strings.Repeat("9", 100), "", false, false},
	}
	for _, tt := range tests {
		got, exact, ok := Plain(tt.raw)
		if got != tt.want || ok != tt.ok || exact != tt.exact {
			t.Errorf("Plain(%q) = %q, %v, %v; want %q, %v, %v", tt.raw, got, exact, ok, tt.want, tt.exact, tt.ok)
		}
	}
}

// TestPlainUndoesExcel: an amount goes through the binary number that Excel keeps and
// the 17 digits that it writes, and comes back as it was typed.
func TestPlainUndoesExcel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		fen := rapid.Int64Range(-1e14, 1e14).Draw(t, "fen")
		typed := strconv.FormatInt(fen/100, 10)
		if cents := fen % 100; cents != 0 {
			typed = strings.TrimSuffix(strconv.FormatFloat(float64(fen)/100, 'f', 2, 64), "0")
		}
		binary, err := strconv.ParseFloat(typed, 64)
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range []byte{'g', 'E'} {
			raw := strconv.FormatFloat(binary, format, 17, 64)
			if got, _, ok := Plain(raw); !ok || got != typed {
				t.Fatalf("%s was kept as %s and read as %s", typed, raw, got)
			}
		}
	})
}

func TestScientific(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"140213194001010017": "1.4021319400101E+17", "6.2E+18": "6.2E+18", "-0.005": "-5E-03", "0": "0", "x": "x",
	} {
		if got := Scientific(raw); got != want {
			t.Errorf("Scientific(%s) = %s, want %s", raw, got, want)
		}
	}
}

func TestDateOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		raw      string
		date1904 bool
		want     month.Date
		timed    bool
		ok       bool
	}{
		{"1", false, month.DateOf(1900, 1, 1), false, true},
		{"59", false, month.DateOf(1900, 2, 28), false, true},
		{"60", false, 0, false, false}, // 1900-02-29 never was
		{"61", false, month.DateOf(1900, 3, 1), false, true},
		{"46329", false, month.DateOf(2026, 11, 3), false, true},
		{"44867", true, month.DateOf(2026, 11, 3), false, true},
		{"0", true, month.DateOf(1904, 1, 1), false, true},
		{"0", false, 0, false, false},
		{"46328.999999999996", false, month.DateOf(2026, 11, 3), false, true},
		{"46329.5", false, month.DateOf(2026, 11, 3), true, true},
		{"2958465", false, month.DateOf(9999, 12, 31), false, true},
		{"2958466", false, 0, false, false},
		{"2958465", true, 0, false, false},
		{"-1", false, 0, false, false},
		{"1E+300", false, 0, false, false},
		{"", false, 0, false, false},
	}
	for _, tt := range tests {
		b := &Book{Date1904: tt.date1904}
		got, timed, ok := b.DateOf(tt.raw)
		if ok != tt.ok || (ok && (got != tt.want || timed != tt.timed)) {
			t.Errorf("DateOf(%s, 1904 %v) = %v, %v, %v; want %v, %v, %v", tt.raw, tt.date1904, got, timed, ok, tt.want, tt.timed, tt.ok)
		}
	}
}

func TestShown(t *testing.T) {
	t.Parallel()
	for want, cell := range map[string]Cell{
		"2026-11-03":          {Kind: Number, Date: true, Text: "46329"},
		"2026-11-03 12:30:00": {Kind: Number, Date: true, Text: "46329.520833333336"},
		"2026-11-03 23:59:59": {Kind: Number, Date: true, Text: "46329.9999999"},
		"70.1":                {Kind: Number, Text: "70.099999999999994"},
		"1.4021319400101E+17": {Kind: Number, Text: "140213194001010017"},
		"（公式）":                {Kind: Broken, Formula: true},
		"#N/A":                {Kind: Error, Text: "#N/A"},
	} {
		if got := (&Book{}).Shown(cell); got != want {
			t.Errorf("Shown(%+v) = %q, want %q", cell, got, want)
		}
	}
}

func TestDateFormats(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"General": false, "0.00": false, "@": false, "#,##0": false, "0.00E+00": false, `0.00" day"`: false,
		"h:mm": false, "mm:ss": false, "[h]:mm": false, `_ * #,##0.00_ ;[Red]\-0`: false, `0\d`: false,
		"yyyy-mm-dd": true, "m/d": true, "mmm": true, `yyyy"年"m"月"`: true, "yyyy/m/d h:mm": true, "[$-F800]dddd, mmmm dd, yyyy": true,
		"YYYY-MM-DD": true,
	} {
		if got := dateFormat(code); got != want {
			t.Errorf("dateFormat(%q) = %v", code, got)
		}
	}
	for id, want := range map[int]bool{0: false, 2: false, 14: true, 17: true, 18: false, 22: true, 31: true, 32: false, 49: false, 57: true, math.MaxInt32: false} {
		if got := builtInDate(id); got != want {
			t.Errorf("builtInDate(%d) = %v", id, got)
		}
	}
}
