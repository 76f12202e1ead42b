package books

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/payments"
	"disburse/internal/store/people"
	"disburse/internal/store/recovery"
	"disburse/internal/store/runs"
)

// MonthOrder asks for the contents of the sheets and lists of one batch.
type MonthOrder struct {
	Region int32
	// Batch is read in its present state. One without a number means a month that was not run:
	// its lists are as of Revision.
	Batch payrun.Batch
	Pack  *policy.Pack
	// Before is the bureau's last approved batch, nil for none, and its pack.
	Before     *payrun.Batch
	PackBefore *policy.Pack
	// Previous is the last approved regular batch of an earlier month, for the bridge, and
	// its pack; nil for none.
	Previous     *payrun.Batch
	PackPrevious *policy.Pack
	Lists        []string      // codes of the items whose lists are wanted
	Money        bool          // whether lines and bridge are wanted
	Letters      Letters       // whose 告知书 are wanted; needs Money
	DeathsAt     int64         // letters go to the family of those known to be dead as of this revision; 0: the batch's
	Debts        []payrun.Debt // of the batch, for 追缴通知书; needs Money
	Person       int64         // only this person; 0: everybody
}

// MonthBook is the contents of a batch's sheets, sorted as sheets are.
type MonthBook struct {
	Lines  map[string][]explain.DetailedLine // by item
	Lists  map[string][]explain.ListRow      // by item
	Bridge []explain.BridgeRow

	Letters []explain.Letter
	Recalls []explain.Recall
}

// ReadMonthBook reads everybody once, as of the batch's revision and that of the batch before.
// Its memory grows with the lines and list rows that it returns.
func ReadMonthBook(ctx context.Context, db *postgres.DB, o MonthOrder) (*MonthBook, error) {
	book := &MonthBook{Lines: map[string][]explain.DetailedLine{}, Lists: map[string][]explain.ListRow{}}
	err := readBook(ctx, db, o, book, func(r explain.ListRow) { book.Lists[r.Item] = append(book.Lists[r.Item], r) })
	if err != nil {
		return nil, err
	}
	book.sort(o.Pack)
	return book, nil
}

// ListHeads counts who is on each of the order's lists, by item, without those who left it since
// the batch before. Rows are counted while streaming, not collected.
func ListHeads(ctx context.Context, db *postgres.DB, o MonthOrder) (map[string]int, error) {
	heads := map[string]int{}
	o.Money, o.Before = false, nil
	return heads, readBook(ctx, db, o, &MonthBook{}, func(r explain.ListRow) { heads[r.Item]++ })
}

// readBook fills a book, and calls list for everybody who is on a list or has just left it.
func readBook(ctx context.Context, db *postgres.DB, o MonthOrder, book *MonthBook, list func(explain.ListRow)) error {
	// One snapshot for all reads: a run may replace the batch meanwhile.
	return db.ReadRegion(ctx, o.Region, func(scope postgres.Scope) error {
		conn := scope.Tx.Conn()
		var next int64
		if err := conn.QueryRow(ctx, `SELECT next_person FROM region WHERE region = $1`, o.Region).Scan(&next); err != nil {
			return err
		}
		k := &bookReader{order: o, book: book, list: list, now: runs.NewChunk(), before: runs.NewChunk(), last: runs.NewChunk()}
		m := o.Batch.Month
		if o.Before != nil {
			m = o.Before.Month
		}
		if o.Money {
			if err := k.readPast(ctx, scope.Tx, nil); err != nil {
				return err
			}
		}
		k.rules = explain.NewBook(o.Pack, o.Batch.Month, o.PackBefore, m, o.Lists)
		if o.Previous != nil {
			k.rules.Against(o.PackPrevious, o.Previous.Month)
		}
		if o.DeathsAt > o.Batch.Revision {
			deaths, err := people.DeathsSince(ctx, scope, o.Batch.Revision, o.DeathsAt)
			if err != nil {
				return err
			}
			k.rules.Deaths(deaths)
		}
		k.debts = recovery.DebtsByPerson(o.Debts)
		chunks := runs.ChunksOf(next)
		if o.Person != 0 {
			chunks = []batches.ChunkRange{{From: o.Person, To: o.Person + 1}}
		}
		for _, at := range chunks {
			if err := k.addChunk(ctx, conn, at); err != nil {
				return err
			}
		}
		return nil
	})
}

