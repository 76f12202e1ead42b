package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/roster"
)

// otherAccount reports whether money would go elsewhere. An account without a holder is
// the person's, so that to write the person's own name as holder changes nothing.
func otherAccount(before, after *roster.Person) bool {
	a, b := before.Account, after.Account
	if a.Bank == b.Bank && a.Number == b.Number && before.HolderName() == after.HolderName() {
		return false
	}
	return a != b
}

// releasesHeld reports whether a row names the first 代领人 of somebody who has died: that
// releases what waits for an heir (已故待领).
func (e *entrant) releasesHeld() bool {
	return e.person.Died != 0 && e.known.person.Deputy.Name == "" && e.person.Deputy.Name != ""
}

// holdAccounts takes changed accounts of people who were paid before out of the rows, and
// asks for them instead: the account known before counts until somebody confirms. So does
// the 代领人 that comes with one, or while one waits, or who is the first of somebody dead:
// known at once, they would release what waits for an heir (已故待领) to the account of the
// dead.
func (m *rosterMerge) holdAccounts(ctx context.Context, a *admission) error {
	var changed []*entrant
	var people []int64
	for i := range a.entrants {
		e := &a.entrants[i]
		if e.refused || e.known == nil {
			continue
		}
		_, open := m.asks.open[subject{kind: PersonAccount, person: e.known.person.Number}]
		if e.known.person.Account != e.person.Account || e.releasesHeld() || (open && e.known.person.Deputy != e.person.Deputy) {
			changed, people = append(changed, e), append(people, e.known.person.Number)
		}
	}
	paid, err := m.mustWait(ctx, people, paidBefore)
	if err != nil {
		return err
	}
	for _, e := range changed {
		s, before, after := subject{kind: PersonAccount, person: e.known.person.Number}, e.known.person.Account, e.person.Account
		waits := paid[s.person] && otherAccount(&e.known.person, &e.person)
		if paid[s.person] && !waits {
			if q, open := m.asks.open[s]; open && e.known.person.Deputy != e.person.Deputy {
				after, waits = q.New, true
			} else {
				waits = e.releasesHeld()
			}
		}
		m.accounts.add(AccountChange{Person: s.person, Name: e.person.Name, Before: before, After: after, Waits: waits})
		switch {
		case waits:
			old, new := content{account: before}, content{account: after}
			if err := m.holdDeputy(e, &old, &new); err != nil {
				return err
			}
			x := m.ask(s, old, new)
			// The row itself says nothing of the account, or of the 代领人, that waits.
			if q, open := m.asks.open[s]; open && (after != e.person.Account || (!m.in.Columns.Deputy && new.history != "")) {
				x.takesOver(&q)
			}
			m.asks.list = append(m.asks.list, x)
			e.person.Account, e.waits = before, true
		case !paid[s.person]:
			m.asks.known(s, func() content { return content{account: after} })
		}
	}
	return nil
}

// holdDeputy lets the 代领人 of a row wait with its account.
func (m *rosterMerge) holdDeputy(e *entrant, old, new *content) (err error) {
	if e.person.Deputy == e.known.person.Deputy {
		if q := m.asks.open[subject{kind: PersonAccount, person: e.known.person.Number}]; !m.in.Columns.Deputy {
			old.history, new.history = q.before, q.after // of which the file says nothing
		}
		return nil
	}
	if old.history, err = encodeDeputy(e.known.person.Deputy); err != nil {
		return err
	}
	new.history, err = encodeDeputy(e.person.Deputy)
	e.person.Deputy = e.known.person.Deputy
	return err
}

// mustWait asks who was paid before, unless what comes in has been confirmed.
func (m *rosterMerge) mustWait(ctx context.Context, people []int64, who func(context.Context, pgx.Tx, int32, []int64) (map[int64]bool, error)) (map[int64]bool, error) {
	if m.confirmed || len(people) == 0 {
		return nil, nil
	}
	return who(ctx, m.tx, m.region, people)
}

// ask is a request of this import.
func (m *rosterMerge) ask(s subject, old, new content) ask {
	return ask{subject: s, old: old, new: new, actor: m.by.Actor, reason: m.document(), source: m.source}
}

// document is what an import rests on: its file, and what was said of it.
func (m *rosterMerge) document() string {
	if m.source == FromPage {
		return m.by.Reason
	}
	return strings.Trim(cmp.Or(m.in.File, importAction)+"；"+m.by.Reason, "；")
}

