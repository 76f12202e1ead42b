package imports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/people"
	"disburse/internal/store/requests"
)

// OtherAccount reports whether money would be paid to another account. An account without a
// holder is the person's own, so adding the person's name as holder is no change.
func OtherAccount(before, after *roster.Person) bool {
	a, b := before.Account, after.Account
	if a.Bank == b.Bank && a.Number == b.Number && before.HolderName() == after.HolderName() {
		return false
	}
	return a != b
}

// releasesHold reports whether a row names the first 代领人 of somebody who has died: that
// releases lines that are held for an heir (已故待领).
func (e *Candidate) releasesHold() bool {
	return e.Person.Died != 0 && e.known.person.Deputy.Name == "" && e.Person.Deputy.Name != ""
}

// deferAccounts turns account changes of people who were paid before into requests, and
// restores the stored account in the rows: it counts until a second person confirms the
// change. A change of the 代领人 is deferred with it, or while an account request is pending,
// or if it is the first one of somebody who died: applied at once it would release lines
// that are held for an heir (已故待领) to the account of the deceased.
func (m *importer) deferAccounts(ctx context.Context, a *resolver) error {
	var changed []*Candidate
	var people []int64
	for i := range a.candidates {
		e := &a.candidates[i]
		if e.refused || e.known == nil {
			continue
		}
		_, open := m.requests.Open[requests.Subject{Kind: requests.PersonAccount, Person: e.known.person.Number}]
		if e.known.person.Account != e.Person.Account || e.releasesHold() || (open && e.known.person.Deputy != e.Person.Deputy) {
			changed, people = append(changed, e), append(people, e.known.person.Number)
		}
	}
	paid, err := m.mustDefer(ctx, people, PaidBefore)
	if err != nil {
		return err
	}
	for _, e := range changed {
		s, before, after := requests.Subject{Kind: requests.PersonAccount, Person: e.known.person.Number}, e.known.person.Account, e.Person.Account
		waits := paid[s.Person] && OtherAccount(&e.known.person, &e.Person)
		if paid[s.Person] && !waits {
			if q, open := m.requests.Open[s]; open && e.known.person.Deputy != e.Person.Deputy {
				after, waits = q.New, true
			} else {
				waits = e.releasesHold()
			}
		}
		m.Accounts.add(AccountChange{Person: s.Person, Name: e.Person.Name, Before: before, After: after, Waits: waits})
		switch {
		case waits:
			old, new := requests.Content{Account: before}, requests.Content{Account: after}
			if err := m.deferDeputy(e, &old, &new); err != nil {
				return err
			}
			x := m.draft(s, old, new)
			// Part of the draft comes from the pending request, not from this row.
			if q, open := m.requests.Open[s]; open && (after != e.Person.Account || (!m.in.Columns.Deputy && new.History != "")) {
				x.InheritFrom(&q)
			}
			m.requests.Drafts = append(m.requests.Drafts, x)
			e.Person.Account, e.deferred = before, true
		case !paid[s.Person]:
			m.requests.NoteKnown(s, func() requests.Content { return requests.Content{Account: after} })
		}
	}
	return nil
}

// deferDeputy moves the 代领人 of a row into the request for its account.
func (m *importer) deferDeputy(e *Candidate, old, new *requests.Content) (err error) {
	if e.Person.Deputy == e.known.person.Deputy {
		if q := m.requests.Open[requests.Subject{Kind: requests.PersonAccount, Person: e.known.person.Number}]; !m.in.Columns.Deputy {
			old.History, new.History = q.StoredBefore, q.StoredAfter // the file has no such column
		}
		return nil
	}
	if old.History, err = requests.EncodeDeputy(e.known.person.Deputy); err != nil {
		return err
	}
	new.History, err = requests.EncodeDeputy(e.Person.Deputy)
	e.Person.Deputy = e.known.person.Deputy
	return err
}

// mustDefer returns who was paid before, as who finds them; nobody if the import is
// confirmed already.
func (m *importer) mustDefer(ctx context.Context, people []int64, who func(context.Context, pgx.Tx, int32, []int64) (map[int64]bool, error)) (map[int64]bool, error) {
	if m.confirmed || len(people) == 0 {
		return nil, nil
	}
	return who(ctx, m.Tx, m.Region, people)
}

// draft makes a request of this import.
func (m *importer) draft(s requests.Subject, old, new requests.Content) requests.Draft {
	return requests.Draft{Subject: s, Old: old, New: new, Actor: m.by.Actor, Reason: m.sourceNote(), Source: m.source}
}

// sourceNote is the reason of requests of an import: its file, and the reason given for it.
func (m *importer) sourceNote() string {
	if m.source == requests.FromPage {
		return m.by.Reason
	}
	return strings.Trim(cmp.Or(m.in.File, importAction)+"；"+m.by.Reason, "；")
}

