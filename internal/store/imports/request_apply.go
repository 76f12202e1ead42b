package imports

import (
	"context"
	"slices"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/people"
	"disburse/internal/store/requests"
)

// applyRequests applies the changes of confirmed requests through the import of an equivalent
// workbook, so that the same checks hold.
func applyRequests(ctx context.Context, scope postgres.Scope, granted []requests.Request, by journal.By) error {
	now, err := checkStillAsAsked(ctx, scope, granted)
	if err != nil {
		return err
	}
	in := importOf(granted)
	restateDeputies(in, granted, now)
	m, err := NewImporter(ctx, scope, in, by)
	if err != nil {
		return err
	}
	m.confirmed = true
	if err := m.Run(ctx); err != nil {
		return err
	}
	r := m.Finish()
	if len(r.Problems) > 0 {
		return fault.New(fault.Refused, "不能确认：%s，请不同意这一件，核对后重新申请", r.Problems[0].Reason)
	}
	if r.ChangedPeople+r.ChangedPayees+r.ChangedFacts+r.ChangedAwards != len(granted) {
		return fault.New(fault.Refused, "申请的变更与现在登记的不再相符，请逐件核对后重新申请")
	}
	return nil
}

// checkStillAsAsked refuses where an account has changed since its request. A direct change
// closes the pending request, so this concerns requests of earlier program versions only.
//
// It returns the present holders of the accounts.
func checkStillAsAsked(ctx context.Context, scope postgres.Scope, granted []requests.Request) (map[requests.Subject]*roster.Person, error) {
	var persons []int64
	for i := range granted {
		if granted[i].About == requests.PersonAccount {
			persons = append(persons, granted[i].Person)
		}
	}
	slices.Sort(persons)
	now := map[requests.Subject]*roster.Person{} // an institution is represented as a person of its name
	if len(persons) > 0 {
		dossiers, err := people.ReadDossiers(ctx, scope, people.Among(persons))
		if err != nil {
			return nil, err
		}
		for _, d := range dossiers {
			now[requests.Subject{Kind: requests.PersonAccount, Person: d.Number}] = &d.Person
		}
	}
	payees, err := readPayees(ctx, scope)
	if err != nil {
		return nil, err
	}
	for name, p := range payees {
		now[requests.Subject{Kind: requests.PayeeAccount, Name: name}] = &roster.Person{Name: name, Account: p.Account}
	}
	for i := range granted {
		q := &granted[i]
		known := now[q.Subject()]
		if q.About.Account() && (known == nil || OtherAccount(known, &roster.Person{Name: known.Name, Account: q.Old})) {
			return nil, fault.New(fault.Refused, "%s的账户在申请以后又变动了，请不同意第 %d 号，核对后重新申请", q.Name, q.N)
		}
	}
	return now, nil
}

// restateDeputies sets each 代领人 in the workbook: as requested with the account, or else as
// stored, because the columns exist and an empty cell would delete it.
func restateDeputies(in *roster.Import, granted []requests.Request, now map[requests.Subject]*roster.Person) {
	in.Columns.Deputy, in.Columns.DeputyRelation, in.Columns.DeputyReason = true, true, true
	at := 0
	for i := range granted {
		q := &granted[i]
		if q.About != requests.PersonAccount {
			continue
		}
		in.People[at].Person.Deputy = now[q.Subject()].Deputy
		if q.Deputes() {
			in.People[at].Person.Deputy = q.After.Deputy
		}
		at++
	}
}

// importOf returns the workbook that is equivalent to the requests.
func importOf(granted []requests.Request) *roster.Import {
	in := &roster.Import{Columns: roster.Columns{Bank: true, Number: true, Holder: true, PayeeBank: true, PayeeNumber: true, PayeeHolder: true}}
	for i := range granted {
		q := &granted[i]
		at := roster.Place{Sheet: "账户变更", Row: q.N}
		switch q.About {
		case requests.PersonAccount:
			in.People = append(in.People, roster.PersonRow{Place: at, Person: roster.Person{ID: q.ID, Account: q.New}})
		case requests.PayeeAccount:
			in.Payees = append(in.Payees, roster.PayeeRow{Place: at, Payee: roster.Payee{Name: q.Name, Account: q.New}})
		case requests.FactHistory:
			in.Facts = append(in.Facts, roster.FactHistory{Place: at, Rows: []int{q.N}, ID: q.ID, Fact: q.Part, Facts: q.After.Facts})
		case requests.AwardHistory:
			in.Awards = append(in.Awards, roster.AwardHistory{Place: at, Rows: []int{q.N}, ID: q.ID, Item: q.Part, Awards: q.After.Awards})
		}
	}
	return in
}
