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

// selectConfirmed selects people with a confirmed request of the import: a second person is
// responsible for that change, too, so one person must not undo it.
const selectConfirmed = `
	SELECT DISTINCT coalesce(p.name, s.name), coalesce(p.id_number, '')
	FROM account_request q JOIN account_answer a ON a.region = q.region AND a.n = q.n AND a.granted
	LEFT JOIN request_subject s ON s.region = q.region AND s.n = q.n
	LEFT JOIN LATERAL (SELECT name, id_number FROM person p WHERE p.region = q.region AND p.person = q.person ORDER BY rev DESC LIMIT 1) p ON true
	WHERE q.region = $1 AND q.rev = $2`

// restateAccounts restores people and payees of the import and withdraws its requests. An
// account that was paid to since is deferred like any other account change: undoing must not
// be a way around the second person.
func (u *undo) restateAccounts(ctx context.Context, m *importer) error {
	if err := u.withdrawRequests(ctx, m.requests); err != nil {
		return err
	}
	if err := u.restatePeople(ctx, m); err != nil {
		return err
	}
	return u.restatePayees(ctx, m)
}

// importer makes the importer through which the old state is written, with the same checks.
func (u *undo) importer(ctx context.Context) (*importer, error) {
	asks, err := requests.NewCollector(ctx, u.Scope)
	if err != nil {
		return nil, err
	}
	return &importer{Scope: u.At(u.report.Rev), by: u.by, source: requests.FromUndo, requests: asks,
		in: &roster.Import{File: fmt.Sprintf("撤销修订 %d 的导入", u.undone), Columns: roster.Columns{Deputy: true}}}, nil
}

// withdrawRequests closes the pending requests of the import, and those about people whom it
// added.
func (u *undo) withdrawRequests(ctx context.Context, asks *requests.Collector) error {
	rows, err := u.Tx.Query(ctx, `SELECT n FROM account_request q WHERE region = $1
		AND (rev = $2 OR person IN (SELECT gone FROM merge WHERE region = $1 AND rev = $3)) AND `+requests.IsOpenSQL+`ORDER BY n`, u.Region, u.undone, u.report.Rev)
	if err != nil {
		return fmt.Errorf("read requests of an import: %w", err)
	}
	numbers, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return fmt.Errorf("read requests of an import: %w", err)
	}
	for _, n := range numbers {
		if err := requests.Close(ctx, u.Scope.At(u.report.Rev), n, requests.Withdrawn); err != nil {
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

// restatePeople restores the people who existed before the import.
func (u *undo) restatePeople(ctx context.Context, m *importer) error {
	rows, err := u.Tx.Query(ctx, `SELECT person FROM person WHERE region = $1 AND rev = $2
		AND person NOT IN (SELECT gone FROM merge WHERE region = $1 AND rev = $3) ORDER BY person`, u.Region, u.undone, u.report.Rev)
	if err != nil {
		return fmt.Errorf("read people of an import: %w", err)
	}
	numbers, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("read people of an import: %w", err)
	}
	a := &resolver{}
	var last roster.Person
	err = people.EachPersonRow(ctx, u.Scope.At(u.undone), people.Among(numbers), func(p roster.Person) error {
		if p.Rev == u.undone {
			a.candidates = append(a.candidates, Candidate{known: &knownPerson{person: p}, Person: last})
		}
		last = p
		return nil
	})
	if err != nil {
		return fmt.Errorf("read people of an import: %w", err)
	}
	if err := m.deferAccounts(ctx, a); err != nil {
		return err
	}
	back := make([]*Candidate, len(a.candidates))
	for i := range a.candidates {
		back[i] = &a.candidates[i]
	}
	u.report.People = len(back)
	return WritePeople(ctx, u.Scope.At(u.report.Rev), back)
}

// restatePayees restores the payees of the import; those that it added get an empty account.
func (u *undo) restatePayees(ctx context.Context, m *importer) error {
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
	if back, err = m.deferPayees(ctx, back, is); err != nil {
		return err
	}
	return writePayees(ctx, u.Scope.At(u.report.Rev), back)
}
