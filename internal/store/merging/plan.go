package merging

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/ledger"
	"disburse/internal/postgres"
	"disburse/internal/store/recovery"
)

// MovedPlan is an instalment plan (分期还款) that the merged record had with a bureau.
type MovedPlan struct {
	Bureau string
	Plan   ledger.Plan
	Own    ledger.Plan // the survivor's own plan with the bureau, which remains in force; zero: none, so Plan is the survivor's now
}

// Sentence says in Chinese what became of the plan, and what staff must do.
func (p MovedPlan) Sentence() string {
	if p.Own.Months == 0 {
		return fmt.Sprintf("并入记录与%s的分期还款（%s 元，%s）转到保留记录，约定不变", p.Bureau, p.Plan.Sum.Grouped(), p.Plan)
	}
	return fmt.Sprintf("两条记录都与%s约定了分期还款：保留记录的（%s 元，%s）继续有效，并入记录的（%s 元，%s）终止，请与本人重新约定总额和期数（recovery plan）",
		p.Bureau, p.Own.Sum.Grouped(), p.Own, p.Plan.Sum.Grouped(), p.Plan)
}

// movePlans inserts the merged record's plans for the survivor: the same terms about the same
// debts, which moveSettled has moved. The share of debts that the survivor does not owe counts
// as paid, as with any plan (ledger.Plan.Overdue). If the survivor has a plan with the bureau,
// that one remains in force: a person can have only one per bureau, and adding both up would be
// an agreement that nobody has made.
func (r *Report) movePlans(ctx context.Context, tx pgx.Tx, o *Order) error {
	gone, kept := r.Gone.Number, r.Kept.Number
	plans, err := recovery.ReadPlans(ctx, postgres.In(tx, o.Region).At(r.Rev-1), []int64{gone, kept})
	if err != nil {
		return err
	}
	order := recovery.Order{Region: o.Region, User: o.User, By: o.By}
	for _, of := range slices.SortedFunc(maps.Keys(plans), func(a, b recovery.PlanKey) int { return strings.Compare(a.Bureau, b.Bureau) }) {
		p := plans[of]
		if of.Person != gone || p.Months == 0 {
			continue
		}
		moved := MovedPlan{Bureau: of.Bureau, Plan: p.Plan}
		if own := plans[recovery.PlanKey{Person: kept, Bureau: of.Bureau}]; own != nil && own.Months > 0 {
			moved.Own = own.Plan
		} else {
			first := postgres.FirstDay(p.First)
			if err := recovery.InsertPlan(ctx, tx, order, kept, r.Rev, of.Bureau, p.Plan, &first, p.Debts); err != nil {
				return err
			}
		}
		if err := recovery.InsertPlan(ctx, tx, order, gone, r.Rev, of.Bureau, ledger.Plan{}, nil, nil); err != nil {
			return err
		}
		r.Plans = append(r.Plans, moved)
	}
	return nil
}

// plansSummary is the part of the journal entry about plans; empty without any.
func (r *Report) plansSummary() string {
	s := ""
	for _, p := range r.Plans {
		word := "转移"
		if p.Own.Months > 0 {
			word = "终止"
		}
		s += fmt.Sprintf("，%s与%s的分期还款 %s 元", word, p.Bureau, p.Plan.Sum.Grouped())
	}
	return s
}
