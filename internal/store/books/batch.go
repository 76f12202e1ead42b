package books

import (
	"context"

	"github.com/jackc/pgx/v5"

	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/runs"
)

// PersonBridgeRow is a row of the bridge (变动) with its person.
type PersonBridgeRow struct {
	Person int64
	explain.BridgeRow
}

// BridgeRowsOf returns, for some people in ascending order of number, what changed between the batch's
// 当月 and that of o.Previous, and why: one page of MonthBook's bridge. Errors as LineMarks.
func BridgeRowsOf(ctx context.Context, db *postgres.DB, o MonthOrder, people []int64) ([]PersonBridgeRow, error) {
	var all []PersonBridgeRow
	err := db.ReadRegion(ctx, o.Region, func(scope postgres.Scope) error {
		f, err := readExcerpt(ctx, scope.Tx, &o, people)
		if err != nil {
			return err
		}
		then := runs.NewChunk()
		if err := then.ReadOf(ctx, scope.Tx.Conn(), o.Region, o.Previous.Revision, people); err != nil {
			return err
		}
		last, err := batches.LinesOfPeopleIn(ctx, scope, *o.Previous, people)
		if err != nil {
			return err
		}
		for _, person := range people {
			var mine, old []payrun.Line
			mine, f.lines = splitPerson(f.lines, person)
			old, last = splitPerson(last, person)
			add := func(r explain.BridgeRow) { all = append(all, PersonBridgeRow{person, r}) }
			now := dossierOf(f.now.Dossiers, person)
			if now == nil {
				explain.BridgeMerged(old, add)
				continue
			}
			if err := f.rules.Bridge(now, dossierOf(then.Dossiers, person), old, mine, add); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// DetailsOf returns the batch's lines of some people, in ascending order of number, with the
// details that sheets print. Errors as LineMarks.
func DetailsOf(ctx context.Context, db *postgres.DB, o MonthOrder, people []int64) ([]explain.DetailedLine, error) {
	var all []explain.DetailedLine
	err := db.Read(ctx, func(tx pgx.Tx) error {
		f, err := readExcerpt(ctx, tx, &o, people)
		if err != nil {
			return err
		}
		k := &bookReader{order: o, rules: f.rules, before: runs.NewChunk(),
			book: &MonthBook{Lines: map[string][]explain.DetailedLine{}}}
		if o.Before != nil {
			if err := k.before.ReadOf(ctx, tx.Conn(), o.Region, o.Before.Revision, people); err != nil {
				return err
			}
		}
		if err := k.readPast(ctx, tx, people); err != nil {
			return err
		}
		all = nil
		for i := range f.now.Dossiers {
			var mine []payrun.Line
			mine, f.lines = splitPerson(f.lines, f.now.Dossiers[i].Number)
			if err := k.addDetails(&f.now.Dossiers[i], mine); err != nil {
				return err
			}
			all = append(all, k.personLines...)
		}
		return nil
	})
	return all, err
}

// excerpt holds what a book needs of a batch, for some people only.
type excerpt struct {
	rules *explain.Book
	now   *runs.Chunk // as the batch knew them
	lines []payrun.Line
}

func readExcerpt(ctx context.Context, tx pgx.Tx, o *MonthOrder, people []int64) (*excerpt, error) {
	b, err := batches.ReadUnchanged(ctx, postgres.In(tx, o.Region), o.Batch)
	if err != nil {
		return nil, err
	}
	o.Batch = b
	f := &excerpt{now: runs.NewChunk()}
	if err := f.now.ReadOf(ctx, tx.Conn(), o.Region, b.Revision, people); err != nil {
		return nil, err
	}
	if f.lines, err = batches.LinesOfPeopleIn(ctx, postgres.In(tx, o.Region), b, people); err != nil {
		return nil, err
	}
	m := b.Month
	if o.Before != nil {
		m = o.Before.Month
	}
	f.rules = explain.NewBook(o.Pack, b.Month, o.PackBefore, m, nil)
	if o.Previous != nil {
		f.rules.Against(o.PackPrevious, o.Previous.Month)
	}
	return f, nil
}
