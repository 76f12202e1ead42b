package console

import (
	"slices"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// batchListData is what 批次 shows.
type batchListData struct {
	Rows            []batchListRow
	Bureaus         []string
	States          []payrun.State
	Bureau, State   string
	Earlier         month.Month // the first month of the next page; 0: there is none
	First, Last     month.Month
	OnlyOwn, NoRuns bool
}

type batchListRow struct {
	postgres.BatchRow
	Doing string
	First bool // of its month
}

// monthsOnPage is how many months a page of batches has.
const monthsOnPage = 12

func (v *visit) batchList() error {
	ctx := v.r.Context()
	months, err := v.office.DB.RunMonths(ctx, v.office.Region)
	if err != nil {
		return err
	}
	d := &batchListData{Bureau: v.form("bureau"), State: v.form("state"), OnlyOwn: v.user.Bureau != "", NoRuns: len(months) == 0,
		States: []payrun.State{payrun.Open, payrun.Returned, payrun.Submitted, payrun.Reviewed, payrun.Endorsed, payrun.Approved, payrun.CarriedOver, payrun.Voided}}
	if d.OnlyOwn {
		d.Bureau = v.user.Bureau
	}
	for _, b := range v.office.Pack.File.Bureaus {
		if v.office.Pack.Pays(b.Name.Value) {
			d.Bureaus = append(d.Bureaus, b.Name.Value)
		}
	}
	if before, err := month.Parse(v.form("before")); err == nil {
		months = slices.DeleteFunc(months, func(m month.Month) bool { return m > before })
	}
	if len(months) > monthsOnPage {
		d.Earlier = months[monthsOnPage]
		months = months[:monthsOnPage]
	}
	if len(months) > 0 {
		if err := v.listMonths(d, months[len(months)-1], months[0]); err != nil {
			return err
		}
	}
	return v.page("batch-list", "批次", d)
}

// listMonths reads the batches of some months.
func (v *visit) listMonths(d *batchListData, first, last month.Month) error {
	rows, err := v.office.DB.BatchesFrom(v.r.Context(), v.office.Region, first, last, d.Bureau, payrun.State(d.State))
	if err != nil {
		return err
	}
	for i := range rows {
		b := rows[i].Batch
		x := batchListRow{BatchRow: rows[i], First: i == 0 || rows[i-1].Month != b.Month}
		if x.Doing, err = v.waits(&rows[i], last); err != nil {
			return err
		}
		d.Rows = append(d.Rows, x)
	}
	d.First, d.Last = first, last
	return nil
}

// waits says what a batch waits for. What the banks have answered is counted for the last
// two months alone: to count a year's answers takes too long for a list.
func (v *visit) waits(b *postgres.BatchRow, last month.Month) (string, error) {
	if b.State == payrun.Approved && b.Month < last-1 {
		switch {
		case b.Pays == 0:
			return "没有要付的款", nil
		case b.SentAt.IsZero():
			return "等送银行", nil
		}
		return "已送银行", nil
	}
	stand, err := v.standOf(b.Batch)
	_, doing := steps(&b.Batch, stand)
	return doing, err
}
