package bank

import (
	"slices"

	"disburse/internal/approval"
	"disburse/internal/console/web"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/payments"
	"disburse/internal/store/signing"
)

// MonthHead is the head of all pages of a month's payments. Templates use it by name.
type MonthHead struct {
	Month  month.Month // 0: all months
	Months []month.Month
	Tab    string
	Batches
	Upload bool // the user may upload bank results
}

// Batches are approved batches with their bank files.
type Batches []batchWithFiles

// batchWithFiles is an approved batch with its bank files.
type batchWithFiles struct {
	batches.Row
	Files   []payments.AnsweredFile
	Total   payments.AnsweredFile
	Voiding string // who requested to void it; empty: nobody
	Send    bool   // the user may register that it was sent
}

// Sum adds up all files, sent or not.
func (all Batches) Sum() (t payments.AnsweredFile) {
	for i := range all {
		addFile(&t, &all[i].Total)
	}
	return t
}

// Unsent adds up the files of batches that were not sent to the banks.
func (all Batches) Unsent() (t payments.AnsweredFile) {
	for i := range all {
		if all[i].SentAt.IsZero() {
			addFile(&t, &all[i].Total)
		}
	}
	return t
}

// Sent adds up the files of batches that were sent to the banks; Open() of the sum is what is
// unanswered or unknown.
func (all Batches) Sent() (t payments.AnsweredFile) {
	for i := range all {
		if !all[i].SentAt.IsZero() {
			addFile(&t, &all[i].Total)
		}
	}
	return t
}

// addFile adds the sums of f to t.
func addFile(t, f *payments.AnsweredFile) {
	t.Rows, t.Amount = t.Rows+f.Rows, t.Amount.Add(f.Amount)
	t.Add(f.Answers)
}

// bankBatches reads the batches of a month, 0 for all months, that the user may see.
func bankBatches(v *web.Visit, m month.Month) (Batches, error) {
	db, region := v.Office.DB, v.Office.Region
	found, err := payments.BankBatches(v.R.Context(), db, region, m, v.User.Bureau)
	if err != nil {
		return nil, err
	}
	var all Batches
	var numbers []int32
	for _, b := range found {
		x := batchWithFiles{Row: b}
		var asked []approval.VoidSignature
		if b.State == payrun.Approved && b.SentAt.IsZero() {
			if asked, err = signing.VoidSignatures(v.R.Context(), db, region, b.Number); err != nil {
				return nil, err
			}
		}
		if len(asked) > 0 {
			x.Voiding = asked[0].Actor
		}
		// Sending a batch that is to be voided needs a reason, and so the form on its own page.
		x.Send = approval.CheckSent(v.User, b.Batch, !b.SentAt.IsZero(), asked, "") == nil
		all = append(all, x)
		numbers = append(numbers, b.Number)
	}
	files, err := payments.AnsweredFiles(v.R.Context(), db, region, numbers)
	if err != nil {
		return nil, err
	}
	byBatch := map[int32][]payments.AnsweredFile{}
	for _, f := range files {
		byBatch[f.Batch] = append(byBatch[f.Batch], f)
	}
	for i := range all {
		x := &all[i]
		x.Files = byBatch[x.Number]
		for k := range x.Files {
			addFile(&x.Total, &x.Files[k])
		}
	}
	return all, nil
}

// bankMonths lists the months with bank files that the user may see, newest first.
func bankMonths(v *web.Visit) ([]month.Month, error) {
	found, err := payments.BankBatches(v.R.Context(), v.Office.DB, v.Office.Region, 0, v.User.Bureau)
	var months []month.Month
	for _, b := range found {
		if !slices.Contains(months, b.Month) {
			months = append(months, b.Month)
		}
	}
	return months, err
}

// readHead reads the head of the pages of a month.
func readHead(v *web.Visit, tab string) (MonthHead, error) {
	m, err := v.PathMonth("month")
	if err != nil {
		return MonthHead{}, err
	}
	h := MonthHead{Month: m, Tab: tab, Upload: v.User.Post == approval.Clerk}
	if h.Months, err = bankMonths(v); err != nil {
		return h, err
	}
	h.Batches, err = bankBatches(v, m)
	return h, err
}

// bankPage shows the latest month with bank files, or redirects to the chosen one.
func bankPage(v *web.Visit) error {
	if s := v.Form("month"); s != "" {
		m, err := month.Parse(s)
		if err != nil {
			return err
		}
		return v.Redirect("/bank/month/"+m.String(), "")
	}
	months, err := bankMonths(v)
	if err != nil {
		return err
	}
	m := v.ThisMonth()
	if len(months) > 0 {
		m = months[0]
	}
	v.R.SetPathValue("month", m.String())
	return bankMonth(v)
}

func bankMonth(v *web.Visit) error {
	h, err := readHead(v, "files")
	if err != nil {
		return err
	}
	return v.Page("bank", "银行 "+h.Month.Chinese(), h)
}
