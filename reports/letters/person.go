package letters

import (
	"context"
	"fmt"
	"path/filepath"

	"disburse/internal/payrun/explain"
	"disburse/reports/filing"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// Bundle are the letters of one bureau's batch to one person.
type Bundle struct {
	Issue   *source.Issue
	Letters []explain.Letter
	Recalls []explain.Recall
}

// WritePerson writes one person's letters to a workbook: 告知书 and, where anything is
// owed, 追缴通知书, a sheet each for every batch. Nothing is written on an error.
func WritePerson(ctx context.Context, path string, all []Bundle) error {
	stage, err := filing.NewStage(filepath.Dir(path), "")
	if err != nil {
		return filing.CannotWrite(path, err)
	}
	defer stage.Discard()
	first := all[0].Issue
	p, err := sheet.NewPaper(first, source.NewCatalogue(first.Pack, first.Batch.Bureau), stage.Dir, Name)
	if err != nil {
		return filing.CannotWrite(path, err)
	}
	for i := range all {
		if err := lettersOf(p, &all[i], len(all) > 1); err != nil {
			_ = p.Close()
			return filing.CannotWrite(path, err)
		}
	}
	if _, err = stage.Add(ctx, p.Book, filepath.Base(path)); err == nil {
		err = stage.Commit()
	}
	if err != nil {
		return filing.CannotWrite(path, err)
	}
	return nil
}

// lettersOf adds the sheets of one batch. Several batches have their bureau's name on
// their sheets.
func lettersOf(p *sheet.Paper, l *Bundle, several bool) error {
	cat := source.NewCatalogue(l.Issue.Pack, l.Issue.Batch.Bureau)
	suffix := ""
	if several {
		suffix = fmt.Sprintf(" %s第%d批", l.Issue.Batch.Bureau, l.Issue.Batch.N)
	}
	letters, err := sheafIn(p.For(l.Issue, cat, Name), Name+suffix, letterColumns())
	if err != nil {
		return err
	}
	for i := range l.Letters {
		if err := letters.add("", func(f *leaf) { (&letter{f, &l.Letters[i]}).compose() }); err != nil {
			return err
		}
	}
	recalls, err := sheafIn(p.For(l.Issue, cat, RecallName), RecallName+suffix, recallColumns())
	if err != nil {
		return err
	}
	for i := range l.Recalls {
		if err := recalls.add("", func(f *leaf) { (&recall{f, &l.Recalls[i]}).compose() }); err != nil {
			return err
		}
	}
	return nil
}
