package runs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/payrun/engine"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/requests"
)

// Hits reads the hits (命中) of the newest match list of each kind, by person. Hits of a
// record that was merged since count for the survivor.
func (p *Planner) Hits(ctx context.Context) (map[int64][]engine.Hit, error) {
	rows, err := p.Tx.Query(ctx, `
		WITH newest AS (
		    SELECT DISTINCT ON (kind) kind, rev FROM match_list WHERE region = $1 AND rev <= $2 ORDER BY kind, rev DESC)
		SELECT h.person, h.kind, h.how, h.id_number, h.name, h.birth, h.dated, h.street, h.note
		FROM match_hit h JOIN newest USING (kind, rev) WHERE h.region = $1 ORDER BY h.kind, h.person, h.n`, p.Order.Region, p.Revision)
	if err != nil {
		return nil, fmt.Errorf("read hits: %w", err)
	}
	all := map[int64][]engine.Hit{}
	var person int64
	var h engine.Hit
	var birth, dated *time.Time
	_, err = pgx.ForEachRow(rows, []any{&person, &h.List, &h.How, &h.ID, &h.Name, &birth, &dated, &h.Street, &h.Note}, func() error {
		h.Birth, h.Date = postgres.NullableDate(birth), postgres.NullableDate(dated)
		who := p.Merged.Survivor(person)
		if !slices.Contains(all[who], h) { // one row may have matched both records of a person
			all[who] = append(all[who], h)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read hits: %w", err)
	}
	return all, nil
}

// missing reads the rows of the newest lists that matched nobody on the roster (应享未享) and
// still match nobody: somebody may have been added since the list was imported.
func (p *Planner) missing(ctx context.Context) ([]engine.Missing, error) {
	rows, err := p.Tx.Query(ctx, `
		WITH newest AS (
		    SELECT DISTINCT ON (kind) kind, rev FROM match_list WHERE region = $1 AND rev <= $2 ORDER BY kind, rev DESC),
		absent AS (
		    SELECT m.* FROM match_missing m JOIN newest USING (kind, rev) WHERE m.region = $1 AND (m.id_number = '' OR NOT EXISTS (
		        SELECT FROM person p WHERE p.region = m.region AND p.id_number = m.id_number AND p.rev <= $2)))
		SELECT kind, id_number, name, birth, street FROM absent m WHERE m.id_number <> '' OR NOT EXISTS (
		    SELECT FROM person p WHERE p.region = m.region AND p.name = m.name AND p.birth = m.birth AND p.rev > m.rev AND p.rev <= $2)
		ORDER BY kind, rev, n`, p.Order.Region, p.Revision)
	if err != nil {
		return nil, fmt.Errorf("read people who are not on the roster: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (engine.Missing, error) {
		var m engine.Missing
		var birth time.Time
		err := row.Scan(&m.List, &m.ID, &m.Name, &birth, &m.Street)
		m.Birth = month.FromTime(birth)
		return m, err
	})
	if err != nil {
		return nil, fmt.Errorf("read people who are not on the roster: %w", err)
	}
	return all, nil
}

// waiting reads the account changes that are pending (待第二人确认), by whose account it is.
func (p *Planner) waiting(ctx context.Context) (map[engine.AccountOwner]int, error) {
	open, err := requests.ListOpen(ctx, postgres.In(p.Tx, p.Order.Region))
	if err != nil {
		return nil, err
	}
	waits := map[engine.AccountOwner]int{}
	for i := range open {
		switch q := &open[i]; q.About {
		case requests.PersonAccount:
			waits[engine.AccountOwner{Person: q.Person}] = q.N
		case requests.PayeeAccount:
			waits[engine.AccountOwner{Payee: q.Name}] = q.N
		}
	}
	return waits, nil
}

// Payees reads the account of each institution as of the run's revision, by name.
func (p *Planner) Payees(ctx context.Context) (map[string]roster.Account, error) {
	rows, err := p.Tx.Query(ctx, `
		SELECT DISTINCT ON (name) name, bank, account, holder FROM payee
		WHERE region = $1 AND rev <= $2 ORDER BY name, rev DESC`, p.Order.Region, p.Revision)
	if err != nil {
		return nil, fmt.Errorf("read payees: %w", err)
	}
	return collectAccounts(rows)
}

func collectAccounts(rows pgx.Rows) (map[string]roster.Account, error) {
	all := map[string]roster.Account{}
	var name string
	var a roster.Account
	_, err := pgx.ForEachRow(rows, []any{&name, &a.Bank, &a.Number, &a.Holder}, func() error {
		all[name] = a
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return all, nil
}

// lastPaidPayees returns the account of each institution's last payment that was not voided,
// by name: a different account now is a finding (docs/rules.md §6.3).
func lastPaidPayees(ctx context.Context, scope postgres.Scope) (map[string]roster.Account, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT DISTINCT ON (payee) payee, bank, account, holder FROM payment p
		WHERE region = $1 AND person IS NULL
		  AND NOT EXISTS (SELECT FROM batch v WHERE v.region = p.region AND v.batch = p.batch AND v.state = 'voided')
		ORDER BY payee, batch DESC`, scope.Region)
	if err != nil {
		return nil, fmt.Errorf("read last payments of payees: %w", err)
	}
	return collectAccounts(rows)
}

// RefusedAccounts reads the accounts to which a payment failed, exactly as they were paid to,
// with the last failed payment. Any later change of bank, number or holder makes it another
// account and clears the refusal.
func (p *Planner) RefusedAccounts(ctx context.Context) (map[roster.Account]engine.Refusal, error) {
	rows, err := p.Tx.Query(ctx, `
		SELECT p.bank, p.account, p.holder, f.number || '/' || p.seq, trim(r.code || ' ' || r.reason)
		FROM payment_result r JOIN payment p USING (region, batch, file, seq) JOIN payment_file f USING (region, batch, file)
		WHERE r.region = $1 AND r.outcome = 2 AND r.rev <= $2
		ORDER BY r.rev, r.batch, r.file, r.seq`, p.Order.Region, p.Revision)
	if err != nil {
		return nil, fmt.Errorf("read refused accounts: %w", err)
	}
	refused := map[roster.Account]engine.Refusal{}
	var a roster.Account
	var last engine.Refusal
	_, err = pgx.ForEachRow(rows, []any{&a.Bank, &a.Number, &a.Holder, &last.Payment, &last.Reason}, func() error {
		a.Bank = p.Plan.Pack.File.BankName(a.Bank) // the pack's present name, as in the accounts it is compared with
		refused[a] = last                          // rows are in ascending order, so the latest remains
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read refused accounts: %w", err)
	}
	return refused, nil
}

// Decisions reads the latest decision on each finding and sets the plan's lookups: Released
// and Kept are both false for a finding without a decision.
func (p *Planner) Decisions(ctx context.Context) error {
	rows, err := p.Tx.Query(ctx, `
		SELECT DISTINCT ON (id) id, release FROM decision
		WHERE region = $1 AND rev <= $2 ORDER BY id, rev DESC`, p.Order.Region, p.Revision)
	if err != nil {
		return fmt.Errorf("read decisions: %w", err)
	}
	released := map[string]bool{}
	var id string
	var release bool
	_, err = pgx.ForEachRow(rows, []any{&id, &release}, func() error {
		released[id] = release
		return nil
	})
	if err != nil {
		return fmt.Errorf("read decisions: %w", err)
	}
	p.Plan.Released = func(id string) bool { return released[id] }
	p.Plan.Kept = func(id string) bool { release, decided := released[id]; return decided && !release }
	return nil
}
