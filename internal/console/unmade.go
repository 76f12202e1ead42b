package console

import (
	"fmt"
	"strings"

	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// countedAtOnce is how many failed payments are followed while somebody waits for a page.
const countedAtOnce = 1000

// sumUnmade adds up those of some failed payments that were not made good, for which each
// must be followed through later batches; once a revision. Of many that is done beside the
// page, and nil stands for it until it is.
func (v *visit) sumUnmade(name string, failed int, rev int64, read func() ([]postgres.FailedPayment, error)) (*postgres.Unmade, error) {
	count := func() (*postgres.Unmade, error) {
		all, err := read()
		if err != nil {
			return nil, err
		}
		var sum postgres.Unmade
		for i := range all {
			row := v.failedRow(&all[i])
			if row.closed() {
				continue
			}
			sum.Payments, sum.Amount = sum.Payments+1, sum.Amount.Add(all[i].Amount)
			if row.unrun() {
				sum.Idle++
			}
		}
		return &sum, nil
	}
	if failed <= countedAtOnce {
		return newest(unmadeCache.of(v.Server), name, fmt.Sprint(rev), count)
	}
	return beside(v.Server, laterUnmade.of(v.Server), name, fmt.Sprint(rev), count)
}

// unmade is sumUnmade of a batch.
func (v *visit) unmade(b payrun.Batch, failed int, rev int64) (*postgres.Unmade, error) {
	db, region := v.office.DB, v.office.Region
	return v.sumUnmade(fmt.Sprintf("unmade/%d", b.Number), failed, rev, func() ([]postgres.FailedPayment, error) {
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
		return db.FailedPage(v.life, region, b.Month, places, postgres.PaymentPlace{}, failed)
	})
}

// unmadeOfMonth is sumUnmade of a month of the bureaus on show.
func (v *visit) unmadeOfMonth(h BankHead, failed int) (*postgres.Unmade, error) {
	rev, _, err := v.office.DB.Head(v.r.Context(), v.office.Region)
	if err != nil {
		return nil, err
	}
	bureaus := h.bureaus()
	return v.sumUnmade("waits/"+h.Month.String()+"/"+strings.Join(bureaus, "/"), failed, rev, func() ([]postgres.FailedPayment, error) {
		var all []postgres.FailedPayment
		for _, bureau := range bureaus {
			found, err := v.office.DB.FailedPayments(v.life, v.office.Region, h.Month, bureau)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
		return all, nil
	})
}

var (
	unmadeCache = newKind(smallRoom, nothing[last[*postgres.Unmade]])
	laterUnmade = newKind(smallRoom, nothing[*aside[*postgres.Unmade]]) // counted in the background
)
