package books

import (
	"context"

	"github.com/jackc/pgx/v5"

	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/runs"
)

// PersonMove is a row of the bridge and whose it is.
type PersonMove struct {
	Person int64
	payrun.BridgeRow
}

// MovesOf says of some people, in order of number, what changed between the batch's 当月
// and that of o.Previous, and why: MonthBook's bridge for a page of it. Errors as EachLineSummary.
func MovesOf(ctx context.Context, db *postgres.DB, o MonthOrder, people []int64) ([]PersonMove, error) {
	var all []PersonMove
	err := db.ReadRegion(ctx, o.Region, func(scope postgres.Scope) error {
		f, err := readFolio(ctx, scope.Tx, &o, people)
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
			mine, f.lines = takePerson(f.lines, person)
			old, last = takePerson(last, person)
			add := func(r payrun.BridgeRow) { all = append(all, PersonMove{person, r}) }
			now := knownAs(f.now.Dossiers, person)
			if now == nil {
				payrun.BridgeMerged(old, add)
				continue
			}
			if err := f.rules.Bridge(now, knownAs(then.Dossiers, person), old, mine, add); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// DetailsOf returns the batch's lines of some people, in order of number, with what sheets
// say about each. Errors as EachLineSummary.
func DetailsOf(ctx context.Context, db *postgres.DB, o MonthOrder, people []int64) ([]payrun.DetailedLine, error) {
	var all []payrun.DetailedLine
	err := db.Read(ctx, func(tx pgx.Tx) error {
		f, err := readFolio(ctx, tx, &o, people)
		if err != nil {
			return err
		}
		k := &bookkeeper{order: o, rules: f.rules, before: runs.NewChunk(),
			book: &MonthBook{Lines: map[string][]payrun.DetailedLine{}}}
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
			mine, f.lines = takePerson(f.lines, f.now.Dossiers[i].Number)
			if err := k.details(&f.now.Dossiers[i], mine); err != nil {
				return err
			}
			all = append(all, k.mine...)
		}
		return nil
	})
	return all, err
}

// folio is what a book of a batch begins with, for some people alone.
type folio struct {
	rules *payrun.Book
	now   *runs.Chunk // as the batch knew them
	lines []payrun.Line
}

func readFolio(ctx context.Context, tx pgx.Tx, o *MonthOrder, people []int64) (*folio, error) {
	b, err := batches.ReadUnchanged(ctx, postgres.In(tx, o.Region), o.Batch)
	if err != nil {
		return nil, err
	}
	o.Batch = b
	f := &folio{now: runs.NewChunk()}
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
	f.rules = payrun.NewBook(o.Pack, b.Month, o.PackBefore, m, nil)
	if o.Previous != nil {
		f.rules.Against(o.PackPrevious, o.Previous.Month)
	}
	return f, nil
}
