package console

import (
	"slices"

	"disburse/internal/approval"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

func bankRoutes() []route {
	return []route{
		{pattern: "GET /bank", posts: readers, do: (*visit).bankPage},
		{pattern: "GET /bank/month/{month}", posts: readers, do: (*visit).bankMonth},
		{pattern: "GET /bank/file/{batch}/{file}", posts: readers, do: (*visit).bankFile},
		{pattern: "POST /bank/sent/{batch}", posts: signers, do: (*visit).bankSent},
		{pattern: "POST /bank/results", posts: clerk, long: true, do: (*visit).bankResult},
		{pattern: "GET /bank/results/{upload}", posts: clerk, do: (*visit).bankTrial},
		{pattern: "POST /bank/results/{upload}", posts: clerk, do: (*visit).bankTake},
		{pattern: "POST /bank/results/{upload}/drop", posts: clerk, do: (*visit).bankDrop},
		{pattern: "GET /bank/month/{month}/failed", posts: readers, do: (*visit).bankFailed},
		{pattern: "POST /bank/month/{month}/retry", posts: clerk, do: (*visit).bankRetry},
		{pattern: "GET /bank/month/{month}/open", posts: readers, do: (*visit).bankOpenMonth},
		{pattern: "GET /bank/open", posts: readers, do: (*visit).bankOpen},
		{pattern: "GET /bank/month/{month}/reconcile", posts: readers, do: (*visit).bankReconcile},
		{pattern: "POST /bank/month/{month}/reconcile", posts: readers, do: (*visit).bankReconcileAgain},
		{pattern: "GET /bank/month/{month}/reconcile/{bureau}", posts: readers, do: (*visit).bankReconcileBook},
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
	postgres.BankBatch
	Files   []postgres.AnsweredFile
	Total   postgres.AnsweredFile
	Voiding string // who has asked for it to be voided; empty: nobody
	Send    bool   // the user may note that it was handed over
}

// Sum adds up all files.
func (all Batches) Sum() (t postgres.AnsweredFile) {
	for i := range all {
		addFile(&t, &all[i].Total)
	}
	return t
}

// Unsent adds up what was not handed to the banks yet.
func (all Batches) Unsent() (t postgres.AnsweredFile) {
	for i := range all {
		if all[i].SentAt.IsZero() {
			addFile(&t, &all[i].Total)
		}
	}
	return t
}

// Waits adds up what was handed to the banks and is not answered for good.
func (all Batches) Waits() (t postgres.AnsweredFile) {
	for i := range all {
		if !all[i].SentAt.IsZero() {
			addFile(&t, &all[i].Total)
		}
	}
	return t
}

func addFile(t, f *postgres.AnsweredFile) {
	t.Rows, t.Amount = t.Rows+f.Rows, t.Amount.Add(f.Amount)
	for _, x := range [][2]*postgres.Sum{{&t.Paid, &f.Paid}, {&t.Failed, &f.Failed}, {&t.Unknown, &f.Unknown}, {&t.None, &f.None}} {
		x[0].Payments, x[0].Amount = x[0].Payments+x[1].Payments, x[0].Amount.Add(x[1].Amount)
	}
}

// bankBatches are the batches of a month, or of all (0), that the user may see.
func (v *visit) bankBatches(m month.Month) (Batches, error) {
	db, region := v.office.DB, v.office.Region
	found, err := db.BankBatches(v.r.Context(), region, m, v.user.Bureau)
	if err != nil {
		return nil, err
	}
	var all Batches
	var numbers []int32
	for _, b := range found {
		x := bankBatch{BankBatch: b}
		var asked []approval.VoidSignature
		if b.State == payrun.Approved && b.SentAt.IsZero() {
			if asked, err = db.VoidSignatures(v.r.Context(), region, b.Number); err != nil {
				return nil, err
			}
		}
		if len(asked) > 0 {
			x.Voiding = asked[0].Actor
		}
		// A batch that is to be voided is sent on its own page, for a reason.
		x.Send = approval.CheckSent(v.user, b.Batch, !b.SentAt.IsZero(), asked, "") == nil
		all = append(all, x)
		numbers = append(numbers, b.Number)
	}
	files, err := db.AnsweredFiles(v.r.Context(), region, numbers)
	if err != nil {
		return nil, err
	}
	byBatch := map[int32][]postgres.AnsweredFile{}
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
func (v *visit) bankMonths() ([]month.Month, error) {
	found, err := v.office.DB.BankBatches(v.r.Context(), v.office.Region, 0, v.user.Bureau)
	var months []month.Month
	for _, b := range found {
		if !slices.Contains(months, b.Month) {
			months = append(months, b.Month)
		}
	}
	return months, err
}

// bankHead reads what the pages of a month have in common.
func (v *visit) bankHead(tab string) (BankHead, error) {
	m, err := v.monthOf("month")
	if err != nil {
		return BankHead{}, err
	}
	h := BankHead{Month: m, Tab: tab, Upload: v.user.Post == approval.Clerk}
	if h.Months, err = v.bankMonths(); err != nil {
		return h, err
	}
	h.Batches, err = v.bankBatches(m)
	return h, err
}

// bankPage is the latest month with bank files.
func (v *visit) bankPage() error {
	if s := v.form("month"); s != "" {
		m, err := month.Parse(s)
		if err != nil {
			return err
		}
		return v.goTo("/bank/month/"+m.String(), "")
	}
	months, err := v.bankMonths()
	if err != nil {
		return err
	}
	m := v.thisMonth()
	if len(months) > 0 {
		m = months[0]
	}
	v.r.SetPathValue("month", m.String())
	return v.bankMonth()
}

func (v *visit) bankMonth() error {
	h, err := v.bankHead("files")
	if err != nil {
		return err
	}
	return v.page("bank", "银行 "+h.Month.Chinese(), h)
}
