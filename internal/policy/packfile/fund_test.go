package packfile

import (
	"testing"

	"pgregory.net/rapid"

	"disburse/internal/money"
)

func share(payer, percent string) Share {
	return Share{Payer: Text{Value: payer}, Percent: Decimal{Value: percent}}
}

func TestSplitGivesTheRestToTheLastPayer(t *testing.T) {
	t.Parallel()
	f := &Fund{Shares: []Share{share("中央", "33.3"), share("省", "33.3"), share("市", "33.4"), share("区", "0")}}
	got := f.Split(100)
	want := []money.Fen{33, 33, 34, 0}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("100 分 split into %v, want %v", got, want)
		}
	}
	if got := f.Split(-101); got[0] != -33 || got[2] != -35 || got[3] != 0 {
		t.Errorf("-101 分 split into %v", got)
	}
}

// A fund of which nothing is known yet divides nothing, and a 资金拨付申请 is still written.
func TestSplitWithoutShares(t *testing.T) {
	t.Parallel()
	if got := (&Fund{}).Split(100); len(got) != 0 {
		t.Errorf("parts %v", got)
	}
}

// The last band has no upper end; every other one ends with its last full year.
func TestClearingSpan(t *testing.T) {
	t.Parallel()
	for ages, want := range map[string][2]int{"80-89": {80, 89}, "100-": {100, 999}, "0-0": {0, 0}, "200-200": {200, 200}} {
		if from, to := (&ClearingBand{Ages: Text{Value: ages}}).Span(); from != want[0] || to != want[1] {
			t.Errorf("%s is %d to %d", ages, from, to)
		}
	}
}

func TestSplitAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.IntRange(0, 10000).Draw(t, "first")
		second := rapid.IntRange(0, 10000-first).Draw(t, "second")
		f := &Fund{}
		for i, n := range []int{first, second, 10000 - first - second} {
			f.Shares = append(f.Shares, share(string(rune('甲'+i)), money.Fen(n).String()))
		}
		a := money.Fen(rapid.Int64Range(-1e14, 1e14).Draw(t, "fen"))
		sum := money.Fen(0)
		for _, part := range f.Split(a) {
			sum += part
		}
		if sum != a {
			t.Fatalf("%d is split into parts of %d", a, sum)
		}
	})
}
