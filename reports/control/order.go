package control

import (
	"context"
	"fmt"
	"strings"

	"disburse/internal/month"
	"disburse/reports/source"
)

// Order holds a source to the order it promises, without which subtotals would be
// wrong, and looks at ctx now and then.
type Order struct {
	cat    *source.Catalogue
	n      int
	street string
	id     string
	month  month.Month
}

// NewOrder begins with the first row.
func NewOrder(cat *source.Catalogue) *Order { return &Order{cat: cat} }

// Next takes the row that comes next; an error where it belongs before the last one.
func (o *Order) Next(ctx context.Context, street, id string, m month.Month) error {
	o.n++
	if o.n&1023 == 1 {
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if o.n > 1 {
		c := 0
		if street != o.street {
			c = o.cat.CompareStreets(o.street, street)
		}
		if c == 0 {
			c = strings.Compare(o.id, id)
		}
		if c > 0 || (c == 0 && o.month > m) {
			return fmt.Errorf("row %d is out of order", o.n)
		}
	}
	o.street, o.id, o.month = street, id, m
	return nil
}
