package bank

import (
	"fmt"
	"strings"

	"disburse/internal/console/web"
	"disburse/internal/payrun"
	"disburse/internal/store/books"
	"disburse/internal/store/payments"
)

// foregroundFailed is how many failed payments are traced within a request; more are traced in
// the background.
const foregroundFailed = 1000

// sumUnresolved sums up the unresolved ones of some failed payments. Each must be traced through
// later batches, so the sum is cached by revision. Many are traced in the background; the sum
// is nil until it is ready.
func sumUnresolved(v *web.Visit, name string, failed int, rev int64, read func() ([]payments.FailedPayment, error)) (*books.OpenFailures, error) {
	count := func() (*books.OpenFailures, error) {
		all, err := read()
		if err != nil {
			return nil, err
		}
		var sum books.OpenFailures
		for i := range all {
			row := showFailed(v, &all[i])
			if row.resolved() {
				continue
			}
			sum.Payments, sum.Amount = sum.Payments+1, sum.Amount.Add(all[i].Amount)
			if row.notComputedSince() {
				sum.Idle++
			}
		}
		return &sum, nil
	}
	if failed <= foregroundFailed {
		return web.GetLatest(unresolvedCache.Of(v.Server), name, fmt.Sprint(rev), count)
	}
	return web.InBackground(v.Server, unresolvedInBackground.Of(v.Server), name, fmt.Sprint(rev), count)
}

// Unresolved sums up the unresolved failed payments of a batch; nil: still being counted.
func Unresolved(v *web.Visit, b payrun.Batch, failed int, rev int64) (*books.OpenFailures, error) {
	db, region := v.Office.DB, v.Office.Region
	return sumUnresolved(v, fmt.Sprintf("unmade/%d", b.Number), failed, rev, func() ([]payments.FailedPayment, error) {
		files, err := payments.AnsweredFiles(v.Server.Context, db, region, []int32{b.Number})
		if err != nil {
			return nil, err
		}
		var places []payments.PaymentKey
		for i := range files {
			if files[i].Failed.Payments > 0 {
				places = append(places, payments.PaymentKey{Batch: b.Number, File: files[i].File})
			}
		}
		return payments.FailedPage(v.Server.Context, db, region, b.Month, places, payments.PaymentKey{}, failed)
	})
}

// unresolvedOfMonth sums up the unresolved failed payments of a month and of the bureaus on
// show; nil: still being counted.
func unresolvedOfMonth(v *web.Visit, h MonthHead, failed int) (*books.OpenFailures, error) {
	rev, _, err := v.Office.DB.Head(v.R.Context(), v.Office.Region)
	if err != nil {
		return nil, err
	}
	bureaus := h.bureaus()
	return sumUnresolved(v, "waits/"+h.Month.String()+"/"+strings.Join(bureaus, "/"), failed, rev, func() ([]payments.FailedPayment, error) {
		var all []payments.FailedPayment
		for _, bureau := range bureaus {
			found, err := payments.FailedPayments(v.Server.Context, v.Office.DB, v.Office.Region, h.Month, bureau)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
		return all, nil
	})
}

var (
	unresolvedCache        = web.NewCache(web.SmallCache, web.Weightless[web.Latest[*books.OpenFailures]])
	unresolvedInBackground = web.NewCache(web.SmallCache, web.Weightless[*web.Background[*books.OpenFailures]]) // of more than foregroundFailed payments
)
