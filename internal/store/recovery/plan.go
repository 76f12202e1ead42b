package recovery

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/ledger"
	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/store/people"
)

// Agree records an agreement to pay debts back by instalments (分期还款). The plan's sum is
// shared among the debts as a collection would be. It replaces the person's earlier agreement
// with the bureau, and does not change netting. Errors as Collect and ledger.Plan.Check.
func Agree(ctx context.Context, db *postgres.DB, o Order, plan ledger.Plan) (*Recovered, error) {
	o = o.withUser()
	if err := plan.Check(); err != nil {
		return nil, err
	}
	o.Amount = plan.Sum
	var done *Recovered
	_, err := db.Change(ctx, o.Region, o.By, func(scope postgres.Scope) (journal.Entry, error) {
		who, debts, err := openDebts(ctx, scope.Tx, o, "登记分期还款")
		if err != nil {
			return journal.Entry{}, err
		}
		shares, rest := ledger.Allocate(debts, plan.Sum)
		if rest > 0 {
			return journal.Entry{}, tooMuch(o, who, debts)
		}
		first := postgres.FirstDay(plan.First)
		bureau := o.Pack.Payer(shares[0].Item)
		if err := InsertPlan(ctx, scope.Tx, o, who.Number, scope.Rev, bureau, plan, &first, shares); err != nil {
			return journal.Entry{}, err
		}
		done = &Recovered{Person: who.Person, Shares: shares, Left: ledger.Total(debts).Sub(plan.Sum), Rev: scope.Rev}
		return journal.Entry{Action: "登记分期还款", Subject: people.JournalSubject(who), Summary: plan.Sum.Grouped() + " 元，" + plan.String()}, nil
	})
	return done, err
}

// EndPlan ends the person's agreement with the user's bureau. Errors as Collect;
// fault.NotFound where there is none.
func EndPlan(ctx context.Context, db *postgres.DB, o Order) (*Recovered, error) {
	o = o.withUser()
	const what = "终止分期还款"
	var done *Recovered
	_, err := db.Change(ctx, o.Region, o.By, func(scope postgres.Scope) (journal.Entry, error) {
		user, err := recoveryUser(ctx, scope.Tx, o, what)
		if err != nil {
			return journal.Entry{}, err
		}
		who, err := people.FindDossierIn(ctx, scope, o.ID, scope.Rev-1)
		if err != nil {
			return journal.Entry{}, err
		}
		plans, err := ReadPlans(ctx, scope.At(scope.Rev-1), []int64{who.Number})
		if err != nil {
			return journal.Entry{}, err
		}
		p := plans[PlanKey{who.Number, user.Bureau}]
		if p == nil || p.Months == 0 {
			return journal.Entry{}, fault.New(fault.NotFound, "%s没有与%s约定分期还款，不用终止", people.NameOf(who), user.Bureau)
		}
		done = &Recovered{Person: who.Person, Rev: scope.Rev}
		entry := journal.Entry{Action: what, Subject: people.JournalSubject(who), Summary: p.Sum.Grouped() + " 元，" + p.String()}
		return entry, InsertPlan(ctx, scope.Tx, o, who.Number, scope.Rev, user.Bureau, ledger.Plan{}, nil, nil)
	})
	return done, err
}

// InsertPlan inserts an agreement with its debts; a plan without instalments (first nil, no
// shares) ends the earlier one, as the table is append-only.
func InsertPlan(ctx context.Context, tx pgx.Tx, o Order, person, rev int64, bureau string, plan ledger.Plan, first *time.Time, shares []ledger.Share) error {
	var n int
	err := tx.QueryRow(ctx, `
		INSERT INTO recovery_plan (region, n, rev, person, bureau, amount, first_month, months, actor, reason)
		SELECT $1, coalesce(max(n), 0) + 1, $2, $3, $4, $5, $6::date, $7, $8, $9 FROM recovery_plan WHERE region = $1
		RETURNING n`, o.Region, rev, person, bureau, plan.Sum, first, plan.Months, o.User.Name, o.By.Reason).Scan(&n)
	if err != nil {
		return fmt.Errorf("insert plan: %w", err)
	}
	items, payees, months, amounts := keyArrays(shares)
	_, err = tx.Exec(ctx, `
		INSERT INTO recovery_plan_debt (region, n, item, payee, month, amount)
		SELECT $1, $2, item, payee, month, amount FROM unnest($3::text[], $4::text[], $5::date[], $6::bigint[]) AS s (item, payee, month, amount)`,
		o.Region, n, items, payees, months, amounts)
	if err != nil {
		return fmt.Errorf("insert debts of plan: %w", err)
	}
	return nil
}

// PlanKey identifies an agreement: a person and the bureau, which has at most one with them.
type PlanKey struct {
	Person int64
	Bureau string
}

// agreement is an agreement with the debts that it is about.
type agreement struct {
	ledger.Plan
	Debts []ledger.Share
}

// ReadPlans reads the latest agreements of people as of the scope's revision; one that was
// ended has no instalments.
func ReadPlans(ctx context.Context, scope postgres.Scope, people []int64) (map[PlanKey]*agreement, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT q.person, q.bureau, q.amount, q.first_month, q.months, coalesce(d.item, ''), coalesce(d.payee, ''), d.month, coalesce(d.amount, 0) FROM (
		    SELECT DISTINCT ON (person, bureau) * FROM recovery_plan
		    WHERE region = $1 AND person = ANY($2) AND rev <= $3 ORDER BY person, bureau, n DESC) q
		LEFT JOIN recovery_plan_debt d USING (region, n)`, scope.Region, people, scope.Rev)
	if err != nil {
		return nil, fmt.Errorf("read plans: %w", err)
	}
	all := map[PlanKey]*agreement{}
	var who PlanKey
	var plan ledger.Plan
	var share ledger.Share
	var first, of *time.Time
	_, err = pgx.ForEachRow(rows, []any{&who.Person, &who.Bureau, &plan.Sum, &first, &plan.Months, &share.Item, &share.Payee, &of, &share.Amount}, func() error {
		plan.First = 0
		if first != nil {
			plan.First = month.FromTime(*first).Month()
		}
		if all[who] == nil {
			all[who] = &agreement{Plan: plan}
		}
		if of != nil {
			share.Month = month.FromTime(*of).Month()
			all[who].Debts = append(all[who].Debts, share)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read plans: %w", err)
	}
	return all, nil
}
