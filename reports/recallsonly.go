package reports

import (
	"context"
	"path/filepath"

	"disburse/internal/payrun/explain"
)

// WriteRecalls writes 追缴通知书 to a workbook, a page each, a sheet a street. They say what
// is open now; the issue is the bureau's batch by which that is known. Nothing is written
// on an error.
func WriteRecalls(ctx context.Context, path string, is *Issue, recalls []explain.Recall) error {
	stage, err := newStage(filepath.Dir(path), "")
	if err != nil {
		return cannotWrite(path, err)
	}
	defer stage.discard()
	s, err := newSheaf(is, newCatalogue(is.Pack, is.Batch.Bureau), stage.dir, recallName, recallColumns())
	if err != nil {
		return cannotWrite(path, err)
	}
	for i := range recalls {
		if err := s.add(streetName(recalls[i].Street), func(f *leaf) { (&recall{f, &recalls[i]}).compose() }); err != nil {
			_ = s.Close()
			return cannotWrite(path, err)
		}
	}
	if _, err = stage.add(ctx, s.Book, filepath.Base(path)); err == nil {
		err = stage.commit()
	}
	if err != nil {
		return cannotWrite(path, err)
	}
	return nil
}
