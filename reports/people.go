package reports

import (
	"context"

	"disburse/internal/money"
	"disburse/reports/control"
	"disburse/reports/filing"
	"disburse/reports/letters"
)

// people writes what goes to people: 追缴通知书 when anything is owed, 告知书 when asked
// for. owed is what 追缴台账 adds up to, which the notices must ask for; letters to
// everybody must pay what the batch pays.
func (w *writer) people(ctx context.Context, owed money.Fen) error {
	s, n, sum, err := letters.NewRecalls(ctx, w.is, w.cat, w.src, w.stage.Dir)
	if err != nil {
		return err
	}
	if sum != owed {
		if s != nil {
			_ = s.Close()
		}
		return control.Disagree("追缴通知书合计（元）", sum, owed)
	}
	if s != nil {
		if err := w.letter(ctx, s, filing.File{Path: w.bookFile(letters.RecallName), Kind: KindRecalls, Rows: n, Amount: sum}); err != nil {
			return err
		}
	}
	if !w.opt.Letters {
		return nil
	}
	if s, n, sum, err = letters.New(ctx, w.is, w.cat, w.src, w.stage.Dir); err != nil {
		return err
	}
	if w.opt.AllPeople && sum != w.is.Batch.Pays {
		_ = s.Close()
		return control.Disagree("告知书合计（元）", sum, w.is.Batch.Pays)
	}
	return w.letter(ctx, s, filing.File{Path: w.bookFile(letters.Name), Kind: KindLetters, Rows: n, Amount: sum})
}

func (w *writer) letter(ctx context.Context, s *letters.Sheaf, f filing.File) error {
	f, err := w.add(ctx, s.Book, f)
	w.letters = append(w.letters, f)
	return err
}
