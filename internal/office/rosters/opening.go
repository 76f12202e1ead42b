package rosters

import (
	"context"
	"io"
	"slices"

	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/roster"
	"disburse/internal/roster/read"
	"disburse/internal/roster/write"
	"disburse/internal/store/recovery"
)

// OpeningTemplate writes an empty workbook for what the old system left (空白的期初表).
func OpeningTemplate(o *office.Office, file string) error {
	return office.SaveTemplate(file, func(w io.Writer) error {
		return write.OpeningTemplate(w, o.Pack.Vocabulary().Title, payingItems(o))
	})
}

// OpeningOrder asks for a workbook of opening entries (期初) to be taken in.
type OpeningOrder struct {
	File   string
	Bureau string      // rows of items that another bureau pays are refused; empty: none are
	First  month.Month // 期初月 of a region that has none yet; 0: the one it has
	DryRun bool        // do the work and roll it back
	Errors string      // a workbook for the rows that were refused; empty: none
	By     journal.By
	Rows   func(rows int) // told while reading; may be nil
}

// OpeningImport is what became of opening entries.
type OpeningImport struct {
	*recovery.OpeningReport
	Refused string // the workbook with the refused rows, where one was written
}

// ImportOpening takes in opening entries. It fails with fault.Invalid when not one row
// could be taken; the report is there then, too, and says why.
func ImportOpening(ctx context.Context, o *office.Office, x *OpeningOrder) (*OpeningImport, error) {
	if err := replaceableErrors(x.Errors); err != nil {
		return nil, err
	}
	defer office.SaveMemory()()
	in, err := read.Opening(ctx, x.File, payingItems(o), rows(x.Rows))
	if err != nil {
		return nil, err
	}
	keepOwn(o, in, x.Bureau)
	report, err := recovery.ImportOpening(ctx, o.DB, recovery.OpeningOrder{Region: o.Region, In: in, Opening: x.First, By: x.By, DryRun: x.DryRun})
	if err != nil {
		return nil, err
	}
	done := &OpeningImport{OpeningReport: report}
	if done.Refused, err = refusedRows(ctx, o, x.Errors, x.File, "期初退回的行", report.Problems, x.By); err != nil {
		return done, err
	}
	if len(report.Problems) > 0 && report.Changed+report.Unchanged == 0 {
		return done, nothingTaken(x.File)
	}
	return done, nil
}

// keepOwn moves the rows of items that another bureau pays to the problems.
func keepOwn(o *office.Office, in *roster.OpeningImport, bureau string) {
	if bureau == "" {
		return
	}
	in.Rows = slices.DeleteFunc(in.Rows, func(r roster.OpeningRow) bool {
		payer := o.Pack.Payer(r.Item)
		if payer != bureau {
			in.Problems = append(in.Problems, r.Problem(roster.OpeningItem, "这个项目由"+payer+"发放，请由"+payer+"的人导入"))
		}
		return payer != bureau
	})
}

// payingItems are the items that 期初 can be about.
func payingItems(o *office.Office) []roster.ItemName {
	var all []roster.ItemName
	for _, it := range o.Pack.Items() {
		if it.Pay != nil {
			all = append(all, roster.ItemName{Code: it.Code.Value, Name: it.Name.Value})
		}
	}
	return all
}
