package recovery

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/store/people"
)

// RegisterRow is one row of the recovery register (追缴台账).
type RegisterRow struct {
	payrun.Debt
	ledger.DebtStatus
}

// RegisterWithStatus is Register with the status of each debt: when paying should have stopped
// and did stop, what was collected and written off, and the instalments, of which those of
// months before now are overdue.
func RegisterWithStatus(ctx context.Context, db *postgres.DB, region int32, pack *policy.Pack, now month.Month) ([]RegisterRow, error) {
	debts, err := Register(ctx, db, region)
	if err != nil {
		return nil, err
	}
	return WithStatus(ctx, db, region, pack, 0, now, debts)
}

// RegisterSums is RegisterWithStatus without Stop and Last, which need the whole history of
// grants and payments: fast enough for pages that sum and filter a register of ten thousand
// debts. WithStatus completes the rows on one page.
func RegisterSums(ctx context.Context, db *postgres.DB, region int32, pack *policy.Pack, now month.Month) ([]RegisterRow, error) {
	debts, err := Register(ctx, db, region)
	if err != nil {
		return nil, err
	}
	owed := make([]RegisterRow, len(debts))
	persons := map[int64][]*RegisterRow{}
	for i, d := range debts {
		owed[i].Debt = d
		persons[d.Person] = append(persons[d.Person], &owed[i])
	}
	err = db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		at, err := people.ResolveRevision(ctx, scope.At(0))
		if err != nil {
			return err
		}
		p := &positions{Scope: scope.At(at), pack: pack}
		if err := p.fillGiven(ctx, persons); err != nil {
			return err
		}
		plans, err := ReadPlans(ctx, scope.At(at), slices.Sorted(maps.Keys(persons)))
		if err != nil {
			return err
		}
		for who, plan := range plans {
			if own := ofBureau(pack, who.Bureau, persons[who.Person]); plan.Months > 0 && len(own) > 0 {
				p.schedule(plan, own, now)
			}
		}
		return nil
	})
	return owed, err
}

// ofBureau returns the debts that belong to a bureau, by item.
func ofBureau(pack *policy.Pack, bureau string, all []*RegisterRow) []*RegisterRow {
	var own []*RegisterRow
	for _, o := range all {
		if pack.Payer(o.Item) == bureau {
			own = append(own, o)
		}
	}
	return own
}

// fillGiven sets what was collected and written off of debts, from all entries of the region
// at once: they are few, and ten thousand debtors would make a long list of people.
func (p *positions) fillGiven(ctx context.Context, people map[int64][]*RegisterRow) error {
	rows, err := p.Tx.Query(ctx, `
		SELECT person, item, payee, month, sum(collected)::bigint, sum(waived)::bigint FROM (
		    SELECT person, item, payee, month, -amount AS collected, 0 AS waived FROM ledger WHERE region = $1 AND kind = 4 AND rev <= $2
		    UNION ALL
		    SELECT person, item, payee, month, 0, amount FROM waiver WHERE region = $1 AND rev <= $2) entries
		GROUP BY person, item, payee, month`, p.Region, p.Rev)
	if err != nil {
		return fmt.Errorf("read what was collected and waived: %w", err)
	}
	var person int64
	var key ledger.Key
	var first postgres.ScannedMonth
	var collected, waived money.Fen
	_, err = pgx.ForEachRow(rows, []any{&person, &key.Item, &key.Payee, &first.Day, &collected, &waived}, func() error {
		key.Month = first.Month()
		for _, o := range people[person] {
			if key == (ledger.Key{Item: o.Item, Payee: o.Payee, Month: o.Month}) {
				o.Collected, o.Waived = collected, waived
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read what was collected and waived: %w", err)
	}
	return nil
}

// WithStatus returns debts, in their order, with the status of each as of a revision (0: the
// head). Instalments of months before now are overdue.
func WithStatus(ctx context.Context, db *postgres.DB, region int32, pack *policy.Pack, rev int64, now month.Month, debts []payrun.Debt) ([]RegisterRow, error) {
	owed := make([]RegisterRow, len(debts))
	persons := map[int64][]*RegisterRow{}
	var numbers []int64
	for i, d := range debts {
		owed[i].Debt = d
		if persons[d.Person] == nil {
			numbers = append(numbers, d.Person)
		}
		persons[d.Person] = append(persons[d.Person], &owed[i])
	}
	slices.Sort(numbers)
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		at, err := people.ResolveRevision(ctx, scope.At(rev))
		if err != nil {
			return err
		}
		p, err := newPositions(ctx, scope.At(at), pack)
		if err != nil {
			return err
		}
		for block := range slices.Chunk(numbers, 2048) {
			if err := p.fillStatus(ctx, block, persons, now); err != nil {
				return err
			}
		}
		return nil
	})
	return owed, err
}

// fillStatus sets the status of some people's debts.
func (p *positions) fillStatus(ctx context.Context, numbers []int64, persons map[int64][]*RegisterRow, now month.Month) error {
	dossiers, err := people.ReadDossiers(ctx, p.Scope, people.Among(numbers))
	if err != nil {
		return err
	}
	all, err := p.of(ctx, dossiers)
	if err != nil {
		return err
	}
	plans, err := ReadPlans(ctx, p.Scope, numbers)
	if err != nil {
		return err
	}
	for _, number := range numbers {
		byBureau := map[string][]*RegisterRow{}
		for _, o := range persons[number] {
			o.fillFromLedger(all[number])
			bureau := p.pack.Payer(o.Item)
			byBureau[bureau] = append(byBureau[bureau], o)
		}
		for bureau, debts := range byBureau {
			if plan := plans[PlanKey{number, bureau}]; plan != nil && plan.Months > 0 {
				p.schedule(plan, debts, now)
			}
		}
	}
	return nil
}

// fillFromLedger sets the ledger part of the status, from all of the person's positions.
func (o *RegisterRow) fillFromLedger(all []ledger.Position) {
	var same []ledger.Position
	for i := range all {
		if all[i].Item != o.Item || all[i].Payee != o.Payee {
			continue
		}
		same = append(same, all[i])
		if all[i].Month == o.Month {
			o.Collected, o.Waived = all[i].Collected, all[i].Waived
		}
	}
	o.Stop, o.Last = ledger.Stops(o.Month, same)
}

// schedule sets the overdue amounts of an agreement's debts: the overdue sum is shared among
// them as a collection would be.
func (p *positions) schedule(plan *agreement, debts []*RegisterRow, now month.Month) {
	slices.SortFunc(debts, func(a, b *RegisterRow) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(p.pack.ItemOrder(a.Item), p.pack.ItemOrder(b.Item)), strings.Compare(a.Payee, b.Payee))
	})
	var left []ledger.Share
	for _, o := range debts {
		for _, d := range plan.Debts {
			if d.Key == (ledger.Key{Item: o.Item, Payee: o.Payee, Month: o.Month}) {
				o.Plan = plan.Plan
				left = append(left, ledger.Share{Key: d.Key, Amount: min(d.Amount, o.Amount)})
			}
		}
	}
	shares, _ := ledger.Allocate(left, plan.Overdue(now, ledger.Total(left)))
	overdue := map[ledger.Key]money.Fen{}
	for _, s := range shares {
		overdue[s.Key] = s.Amount
	}
	for _, o := range debts {
		o.Overdue = overdue[ledger.Key{Item: o.Item, Payee: o.Payee, Month: o.Month}]
	}
}
