package batch

import (
	"slices"

	"disburse/internal/console/web"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
)

// batchListData is the data of 批次: batches of some months, paged by month.
type batchListData struct {
	Rows            []batchListRow
	Bureaus         []string
	States          []payrun.State
	Bureau, State   string
	Earlier         month.Month // newest month of the next page; 0: this is the last
	First, Last     month.Month
	OnlyOwn, NoRuns bool
}

type batchListRow struct {
	batches.Row
	NextStep string
	First    bool // first row of its month
}

// monthsOnPage is how many months with runs a page lists.
const monthsOnPage = 12

func batchList(v *web.Visit) error {
	ctx := v.R.Context()
	months, err := books.RunMonths(ctx, v.Office.DB, v.Office.Region)
	if err != nil {
		return err
	}
	d := &batchListData{Bureau: v.Form("bureau"), State: v.Form("state"), OnlyOwn: v.User.Bureau != "", NoRuns: len(months) == 0,
		States: []payrun.State{payrun.Open, payrun.Returned, payrun.Submitted, payrun.Reviewed, payrun.Endorsed, payrun.Approved, payrun.CarriedOver, payrun.Voided}}
	if d.OnlyOwn {
		d.Bureau = v.User.Bureau
	}
	for _, b := range v.Office.Pack.File.Bureaus {
		if v.Office.Pack.Pays(b.Name.Value) {
			d.Bureaus = append(d.Bureaus, b.Name.Value)
		}
	}
	if before, err := month.Parse(v.Form("before")); err == nil {
		months = slices.DeleteFunc(months, func(m month.Month) bool { return m > before })
	}
	if len(months) > monthsOnPage {
		d.Earlier = months[monthsOnPage]
		months = months[:monthsOnPage]
	}
	if len(months) > 0 {
		if err := listMonths(v, d, months[len(months)-1], months[0]); err != nil {
			return err
		}
	}
	return v.Page("batch-list", "批次", d)
}

// listMonths adds the batches of the months first to last.
func listMonths(v *web.Visit, d *batchListData, first, last month.Month) error {
	rows, err := batches.From(v.R.Context(), v.Office.DB, v.Office.Region, first, last, d.Bureau, payrun.State(d.State))
	if err != nil {
		return err
	}
	for i := range rows {
		b := rows[i].Batch
		x := batchListRow{Row: rows[i], First: i == 0 || rows[i-1].Month != b.Month}
		if x.NextStep, err = nextStep(v, &rows[i], last); err != nil {
			return err
		}
		d.Rows = append(d.Rows, x)
	}
	d.First, d.Last = first, last
	return nil
}

// nextStep is what is to be done next with a batch. Bank results are counted only for the last
// two months: counting those of a year takes too long for a list.
func nextStep(v *web.Visit, b *batches.Row, last month.Month) (string, error) {
	if b.State == payrun.Approved && b.Month < last-1 {
		switch {
		case b.Pays == 0:
			return "没有要付的款", nil
		case b.SentAt.IsZero():
			return "等送银行", nil
		}
		return "已送银行", nil
	}
	status, err := StatusOf(v, b.Batch)
	_, next := Steps(&b.Batch, status)
	return next, err
}
