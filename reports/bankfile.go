package reports

import (
	"context"
	"path/filepath"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/reports/filing"
	"disburse/reports/source"
)

// WriteBankFile writes one bank file of an approved batch to dir, as Write does among all
// others, and returns its path; two where the bank wants its own accounts apart. Errors as
// those of Write; fault.NotFound where the batch has no such file.
func WriteBankFile(ctx context.Context, dir string, is *source.Issue, src source.Rows, number string) ([]string, error) {
	at := slices.IndexFunc(is.Files, func(f approval.PaymentFile) bool { return f.Number == number })
	if at < 0 {
		return nil, fault.New(fault.NotFound, "没有编号为 %s 的银行文件", number)
	}
	w := &writer{is: is, cat: source.NewCatalogue(is.Pack, is.Batch.Bureau), src: src, folder: filing.FolderName(is.Batch.Bureau)}
	var err error
	if w.stage, err = filing.NewStage(dir, ""); err != nil {
		return nil, filing.CannotWrite(dir, err)
	}
	defer w.stage.Discard()
	if err = w.bankFile(ctx, &is.Files[at]); err == nil {
		err = w.stage.Commit()
	}
	if err != nil {
		return nil, filing.CannotWrite(dir, err)
	}
	var paths []string
	for _, f := range w.bank {
		paths = append(paths, filepath.Join(dir, "bank", filepath.Base(f.Path)))
	}
	return paths, nil
}
