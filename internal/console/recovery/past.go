package recovery

import (
	"slices"

	"disburse/internal/console/web"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/store/recovery"
)

// planRow is an instalment plan in force. Amounts are 分.
type planRow struct {
	ledger.Plan
	Bureau  string
	Overdue money.Fen
	Open    money.Fen
}

// eventRow is something done about a debt: collected, planned, opening entry.
type eventRow struct {
	recovery.DebtEvent
	What     string
	ItemName string
}

// addPlan adds the instalment plan of a debt. A plan is with a bureau and covers all its debts.
func addPlan(v *web.Visit, d *debtorData, o *debtRow) {
	if o.Plan.Months == 0 {
		return
	}
	bureau := v.Office.Pack.Payer(o.Item)
	at := slices.IndexFunc(d.Plans, func(p planRow) bool { return p.Bureau == bureau })
	if at < 0 {
		at = len(d.Plans)
		d.Plans = append(d.Plans, planRow{Plan: o.Plan, Bureau: bureau})
	}
	d.Plans[at].Overdue, d.Plans[at].Open = d.Plans[at].Overdue.Add(o.Overdue), d.Plans[at].Open.Add(o.Amount)
	d.Planned = d.Planned || v.IsClerkOf(bureau)
}

// addPast adds the history of the debts that the user may see.
func addPast(v *web.Visit, d *debtorData) error {
	events, err := recovery.DebtEvents(v.R.Context(), v.Office.DB, v.Office.Region, d.Person)
	if err != nil {
		return err
	}
	for _, e := range events {
		bureau := e.Bureau
		if e.Item != "" {
			bureau = v.Office.Pack.Payer(e.Item)
		}
		if v.Sees(bureau) {
			d.Events = append(d.Events, eventRow{e, eventWord(&e), v.ItemTitle(e.Item)})
		}
	}
	d.Waivers, err = recovery.PersonWaivers(v.R.Context(), v.Office.DB, v.Office.Region, d.Person, v.User.Bureau)
	return err
}

// eventWord names an event.
func eventWord(e *recovery.DebtEvent) string {
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
