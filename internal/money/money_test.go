package money

import (
	"math"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"disburse/internal/fault"
)

// anyFen is any amount that the program takes in.
func anyFen() *rapid.Generator[Fen] {
	return rapid.Custom(func(t *rapid.T) Fen { return Fen(rapid.Int64Range(-int64(Limit), int64(Limit)).Draw(t, "fen")) })
}

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Fen{
		"0": 0, "70": 7000, "70.5": 7050, "70.50": 7050, "0.05": 5, "007": 700, " 70 ": 7000,
		"1,409.50": 140950, "1,234,567": 123456700, "￥70": 7000, "¥70.1": 7010, "70元": 7000, "￥70元": 7000,
		"-5": -500, "-0.01": -1, "10000000000": Limit, "10000000000.00": Limit,
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("Parse(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "元", "-", ".", ".5", "5.", "70.123", "70.000", "1e2", "7O", "七十", "+5", "--5", "5-", "1.2.3", "１０",
		"1,40", "1,4095", ",140", "1,,409", "0001,409", "70 000", "NaN", "0x10", "10000000000.01", "99999999999", "999999999999999999999",
	} {
		if got, err := Parse(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("Parse(%q) = %v, %v; want a refusal", text, got, err)
		}
	}
}

func TestParseReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := anyFen().Draw(t, "amount")
		for _, text := range []string{a.String(), a.Grouped()} {
			if got, err := Parse(text); err != nil || got != a {
				t.Fatalf("%d is written %s and read as %d, %v", a, text, got, err)
			}
		}
		exact, err := decimal.NewFromString(a.String())
		if err != nil || !exact.Equal(a.Decimal()) || !exact.Shift(2).Equal(decimal.NewFromInt(int64(a))) {
			t.Fatalf("%d is %s, %s", a, exact, a.Decimal())
		}
	})
}

func TestWriting(t *testing.T) {
	t.Parallel()
	for a, want := range map[Fen][2]string{
		0: {"0.00", "0.00"}, -5: {"-0.05", "-0.05"}, 99: {"0.99", "0.99"}, 99999: {"999.99", "999.99"}, 100000: {"1000.00", "1,000.00"},
		-123456789: {"-1234567.89", "-1,234,567.89"}, math.MinInt64: {"-92233720368547758.08", "-92,233,720,368,547,758.08"},
	} {
		if got := [2]string{a.String(), a.Grouped()}; got != want {
			t.Errorf("%d is written %v, want %v", a, got, want)
		}
	}
}

func TestAdd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyFen().Draw(t, "a"), anyFen().Draw(t, "b")
		if a.Add(b) != a+b || a.Sub(b) != a-b || a.Add(b).Sub(b) != a {
			t.Fatalf("%d and %d", a, b)
		}
	})
	for _, pair := range [][2]Fen{{math.MaxInt64, 1}, {math.MinInt64, -1}, {math.MinInt64, math.MinInt64}, {math.MaxInt64, math.MaxInt64}} {
		if !panics(func() { pair[0].Add(pair[1]) }) {
			t.Errorf("%d + %d wrapped around", pair[0], pair[1])
		}
	}
	if !panics(func() { Fen(math.MaxInt64).Sub(-1) }) {
		t.Error("the difference wrapped around")
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

func TestRound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Fen{
		"0": 0, "1.3": 130, "0.004": 0, "0.005": 1, "0.0049999999999": 0, "2.675": 268, "1.005": 101, "-0.005": -1, "-0.004": 0, "949.000": 94900, "10000000000.004": Limit,
	} {
		if got, err := Round(decimal.RequireFromString(text)); err != nil || got != want {
			t.Errorf("Round(%s) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"10000000000.005", "-10000000000.005", "1e30"} {
		if got, err := Round(decimal.RequireFromString(text)); !fault.Is(err, fault.Invalid) {
			t.Errorf("Round(%s) = %v, %v; want a refusal", text, got, err)
		}
	}
}

// TestRoundIsNearest: never further than half a 分 from the exact amount.
func TestRoundIsNearest(t *testing.T) {
	t.Parallel()
	half := decimal.New(5, -3)
	rapid.Check(t, func(t *rapid.T) {
		yuan := decimal.New(rapid.Int64Range(-1e12, 1e12).Draw(t, "digits"), rapid.Int32Range(-9, 0).Draw(t, "exponent"))
		got, err := Round(yuan)
		if err != nil {
			if !yuan.Abs().GreaterThan(Limit.Decimal().Sub(half)) {
				t.Fatalf("Round(%s): %v", yuan, err)
			}
			return
		}
		if gap := yuan.Sub(got.Decimal()); gap.Abs().GreaterThan(half) || (gap.Abs().Equal(half) && got.Decimal().Abs().LessThan(yuan.Abs())) {
			t.Fatalf("Round(%s) = %s", yuan, got)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"70", "1,409.50", "￥70元", "-0.05", "1e5", "\xff", "10000000000.01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s)
		if err != nil {
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "金额") {
				t.Fatalf("Parse(%q): %v", s, err)
			}
			return
		}
		if a > Limit || a < -Limit {
			t.Fatalf("Parse(%q) = %d", s, a)
		}
		if again, err := Parse(a.String()); err != nil || again != a {
			t.Fatalf("%q is %s, which is %v, %v", s, a, again, err)
		}
	})
}
