package bank

import (
	"fmt"
	"strings"

	"disburse/internal/console/web"
	"disburse/internal/payrun"
	"disburse/internal/store/books"
	"disburse/internal/store/payments"
)

// countedAtOnce is how many failed payments are followed while somebody waits for a page.
const countedAtOnce = 1000

// sumUnmade adds up those of some failed payments that were not made good, for which each
// must be followed through later batches; once a revision. Of many that is done beside the
// page, and nil stands for it until it is.
func sumUnmade(v *web.Visit, name string, failed int, rev int64, read func() ([]payments.FailedPayment, error)) (*books.Unmade, error) {
	count := func() (*books.Unmade, error) {
		all, err := read()
		if err != nil {
			return nil, err
		}
		var sum books.Unmade
		for i := range all {
			row := showFailed(v, &all[i])
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
		return web.Newest(unmadeCache.Of(v.Server), name, fmt.Sprint(rev), count)
	}
	return web.Beside(v.Server, laterUnmade.Of(v.Server), name, fmt.Sprint(rev), count)
}

// Unmade is sumUnmade of a batch.
func Unmade(v *web.Visit, b payrun.Batch, failed int, rev int64) (*books.Unmade, error) {
	db, region := v.Office.DB, v.Office.Region
	return sumUnmade(v, fmt.Sprintf("unmade/%d", b.Number), failed, rev, func() ([]payments.FailedPayment, error) {
		files, err := payments.AnsweredFiles(v.Life, db, region, []int32{b.Number})
		if err != nil {
			return nil, err
		}
		var places []payments.PaymentKey
		for i := range files {
			if files[i].Failed.Payments > 0 {
				places = append(places, payments.PaymentKey{Batch: b.Number, File: files[i].File})
			}
		}
		return payments.FailedPage(v.Life, db, region, b.Month, places, payments.PaymentKey{}, failed)
	})
}

// unmadeOfMonth is sumUnmade of a month of the bureaus on show.
func unmadeOfMonth(v *web.Visit, h BankHead, failed int) (*books.Unmade, error) {
	rev, _, err := v.Office.DB.Head(v.R.Context(), v.Office.Region)
	if err != nil {
		return nil, err
	}
	bureaus := h.bureaus()
	return sumUnmade(v, "waits/"+h.Month.String()+"/"+strings.Join(bureaus, "/"), failed, rev, func() ([]payments.FailedPayment, error) {
		var all []payments.FailedPayment
		for _, bureau := range bureaus {
			found, err := payments.FailedPayments(v.Life, v.Office.DB, v.Office.Region, h.Month, bureau)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
		return all, nil
	})
}

var (
	unmadeCache = web.NewKind(web.SmallRoom, web.Nothing[web.Last[*books.Unmade]])
	laterUnmade = web.NewKind(web.SmallRoom, web.Nothing[*web.Aside[*books.Unmade]]) // counted in the background
)
