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

// makeKnown makes known what the requests ask for, as a workbook would.
func makeKnown(ctx context.Context, scope postgres.Scope, granted []requests.Request, by journal.By) error {
	now, err := asBefore(ctx, scope, granted)
	if err != nil {
		return err
	}
	in := accountImport(granted)
	deputise(in, granted, now)
	m, err := NewRosterMerge(ctx, scope, in, by)
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

// asBefore refuses where an account is another than when its change was asked for. Whatever
// changes one closes what waits for it, so that this is about requests of older versions.
//
// It returns who has the accounts now.
func asBefore(ctx context.Context, scope postgres.Scope, granted []requests.Request) (map[requests.Subject]*roster.Person, error) {
	var persons []int64
	for i := range granted {
		if granted[i].About == requests.PersonAccount {
			persons = append(persons, granted[i].Person)
		}
	}
	slices.Sort(persons)
	now := map[requests.Subject]*roster.Person{} // an institution's account is somebody's of its name
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

// deputise has the workbook restate each 代领人: as asked for with the account, or else as
// known.
func deputise(in *roster.Import, granted []requests.Request, now map[requests.Subject]*roster.Person) {
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

// accountImport is the workbook that says what the requests ask for.
func accountImport(granted []requests.Request) *roster.Import {
	in := &roster.Import{Columns: roster.Columns{Bank: true, Number: true, Holder: true, PayeeBank: true, PayeeNumber: true, PayeeHolder: true}}
	for i := range granted {
		q := &granted[i]
		at := roster.Place{Sheet: "账户变更", Row: q.N}
		switch q.About {
		case requests.PersonAccount:
			in.People = append(in.People, roster.PersonRow{Place: at, Person: roster.Person{ID: q.ID, Account: q.New}})
		case requests.PayeeAccount:
			in.Payees = append(in.Payees, roster.PayeeRow{Place: at, Payee: roster.Payee{Name: q.Name, Account: q.New}})
		case requests.FactRequest:
			in.Facts = append(in.Facts, roster.FactHistory{Place: at, Rows: []int{q.N}, ID: q.ID, Fact: q.Part, Facts: q.After.Facts})
		case requests.AwardRequest:
			in.Awards = append(in.Awards, roster.AwardHistory{Place: at, Rows: []int{q.N}, ID: q.ID, Item: q.Part, Awards: q.After.Awards})
		}
	}
	return in
}
