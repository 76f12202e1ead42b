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

// MergedRecord is a record that was merged (合并) into the person's.
type MergedRecord struct {
	Number int64
	Rev    int64
	At     time.Time
	Reason string
	Thens  []*roster.Dossier // for each of PersonMonth.Thens: the record as of that batch; nil: not on the roster
}

// readMerged reads the records that were merged into the person's, as of each batch of the month:
// without them a month that was paid to both records could not be explained.
func (p *PersonMonth) readMerged(ctx context.Context, tx pgx.Tx, region int32) error {
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

// readFound reads the items that any batch, ledger entry or waiver has for the month, of the person
// or of a merged record: these never lapse under a limit on 补发.
func (p *PersonMonth) readFound(ctx context.Context, tx pgx.Tx, region int32, m month.Month) error {
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

// readStages reads what was known of the person as of each revision, and the bureaus' approvals.
func (p *PersonMonth) readStages(ctx context.Context, tx pgx.Tx, region int32) error {
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

// readOpening reads the region's opening month; 0 before the first run.
func (p *PersonMonth) readOpening(ctx context.Context, scope postgres.Scope) error {
	var first *time.Time
	if err := scope.Tx.QueryRow(ctx, `SELECT opening_month FROM region WHERE region = $1`, scope.Region).Scan(&first); err != nil {
		return fmt.Errorf("read opening month: %w", err)
	}
	if first != nil {
		p.Opening = month.FromTime(*first).Month()
	}
	return nil
}
