package console

import (
	"fmt"
	"slices"
	"time"

	"disburse/internal/month"
	"disburse/internal/postgres"
)

// openData is the page of payments that no bank has answered for good.
type openData struct {
	BankHead
	Rows []openRow
	All  postgres.AnsweredFile
	Next string
}

type openRow struct {
	postgres.UnsettledPayment
	Batch    *bankBatch
	Number   string
	ItemName string
	Days     int // since the batch was handed over
	Path     string
}

// bankOpenMonth lists a month's.
func (v *visit) bankOpenMonth() error {
	h, err := v.bankHead("open")
	if err != nil {
		return err
	}
	return v.showOpen(h, "未答复的付款 "+h.Month.Chinese())
}

// bankOpen lists those of all months.
func (v *visit) bankOpen() error {
	h := BankHead{Tab: "open"}
	var err error
	if h.Months, err = v.bankMonths(); err != nil {
		return err
	}
	if h.Batches, err = v.bankBatches(0); err != nil {
		return err
	}
	return v.showOpen(h, "未答复的付款")
}

func (v *visit) showOpen(h BankHead, title string) error {
	d := openData{BankHead: h, All: h.Waits()}
	after := placeOf(v.form("after"))
	files := filesWith(h.Batches, after, func(f *postgres.AnsweredFile) int { return f.Open() })
	rows, err := v.office.DB.UnsettledPayments(v.r.Context(), v.office.Region, files, after, bankRows+1)
	if err != nil {
		return err
	}
	for i := range rows {
		if i == bankRows {
			at := rows[i-1].PaymentPlace
			d.Next = v.r.URL.Path + fmt.Sprintf("?after=%d-%d-%d", at.Batch, at.File, at.Seq)
			break
		}
		d.Rows = append(d.Rows, v.openRow(h.Batches, rows[i]))
	}
	return v.page("bankopen", title, d)
}

// filesWith are those that have the next rows behind a place, and no more: a file is
// small, but there may be hundreds. count is how many of a file's rows are wanted.
func filesWith(all Batches, after postgres.PaymentPlace, count func(*postgres.AnsweredFile) int) []postgres.PaymentPlace {
	var files []postgres.PaymentPlace
	for i := range all {
		if all[i].SentAt.IsZero() {
			continue
		}
		for _, f := range all[i].Files {
			at := postgres.PaymentPlace{Batch: f.Batch, File: f.File, Seq: f.Rows}
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
			continue // how many of its rows are left is not known
		}
		if rows += f.Seq; rows > bankRows {
			return files[:i+1]
		}
	}
	return files
}

func (v *visit) openRow(all Batches, p postgres.UnsettledPayment) openRow {
	r := openRow{UnsettledPayment: p, ItemName: v.itemTitle(p.Item), Path: v.personPath(p.Person)}
	for i := range all {
		if all[i].Batch.Number != p.PaymentPlace.Batch {
			continue
		}
		r.Batch = &all[i]
		r.Days = daysBetween(all[i].SentAt, v.Clock())
		for _, f := range all[i].Files {
			if f.File == p.PaymentPlace.File {
				r.Number = f.Number
			}
		}
	}
	return r
}

// daysBetween counts nights.
func daysBetween(from, to time.Time) int {
	return int(month.FromTime(to.In(month.Shanghai)) - month.FromTime(from.In(month.Shanghai)))
}
