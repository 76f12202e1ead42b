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

// Owed is one row of the recovery register (追缴台账).
type Owed struct {
	payrun.Debt
	ledger.Standing
}

// RecoveryRegister is Register with what is known of each debt: when paying should have
// stopped and did, what was collected and waived, and the agreement by instalments, of
// which everything before month now is overdue.
func RecoveryRegister(ctx context.Context, db *postgres.DB, region int32, pack *policy.Pack, now month.Month) ([]Owed, error) {
	debts, err := Register(ctx, db, region)
	if err != nil {
		return nil, err
	}
	return Standings(ctx, db, region, pack, 0, now, debts)
}

// RegisterSums is RecoveryRegister without Stop and Last, for which everything that was
// ever granted and paid must be gone through: what pages add up and filter by, of a
// register of ten thousand debts. Standings has the rest for those on show.
func RegisterSums(ctx context.Context, db *postgres.DB, region int32, pack *policy.Pack, now month.Month) ([]Owed, error) {
	debts, err := Register(ctx, db, region)
	if err != nil {
		return nil, err
	}
	owed := make([]Owed, len(debts))
	persons := map[int64][]*Owed{}
	for i, d := range debts {
		owed[i].Debt = d
		persons[d.Person] = append(persons[d.Person], &owed[i])
	}
	err = db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		at, err := people.RevisionOf(ctx, scope.At(0))
		if err != nil {
			return err
		}
		p := &positions{Scope: scope.At(at), pack: pack}
		if err := p.given(ctx, persons); err != nil {
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

// ofBureau are the debts that are a bureau's.
func ofBureau(pack *policy.Pack, bureau string, all []*Owed) []*Owed {
	var own []*Owed
	for _, o := range all {
		if pack.Payer(o.Item) == bureau {
			own = append(own, o)
		}
	}
	return own
}

// given fills in what was collected and waived of debts.
func (p *positions) given(ctx context.Context, people map[int64][]*Owed) error {
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

// Standings tells of debts what is known of each at a revision (0: the head), in the
// order of the debts. Instalments of months before now are overdue.
func Standings(ctx context.Context, db *postgres.DB, region int32, pack *policy.Pack, rev int64, now month.Month, debts []payrun.Debt) ([]Owed, error) {
	owed := make([]Owed, len(debts))
	persons := map[int64][]*Owed{}
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
		at, err := people.RevisionOf(ctx, scope.At(rev))
		if err != nil {
			return err
		}
		p, err := newPositions(ctx, scope.At(at), pack)
		if err != nil {
			return err
		}
		for block := range slices.Chunk(numbers, 2048) {
			if err := p.tell(ctx, block, persons, now); err != nil {
				return err
			}
		}
		return nil
	})
	return owed, err
}

// tell fills in the standings of some people's debts.
func (p *positions) tell(ctx context.Context, numbers []int64, persons map[int64][]*Owed, now month.Month) error {
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
		byBureau := map[string][]*Owed{}
		for _, o := range persons[number] {
			o.stand(all[number])
			bureau := p.pack.Payer(o.Item)
			byBureau[bureau] = append(byBureau[bureau], o)
		}
		for bureau, debts := range byBureau {
			if plan := plans[PlanOf{number, bureau}]; plan != nil && plan.Months > 0 {
				p.schedule(plan, debts, now)
			}
		}
	}
	return nil
}

// stand fills in what the ledger says of the debt, from all the person's positions.
func (o *Owed) stand(all []ledger.Position) {
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

// schedule shares what is overdue by an agreement among the debts that it is about, as
// money that comes in is shared.
func (p *positions) schedule(plan *agreed, debts []*Owed, now month.Month) {
	slices.SortFunc(debts, func(a, b *Owed) int {
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
