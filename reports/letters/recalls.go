package letters

import (
	"context"
	"path/filepath"

	"disburse/internal/payrun/explain"
	"disburse/reports/filing"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// WriteRecalls writes 追缴通知书 to a workbook, a page each, a sheet a street. They say what
// is open now; the issue is the bureau's batch by which that is known. Nothing is written
// on an error.
func WriteRecalls(ctx context.Context, path string, is *source.Issue, recalls []explain.Recall) error {
	stage, err := filing.NewStage(filepath.Dir(path), "")
	if err != nil {
		return filing.CannotWrite(path, err)
	}
	defer stage.Discard()
	s, err := newSheaf(is, source.NewCatalogue(is.Pack, is.Batch.Bureau), stage.Dir, RecallName, recallColumns())
	if err != nil {
		return filing.CannotWrite(path, err)
	}
	for i := range recalls {
		if err := s.add(sheet.StreetName(recalls[i].Street), func(f *leaf) { (&recall{f, &recalls[i]}).compose() }); err != nil {
			_ = s.Close()
			return filing.CannotWrite(path, err)
		}
	}
	if _, err = stage.Add(ctx, s.Book, filepath.Base(path)); err == nil {
		err = stage.Commit()
	}
	if err != nil {
		return filing.CannotWrite(path, err)
	}
	return nil
}
