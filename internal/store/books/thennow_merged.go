package books

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/people"
	"disburse/internal/store/runs"
)

// MergedRecord is another record that was merged (合并) into the person's.
type MergedRecord struct {
	Number int64
	Rev    int64
	At     time.Time
	Reason string
	Thens  []*roster.Dossier // of each of PersonMonth.Thens, as the batch knew the record; nil: not on the roster
}

// mergedRecords finds the records that are the person's by now, and what each batch of the
// month knew of them: a month that was paid for twice is not seen from one of the two.
func (p *PersonMonth) mergedRecords(ctx context.Context, tx pgx.Tx, region int32) error {
	m, err := people.ReadMerges(ctx, postgres.In(tx, region).At(p.Revision))
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `
		SELECT m.gone, m.rev, j.at, m.reason FROM merge m JOIN journal j USING (region, rev)
		WHERE m.region = $1 AND m.gone = ANY($2) ORDER BY m.rev`, region, m.Into(p.Now.Number))
	if err != nil {
		return fmt.Errorf("read merges of person %d: %w", p.Now.Number, err)
	}
	var r MergedRecord
	_, err = pgx.ForEachRow(rows, []any{&r.Number, &r.Rev, &r.At, &r.Reason}, func() error {
		p.Merged = append(p.Merged, r)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read merges of person %d: %w", p.Now.Number, err)
	}
	for i := range p.Merged {
		r := &p.Merged[i]
		for k := range p.Thens {
			d, err := dossierAt(ctx, postgres.In(tx, region).At(p.Thens[k].Batch.Revision), r.Number)
			if err != nil {
				return err
			}
			r.Thens = append(r.Thens, d)
		}
	}
	return nil
}

// found reads which items some batch has found for the month, or an entry or waiver has,
// of the person or of a record that is the person's by now: these are never too late.
func (p *PersonMonth) found(ctx context.Context, tx pgx.Tx, region int32, m month.Month) error {
	records := []int64{p.Now.Number}
	for i := range p.Merged {
		records = append(records, p.Merged[i].Number)
	}
	rows, err := tx.Query(ctx, `
		SELECT item FROM line WHERE region = $1 AND person = ANY($2) AND month = $3
		UNION SELECT item FROM batch b JOIN draft_line d USING (region, batch) WHERE b.region = $1 AND d.person = ANY($2) AND d.month = $3
		UNION SELECT item FROM waiver WHERE region = $1 AND person = ANY($2) AND month = $3
		UNION SELECT item FROM ledger WHERE region = $1 AND person = ANY($2) AND month = $3`, region, records, postgres.FirstDay(m))
	if err != nil {
		return fmt.Errorf("read dues that were found: %w", err)
	}
	p.Found = map[string]bool{}
	var item string
	if _, err = pgx.ForEachRow(rows, []any{&item}, func() error { p.Found[item] = true; return nil }); err != nil {
		return fmt.Errorf("read dues that were found: %w", err)
	}
	return nil
}

// stages reads what was known of the person when, and what bureaus had approved when.
func (p *PersonMonth) stages(ctx context.Context, tx pgx.Tx, region int32) error {
	m, err := people.ReadMerges(ctx, postgres.In(tx, region).At(p.Revision))
	if err != nil {
		return err
	}
	all, err := runs.ReadStages(ctx, tx.Conn(), region, p.Revision, []int64{p.Now.Number}, m)
	if err != nil {
		return err
	}
	p.Stages = all[p.Now.Number]
	p.Approvals, err = runs.Approvals(ctx, postgres.In(tx, region).At(p.Revision))
	return err
}

// opening reads the region's opening month.
func (p *PersonMonth) opening(ctx context.Context, scope postgres.Scope) error {
	var first *time.Time
	if err := scope.Tx.QueryRow(ctx, `SELECT opening_month FROM region WHERE region = $1`, scope.Region).Scan(&first); err != nil {
		return fmt.Errorf("read opening month: %w", err)
	}
	if first != nil {
		p.Opening = month.FromTime(*first).Month()
	}
	return nil
}
