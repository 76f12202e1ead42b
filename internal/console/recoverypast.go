package console

import (
	"slices"

	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/postgres"
)

// planRow is an agreement that is in force.
type planRow struct {
	ledger.Plan
	Bureau  string
	Overdue money.Fen
	Open    money.Fen
}

// eventRow is something that was done.
type eventRow struct {
	postgres.DebtEvent
	What     string
	ItemName string
}

// addPlan adds the agreement that a debt is under.
func (v *visit) addPlan(d *debtorData, o *debtRow) {
	if o.Plan.Months == 0 {
		return
	}
	bureau := v.office.Pack.Payer(o.Item)
	at := slices.IndexFunc(d.Plans, func(p planRow) bool { return p.Bureau == bureau })
	if at < 0 {
		at = len(d.Plans)
		d.Plans = append(d.Plans, planRow{Plan: o.Plan, Bureau: bureau})
	}
	d.Plans[at].Overdue, d.Plans[at].Open = d.Plans[at].Overdue.Add(o.Overdue), d.Plans[at].Open.Add(o.Amount)
	d.Planned = d.Planned || v.clerkOf(bureau)
}

// addPast adds what was done about the debts that the user may see.
func (v *visit) addPast(d *debtorData) error {
	events, err := v.office.DB.DebtEvents(v.r.Context(), v.office.Region, d.Person)
	if err != nil {
		return err
	}
	for _, e := range events {
		bureau := e.Bureau
		if e.Item != "" {
			bureau = v.office.Pack.Payer(e.Item)
		}
		if v.sees(bureau) {
			d.Events = append(d.Events, eventRow{e, eventWord(&e), v.itemTitle(e.Item)})
		}
	}
	d.Waivers, err = v.office.DB.PersonWaivers(v.r.Context(), v.office.Region, d.Person, v.user.Bureau)
	return err
}

func eventWord(e *postgres.DebtEvent) string {
	switch {
	case e.Kind == ledger.Collected:
		return "收回"
	case e.Kind == ledger.Opening:
		return "期初"
	case e.Plan.Months == 0:
		return "终止分期"
	}
	return "约定分期：" + e.Plan.String()
}
