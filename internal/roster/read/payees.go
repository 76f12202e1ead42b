package read

import (
	"disburse/internal/roster"
	"disburse/internal/roster/layout"
)

// payeeEntry is a row of 收款单位 until the whole sheet is known.
type payeeEntry struct {
	roster.PayeeRow
	bad bool
}

// readPayee takes in a row of 收款单位.
func (r *reader) readPayee(rec *record) {
	e := payeeEntry{PayeeRow: roster.PayeeRow{Place: rec.place()}}
	p := &e.Payee
	p.Name = rec.line(layout.ColPayee)
	rec.require(layout.ColPayee, p.Name)
	if p.Name == roster.Myself {
		rec.refuse(layout.ColPayee, "“本人”不能用作收款单位的名称")
	}
	p.Account = roster.Account{
		Bank:   rec.line(layout.ColPayeeBank),
		Number: rec.account(layout.ColPayeeAccount),
		Holder: rec.line(layout.ColPayeeHolder),
	}
	e.bad = rec.bad
	r.payees = append(r.payees, e)
}

// finishPayees refuses all rows of a name that stands twice.
func (r *reader) finishPayees() {
	byName := map[string][]int{}
	for i, e := range r.payees {
		if e.Payee.Name != "" {
			byName[e.Payee.Name] = append(byName[e.Payee.Name], i)
		}
	}
	r.refuseTwice(byName, layout.Payees.Columns[layout.ColPayee].Heading,
		func(i int) (roster.Place, *bool) { return r.payees[i].Place, &r.payees[i].bad })
	for _, e := range r.payees {
		if !e.bad {
			r.imp.Payees = append(r.imp.Payees, e.PayeeRow)
		}
	}
	r.payees = nil
}
