package bank

import (
	"fmt"
	"slices"
	"time"

	"disburse/internal/console/web"
	"disburse/internal/month"
	"disburse/internal/store/payments"
)

// openData is the data of the page of payments without a final result: unanswered or unknown.
type openData struct {
	MonthHead
	Rows []openRow
	All  payments.AnsweredFile
	Next string
}

type openRow struct {
	payments.OpenRow
	Batch    *batchWithFiles
	Number   string
	ItemName string
	Days     int // since the batch was sent
	Path     string
}

// bankOpenMonth lists a month's open payments.
func bankOpenMonth(v *web.Visit) error {
	h, err := readHead(v, "open")
	if err != nil {
		return err
	}
	return showOpen(v, h, "未答复的付款 "+h.Month.Chinese())
}

// bankOpen lists the open payments of all months.
func bankOpen(v *web.Visit) error {
	h := MonthHead{Tab: "open"}
	var err error
	if h.Months, err = bankMonths(v); err != nil {
		return err
	}
	if h.Batches, err = bankBatches(v, 0); err != nil {
		return err
	}
	return showOpen(v, h, "未答复的付款")
}

func showOpen(v *web.Visit, h MonthHead, title string) error {
	d := openData{MonthHead: h, All: h.Sent()}
	after := parsePlace(v.Form("after"))
	files := filesWith(h.Batches, after, func(f *payments.AnsweredFile) int { return f.Open() })
	rows, err := payments.OpenPage(v.R.Context(), v.Office.DB, v.Office.Region, files, after, web.PageRows+1)
	if err != nil {
		return err
	}
	for i := range rows {
		if i == web.PageRows {
			at := rows[i-1].PaymentKey
			d.Next = v.R.URL.Path + fmt.Sprintf("?after=%d-%d-%d", at.Batch, at.File, at.Seq)
			break
		}
		d.Rows = append(d.Rows, openRowOf(v, h.Batches, rows[i]))
	}
	return v.Page("bankopen", title, d)
}

// filesWith selects the files that have the next page of rows after a cursor, and no more:
// reading hundreds of files for one page would take long. count is how many of a file's rows
// are listed.
func filesWith(all Batches, after payments.PaymentKey, count func(*payments.AnsweredFile) int) []payments.PaymentKey {
	var files []payments.PaymentKey
	for i := range all {
		if all[i].SentAt.IsZero() {
			continue
		}
		for _, f := range all[i].Files {
			at := payments.PaymentKey{Batch: f.Batch, File: f.File, Seq: f.Rows}
			if n := count(&f); n > 0 && comparePlaces(after, at) < 0 {
				at.Seq = n
				files = append(files, at)
			}
		}
	}
	slices.SortFunc(files, comparePlaces)
	rows := 0
	for i, f := range files {
		if f.Batch == after.Batch && f.File == after.File {
			continue // how many of its rows come after the cursor is not known
		}
		if rows += f.Seq; rows > web.PageRows {
			return files[:i+1]
		}
	}
	return files
}

func openRowOf(v *web.Visit, all Batches, p payments.OpenRow) openRow {
	r := openRow{OpenRow: p, ItemName: v.ItemTitle(p.Item), Path: v.PersonPath(p.Person)}
	for i := range all {
		if all[i].Batch.Number != p.PaymentKey.Batch {
			continue
		}
		r.Batch = &all[i]
		r.Days = daysBetween(all[i].SentAt, v.Now())
		for _, f := range all[i].Files {
			if f.File == p.PaymentKey.File {
				r.Number = f.Number
			}
		}
	}
	return r
}

// daysBetween is the number of calendar days between two times.
func daysBetween(from, to time.Time) int {
	return int(month.FromTime(to.In(month.Shanghai)) - month.FromTime(from.In(month.Shanghai)))
}
