package judge

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"disburse/internal/month"
	"disburse/internal/payrun"
)

// drawCase makes a person with random dates, facts and ledger entries.
func drawCase(t *rapid.T) *Case {
	day := func(name string, lo, hi string) string {
		return month.Date(rapid.Int32Range(int32(date(lo)), int32(date(hi))).Draw(t, name)).String()
	}
	c := someone(day("born", "1925-01-01", "1968-12-31"))
	maybe := func(name string, ch change) {
		if rapid.Bool().Draw(t, name) {
			ch(c)
		}
	}
	for _, f := range []string{"低保", "生活不能自理", "特困=分散", "自理能力=半自理", "医疗保险=居民", "残疾等级=二级", "工伤护理费", "暂停发放=核查"} {
		since := day(f, "2026-06-01", "2026-12-31")
		maybe(f+"?", fact(f, since))
	}
	maybe("died?", died(day("died", "2026-07-01", "2026-12-31")))
	maybe("moved?", movedOut(day("moved", "2026-07-01", "2026-12-31")))
	for range rapid.IntRange(0, 8).Draw(t, "entries") {
		item := rapid.SampledFrom([]string{"11", "12", "13", "16", "18-1", "18-3", "23-1", "23-2"}).Draw(t, "item")
		m := ym("2026-07").Add(rapid.IntRange(0, 4).Draw(t, "month"))
		amount := rapid.SampledFrom([]string{"70", "100", "300", "960", "-70", "30.05"}).Draw(t, "amount")
		settled(item + " " + m.String() + " " + amount)(c)
	}
	return c
}

// After all lines that are not held are settled, a second batch of the month has only
// the held lines again, and the same debts: nothing is netted twice.
func TestSettledIsNotDueAgain(t *testing.T) {
	t.Parallel()
	file := pack(t)
	j := newJudge(t, world(file, "2026-07"))
	rapid.Check(t, func(t *rapid.T) {
		c := drawCase(t)
		lines, debts, err := j.Lines(c)
		if err != nil {
			t.Fatal(err)
		}
		var held []payrun.Line
		for _, l := range lines {
			if l.Hold != 0 {
				held = append(held, l)
				continue
			}
			c.Settled = append(c.Settled, Entry{Key{l.Item, l.Payee, l.Month}, l.Amount})
		}
		again, debtsAgain, err := j.Lines(c)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(held, again); diff != "" {
			t.Fatalf("second batch (-held +got):\n%s", diff)
		}
		if diff := cmp.Diff(debts, debtsAgain); diff != "" {
			t.Fatalf("debts (-first +second):\n%s", diff)
		}
	})
}

// Every 分 of a 扣回 is carried by a line that is paid to the same payee, and no payment
// carries more than it has.
func TestNettingStaysWithinLines(t *testing.T) {
	t.Parallel()
	j := newJudge(t, world(pack(t), "2026-07"))
	rapid.Check(t, func(t *rapid.T) {
		lines, _, err := j.Lines(drawCase(t))
		if err != nil {
			t.Fatal(err)
		}
		room := map[[2]string]int64{} // by item and payee
		for _, l := range lines {
			switch {
			case l.Amount == 0, (l.Amount < 0) != (l.Kind == payrun.Recovery):
				t.Fatalf("line %v has amount %s", l, l.Amount)
			case l.Hold == 0:
				room[[2]string{l.Against, l.Payee}] += int64(l.Amount)
			}
		}
		for payment, left := range room {
			if left < 0 {
				t.Fatalf("payment of %v carries %d 分 more than it has", payment, -left)
			}
		}
	})
}
