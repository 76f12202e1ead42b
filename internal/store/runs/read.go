package runs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun/engine"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/people"
)

// dropMerged removes from the chunk the records of a range that were merged into another one
// by rev: nothing is computed for them any more.
func (c *Chunk) dropMerged(ctx context.Context, conn *pgx.Conn, region int32, rev int64, at batches.ChunkRange) error {
	rows, err := conn.Query(ctx, `SELECT gone FROM merge WHERE region = $1 AND gone >= $2 AND gone < $3 AND rev <= $4`, region, at.From, at.To, rev)
	if err != nil {
		return fmt.Errorf("read merged people: %w", err)
	}
	merged, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("read merged people: %w", err)
	}
	if len(merged) == 0 {
		return nil
	}
	c.Dossiers = slices.DeleteFunc(c.Dossiers, func(d roster.Dossier) bool { return slices.Contains(merged, d.Number) })
	return nil
}

// NewChunk returns an empty chunk.
func NewChunk() *Chunk {
	return &Chunk{Settled: map[int64][]engine.Settled{}, lastPaid: map[int64]*roster.Account{}, Stages: map[int64][]engine.Stage{}, interned: map[string]string{}}
}

// ChunkPeople is how many person numbers a range has. Larger ranges cost fewer queries and
// more memory per worker.
const ChunkPeople = 8192

// ChunksOf divides the person numbers 1 to next-1 into ranges of ChunkPeople.
func ChunksOf(next int64) []batches.ChunkRange {
	var all []batches.ChunkRange
	for from := int64(1); from < next; from += ChunkPeople {
		all = append(all, batches.ChunkRange{From: from, To: min(from+ChunkPeople, next)})
	}
	return all
}

// Chunk holds the people of a range with all that a run needs about them. Its slices and maps
// are reused for the next range, so nothing of it may be retained.
type Chunk struct {
	Dossiers []roster.Dossier
	facts    []roster.Fact
	awards   []roster.Award
	Settled  map[int64][]engine.Settled
	lastPaid map[int64]*roster.Account
	Stages   map[int64][]engine.Stage
	interned map[string]string // fact names, values, items and payees: one string for equal texts
}

// Read fills the chunk with what is known at rev. Facts' Rev and Basis, and
// addresses, are left out: nothing is computed from them.
func (c *Chunk) Read(ctx context.Context, conn *pgx.Conn, region int32, rev int64, at batches.ChunkRange) error {
	c.Dossiers, c.facts, c.awards = c.Dossiers[:0], c.facts[:0], c.awards[:0]
	where := fmt.Sprintf("WHERE region = %d AND person >= %d AND person < %d AND rev <= %d", region, at.From, at.To, rev)
	if err := c.readPeople(ctx, conn, where); err != nil {
		return err
	}
	if err := c.readFacts(ctx, conn, where); err != nil {
		return err
	}
	if err := c.readAwards(ctx, conn, where); err != nil {
		return err
	}
	return c.dropMerged(ctx, conn, region, rev, at)
}

// ReadOf is Read for single people, in ascending order of number, instead of a range.
func (c *Chunk) ReadOf(ctx context.Context, conn *pgx.Conn, region int32, rev int64, people []int64) error {
	c.Dossiers, c.facts, c.awards = c.Dossiers[:0], c.facts[:0], c.awards[:0]
	if len(people) == 0 {
		return nil
	}
	where := fmt.Sprintf("WHERE region = %d AND person = ANY (%s) AND rev <= %d", region, postgres.ArrayText(people), rev)
	if err := c.readPeople(ctx, conn, where); err != nil {
		return err
	}
	if err := c.readFacts(ctx, conn, where); err != nil {
		return err
	}
	if err := c.readAwards(ctx, conn, where); err != nil {
		return err
	}
	return c.dropMerged(ctx, conn, region, rev, batches.ChunkRange{From: people[0], To: people[len(people)-1] + 1})
}

