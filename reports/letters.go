package reports

import (
	"context"
	"fmt"
	"path/filepath"

	"disburse/internal/money"
	"disburse/internal/payrun/explain"
)

// people writes what goes to people: 追缴通知书 when anything is owed, 告知书 when asked
// for. owed is what 追缴台账 adds up to, which the notices must ask for; letters to
// everybody must pay what the batch pays.
func (w *writer) people(ctx context.Context, owed money.Fen) error {
	s, n, sum, err := newRecalls(ctx, w.is, w.cat, w.src, w.stage.dir)
	if err != nil {
		return err
	}
	if sum != owed {
		if s != nil {
			_ = s.Close()
		}
		return disagree("追缴通知书合计（元）", sum, owed)
	}
	if s != nil {
		if err := w.letter(ctx, s, File{Path: w.bookFile(recallName), Kind: KindRecalls, Rows: n, Amount: sum}); err != nil {
			return err
		}
	}
	if !w.opt.Letters {
		return nil
	}
	if s, n, sum, err = newLetters(ctx, w.is, w.cat, w.src, w.stage.dir); err != nil {
		return err
	}
	if w.opt.AllPeople && sum != w.is.Batch.Pays {
		_ = s.Close()
		return disagree("告知书合计（元）", sum, w.is.Batch.Pays)
	}
	return w.letter(ctx, s, File{Path: w.bookFile(letterName), Kind: KindLetters, Rows: n, Amount: sum})
}

func (w *writer) letter(ctx context.Context, s *sheaf, f File) error {
	f, err := w.add(ctx, s.Book, f)
	w.letters = append(w.letters, f)
	return err
}

// PersonLetters are the letters of one bureau's batch to one person.
type PersonLetters struct {
	Issue   *Issue
	Letters []explain.Letter
	Recalls []explain.Recall
}

// WriteLetters writes one person's letters to a workbook: 告知书 and, where anything is
// owed, 追缴通知书, a sheet each for every batch. Nothing is written on an error.
func WriteLetters(ctx context.Context, path string, all []PersonLetters) error {
	stage, err := newStage(filepath.Dir(path), "")
	if err != nil {
		return cannotWrite(path, err)
	}
	defer stage.discard()
	first := all[0].Issue
	p, err := newPaper(first, newCatalogue(first.Pack, first.Batch.Bureau), stage.dir, letterName)
	if err != nil {
		return cannotWrite(path, err)
	}
	for i := range all {
		if err := lettersOf(p, &all[i], len(all) > 1); err != nil {
			_ = p.Close()
			return cannotWrite(path, err)
		}
	}
	if _, err = stage.add(ctx, p.Book, filepath.Base(path)); err == nil {
		err = stage.commit()
	}
	if err != nil {
		return cannotWrite(path, err)
	}
	return nil
}

// lettersOf adds the sheets of one batch. Several batches have their bureau's name on
// their sheets.
func lettersOf(p *paper, l *PersonLetters, several bool) error {
	cat := newCatalogue(l.Issue.Pack, l.Issue.Batch.Bureau)
	suffix := ""
	if several {
		suffix = fmt.Sprintf(" %s第%d批", l.Issue.Batch.Bureau, l.Issue.Batch.N)
	}
	letters, err := sheafIn(p.of(l.Issue, cat, letterName), letterName+suffix, letterColumns())
	if err != nil {
		return err
	}
	for i := range l.Letters {
		if err := letters.add("", func(f *leaf) { (&letter{f, &l.Letters[i]}).compose() }); err != nil {
			return err
		}
	}
	recalls, err := sheafIn(p.of(l.Issue, cat, recallName), recallName+suffix, recallColumns())
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