// signingCTE selects the batches being signed, which pay to the accounts in their lines.
const signingCTE = `signing AS MATERIALIZED (SELECT batch FROM batch WHERE region = $1 AND state IN ('submitted', 'reviewed', 'endorsed'))`

// PaidBefore returns those of the people to whose own account a payment was ever approved or
// is being signed, also under a merged record. Batches in signing count, because otherwise
// the account of a first payment could be changed by one person between the signatures.
func PaidBefore(ctx context.Context, tx pgx.Tx, region int32, persons []int64) (map[int64]bool, error) {
	rows, err := tx.Query(ctx, `
		WITH RECURSIVE `+people.SurvivorsCTE+`, `+signingCTE+`, asked (person) AS (SELECT unnest($2::bigint[])),
		records (person, record) AS (SELECT person, person FROM asked UNION ALL SELECT survivor, person FROM became WHERE survivor = ANY ($2))
		SELECT DISTINCT person FROM records r
		WHERE EXISTS (SELECT FROM ledger l WHERE l.region = $1 AND l.person = r.record AND l.kind = 1 AND l.payee = $3)
		   OR EXISTS (SELECT FROM signing JOIN draft_line l USING (batch) WHERE l.region = $1 AND l.person = r.record AND l.payee = $3 AND l.hold = 0)`,
		pgx.QueryExecModeExec, region, persons, roster.Myself)
	if err != nil {
		return nil, fmt.Errorf("look for payments: %w", err)
	}
	paid := map[int64]bool{}
	var person int64
	if _, err = pgx.ForEachRow(rows, []any{&person}, func() error { paid[person] = true; return nil }); err != nil {
		return nil, fmt.Errorf("look for payments: %w", err)
	}
	return paid, nil
}

// deferPayees turns account changes of institutions that ever had an account into requests,
// and returns the other changes. An institution that only an undone import added, and that
// was never paid, counts as never having had one.
func (m *importer) deferPayees(ctx context.Context, changed []roster.Payee, known map[string]roster.Payee) ([]roster.Payee, error) {
	var names []string
	for _, p := range changed {
		if _, is := known[p.Name]; is {
			names = append(names, p.Name)
		}
	}
	if m.confirmed {
		names = nil
	}
	had, err := hadAccount(ctx, m.Scope, names)
	if err != nil {
		return nil, err
	}
	var now []roster.Payee
	for _, p := range changed {
		s, before := requests.Subject{Kind: requests.PayeeAccount, Name: p.Name}, known[p.Name].Account
		if slices.Contains(names, p.Name) {
			m.Accounts.add(AccountChange{Name: p.Name, Before: before, After: p.Account, Waits: had[p.Name]})
		}
		if had[p.Name] {
			m.requests.Drafts = append(m.requests.Drafts, m.draft(s, requests.Content{Account: before}, requests.Content{Account: p.Account}))
			continue
		}
		m.requests.NoteKnown(s, func() requests.Content { return requests.Content{Account: p.Account} })
		now = append(now, p)
	}
	return now, nil
}

func hadAccount(ctx context.Context, scope postgres.Scope, names []string) (map[string]bool, error) {
	had := map[string]bool{}
	if len(names) == 0 {
		return had, nil
	}
	rows, err := scope.Tx.Query(ctx, `
		WITH `+signingCTE+`
		SELECT name FROM unnest($2::text[]) AS name
		WHERE EXISTS (SELECT FROM payee p WHERE p.region = $1 AND p.name = name.name AND p.account <> '' AND NOT EXISTS (
		          SELECT FROM roster_undo u WHERE u.region = p.region AND u.undone = p.rev))
		   OR (EXISTS (SELECT FROM payee p WHERE p.region = $1 AND p.name = name.name AND p.account <> '')
		       AND (EXISTS (SELECT FROM payment q WHERE q.region = $1 AND q.person IS NULL AND q.payee = name.name)
		         OR EXISTS (SELECT FROM signing JOIN draft_line l USING (batch) WHERE l.region = $1 AND l.payee = name.name AND l.hold = 0)))`,
		pgx.QueryExecModeExec, scope.Region, names)
	if err != nil {
		return nil, fmt.Errorf("look for accounts of institutions: %w", err)
	}
	var name string
	if _, err = pgx.ForEachRow(rows, []any{&name}, func() error { had[name] = true; return nil }); err != nil {
		return nil, fmt.Errorf("look for accounts of institutions: %w", err)
	}
	return had, nil
}

// readPerson reads a person who was not merged. Errors: fault.NotFound.
func readPerson(ctx context.Context, scope postgres.Scope, person int64) (*roster.Dossier, error) {
	found, err := people.ReadDossiers(ctx, scope, people.Among([]int64{person}))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fault.New(fault.NotFound, "花名册里没有这个人，或记录已经并入别人，请从“查找”重新进入")
	}
	return found[0], nil
}
