package payments

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/postgres"
	"disburse/internal/store/people"
)

// DueKey is what one line pays: a person's item to a payee for a month.
type DueKey struct {
	Person      int64
	Item, Payee string
	Month       month.Month
}

// DueKeyOf returns the key of what a line pays.
func DueKeyOf(l *payrun.Line) DueKey { return DueKey{l.Person, l.Item, l.Payee, l.Month} }

// Reissues returns which dues the batch pays again (更正发放): those whose last attempt in an
// earlier batch failed as of the batch's revision. The text names that attempt: 更正发放：原
// 140213-202611-MZ-1-003 第 5 号，户名不符. persons restricts it; nil: everybody.
func Reissues(ctx context.Context, scope postgres.Scope, b payrun.Batch, persons []int64) (map[DueKey]string, error) {
	merged, err := people.ReadMerges(ctx, scope.At(b.Revision))
	if err != nil {
		return nil, err
	}
	who, args := "", []any{scope.Region, b.Revision, b.Number}
	if persons != nil {
		who, args = " AND l.person = ANY ($4)", append(args, merged.WithMerged(persons))
	}
	rows, err := scope.Tx.Query(ctx, `
		SELECT l.person, l.item, l.payee, l.month, f.number, l.seq, r.code, r.reason
		FROM payment_result r
		JOIN line l USING (region, batch, file, seq)
		JOIN payment_file f USING (region, batch, file)
		WHERE r.region = $1 AND r.outcome = 2 AND r.rev <= $2 AND l.batch < $3 AND l.kind <> 3`+who+`
		  AND NOT EXISTS (
		    SELECT FROM line later WHERE later.region = l.region AND later.person = l.person AND later.item = l.item
		      AND later.payee = l.payee AND later.month = l.month AND later.kind <> 3 AND later.file IS NOT NULL
		      AND later.batch > l.batch AND later.batch < $3
		      AND NOT EXISTS (SELECT FROM batch v WHERE v.region = later.region AND v.batch = later.batch AND v.state = 'voided'))`,
		args...)
	if err != nil {
		return nil, fmt.Errorf("read failed payments: %w", err)
	}
	failed := map[DueKey]string{}
	var k DueKey
	var m postgres.ScannedMonth
	var seq int
	var number, code, reason string
	_, err = pgx.ForEachRow(rows, []any{&k.Person, &k.Item, &k.Payee, &m.Day, &number, &seq, &code, &reason}, func() error {
		k.Month, k.Person = m.Month(), merged.Survivor(k.Person)
		if reason == "" {
			reason = code
		}
		failed[k] = fmt.Sprintf("%s：原 %s 第 %d 号，%s", explain.Reissue, number, seq, reason)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read failed payments: %w", err)
	}
	return failed, nil
}
