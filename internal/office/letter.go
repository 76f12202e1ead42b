package office

import (
	"context"
	"path/filepath"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/reports"
)

// Letter writes the letters of one person (告知书, 追缴通知书) as a workbook, of every
// bureau that pays them or that they owe, and returns whose they are.
func (o *Office) Letter(ctx context.Context, id string, m month.Month, out string, by journal.By) (*roster.Dossier, error) {
	return o.LetterOf(ctx, id, m, "", out, by)
}

// LetterOf is Letter with what one bureau pays and is owed; empty: all.
func (o *Office) LetterOf(ctx context.Context, id string, m month.Month, bureau, out string, by journal.By) (*roster.Dossier, error) {
	d, err := o.DB.FindDossier(ctx, o.Region, id, 0)
	if err != nil {
		return nil, err
	}
	batches, err := o.letterBatches(ctx, m)
	if err != nil {
		return nil, err
	}
	var all []reports.PersonLetters
	for _, b := range batches {
		if bureau != "" && b.Bureau != bureau {
			continue
		}
		letters, err := o.personLetters(ctx, b, d.Number)
		if err != nil {
			return nil, err
		}
		if len(letters.Letters)+len(letters.Recalls) > 0 {
			all = append(all, letters)
		}
	}
	if len(all) == 0 {
		return nil, fault.Command(fault.New(fault.NotFound, "%s 的批次里没有 %s 的款项，也没有多发未退的款项；原因见待遇说明", m, d.Name), "disburse explain")
	}
	if err := o.looksAt(ctx, by, journal.Exported, "告知书", d.Number, m.String(), filepath.Base(out)); err != nil {
		return nil, err
	}
	return d, reports.WriteLetters(ctx, out, all)
}

// personLetters are one person's letters of one batch.
func (o *Office) personLetters(ctx context.Context, b payrun.Batch, person int64) (reports.PersonLetters, error) {
	is, pack, _, err := o.batchIssue(ctx, b)
	if err != nil {
		return reports.PersonLetters{}, err
	}
	q, err := o.monthOrder(ctx, is, pack)
	if err != nil {
		return reports.PersonLetters{}, err
	}
	q.Person, q.Letters = person, postgres.AllLetters
	book, err := o.DB.MonthBook(ctx, q)
	if err != nil {
		return reports.PersonLetters{}, err
	}
	return reports.PersonLetters{Issue: is, Letters: book.Letters, Recalls: book.Recalls}, nil
}

// letterBatches are those of the month that pay: each bureau's latest one, and approved
// ones before it.
func (o *Office) letterBatches(ctx context.Context, m month.Month) ([]payrun.Batch, error) {
	all, err := o.DB.Batches(ctx, o.Region, m)
	if err != nil {
		return nil, err
	}
	var paying []payrun.Batch
	for i, b := range all { // by bureau and number
		superseded := i+1 < len(all) && all[i+1].Bureau == b.Bureau
		if b.State == payrun.Approved || (!superseded && b.State != payrun.Voided && !b.Withdrawn()) {
			paying = append(paying, b)
		}
	}
	if len(paying) == 0 {
		return nil, fault.Command(fault.New(fault.NotFound, "%s 还没有批次，请先计算这个月", m), "disburse run %s", m)
	}
	return paying, nil
}
