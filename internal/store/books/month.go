package books

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/payments"
	"disburse/internal/store/people"
	"disburse/internal/store/recovery"
	"disburse/internal/store/runs"
)

// MonthOrder asks for what the sheets and lists of one batch say.
type MonthOrder struct {
	Region int32
	// Batch is read as it stands. One without a number stands for a month that was
	// not run: its lists are what is known at Revision.
	Batch payrun.Batch
	Pack  *policy.Pack
	// Before is the bureau's last approved batch, nil for none, and its pack.
	Before     *payrun.Batch
	PackBefore *policy.Pack
	// Previous is the last approved regular batch of an earlier month, for the bridge, and
	// its pack; nil for none.
	Previous     *payrun.Batch
	PackPrevious *policy.Pack
	Lists        []string      // the list items wanted
	Money        bool          // lines and bridge wanted
	Letters      Letters       // whose 告知书 are wanted; needs Money
	DeathsAt     int64         // letters go to the family of whoever is known to be dead at this revision; 0: at the batch's
	Debts        []payrun.Debt // of the batch, for 追缴通知书; needs Money
	Person       int64         // nobody else is looked at; 0: everybody
}

// MonthBook is the answer: everything in the order of sheets.
type MonthBook struct {
	Lines  map[string][]payrun.DetailedLine // by item
	Lists  map[string][]payrun.ListRow      // by item
	Bridge []payrun.BridgeRow

	Letters []payrun.Letter
	Recalls []payrun.Recall
}

// ReadMonthBook goes once over everybody, as the batch and the one before it knew them.
// Its memory grows with the lines and list rows it returns.
func ReadMonthBook(ctx context.Context, db *postgres.DB, o MonthOrder) (*MonthBook, error) {
	book := &MonthBook{Lines: map[string][]payrun.DetailedLine{}, Lists: map[string][]payrun.ListRow{}}
	err := goOver(ctx, db, o, book, func(r payrun.ListRow) { book.Lists[r.Item] = append(book.Lists[r.Item], r) })
	if err != nil {
		return nil, err
	}
	book.sort(o.Pack)
	return book, nil
}

// ListHeads counts who is on each of the order's lists, without those who left it since the
// batch before. It keeps no rows.
func ListHeads(ctx context.Context, db *postgres.DB, o MonthOrder) (map[string]int, error) {
	heads := map[string]int{}
	o.Money, o.Before = false, nil
	return heads, goOver(ctx, db, o, &MonthBook{}, func(r payrun.ListRow) { heads[r.Item]++ })
}

// goOver fills a book, and tells list of everybody on a list or just off it.
func goOver(ctx context.Context, db *postgres.DB, o MonthOrder, book *MonthBook, list func(payrun.ListRow)) error {
	// One moment for all: a run that replaces the batch meanwhile must not mix in.
	return db.ReadRegion(ctx, o.Region, func(scope postgres.Scope) error {
		conn := scope.Tx.Conn()
		var next int64
		if err := conn.QueryRow(ctx, `SELECT next_person FROM region WHERE region = $1`, o.Region).Scan(&next); err != nil {
			return err
		}
		k := &bookkeeper{order: o, book: book, list: list, now: runs.NewChunk(), before: runs.NewChunk(), last: runs.NewChunk()}
		m := o.Batch.Month
		if o.Before != nil {
			m = o.Before.Month
		}
		if o.Money {
			if err := k.readPast(ctx, scope.Tx, nil); err != nil {
				return err
			}
		}
		k.rules = payrun.NewBook(o.Pack, o.Batch.Month, o.PackBefore, m, o.Lists)
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
			if err := k.chunk(ctx, conn, at); err != nil {
				return err
			}
		}
		return nil
	})
}

// readPast reads what became of the batch's dues before it, of some people or of
// everybody (nil).
func (k *bookkeeper) readPast(ctx context.Context, tx pgx.Tx, people []int64) (err error) {
	o := &k.order
	if k.failed, err = payments.Reissues(ctx, postgres.In(tx, o.Region), o.Batch, people); err != nil {
		return err
	}
	if k.earlier, err = runs.EarlierDues(ctx, postgres.In(tx, o.Region), o.Batch, people); err != nil {
		return err
	}
	k.kept, err = readKept(ctx, postgres.In(tx, o.Region), o.Batch, people)
	return err
}

