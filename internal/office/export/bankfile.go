package export

import (
	"context"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/reports"
)

// BankFile writes one bank file of an approved batch to dir, in its bank's own shape, and
// returns the path: of the two parts (本行, 他行) that some banks want, both.
func BankFile(ctx context.Context, o *office.Office, b payrun.Batch, file int, dir string, by journal.By) ([]string, error) {
	is, _, err := batchIssue(ctx, o, b)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(is.Files, func(f approval.PaymentFile) bool { return f.File == file })
	if at < 0 || b.State != payrun.Approved {
		return nil, fault.New(fault.NotFound, "%s没有第 %d 个银行文件，请从“银行”页面重新进入", approval.Title(b), file)
	}
	if err := o.LogAccess(ctx, by, journal.Exported, "银行文件", 0, is.Files[at].Number); err != nil {
		return nil, err
	}
	src := &sheetSource{office: o, files: map[string]approval.PaymentFile{is.Files[at].Number: is.Files[at]}}
	return reports.WriteBankFile(ctx, dir, is, src, is.Files[at].Number)
}