// signingCTE are the batches that are being signed: what they pay goes where their lines say.
const signingCTE = `signing AS MATERIALIZED (SELECT batch FROM batch WHERE region = $1 AND state IN ('submitted', 'reviewed', 'endorsed'))`

// paidBefore returns those of the people to whose own account a payment was ever approved,
// or is being signed, also under a record that was merged into theirs. Without the second,
// whoever brings a first payment could change its account between the signatures.
func paidBefore(ctx context.Context, tx pgx.Tx, region int32, people []int64) (map[int64]bool, error) {
	rows, err := tx.Query(ctx, `
		WITH RECURSIVE `+survivorsCTE+`, `+signingCTE+`, asked (person) AS (SELECT unnest($2::bigint[])),
		records (person, record) AS (SELECT person, person FROM asked UNION ALL SELECT survivor, person FROM became WHERE survivor = ANY ($2))
		SELECT DISTINCT person FROM records r
		WHERE EXISTS (SELECT FROM ledger l WHERE l.region = $1 AND l.person = r.record AND l.kind = 1 AND l.payee = $3)
		   OR EXISTS (SELECT FROM signing JOIN draft_line l USING (batch) WHERE l.region = $1 AND l.person = r.record AND l.payee = $3 AND l.hold = 0)`,
		pgx.QueryExecModeExec, region, people, roster.Myself)
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

// holdPayees takes changed accounts of institutions that ever had one out of what is to be
// written. An institution that only an undone import brought, and that nobody was paid
// through, never had one.
func (m *rosterMerge) holdPayees(ctx context.Context, changed []roster.Payee, known map[string]roster.Payee) ([]roster.Payee, error) {
	var names []string
	for _, p := range changed {
		if _, is := known[p.Name]; is {
			names = append(names, p.Name)
		}
	}
	if m.confirmed {
		names = nil
	}
	had, err := hadAccount(ctx, m.tx, m.region, names)
	if err != nil {
		return nil, err
	}
	var now []roster.Payee
	for _, p := range changed {
		s, before := subject{kind: PayeeAccount, name: p.Name}, known[p.Name].Account
		if slices.Contains(names, p.Name) {
			m.accounts.add(AccountChange{Name: p.Name, Before: before, After: p.Account, Waits: had[p.Name]})
		}
		if had[p.Name] {
			m.asks.list = append(m.asks.list, m.ask(s, content{account: before}, content{account: p.Account}))
			continue
		}
		m.asks.known(s, func() content { return content{account: p.Account} })
		now = append(now, p)
	}
	return now, nil
}

func hadAccount(ctx context.Context, tx pgx.Tx, region int32, names []string) (map[string]bool, error) {
	had := map[string]bool{}
	if len(names) == 0 {
		return had, nil
	}
	rows, err := tx.Query(ctx, `
		WITH `+signingCTE+`
		SELECT name FROM unnest($2::text[]) AS name
		WHERE EXISTS (SELECT FROM payee p WHERE p.region = $1 AND p.name = name.name AND p.account <> '' AND NOT EXISTS (
		          SELECT FROM roster_undo u WHERE u.region = p.region AND u.undone = p.rev))
		   OR (EXISTS (SELECT FROM payee p WHERE p.region = $1 AND p.name = name.name AND p.account <> '')
		       AND (EXISTS (SELECT FROM payment q WHERE q.region = $1 AND q.person IS NULL AND q.payee = name.name)
		         OR EXISTS (SELECT FROM signing JOIN draft_line l USING (batch) WHERE l.region = $1 AND l.payee = name.name AND l.hold = 0)))`,
		pgx.QueryExecModeExec, region, names)
	if err != nil {
		return nil, fmt.Errorf("look for accounts of institutions: %w", err)
	}
	var name string
	if _, err = pgx.ForEachRow(rows, []any{&name}, func() error { had[name] = true; return nil }); err != nil {
		return nil, fmt.Errorf("look for accounts of institutions: %w", err)
	}
	return had, nil
}

// personAt reads somebody who is there.
func personAt(ctx context.Context, tx pgx.Tx, region int32, person, rev int64) (*roster.Dossier, error) {
	found, err := readDossiers(ctx, tx, region, rev, among([]int64{person}))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fault.New(fault.NotFound, "花名册里没有这个人，或记录已经并入别人，请从“查找”重新进入")
	}
	return found[0], nil
}
