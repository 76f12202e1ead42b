package monthly

import (
	"context"

	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
)

// Previous is the batch that a batch's month is compared with (上月): the last approved
// regular one of an earlier month; nil where there is none, and for supplementary batches,
// whose 当月 lines are all new.
func Previous(ctx context.Context, o *office.Office, b payrun.Batch) (*payrun.Batch, error) {
	if b.Extra {
		return nil, nil
	}
	return batches.LastApproved(ctx, o.DB, o.Region, b.Bureau, b.Month, b.N, true)
}

// Moves says of some people, in order of number, what changed against Previous and why.
func Moves(ctx context.Context, o *office.Office, b payrun.Batch, people []int64) ([]books.PersonBridgeRow, error) {
	q, err := bookOrder(ctx, o, b)
	if err != nil || q.Previous == nil {
		return nil, err
	}
	return books.BridgeRowsOf(ctx, o.DB, q, people)
}

// Details are the lines that a batch has of some people, in order of number, with the
// reasons of 补发 and 扣回.
func Details(ctx context.Context, o *office.Office, b payrun.Batch, people []int64) ([]explain.DetailedLine, error) {
	q, err := bookOrder(ctx, o, b)
	if err != nil {
		return nil, err
	}
	return books.DetailsOf(ctx, o.DB, q, people)
}

// bookOrder is monthOrder for what pages show of a few people.
func bookOrder(ctx context.Context, o *office.Office, b payrun.Batch) (books.MonthOrder, error) {
	q := books.MonthOrder{Region: o.Region, Batch: b, Money: true}
	var err error
	if q.Pack, err = o.PackOf(ctx, b.Pack); err != nil {
		return q, err
	}
	if q.Previous, err = Previous(ctx, o, b); err != nil {
		return q, err
	}
	if q.Previous != nil {
		if q.PackPrevious, err = o.PackOf(ctx, q.Previous.Pack); err != nil {
			return q, err
		}
	}
	return q, AddBefore(ctx, o, &q, b.Bureau)
}
