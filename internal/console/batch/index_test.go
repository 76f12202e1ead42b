package batch

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"disburse/internal/console/web"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
)

// drawnLine is a line as a test knows it.
type drawnLine struct {
	person             int64
	place              int
	item, street, bank string
	name               string
	kind               payrun.Kind
	hold               payrun.Hold
	amount             money.Fen
}

// drawLines makes lines of a few people, in order, and their index.
func drawLines(t *rapid.T, label string) ([]drawnLine, *lineIndex) {
	var lines []drawnLine
	x := &lineIndex{}
	person := int64(0)
	for range rapid.IntRange(0, 12).Draw(t, label+" people") {
		person += int64(rapid.IntRange(1, 3).Draw(t, "gap"))
		name := rapid.SampledFrom([]string{"王大山", "李小河", "赵云", "王云"}).Draw(t, "name")
		street := rapid.SampledFrom([]string{"东街", "西街"}).Draw(t, "street")
		for place := range rapid.IntRange(1, 4).Draw(t, "lines") {
			l := drawnLine{person: person, place: place, name: name, street: street,
				item: rapid.SampledFrom([]string{"11", "16", "23-1"}).Draw(t, "item"),
				bank: rapid.SampledFrom([]string{"", "甲行", "乙行"}).Draw(t, "bank"),
				kind: payrun.Kind(rapid.IntRange(1, 3).Draw(t, "kind")), amount: money.Fen(rapid.IntRange(1, 9).Draw(t, "amount"))}
			if l.kind == payrun.Recovery {
				l.amount = -l.amount
			} else {
				l.hold = payrun.Hold(rapid.SampledFrom([]int{0, 0, 1, 16, 17}).Draw(t, "hold"))
			}
			lines = append(lines, l)
			x.add(&batches.LineSummary{Person: person, Item: []byte(l.item), Street: []byte(street), Bank: []byte(l.bank), Name: []byte(name),
				Kind: l.kind, Hold: l.hold, Amount: l.amount})
		}
	}
	return lines, x
}

// wants says plainly what a filter asks for.
func (f lineFilter) wants(l *drawnLine) bool {
	kind := f.Kind == "" || f.Kind == l.kind.String() || (f.Kind == pastKinds && l.kind != payrun.Current)
	status := f.Status == "" || (f.Status == statusHeld) == (l.hold != 0)
	bank := f.Bank == "" || f.Bank == l.bank || (f.Bank == noBank && l.bank == "")
	hold := f.Hold == "" || strings.Contains(l.hold.String(), f.Hold)
	return kind && status && bank && hold && (f.Item == "" || f.Item == l.item) && (f.Street == "" || f.Street == l.street) && strings.Contains(l.name, f.Who)
}

// TestFindAgainstPlainLoop: pages of any filter hold exactly the lines that it asks for,
// once each and in order, and the sums are theirs.
func TestFindAgainstPlainLoop(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines, x := drawLines(t, "batch")
		f := lineFilter{
			Item:   rapid.SampledFrom([]string{"", "11", "23-1", "99"}).Draw(t, "by item"),
			Street: rapid.SampledFrom([]string{"", "东街"}).Draw(t, "by street"),
			Bank:   rapid.SampledFrom([]string{"", "甲行", noBank}).Draw(t, "by bank"),
			Kind:   rapid.SampledFrom([]string{"", "当月", "扣回", pastKinds}).Draw(t, "by kind"),
			Status: rapid.SampledFrom([]string{"", statusPays, statusHeld}).Draw(t, "by status"),
			Hold:   rapid.SampledFrom([]string{"", "无账户", "疑点未决"}).Draw(t, "by hold"),
			Who:    rapid.SampledFrom([]string{"", "王", "云"}).Draw(t, "by name"),
		}
		var want, got []string
		var pays, held money.Fen
		for i := range lines {
			if l := &lines[i]; f.wants(l) {
				want = append(want, fmt.Sprintf("%d.%d", l.person, l.place))
				if l.hold != 0 {
					held += l.amount
				} else {
					pays += l.amount
				}
			}
		}
		limit := rapid.IntRange(1, 5).Draw(t, "limit")
		for more := true; more; {
			page := x.find(f, nil, limit)
			if page.Lines != len(want) || page.Pays != pays || page.Held != held {
				t.Fatalf("page counts %d lines, %s and %s held; want %d, %s, %s", page.Lines, page.Pays, page.Held, len(want), pays, held)
			}
			for _, h := range page.Hits {
				got = append(got, h.cursor())
			}
			if more = page.More; more {
				f.After = page.Hits[len(page.Hits)-1].cursor()
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestBridgeBalances: whatever two batches hold, last + 新增 − 停发 ± 变更 = this, item by
// item, and this is what the batch pays as 当月.
func TestBridgeBalances(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		was, last := drawLines(t, "last")
		is, this := drawLines(t, "this")
		b := compareMonths(last, this)
		all := b.All
		if !slices.IsSortedFunc(b.moves, func(x, y move) int { return int(x.person - y.person) }) {
			t.Fatalf("moves are not in order: %v", b.moves)
		}
		sum := func(lines []drawnLine) (s money.Fen) {
			for _, l := range lines {
				if l.kind == payrun.Current && l.hold == 0 {
					s += l.amount
				}
			}
			return s
		}
		if !all.Balances() || all.Last != sum(was) || all.This != sum(is) || all.This != this.totals.Current {
			t.Fatalf("%+v; last %s, this %s", all, sum(was), sum(is))
		}
		for _, x := range b.Items {
			if !x.Balances() {
				t.Fatalf("item %s: %+v", x.Item, x)
			}
		}
		if n := all.AddedN + all.StoppedN + all.ChangedN; n != len(b.moves) {
			t.Fatalf("%d moves are counted, %d named", n, len(b.moves))
		}
	})
}

// TestTotalsByGroup: streets, banks and the whole come to the same.
func TestTotalsByGroup(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines, x := drawLines(t, "batch")
		paid := map[int64]bool{}
		for _, l := range lines {
			if l.hold == 0 {
				paid[l.person] = true
			}
		}
		heads := func(groups []groupTotal) (n int, pays, held money.Fen) {
			for _, g := range groups {
				n, pays, held = n+g.People, pays+g.Pays, held+g.Held
			}
			return n, pays, held
		}
		n, pays, held := heads(x.totals.Streets)
		if n != len(paid) || x.totals.Heads != len(paid) || pays != x.totals.Pays || held != x.totals.Held {
			t.Fatalf("streets: %d people, %s, %s; want %d, %s, %s", n, pays, held, len(paid), x.totals.Pays, x.totals.Held)
		}
		if _, pays, held = heads(x.totals.Banks); pays != x.totals.Pays || held != x.totals.Held {
			t.Fatalf("banks: %s, %s; want %s, %s", pays, held, x.totals.Pays, x.totals.Held)
		}
	})
}

// TestLargeIndexIsMadeOnce: the index of a million lines stays while others come.
func TestLargeIndexIsMadeOnce(t *testing.T) {
	t.Parallel()
	s := &web.Server{}
	x := &lineIndex{lines: make([]lineEntry, 1_000_000)}
	for i := range 6 {
		indexCache.Of(s).Put(fmt.Sprint("large", i), x)
	}
	for i := range 300 {
		statusCache.Of(s).Put(fmt.Sprint(i), books.BatchStatus{})
	}
	if got, err := indexCache.Of(s).Get("large0", func() (*lineIndex, error) { t.Error("made again"); return nil, nil }); got != x || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}