type bookkeeper struct {
	order             MonthOrder
	book              *MonthBook
	list              func(payrun.ListRow)
	rules             *payrun.Book
	now, before, last *runs.Chunk                // last: as Previous knew them
	failed            map[payments.DueKey]string // what a line pays again, and where it failed
	earlier           map[payments.DueKey]payrun.Earlier
	kept              keptBack
	debts             map[int64][]payrun.Debt
	mine              []payrun.DetailedLine // of the person at hand
}

func (k *bookkeeper) chunk(ctx context.Context, conn *pgx.Conn, at batches.ChunkRange) error {
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
	if err := k.listings(); err != nil || !o.Money {
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
		if then, err = k.previously(ctx, conn, at); err != nil {
			return err
		}
	}
	return k.money(lines, last, then)
}

// previously is everybody as Previous knew them: mostly it is the batch before as well.
func (k *bookkeeper) previously(ctx context.Context, conn *pgx.Conn, at batches.ChunkRange) ([]roster.Dossier, error) {
	o := &k.order
	if o.Before != nil && o.Before.Revision == o.Previous.Revision {
		return k.before.Dossiers, nil
	}
	err := k.last.Read(ctx, conn, o.Region, o.Previous.Revision, at)
	return k.last.Dossiers, err
}

// listings walks two streams of people side by side.
func (k *bookkeeper) listings() error {
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

// money walks lines and people side by side; then are people as the batch of last knew them.
func (k *bookkeeper) money(lines, last []payrun.Line, then []roster.Dossier) error {
	add := func(r payrun.BridgeRow) { k.book.Bridge = append(k.book.Bridge, r) }
	for i := range k.now.Dossiers {
		d := &k.now.Dossiers[i]
		var mine, old []payrun.Line
		last = k.merged(last, d.Number, add)
		mine, lines = takePerson(lines, d.Number)
		old, last = takePerson(last, d.Number)
		if err := k.details(d, mine); err != nil {
			return err
		}
		changes := len(k.book.Bridge)
		if k.order.Previous != nil {
			if err := k.rules.Bridge(d, knownAs(then, d.Number), old, mine, add); err != nil {
				return err
			}
		}
		if err := k.write(d, k.book.Bridge[changes:]); err != nil {
			return err
		}
	}
	k.merged(last, math.MaxInt64, add)
	return nil
}

// merged takes the lines of people who are not there any more, before a person's, off the
// front: they were merged since, and the bridge says so.
func (k *bookkeeper) merged(last []payrun.Line, before int64, add func(payrun.BridgeRow)) []payrun.Line {
	n := 0
	for n < len(last) && last[n].Person < before {
		n++
	}
	payrun.BridgeMerged(last[:n], add)
	return last[n:]
}

// details adds a person's lines to the book, with what sheets say of them.
func (k *bookkeeper) details(d *roster.Dossier, mine []payrun.Line) error {
	k.mine = k.mine[:0]
	for _, l := range mine {
		detail, err := k.rules.Detail(d, l, k.earlier[payments.DueKeyOf(&l)])
		if err != nil {
			return err
		}
		if err := k.rules.Late(d, knownAs(k.before.Dossiers, d.Number), &detail); err != nil {
			return err
		}
		if first, ok := k.failed[payments.DueKeyOf(&l)]; ok && l.Kind != payrun.Recovery {
			detail.Reason, detail.Plain = first, first // says more than that it is late
		}
		detail.Kept = k.kept.of(&l)
		k.book.Lines[l.Item] = append(k.book.Lines[l.Item], detail)
		k.mine = append(k.mine, detail)
	}
	return nil
}

// knownAs finds a person among dossiers in order of person; nil where there is none.
func knownAs(dossiers []roster.Dossier, person int64) *roster.Dossier {
	at, ok := slices.BinarySearchFunc(dossiers, person, func(d roster.Dossier, n int64) int { return cmp.Compare(d.Number, n) })
	if !ok {
		return nil
	}
	return &dossiers[at]
}

// takePerson splits off the lines of a person from lines in order of person.
func takePerson(lines []payrun.Line, person int64) (mine, rest []payrun.Line) {
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
		slices.SortFunc(lines, func(a, b payrun.DetailedLine) int { return order.Lines(&a.Line, &b.Line) })
	}
	b.sortLetters(order)
	for _, rows := range b.Lists {
		slices.SortFunc(rows, func(a, b payrun.ListRow) int { return order.Streets(a.Street, a.ID, b.Street, b.ID) })
	}
	slices.SortFunc(b.Bridge, func(x, y payrun.BridgeRow) int {
		if c := pack.ItemOrder(x.Item) - pack.ItemOrder(y.Item); c != 0 {
			return c
		}
		return order.Streets(x.Street, x.ID, y.Street, y.ID)
	})
}