// readPast reads what happened to the batch's dues earlier (failed payments, earlier batches,
// decisions to hold), for some people or for everybody (nil).
func (k *bookReader) readPast(ctx context.Context, tx pgx.Tx, people []int64) (err error) {
	o := &k.order
	if k.failed, err = payments.Reissues(ctx, postgres.In(tx, o.Region), o.Batch, people); err != nil {
		return err
	}
	if k.earlier, err = EarlierDues(ctx, postgres.In(tx, o.Region), o.Batch, people); err != nil {
		return err
	}
	k.holds, err = readHoldDecisions(ctx, postgres.In(tx, o.Region), o.Batch, people)
	return err
}

type bookReader struct {
	order             MonthOrder
	book              *MonthBook
	list              func(explain.ListRow)
	rules             *explain.Book
	now, before, last *runs.Chunk                // as of the revisions of Batch, Before and Previous
	failed            map[payments.DueKey]string // for dues paid again after a failed payment: where it failed
	earlier           map[payments.DueKey]explain.Earlier
	holds             holdDecisions
	debts             map[int64][]payrun.Debt
	personLines       []explain.DetailedLine // of the current person; reused
}

func (k *bookReader) addChunk(ctx context.Context, conn *pgx.Conn, at batches.ChunkRange) error {
	o := &k.order
	if err := k.now.Read(ctx, conn, o.Region, o.Batch.Revision, at); err != nil {
		return err
	}
	k.before.Dossiers = k.before.Dossiers[:0]
	if o.Before != nil {
		if err := k.before.Read(ctx, conn, o.Region, o.Before.Revision, at); err != nil {
			return err
		}
	}
	if err := k.addListings(); err != nil || !o.Money {
		return err
	}
	lines, err := batches.ReadLines(ctx, conn, o.Region, o.Batch, at)
	if err != nil {
		return err
	}
	var last []payrun.Line
	var then []roster.Dossier
	if o.Previous != nil {
		if last, err = batches.ReadLines(ctx, conn, o.Region, *o.Previous, at); err != nil {
			return err
		}
		if then, err = k.readPrevious(ctx, conn, at); err != nil {
			return err
		}
	}
	return k.addMoney(lines, last, then)
}

// readPrevious reads the people as of Previous, or reuses those of Before where both have the same
// revision, which is the usual case.
func (k *bookReader) readPrevious(ctx context.Context, conn *pgx.Conn, at batches.ChunkRange) ([]roster.Dossier, error) {
	o := &k.order
	if o.Before != nil && o.Before.Revision == o.Previous.Revision {
		return k.before.Dossiers, nil
	}
	err := k.last.Read(ctx, conn, o.Region, o.Previous.Revision, at)
	return k.last.Dossiers, err
}

// addListings merges two lists of people by number: those as of the batch and of the batch before.
func (k *bookReader) addListings() error {
	now, before := k.now.Dossiers, k.before.Dossiers
	for len(now) > 0 || len(before) > 0 {
		var a, b *roster.Dossier
		if len(before) == 0 || (len(now) > 0 && now[0].Number <= before[0].Number) {
			a = &now[0]
		}
		if len(now) == 0 || (len(before) > 0 && before[0].Number <= now[0].Number) {
			b = &before[0]
		}
		if err := k.rules.Listings(a, b, k.list); err != nil {
			return err
		}
		if a != nil {
			now = now[1:]
		}
		if b != nil {
			before = before[1:]
		}
	}
	return nil
}

