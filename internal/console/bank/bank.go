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

func BankRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /bank", Posts: web.Readers, Do: bankPage},
		{Pattern: "GET /bank/month/{month}", Posts: web.Readers, Do: bankMonth},
		{Pattern: "GET /bank/file/{batch}/{file}", Posts: web.Readers, Do: bankFile},
		{Pattern: "POST /bank/sent/{batch}", Posts: web.Signers, Do: bankSent},
		{Pattern: "POST /bank/results", Posts: web.Clerk, Long: true, Do: bankResult},
		{Pattern: "GET /bank/results/{upload}", Posts: web.Clerk, Do: bankTrial},
		{Pattern: "POST /bank/results/{upload}", Posts: web.Clerk, Do: bankTake},
		{Pattern: "POST /bank/results/{upload}/drop", Posts: web.Clerk, Do: bankDrop},
		{Pattern: "GET /bank/month/{month}/failed", Posts: web.Readers, Do: bankFailed},
		{Pattern: "POST /bank/month/{month}/retry", Posts: web.Clerk, Do: bankRetry},
		{Pattern: "GET /bank/month/{month}/open", Posts: web.Readers, Do: bankOpenMonth},
		{Pattern: "GET /bank/open", Posts: web.Readers, Do: bankOpen},
		{Pattern: "GET /bank/month/{month}/reconcile", Posts: web.Readers, Do: bankReconcile},
		{Pattern: "POST /bank/month/{month}/reconcile", Posts: web.Readers, Do: bankReconcileAgain},
		{Pattern: "GET /bank/month/{month}/reconcile/{bureau}", Posts: web.Readers, Do: bankReconcileBook},
	}
}

// BankHead is what all pages of a month's payments show on top.
type BankHead struct {
	Month  month.Month // 0: all months
	Months []month.Month
	Tab    string
	Batches
	Upload bool // the user takes results in
}

// Batches are the approved batches of a month with their bank files.
type Batches []bankBatch

// bankBatch is an approved batch with its bank files.
type bankBatch struct {
	batches.Row
	Files   []payments.AnsweredFile
	Total   payments.AnsweredFile
	Voiding string // who has asked for it to be voided; empty: nobody
	Send    bool   // the user may note that it was handed over
}

// Sum adds up all files.
func (all Batches) Sum() (t payments.AnsweredFile) {
	for i := range all {
		addFile(&t, &all[i].Total)
	}
	return t
}

// Unsent adds up what was not handed to the banks yet.
func (all Batches) Unsent() (t payments.AnsweredFile) {
	for i := range all {
		if all[i].SentAt.IsZero() {
			addFile(&t, &all[i].Total)
		}
	}
	return t
}

// Waits adds up what was handed to the banks and is not answered for good.
func (all Batches) Waits() (t payments.AnsweredFile) {
	for i := range all {
		if !all[i].SentAt.IsZero() {
			addFile(&t, &all[i].Total)
		}
	}
	return t
}

func addFile(t, f *payments.AnsweredFile) {
	t.Rows, t.Amount = t.Rows+f.Rows, t.Amount.Add(f.Amount)
	t.Add(f.Answers)
}

// bankBatches are the batches of a month, or of all (0), that the user may see.
func bankBatches(v *web.Visit, m month.Month) (Batches, error) {
	db, region := v.Office.DB, v.Office.Region
	found, err := payments.BankBatches(v.R.Context(), db, region, m, v.User.Bureau)
	if err != nil {
		return nil, err
	}
	var all Batches
	var numbers []int32
	for _, b := range found {
		x := bankBatch{Row: b}
		var asked []approval.VoidSignature
		if b.State == payrun.Approved && b.SentAt.IsZero() {
			if asked, err = signing.VoidSignatures(v.R.Context(), db, region, b.Number); err != nil {
				return nil, err
			}
		}
		if len(asked) > 0 {
			x.Voiding = asked[0].Actor
		}
		// A batch that is to be voided is sent on its own page, for a reason.
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

// bankMonths are the months with bank files that the user may see, the latest first.
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

// bankHead reads what the pages of a month have in common.
func bankHead(v *web.Visit, tab string) (BankHead, error) {
	m, err := v.MonthOf("month")
	if err != nil {
		return BankHead{}, err
	}
	h := BankHead{Month: m, Tab: tab, Upload: v.User.Post == approval.Clerk}
	if h.Months, err = bankMonths(v); err != nil {
		return h, err
	}
	h.Batches, err = bankBatches(v, m)
	return h, err
}

// bankPage is the latest month with bank files.
func bankPage(v *web.Visit) error {
	if s := v.Form("month"); s != "" {
		m, err := month.Parse(s)
		if err != nil {
			return err
		}
		return v.GoTo("/bank/month/"+m.String(), "")
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
	h, err := bankHead(v, "files")
	if err != nil {
		return err
	}
	return v.Page("bank", "银行 "+h.Month.Chinese(), h)
}
