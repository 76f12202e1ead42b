package recovery

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// DebtsByPerson groups debts by person.
func DebtsByPerson(debts []payrun.Debt) map[int64][]payrun.Debt {
	by := map[int64][]payrun.Debt{}
	for _, d := range debts {
		by[d.Person] = append(by[d.Person], d)
	}
	return by
}

// positions computes people's ledger positions as of one revision: the sums of entries, and
// for comparison what the pack grants as of that revision.
type positions struct {
	postgres.Scope
	pack    *policy.Pack
	granter *policy.Granter
	opening month.Month // 0: no run yet, so nothing was granted
}

func newPositions(ctx context.Context, scope postgres.Scope, pack *policy.Pack) (*positions, error) {
	p := &positions{Scope: scope, pack: pack, granter: pack.Granter()}
	var opening *time.Time
	if err := scope.Tx.QueryRow(ctx, `SELECT opening_month FROM region WHERE region = $1`, scope.Region).Scan(&opening); err != nil {
		return nil, fmt.Errorf("read opening month: %w", err)
	}
	if opening != nil {
		p.opening = month.FromTime(*opening).Month()
	}
	return p, nil
}

// of returns the positions of the people, by number, unordered. Keys without ledger entries
// are left out: nothing of them was paid, so nothing can be owed.
func (p *positions) of(ctx context.Context, people []*roster.Dossier) (map[int64][]ledger.Position, error) {
	numbers := make([]int64, len(people))
	for i, d := range people {
		numbers[i] = d.Number
	}
	all, err := p.readEntered(ctx, numbers)
	if err != nil {
		return nil, err
	}
	for _, d := range people {
		if err := p.fillEntitled(d, all[d.Number]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// readEntered sums ledger entries and write-offs. A month counts as paid (Position.Paid) if an
// approved line, or the old system, paid and the payment was not returned or voided;
// positive reversals undo a 扣回 and do not count.
func (p *positions) readEntered(ctx context.Context, people []int64) (map[int64][]ledger.Position, error) {
	all := map[int64][]ledger.Position{}
	if len(people) == 0 {
		return all, nil
	}
	rows, err := p.Tx.Query(ctx, `
		SELECT person, item, payee, month, sum(settled)::bigint, sum(collected)::bigint, sum(waived)::bigint, sum(paid) > 0 FROM (
		    SELECT person, item, payee, month, amount AS settled, CASE kind WHEN 4 THEN -amount ELSE 0 END AS collected, 0 AS waived,
		           CASE WHEN (kind = 1 AND amount > 0) OR (kind IN (2, 3) AND amount < 0) OR kind > 4 THEN amount ELSE 0 END AS paid
		    FROM ledger WHERE region = $1 AND person = ANY($2) AND rev <= $3
		    UNION ALL
		    SELECT person, item, payee, month, 0, 0, amount, 0 FROM waiver
		    WHERE region = $1 AND person = ANY($2) AND rev <= $3) entries
		GROUP BY person, item, payee, month`, p.Region, people, p.Rev)
	if err != nil {
		return nil, fmt.Errorf("read positions: %w", err)
	}
	var person int64
	var at ledger.Position
	var first time.Time
	_, err = pgx.ForEachRow(rows, []any{&person, &at.Item, &at.Payee, &first, &at.Settled, &at.Collected, &at.Waived, &at.Paid}, func() error {
		at.Month = month.FromTime(first).Month()
		all[person] = append(all[person], at)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read positions: %w", err)
	}
	return all, nil
}

// fillEntitled sets what the pack grants for each key. Months before the opening month belong
// to the old system: nothing is granted for them.
func (p *positions) fillEntitled(d *roster.Dossier, keys []ledger.Position) error {
	granted := map[month.Month]map[[2]string]money.Fen{}
	for i := range keys {
		k := &keys[i]
		if p.opening == 0 || k.Month < p.opening {
			continue
		}
		if granted[k.Month] == nil {
			outcome, err := p.granter.Grant(d, k.Month)
			if err != nil {
				return err
			}
			by := map[[2]string]money.Fen{}
			for _, g := range outcome.Grants {
				by[[2]string{g.Item, g.Payee}] = g.Amount
			}
			granted[k.Month] = by
		}
		k.Entitled = granted[k.Month][[2]string{k.Item, k.Payee}]
	}
	return nil
}

// keyArrays splits keys into columns for SQL's unnest.
func keyArrays(shares []ledger.Share) (items, payees []string, months []time.Time, amounts []int64) {
	for _, s := range shares {
		items, payees = append(items, s.Item), append(payees, s.Payee)
		months, amounts = append(months, postgres.FirstDay(s.Month)), append(amounts, int64(s.Amount))
	}
	return items, payees, months, amounts
}