// addMoney adds lines, bridge and letters. Lines and people are both in the order of person
// numbers and are merged; then are the people as of the previous batch, whose lines are last.
func (k *bookReader) addMoney(lines, last []payrun.Line, then []roster.Dossier) error {
	add := func(r explain.BridgeRow) { k.book.Bridge = append(k.book.Bridge, r) }
	for i := range k.now.Dossiers {
		d := &k.now.Dossiers[i]
		var mine, old []payrun.Line
		last = k.addMerged(last, d.Number, add)
		mine, lines = splitPerson(lines, d.Number)
		old, last = splitPerson(last, d.Number)
		if err := k.addDetails(d, mine); err != nil {
			return err
		}
		changes := len(k.book.Bridge)
		if k.order.Previous != nil {
			if err := k.rules.Bridge(d, dossierOf(then, d.Number), old, mine, add); err != nil {
				return err
			}
		}
		if err := k.addLetters(d, k.book.Bridge[changes:]); err != nil {
			return err
		}
	}
	k.addMerged(last, math.MaxInt64, add)
	return nil
}

// addMerged removes from the front of last the lines of people with lower numbers than before, who
// were merged into another record since, and adds them to the bridge as such.
func (k *bookReader) addMerged(last []payrun.Line, before int64, add func(explain.BridgeRow)) []payrun.Line {
	n := 0
	for n < len(last) && last[n].Person < before {
		n++
	}
	explain.BridgeMerged(last[:n], add)
	return last[n:]
}

// addDetails adds a person's lines to the book, with the details that sheets print.
func (k *bookReader) addDetails(d *roster.Dossier, mine []payrun.Line) error {
	k.personLines = k.personLines[:0]
	for _, l := range mine {
		detail, err := k.rules.Detail(d, l, k.earlier[payments.DueKeyOf(&l)])
		if err != nil {
			return err
		}
		if err := k.rules.Late(d, dossierOf(k.before.Dossiers, d.Number), &detail); err != nil {
			return err
		}
		if first, ok := k.failed[payments.DueKeyOf(&l)]; ok && l.Kind != payrun.Recovery {
			detail.Reason, detail.Plain = first, first // more specific than "paid late"
		}
		detail.Kept = k.holds.of(&l)
		k.book.Lines[l.Item] = append(k.book.Lines[l.Item], detail)
		k.personLines = append(k.personLines, detail)
	}
	return nil
}

// dossierOf finds a person in dossiers sorted by number; nil where there is none.
func dossierOf(dossiers []roster.Dossier, person int64) *roster.Dossier {
	at, ok := slices.BinarySearchFunc(dossiers, person, func(d roster.Dossier, n int64) int { return cmp.Compare(d.Number, n) })
	if !ok {
		return nil
	}
	return &dossiers[at]
}

// splitPerson splits lines, sorted by person, into those of a person and those after.
func splitPerson(lines []payrun.Line, person int64) (mine, rest []payrun.Line) {
	for len(lines) > 0 && lines[0].Person < person {
		lines = lines[1:]
	}
	n := 0
	for n < len(lines) && lines[n].Person == person {
		n++
	}
	return lines[:n], lines[n:]
}

func (b *MonthBook) sort(pack *policy.Pack) {
	order := payrun.Sorting{Pack: pack}
	for _, lines := range b.Lines {
		slices.SortFunc(lines, func(a, b explain.DetailedLine) int { return order.Lines(&a.Line, &b.Line) })
	}
	b.sortLetters(order)
	for _, rows := range b.Lists {
		slices.SortFunc(rows, func(a, b explain.ListRow) int { return order.Streets(a.Street, a.ID, b.Street, b.ID) })
	}
	slices.SortFunc(b.Bridge, func(x, y explain.BridgeRow) int {
		if c := pack.ItemOrder(x.Item) - pack.ItemOrder(y.Item); c != 0 {
			return c
		}
		return order.Streets(x.Street, x.ID, y.Street, y.ID)
	})
}