func (c *Chunk) readPeople(ctx context.Context, conn *pgx.Conn, where string) error {
	sql := `COPY (SELECT person, rev, id_number, name, street, community, phone, birth, moved_in, moved_out, died,
		bank, account, holder, deputy, deputy_reason, deputy_relation FROM person ` + where + ` ORDER BY person, rev) TO STDOUT (FORMAT binary)`
	return postgres.CopyOut(ctx, conn.PgConn(), sql, func(r *postgres.RowReader) error {
		for r.Next() {
			number := r.Int64(0)
			if n := len(c.Dossiers); n == 0 || c.Dossiers[n-1].Number != number {
				c.Dossiers = append(c.Dossiers, roster.Dossier{})
			}
			row := string(r.Raw())
			d := &c.Dossiers[len(c.Dossiers)-1] // a later revision overwrites the one before
			d.Person = roster.Person{
				Number: number, Rev: r.Int64(1), ID: r.Substring(row, 2), Name: r.Substring(row, 3),
				Street: r.Substring(row, 4), Community: r.Substring(row, 5), Phone: r.Substring(row, 6),
				Birth: r.Date(7), MovedIn: r.Date(8), MovedOut: r.Date(9), Died: r.Date(10),
				Account: roster.Account{Bank: r.Substring(row, 11), Number: r.Substring(row, 12), Holder: r.Substring(row, 13)},
				Deputy:  roster.Deputy{Name: r.Substring(row, 14), Reason: r.Substring(row, 15), Relation: r.Substring(row, 16)},
			}
		}
		return r.Err()
	})
}

