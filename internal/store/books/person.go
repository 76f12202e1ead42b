package books

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/people"
)

// PersonFile is all that is known of a person, and since when, in one snapshot.
type PersonFile struct {
	Revision int64
	Now      *roster.Dossier
	Past     []roster.Person     // every version, the oldest first, those of merged records included
	Learned  map[int64]LearnedAt // by revision: those of Past, and of the facts and awards of Now
	Records  []int64             // the person's number, and those of records merged into it
	Opening  month.Month         // of the region; 0: nothing was run yet
	Last     month.Month         // the last month that was run
}

// LearnedAt is the journal's data of a revision: when, by what action, by whom and why something
// became known.
type LearnedAt struct {
	At     time.Time
	Action string
	Actor  string
	Reason string
}

// ReadPersonFile reads a person by the roster's number; for a merged record it reads the
// survivor. Errors: fault.NotFound.
func ReadPersonFile(ctx context.Context, db *postgres.DB, region int32, person int64) (*PersonFile, error) {
	var f *PersonFile
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		f = &PersonFile{Learned: map[int64]LearnedAt{}}
		var err error
		if f.Revision, err = people.ResolveRevision(ctx, scope.At(0)); err != nil {
			return err
		}
		merged, err := people.ReadMerges(ctx, scope.At(f.Revision))
		if err != nil {
			return err
		}
		if err := f.readNow(ctx, scope, merged.Survivor(person)); err != nil {
			return err
		}
		f.Records = append(merged.Into(f.Now.Number), f.Now.Number)
		for _, read := range []func(context.Context, pgx.Tx, int32) error{f.readPast, f.readRevisions, f.readMonths} {
			if err := read(ctx, scope.Tx, region); err != nil {
				return err
			}
		}
		return nil
	})
	return f, err
}

func (f *PersonFile) readNow(ctx context.Context, scope postgres.Scope, person int64) error {
	found, err := people.ReadDossiers(ctx, scope.At(f.Revision), people.Among([]int64{person}))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fault.New(fault.NotFound, "花名册里没有这个人（可能随撤销的导入撤去了），请从“查找”重新进入")
	}
	f.Now = found[0]
	return nil
}

