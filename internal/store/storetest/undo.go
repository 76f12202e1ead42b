package storetest

import (
	"disburse/internal/journal"
	"disburse/internal/store/imports"
)

func (d *District) TryUndo(rev int64, with ...func(*imports.UndoOrder)) (*imports.UndoReport, error) {
	o := imports.UndoOrder{Region: DeskRegion, Rev: rev, User: Clerk, By: journal.By{Origin: "主机", At: DeskNow, Reason: "导错了文件"}}
	for _, f := range with {
		f(&o)
	}
	return imports.UndoImport(d.T.Context(), d.Db, o)
}

func (d *District) Undo(rev int64) *imports.UndoReport {
	d.T.Helper()
	report, err := d.TryUndo(rev)
	if err != nil {
		d.T.Fatal(err)
	}
	return report
}
