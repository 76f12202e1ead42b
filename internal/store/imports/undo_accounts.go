package imports

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/roster"
	"disburse/internal/store/people"
	"disburse/internal/store/requests"
)

// confirmedSince names of whom a change that the import asked for was confirmed: it is
// somebody else's, too, now.
const confirmedSince = `
	SELECT DISTINCT coalesce(p.name, s.name), coalesce(p.id_number, '')
	FROM account_request q JOIN account_answer a ON a.region = q.region AND a.n = q.n AND a.granted
	LEFT JOIN request_subject s ON s.region = q.region AND s.n = q.n
	LEFT JOIN LATERAL (SELECT name, id_number FROM person p WHERE p.region = q.region AND p.person = q.person ORDER BY rev DESC LIMIT 1) p ON true
	WHERE q.region = $1 AND q.rev = $2`

// accounts restates the people and institutions of the import, and the changes that wait.
// Where the account would go back and somebody was paid there, it waits as any other
// change would: one person must not undo what another has relied on.
func (u *undoing) accounts(ctx context.Context, m *rosterMerge) error {
	if err := u.withdraw(ctx, m.asks); err != nil {
		return err
	}
	if err := u.people(ctx, m); err != nil {
		return err
	}
	return u.payees(ctx, m)
}

// merge is the import that the undoing is.
func (u *undoing) merge(ctx context.Context) (*rosterMerge, error) {
	asks, err := requests.NewAsks(ctx, u.Scope)
	if err != nil {
		return nil, err
	}
	return &rosterMerge{Scope: u.At(u.report.Rev), by: u.by, source: requests.FromUndo, asks: asks,
		in: &roster.Import{File: fmt.Sprintf("撤销修订 %d 的导入", u.undone), Columns: roster.Columns{Deputy: true}}}, nil
}

// withdraw closes what the import asked for, and what was asked of people whom it brought.
func (u *undoing) withdraw(ctx context.Context, asks *requests.Asks) error {
	rows, err := u.Tx.Query(ctx, `SELECT n FROM account_request q WHERE region = $1
		AND (rev = $2 OR person IN (SELECT gone FROM merge WHERE region = $1 AND rev = $3)) AND `+requests.RequestIsOpen+`ORDER BY n`, u.Region, u.undone, u.report.Rev)
	if err != nil {
		return fmt.Errorf("read requests of an import: %w", err)
	}
	numbers, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return fmt.Errorf("read requests of an import: %w", err)
	}
	for _, n := range numbers {
		if err := requests.CloseRequest(ctx, u.Scope.At(u.report.Rev), n, requests.RequestWithdrawn); err != nil {
			return err
		}
	}
	u.report.Withdrawn = len(numbers)
	err = u.Tx.QueryRow(ctx, `SELECT count(*) FROM request_closing WHERE region = $1 AND rev = $2 AND code = 'superseded'`, u.Region, u.undone).Scan(&u.report.Lost)
	if err != nil {
		return fmt.Errorf("count requests that an import replaced: %w", err)
	}
	for s, q := range asks.Open {
		if slices.Contains(numbers, q.N) {
			delete(asks.Open, s)
		}
	}
	return nil
}

// people restates those of the import who were there before it.
func (u *undoing) people(ctx context.Context, m *rosterMerge) error {
	rows, err := u.Tx.Query(ctx, `SELECT person FROM person WHERE region = $1 AND rev = $2
		AND person NOT IN (SELECT gone FROM merge WHERE region = $1 AND rev = $3) ORDER BY person`, u.Region, u.undone, u.report.Rev)
	if err != nil {
		return fmt.Errorf("read people of an import: %w", err)
	}
	numbers, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("read people of an import: %w", err)
	}
	a := &admission{}
	var last roster.Person
	err = people.EachPersonRow(ctx, u.Scope.At(u.undone), people.Among(numbers), func(p roster.Person) error {
		if p.Rev == u.undone {
			a.entrants = append(a.entrants, Entrant{known: &standing{person: p}, Person: last})
		}
		last = p
		return nil
	})
	if err != nil {
		return fmt.Errorf("read people of an import: %w", err)
	}
	if err := m.holdAccounts(ctx, a); err != nil {
		return err
	}
	back := make([]*Entrant, len(a.entrants))
	for i := range a.entrants {
		back[i] = &a.entrants[i]
	}
	u.report.People = len(back)
	return WritePeople(ctx, u.Scope.At(u.report.Rev), back)
}

// payees restates the institutions of the import; those that it brought have no account.
func (u *undoing) payees(ctx context.Context, m *rosterMerge) error {
	was, err := readPayees(ctx, u.Scope.At(u.undone-1))
	if err != nil {
		return err
	}
	is, err := readPayees(ctx, u.Scope.At(u.undone))
	if err != nil {
		return err
	}
	var back []roster.Payee
	for name, p := range is {
		if p.Rev == u.undone {
			back = append(back, roster.Payee{Name: name, Account: was[name].Account})
		}
	}
	slices.SortFunc(back, func(a, b roster.Payee) int { return strings.Compare(a.Name, b.Name) })
	u.report.Payees = len(back)
	if back, err = m.holdPayees(ctx, back, is); err != nil {
		return err
	}
	return writePayees(ctx, u.Scope.At(u.report.Rev), back)
}