func (f *PersonFile) readPast(ctx context.Context, tx pgx.Tx, region int32) error {
	records := slices.Sorted(slices.Values(f.Records))
	err := people.EachPersonRow(ctx, postgres.In(tx, region).At(f.Revision), people.Among(records), func(p roster.Person) error {
		f.Past = append(f.Past, p)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read rows of person %d: %w", f.Now.Number, err)
	}
	slices.SortStableFunc(f.Past, func(a, b roster.Person) int { return int(a.Rev - b.Rev) })
	return nil
}

// readRevisions reads the journal entries of all revisions that the file mentions.
func (f *PersonFile) readRevisions(ctx context.Context, tx pgx.Tx, region int32) error {
	var revs []int64
	for i := range f.Past {
		revs = append(revs, f.Past[i].Rev)
	}
	for i := range f.Now.Facts {
		revs = append(revs, f.Now.Facts[i].Rev)
	}
	for i := range f.Now.Awards {
		revs = append(revs, f.Now.Awards[i].Rev)
	}
	rows, err := tx.Query(ctx, `SELECT rev, at, action, actor, reason FROM journal WHERE region = $1 AND rev = ANY ($2)`, region, revs)
	if err != nil {
		return fmt.Errorf("read revisions: %w", err)
	}
	var rev int64
	var l LearnedAt
	if _, err = pgx.ForEachRow(rows, []any{&rev, &l.At, &l.Action, &l.Actor, &l.Reason}, func() error { f.Learned[rev] = l; return nil }); err != nil {
		return fmt.Errorf("read revisions: %w", err)
	}
	return nil
}

func (f *PersonFile) readMonths(ctx context.Context, tx pgx.Tx, region int32) error {
	var opening, last *time.Time
	err := tx.QueryRow(ctx, `SELECT opening_month, (SELECT max(month) FROM batch WHERE region = $1 AND `+batches.NotWithdrawn+`) FROM region WHERE region = $1`, region).Scan(&opening, &last)
	if err != nil {
		return fmt.Errorf("read months: %w", err)
	}
	f.Opening, f.Last = postgres.NullableMonth(opening), postgres.NullableMonth(last)
	return nil
}

// PersonSettled is what was settled for a person, item, payee and month, by kind. Amounts are 分.
type PersonSettled struct {
	ledger.Key
	Current   money.Fen // 当月, paid with the month's own batch
	Arrears   money.Fen // 补发, paid later
	Recovery  money.Fen // 扣回, negative
	Returned  money.Fen // 退回: reversals of failed payments
	Collected money.Fen // 收回, negative
	Opening   money.Fen // 期初
	Waived    money.Fen // 核销; not part of the ledger
}

// Settled is the sum of the ledger's entries.
func (s *PersonSettled) Settled() money.Fen {
	return s.Current.Add(s.Arrears).Add(s.Recovery).Add(s.Returned).Add(s.Collected).Add(s.Opening)
}

// ReadPersonSettled sums up the ledger of a person's records for the months from first to last.
// Entries of merges (kind 6) cancel out over the records and are left out; waivers are read of the
// survivor only, as a merge copies them. Entries of voided batches cancel out too and are left
// out, so that a voided batch shows neither a payment nor a return.
func ReadPersonSettled(ctx context.Context, db *postgres.DB, region int32, f *PersonFile, first, last month.Month) ([]PersonSettled, error) {
	var all []PersonSettled
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT item, payee, month, sum(current)::bigint, sum(arrears)::bigint, sum(recovery)::bigint, sum(returned)::bigint,
			       sum(collected)::bigint, sum(opening)::bigint, sum(waived)::bigint FROM (
			    SELECT l.item, l.payee, l.month,
			           CASE WHEN l.kind = 1 AND l.amount > 0 AND b.month = l.month THEN l.amount ELSE 0 END AS current,
			           CASE WHEN l.kind = 1 AND l.amount > 0 AND b.month <> l.month THEN l.amount ELSE 0 END AS arrears,
			           CASE WHEN l.kind = 1 AND l.amount < 0 THEN l.amount ELSE 0 END AS recovery,
			           CASE WHEN l.kind = 2 THEN l.amount ELSE 0 END AS returned,
			           CASE WHEN l.kind = 4 THEN l.amount ELSE 0 END AS collected,
			           CASE WHEN l.kind = 5 THEN l.amount ELSE 0 END AS opening, 0::bigint AS waived
			    FROM ledger l LEFT JOIN batch b ON b.region = l.region AND b.batch = l.batch
			    WHERE l.region = $1 AND l.person = ANY ($2) AND l.month BETWEEN $3 AND $4 AND l.kind <> 6
			      AND b.state IS DISTINCT FROM 'voided'
			    UNION ALL
			    SELECT item, payee, month, 0, 0, 0, 0, 0, 0, amount FROM waiver
			    WHERE region = $1 AND person = $5 AND month BETWEEN $3 AND $4) x
			GROUP BY item, payee, month ORDER BY month, item, payee`, region, f.Records, postgres.FirstDay(first), postgres.FirstDay(last), f.Now.Number)
		if err != nil {
			return fmt.Errorf("add up ledger of a person: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (s PersonSettled, err error) {
			var m postgres.ScannedMonth
			err = row.Scan(&s.Item, &s.Payee, &m.Day, &s.Current, &s.Arrears, &s.Recovery, &s.Returned, &s.Collected, &s.Opening, &s.Waived)
			s.Month = m.Month()
			return s, err
		})
		if err != nil {
			return fmt.Errorf("add up ledger of a person: %w", err)
		}
		return nil
	})
	return all, err
}
