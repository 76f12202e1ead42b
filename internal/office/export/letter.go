package export

import (
	"context"
	"path/filepath"
	"slices"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
	"disburse/internal/store/people"
	"disburse/internal/store/recovery"
	"disburse/reports/letters"
)

// Letter writes the letters of one person as a workbook, and returns whose they are: what
// the batches of the month pay (告知书), of every bureau, and one 追缴通知书 a bureau of
// what is still owed to it by now, whatever the batches knew.
func Letter(ctx context.Context, o *office.Office, id string, m month.Month, out string, by journal.By) (*roster.Dossier, error) {
	return LetterOf(ctx, o, id, m, "", out, by)
}

// LetterOf is Letter with what one bureau pays and is owed; empty: all.
func LetterOf(ctx context.Context, o *office.Office, id string, m month.Month, bureau, out string, by journal.By) (*roster.Dossier, error) {
	if err := office.Replaceable(out, office.TitleEnds("告知书")); err != nil {
		return nil, err
	}
	d, err := people.FindDossier(ctx, o.DB, o.Region, id, 0)
	if err != nil {
		return nil, err
	}
	batches, err := letterBatches(ctx, o, m)
	if err != nil {
		return nil, err
	}
	var all []letters.Bundle
	for _, b := range batches {
		if bureau != "" && b.Bureau != bureau {
			continue
		}
		letters, err := personLetters(ctx, o, b, d.Number)
		if err != nil {
			return nil, err
		}
		if len(letters.Letters) > 0 {
			all = append(all, letters)
		}
	}
	if all, err = askBack(ctx, o, all, d.Number, bureau); err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fault.Command(fault.New(fault.NotFound, "%s 的批次里没有 %s 的款项，也没有多发未退的款项；原因见待遇说明", m, d.Name), "disburse explain")
	}
	if err := o.LogAccess(ctx, by, journal.Exported, "告知书", d.Number, m.String(), filepath.Base(out)); err != nil {
		return nil, err
	}
	return d, letters.WritePerson(ctx, out, all)
}

// personLetters are one person's letters of one batch.
func personLetters(ctx context.Context, o *office.Office, b payrun.Batch, person int64) (letters.Bundle, error) {
	is, pack, err := batchIssue(ctx, o, b)
	if err != nil {
		return letters.Bundle{}, err
	}
	q, err := monthOrder(ctx, o, is, pack)
	if err != nil {
		return letters.Bundle{}, err
	}
	q.Person, q.Letters, q.Debts = person, books.AllLetters, nil // askBack says what is owed by now
	if q.DeathsAt, _, err = o.DB.Head(ctx, o.Region); err != nil {
		return letters.Bundle{}, err
	}
	book, err := books.ReadMonthBook(ctx, o.DB, q)
	if err != nil {
		return letters.Bundle{}, err
	}
	return letters.Bundle{Issue: is, Letters: book.Letters}, nil
}

// askBack adds what the person still owes each bureau (empty: all): to the bureau's last
// letter the sum, and one notice, under the batch that the register is known by.
func askBack(ctx context.Context, o *office.Office, all []letters.Bundle, person int64, bureau string) ([]letters.Bundle, error) {
	origins, err := recovery.RegisterOrigins(ctx, o.DB, o.Region)
	if err != nil {
		return nil, err
	}
	register, err := recovery.Register(ctx, o.DB, o.Region)
	if err != nil {
		return nil, err
	}
	for _, origin := range origins {
		b := origin.Batch
		debts := owedTo(o, register, &NoticeOrder{Bureau: b.Bureau, Person: person})
		if len(debts) == 0 || (bureau != "" && b.Bureau != bureau) {
			continue
		}
		is, recalls, err := recalls(ctx, o, origin, debts)
		if err != nil {
			return nil, err
		}
		tellDebt(all, b.Bureau, debts)
		at := slices.IndexFunc(all, func(l letters.Bundle) bool { return l.Issue.Batch.Number == b.Number })
		if at < 0 {
			at, all = len(all), append(all, letters.Bundle{Issue: is})
		}
		all[at].Recalls = recalls
	}
	return all, nil
}

// tellDebt writes into the bureau's last letter what the person owes: what an institution
// owes is not theirs to return.
func tellDebt(all []letters.Bundle, bureau string, debts []payrun.Debt) {
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Issue.Batch.Bureau != bureau || len(all[i].Letters) == 0 {
			continue
		}
		l := &all[i].Letters[len(all[i].Letters)-1]
		for j := range debts {
			if debts[j].Payee == roster.Myself {
				l.Debt = l.Debt.Add(debts[j].Amount)
			}
		}
		return
	}
}

// letterBatches are those of the month that pay: each bureau's latest one, and approved
// ones before it.
func letterBatches(ctx context.Context, o *office.Office, m month.Month) ([]payrun.Batch, error) {
	all, err := batches.OfMonth(ctx, o.DB, o.Region, m)
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
