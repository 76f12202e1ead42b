package console

import (
	"fmt"

	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// unmade adds up those of a batch's failed payments that were not made good, once a
// revision. Of many that is done beside the page, and nil stands for it until it is.
func (v *visit) unmade(b payrun.Batch, failed int, rev int64) (*postgres.Sum, error) {
	db, region := v.office.DB, v.office.Region
	count := func() (*postgres.Sum, error) {
		files, err := db.AnsweredFiles(v.life, region, []int32{b.Number})
		if err != nil {
			return nil, err
		}
		var places []postgres.PaymentPlace
		for i := range files {
			if files[i].Failed.Payments > 0 {
				places = append(places, postgres.PaymentPlace{Batch: b.Number, File: files[i].File})
			}
		}
		all, err := db.FailedPage(v.life, region, b.Month, places, postgres.PaymentPlace{}, failed)
		if err != nil {
			return nil, err
		}
		var sum postgres.Sum
		for i := range all {
			if row := v.failedRow(&all[i]); !row.good() {
				sum.Payments, sum.Amount = sum.Payments+1, sum.Amount.Add(all[i].Amount)
			}
		}
		return &sum, nil
	}
	name := fmt.Sprintf("unmade/%d", b.Number)
	if failed <= countedAtOnce {
		return newest(v.Server, name, fmt.Sprint(rev), count)
	}
	return beside(v.Server, name, fmt.Sprint(rev), count)
}
