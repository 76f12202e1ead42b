package roster

// payeeEntry is a row of 收款单位 until the whole sheet is known.
type payeeEntry struct {
	PayeeRow
	bad bool
}

// readPayee takes in a row of 收款单位.
func (r *reader) readPayee(rec *record) {
	e := payeeEntry{PayeeRow: PayeeRow{Place: rec.place()}}
	p := &e.Payee
	p.Name = rec.line(colPayee)
	rec.require(colPayee, p.Name)
	if p.Name == Myself {
		rec.refuse(colPayee, "“本人”不能用作收款单位的名称")
	}
	p.Account = Account{
		Bank:   rec.line(colPayeeBank),
		Number: rec.account(colPayeeAccount),
		Holder: rec.line(colPayeeHolder),
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
	r.refuseTwice(byName, payeesLayout.columns[colPayee].heading,
		func(i int) (Place, *bool) { return r.payees[i].Place, &r.payees[i].bad })
	for _, e := range r.payees {
		if !e.bad {
			r.imp.Payees = append(r.imp.Payees, e.PayeeRow)
		}
	}
	r.payees = nil
}
