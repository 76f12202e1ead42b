package imports

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/people"
)

// Payees returns the institutions and bureaus that are paid instead of people (收款单位), by
// name, as of revision rev; 0 is the head. Errors: fault.NotFound when region or revision do
// not exist.
func Payees(ctx context.Context, db *postgres.DB, region int32, rev int64) (map[string]roster.Payee, error) {
	var payees map[string]roster.Payee
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		at, err := people.ResolveRevision(ctx, scope.At(rev))
		if err != nil {
			return err
		}
		payees, err = readPayees(ctx, scope.At(at))
		return err
	})
	// Undoing an import cannot delete the payees that it added; it leaves them without account.
	maps.DeleteFunc(payees, func(_ string, p roster.Payee) bool { return p.Account == roster.Account{} })
	return payees, err
}

func readPayees(ctx context.Context, scope postgres.Scope) (map[string]roster.Payee, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT DISTINCT ON (name) name, rev, bank, account, holder
		FROM payee WHERE region = $1 AND rev <= $2 ORDER BY name, rev DESC`, scope.Region, scope.Rev)
	if err != nil {
		return nil, fmt.Errorf("read payees: %w", err)
	}
	defer rows.Close()
	payees := make(map[string]roster.Payee)
	for rows.Next() {
		var p roster.Payee
		if err := rows.Scan(&p.Name, &p.Rev, &p.Account.Bank, &p.Account.Number, &p.Account.Holder); err != nil {
			return nil, fmt.Errorf("scan payee: %w", err)
		}
		payees[p.Name] = p
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read payees: %w", err)
	}
	return payees, nil
}

// overlayPayees overlays the stored payees with the file's rows, column by column, and returns
// those that change, by name.
func overlayPayees(in *roster.Import, known map[string]roster.Payee) []roster.Payee {
	var changed []roster.Payee
	for _, row := range in.Payees {
		before, exists := known[row.Payee.Name]
		after := before
		after.Name = row.Payee.Name
		put(in.Columns.PayeeBank, &after.Account.Bank, row.Payee.Account.Bank)
		put(in.Columns.PayeeNumber, &after.Account.Number, row.Payee.Account.Number)
		put(in.Columns.PayeeHolder, &after.Account.Holder, row.Payee.Account.Holder)
		if !exists || after != before {
			changed = append(changed, after)
		}
	}
	slices.SortFunc(changed, func(a, b roster.Payee) int { return cmp.Compare(a.Name, b.Name) })
	return changed
}

func writePayees(ctx context.Context, scope postgres.Scope, changed []roster.Payee) error {
	err := postgres.CopyRows(ctx, scope.Tx, `COPY payee (region, name, rev, bank, account, holder) FROM STDIN (FORMAT binary)`, len(changed),
		func(w *postgres.RowWriter, i int) {
			p := &changed[i]
			w.Row(6)
			w.Int32(scope.Region)
			w.Text(p.Name)
			w.Int64(scope.Rev)
			w.Text(p.Account.Bank)
			w.Text(p.Account.Number)
			w.Text(p.Account.Holder)
		})
	if err != nil {
		return fmt.Errorf("write payees: %w", err)
	}
	return nil
}