// intern returns the text of field i, one string for equal texts: most facts and awards share
// a few names and values.
func (c *Chunk) intern(r *postgres.RowReader, i int) string {
	b := r.Bytes(i)
	if s, ok := c.interned[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(c.interned) < 1<<14 { // a bound on memory, should a value be free text
		c.interned[s] = s
	}
	return s
}

// historyCursor tracks, in a stream ordered by person, name, revision and n, where the current
// history began, so that the rows of a later revision replace those of an earlier one.
type historyCursor struct {
	person int64
	name   string
	rev    int64
	start  int // length of the output before this history
}

// advance notes the next row and returns the length to truncate the output to, which has
// have rows now.
func (h *historyCursor) advance(person int64, name string, rev int64, have int) int {
	if person == h.person && name == h.name {
		if rev == h.rev {
			return have
		}
		h.rev = rev
		return h.start
	}
	*h = historyCursor{person, name, rev, have}
	return have
}

// owner returns the dossier of a person, searching forward from index *at (a merge join):
// dossiers and the rows that belong to them are both in the order of person numbers.
func (c *Chunk) owner(at *int, person int64) (*roster.Dossier, error) {
	for *at < len(c.Dossiers) && c.Dossiers[*at].Number < person {
		*at++
	}
	if *at == len(c.Dossiers) || c.Dossiers[*at].Number != person {
		return nil, fmt.Errorf("person %d is mentioned but has no row", person)
	}
	return &c.Dossiers[*at], nil
}

func (c *Chunk) readFacts(ctx context.Context, conn *pgx.Conn, where string) error {
	sql := `COPY (SELECT person, fact, rev, n, since, until, value FROM fact ` + where +
		` ORDER BY person, fact, rev, n) TO STDOUT (FORMAT binary)`
	at := 0
	var h historyCursor
	return postgres.CopyOut(ctx, conn.PgConn(), sql, func(r *postgres.RowReader) error {
		for r.Next() {
			person, name := r.Int64(0), c.intern(r, 1)
			d, err := c.owner(&at, person)
			if err != nil {
				return fmt.Errorf("read facts: %w", err)
			}
			first := len(c.facts) - len(d.Facts) // where this person's facts begin
			c.facts = c.facts[:h.advance(person, name, r.Int64(2), len(c.facts))]
			if r.Int16(3) > 0 { // n = 0: the revision withdrew the history
				c.facts = append(c.facts, roster.Fact{Name: name, Since: r.Date(4), Until: r.Date(5), Value: c.intern(r, 6)})
			}
			d.Facts = c.facts[first:]
		}
		return r.Err()
	})
}

func (c *Chunk) readAwards(ctx context.Context, conn *pgx.Conn, where string) error {
	sql := `COPY (SELECT person, item, rev, n, amount, first_month, last_month, payee FROM award ` + where +
		` ORDER BY person, item, rev, n) TO STDOUT (FORMAT binary)`
	at := 0
	var h historyCursor
	return postgres.CopyOut(ctx, conn.PgConn(), sql, func(r *postgres.RowReader) error {
		for r.Next() {
			person, item := r.Int64(0), c.intern(r, 1)
			d, err := c.owner(&at, person)
			if err != nil {
				return fmt.Errorf("read awards: %w", err)
			}
			first := len(c.awards) - len(d.Awards)
			c.awards = c.awards[:h.advance(person, item, r.Int64(2), len(c.awards))]
			if r.Int16(3) > 0 {
				c.awards = append(c.awards, roster.Award{
					Item: item, Amount: money.Fen(r.Int64(4)), First: r.Month(5), Last: r.Month(6), Payee: c.intern(r, 7)})
			}
			d.Awards = c.awards[first:]
		}
		return r.Err()
	})
}

// Settle fills c.Settled for touched people: by item, payee and month what the ledger has
// settled up to the run's revision, what was waived, what the last approved batch holds and
// what banks sent back, all in 分.
func (c *Chunk) Settle(ctx context.Context, conn *pgx.Conn, r *Computation, people []int64) error {
	clear(c.Settled)
	if len(people) == 0 {
		return nil
	}
	var before []int32
	for _, b := range r.Plan.Bureaus {
		if b.Before != nil {
			before = append(before, b.Before.Number)
		}
	}
	// Exec mode here and below: a prepared statement planned while a table was empty would keep
	// its bad plan for as long as the connection lives.
	rows, err := conn.Query(ctx, `
		SELECT person, item, payee, month, sum(amount)::bigint, sum(waived)::bigint, sum(held)::bigint, sum(refused)::bigint FROM (
		    SELECT person, item, payee, month, amount, 0 AS waived, 0 AS held, CASE WHEN kind = 2 THEN -amount ELSE 0 END AS refused FROM ledger
		    WHERE region = $1 AND person = ANY($2) AND rev <= $3
		    UNION ALL
		    SELECT person, item, payee, month, 0, amount, 0, 0 FROM waiver
		    WHERE region = $1 AND person = ANY($2) AND rev <= $3
		    UNION ALL
		    SELECT person, item, payee, month, 0, 0, amount, 0 FROM line
		    WHERE region = $1 AND batch = ANY($4) AND person = ANY($2) AND hold <> 0) all_entries
		GROUP BY person, item, payee, month`, pgx.QueryExecModeExec, r.Order.Region, people, r.Revision, before)
	if err != nil {
		return fmt.Errorf("read settled amounts: %w", err)
	}
	var person int64
	var s engine.Settled
	var first time.Time
	_, err = pgx.ForEachRow(rows, []any{&person, &s.Item, &s.Payee, &first, &s.Amount, &s.Waived, &s.Held, &s.Refused}, func() error {
		s.Month = month.FromTime(first).Month()
		c.Settled[person] = append(c.Settled[person], s)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read settled amounts: %w", err)
	}
	return c.addFoundDues(ctx, conn, r, people)
}

// readLastPaid reads the account of each person's last payment to themselves, or to a record
// that was merged into theirs. Within one batch the person's own record wins.
func (c *Chunk) readLastPaid(ctx context.Context, conn *pgx.Conn, region int32, people []int64, m people.Merges) error {
	clear(c.lastPaid)
	if len(people) == 0 {
		return nil
	}
	rows, err := conn.Query(ctx, `
		SELECT DISTINCT ON (person) person, batch, bank, account, holder FROM line l
		WHERE region = $1 AND person = ANY($2) AND payee = $3 AND file IS NOT NULL
		  AND NOT EXISTS (SELECT FROM batch v WHERE v.region = l.region AND v.batch = l.batch AND v.state = 'voided')
		ORDER BY person, batch DESC`, pgx.QueryExecModeExec, region, m.WithMerged(people), roster.Myself)
	if err != nil {
		return fmt.Errorf("read last payments: %w", err)
	}
	var person int64
	var batch int32
	var a roster.Account
	newest := map[int64]int32{}
	_, err = pgx.ForEachRow(rows, []any{&person, &batch, &a.Bank, &a.Number, &a.Holder}, func() error {
		who := m.Survivor(person)
		if batch < newest[who] || (batch == newest[who] && who != person) {
			return nil
		}
		account := a
		c.lastPaid[who], newest[who] = &account, batch
		return nil
	})
	if err != nil {
		return fmt.Errorf("read last payments: %w", err)
	}
	return nil
}
