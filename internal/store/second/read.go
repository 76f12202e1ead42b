package second

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/judge"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// The judge's queries. They share nothing with the engine's: a mistake in its reading must not
// repeat itself here. Every value is read as of the batch's revision.

// each runs a query and calls fn for every row, after scanning it into the targets.
func (s *session) each(ctx context.Context, what, sql string, args, targets []any, fn func()) error {
	rows, err := s.Tx.Query(ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("judge reads %s: %w", what, err)
	}
	_, err = pgx.ForEachRow(rows, targets, func() error { fn(); return nil })
	if err != nil {
		return fmt.Errorf("judge reads %s: %w", what, err)
	}
	return nil
}

func (s *session) payees(ctx context.Context) (map[string]roster.Account, error) {
	accounts := map[string]roster.Account{}
	var name string
	var a roster.Account
	err := s.each(ctx, "payees", `
		SELECT name, bank, account, holder FROM payee p WHERE region = $1 AND rev = (
		    SELECT max(rev) FROM payee q WHERE q.region = p.region AND q.name = p.name AND q.rev <= $2)`,
		[]any{s.Region, s.batch.Revision}, []any{&name, &a.Bank, &a.Number, &a.Holder},
		func() { accounts[name] = a })
	return accounts, err
}

// sharedAccounts reads the account numbers that two people or more have.
func (s *session) sharedAccounts(ctx context.Context) (map[string]bool, error) {
	return s.accountSet(ctx, "shared accounts", `
		SELECT account FROM person p WHERE region = $1 AND account <> '' AND rev = (
		    SELECT max(rev) FROM person q WHERE q.region = p.region AND q.person = p.person AND q.rev <= $2)
		  AND person NOT IN (SELECT gone FROM merge WHERE region = $1 AND rev <= $2)
		GROUP BY account HAVING count(*) > 1`)
}

func (s *session) accountSet(ctx context.Context, what, sql string) (map[string]bool, error) {
	set := map[string]bool{}
	var account string
	err := s.each(ctx, what, sql, []any{s.Region, s.batch.Revision}, []any{&account}, func() { set[account] = true })
	return set, err
}

// bounds reads the lowest and highest person number that has a person, a line or a debt: a line
// of a person who does not exist must be found too.
func (s *session) bounds(ctx context.Context) (first, last int64, err error) {
	err = s.Tx.QueryRow(ctx, `
		SELECT coalesce(min(person), 1), coalesce(max(person), 0) FROM (
		    SELECT person FROM person WHERE region = $1 AND rev <= $3
		    UNION ALL SELECT person FROM `+s.table+` WHERE region = $1 AND batch = $2
		    UNION ALL SELECT person FROM debt WHERE region = $1 AND batch = $2) everybody`,
		s.Region, s.batch.Number, s.batch.Revision).Scan(&first, &last)
	if err != nil {
		return 0, 0, fmt.Errorf("judge reads bounds: %w", err)
	}
	return first, last, nil
}

// cases reads the people of a range, in the order of their numbers, with all inputs of the judge.
func (s *session) cases(ctx context.Context, from, to int64) ([]*judge.Case, error) {
	var all []*judge.Case
	var p roster.Person
	var birth time.Time
	var in, out, died *time.Time
	err := s.each(ctx, "people", `
		SELECT person, id_number, name, street, community, birth, moved_in, moved_out, died,
		       bank, account, holder, deputy, deputy_reason
		FROM person p WHERE region = $1 AND person >= $2 AND person < $3 AND rev = (
		    SELECT max(rev) FROM person q WHERE q.region = p.region AND q.person = p.person AND q.rev <= $4)
		  AND person NOT IN (SELECT gone FROM merge WHERE region = $1 AND rev <= $4)
		ORDER BY person`,
		[]any{s.Region, from, to, s.batch.Revision},
		[]any{&p.Number, &p.ID, &p.Name, &p.Street, &p.Community, &birth, &in, &out, &died,
			&p.Account.Bank, &p.Account.Number, &p.Account.Holder, &p.Deputy.Name, &p.Deputy.Reason},
		func() {
			p.Birth, p.MovedIn, p.MovedOut, p.Died = postgres.NullableDate(&birth), postgres.NullableDate(in), postgres.NullableDate(out), postgres.NullableDate(died)
			c := &judge.Case{Person: p, AccountShared: s.shared[p.Account.Number], NameShared: s.namesakes[p.Number], Released: map[string]bool{}, Kept: map[string]bool{}}
			for name, release := range s.decided[p.Number] {
				c.Released[name], c.Kept[name] = release, !release
			}
			all = append(all, c)
		})
	if err != nil {
		return nil, err
	}
	byNumber := map[int64]*judge.Case{}
	for _, c := range all {
		byNumber[c.Person.Number] = c
	}
	for _, read := range []func(context.Context, int64, int64, map[int64]*judge.Case) error{
		s.facts, s.awards, s.settled, s.waived, s.readFoundDues, s.readStages, s.listed, s.elsewhere,
	} {
		if err := read(ctx, from, to, byNumber); err != nil {
			return nil, err
		}
	}
	for _, c := range all {
		s.decideConflicts(c)
	}
	return all, nil
}

func (s *session) facts(ctx context.Context, from, to int64, people map[int64]*judge.Case) error {
	var number int64
	var f roster.Fact
	var since, until *time.Time
	return s.each(ctx, "facts", `
		SELECT person, fact, since, until, value FROM fact f
		WHERE region = $1 AND person >= $2 AND person < $3 AND n > 0 AND rev = (
		    SELECT max(rev) FROM fact g WHERE g.region = f.region AND g.person = f.person AND g.fact = f.fact AND g.rev <= $4)
		ORDER BY person, fact, n`,
		[]any{s.Region, from, to, s.batch.Revision}, []any{&number, &f.Name, &since, &until, &f.Value},
		func() {
			f.Since, f.Until = postgres.NullableDate(since), postgres.NullableDate(until)
			if c := people[number]; c != nil {
				c.Facts = append(c.Facts, f)
			}
		})
}

func (s *session) awards(ctx context.Context, from, to int64, people map[int64]*judge.Case) error {
	var number int64
	var a roster.Award
	var first, last *time.Time
	return s.each(ctx, "awards", `
		SELECT person, item, amount, first_month, last_month, payee FROM award a
		WHERE region = $1 AND person >= $2 AND person < $3 AND n > 0 AND rev = (
		    SELECT max(rev) FROM award b WHERE b.region = a.region AND b.person = a.person AND b.item = a.item AND b.rev <= $4)`,
		[]any{s.Region, from, to, s.batch.Revision}, []any{&number, &a.Item, &a.Amount, &first, &last, &a.Payee},
		func() {
			a.First, a.Last = postgres.NullableMonth(first), postgres.NullableMonth(last)
			if c := people[number]; c != nil {
				c.Awards = append(c.Awards, a)
			}
		})
}

func (s *session) settled(ctx context.Context, from, to int64, people map[int64]*judge.Case) error {
	return s.entries(ctx, "ledger", from, to, func(number int64, e judge.Entry) {
		if c := people[number]; c != nil {
			c.Settled = append(c.Settled, e)
		}
	})
}

func (s *session) waived(ctx context.Context, from, to int64, people map[int64]*judge.Case) error {
	return s.entries(ctx, "waiver", from, to, func(number int64, e judge.Entry) {
		if c := people[number]; c != nil {
			c.Waived = append(c.Waived, e)
		}
	})
}

func (s *session) entries(ctx context.Context, table string, from, to int64, fn func(int64, judge.Entry)) error {
	var number int64
	var e judge.Entry
	var of time.Time
	return s.each(ctx, table, `
		SELECT person, item, payee, month, amount FROM `+table+`
		WHERE region = $1 AND person >= $2 AND person < $3 AND rev <= $4`,
		[]any{s.Region, from, to, s.batch.Revision}, []any{&number, &e.Item, &e.Payee, &of, &e.Amount},
		func() {
			e.Month = postgres.NullableMonth(&of)
			fn(number, e)
		})
}

// readDecided reads the latest decisions on this batch's 疑点, by person and the judge's name of
// the kind: true to release. A decision refers to a finding's id, and so to its evidence.
// Decisions on conflicts are kept by id, because only the id says which conflict they are about
// (conflict.go).
func (s *session) readDecided(ctx context.Context) error {
	s.decided, s.conflicts = map[int64]map[string]bool{}, map[int64]map[string]bool{}
	var number int64
	var id, kind string
	var release bool
	return s.each(ctx, "decisions", `
		SELECT f.person, f.id, f.kind, (
		    SELECT d.release FROM decision d WHERE d.region = f.region AND d.id = f.id AND d.rev <= $3
		    ORDER BY d.rev DESC LIMIT 1)
		FROM finding f WHERE f.region = $1 AND f.batch = $2 AND f.level = 2 AND f.person IS NOT NULL AND EXISTS (
		    SELECT FROM decision d WHERE d.region = f.region AND d.id = f.id AND d.rev <= $3)`,
		[]any{s.Region, s.batch.Number, s.batch.Revision}, []any{&number, &id, &kind, &release},
		func() {
			if kind == payrun.Conflict {
				setDecision(s.conflicts, number, id, release)
				return
			}
			s.decide(number, s.doubtName(kind), release)
		})
}

func (s *session) decide(person int64, name string, release bool) {
	setDecision(s.decided, person, name, release)
}

func setDecision(decisions map[int64]map[string]bool, person int64, name string, release bool) {
	if decisions[person] == nil {
		decisions[person] = map[string]bool{}
	}
	decisions[person][name] = release
}

// doubtName maps the engine's kind of a finding to the judge's name; empty: the judge has none.
func (s *session) doubtName(kind string) string {
	if name := payrun.JudgeName(kind); name != "" {
		return name
	}
	for _, list := range s.pack.MatchLists {
		if kind == payrun.HitKind(list.Name.Value) {
			return judge.ListKind + list.Name.Value
		}
	}
	return ""
}

// lines reads the lines that the engine stored for the batch, by person.
func (s *session) lines(ctx context.Context, from, to int64) (map[int64][]payrun.Line, error) {
	lines := map[int64][]payrun.Line{}
	var l payrun.Line
	var of time.Time
	var kind, hold int16
	err := s.each(ctx, "lines", `
		SELECT person, item, payee, month, against, kind, amount, hold, id_number, name, street, community, bank, account, holder
		FROM `+s.table+` WHERE region = $1 AND batch = $2 AND person >= $3 AND person < $4`,
		[]any{s.Region, s.batch.Number, from, to},
		[]any{&l.Person, &l.Item, &l.Payee, &of, &l.Against, &kind, &l.Amount, &hold, &l.ID, &l.Name, &l.Street, &l.Community,
			&l.Account.Bank, &l.Account.Number, &l.Account.Holder},
		func() {
			l.Month, l.Kind, l.Hold = postgres.NullableMonth(&of), payrun.Kind(kind), payrun.Hold(hold)
			lines[l.Person] = append(lines[l.Person], l)
		})
	return lines, err
}

// debts reads the overpayments that the engine stored for the batch, by person.
func (s *session) debts(ctx context.Context, from, to int64) (map[int64][]payrun.Debt, error) {
	debts := map[int64][]payrun.Debt{}
	var d payrun.Debt
	var of time.Time
	err := s.each(ctx, "debts", `
		SELECT person, item, payee, month, amount, id_number, name, street
		FROM debt WHERE region = $1 AND batch = $2 AND person >= $3 AND person < $4`,
		[]any{s.Region, s.batch.Number, from, to},
		[]any{&d.Person, &d.Item, &d.Payee, &of, &d.Amount, &d.ID, &d.Name, &d.Street},
		func() {
			d.Month = postgres.NullableMonth(&of)
			debts[d.Person] = append(debts[d.Person], d)
		})
	return debts, err
}

// storedTotals reads the control totals that people sign.
func (s *session) storedTotals(ctx context.Context) (judge.Totals, error) {
	b := &s.batch
	totals := judge.Totals{Lines: b.Lines, Heads: b.Heads, Pays: b.Pays, Held: b.Held, Items: map[string]judge.ItemTotals{}}
	var item string
	var heads int
	var current, arrears, recovery, held money.Fen
	err := s.each(ctx, "item totals", `
		SELECT item, heads, current, arrears, recovery, held FROM batch_item WHERE region = $1 AND batch = $2`,
		[]any{s.Region, b.Number}, []any{&item, &heads, &current, &arrears, &recovery, &held},
		func() {
			totals.Items[item] = judge.ItemTotals{Heads: heads, Current: current, Arrears: arrears, Recovery: recovery, Held: held}
		})
	return totals, err
}

// listed reads the rows of match lists about the people of a range, of the newest list of each
// kind as of the batch's revision; hits of merged records count for the survivor.
func (s *session) listed(ctx context.Context, from, to int64, people map[int64]*judge.Case) error {
	var number int64
	var row judge.ListRow
	var date *time.Time
	return s.each(ctx, "match lists", `
		WITH RECURSIVE named (listed, person) AS (
		    SELECT gone, kept FROM merge WHERE region = $1 AND rev <= $4
		    UNION ALL SELECT n.listed, m.kept FROM named n JOIN merge m ON m.region = $1 AND m.gone = n.person AND m.rev <= $4)
		SELECT who, kind, dated FROM (
		    SELECT person AS who, h.* FROM match_hit h WHERE region = $1 AND person >= $2 AND person < $3
		    UNION ALL
		    SELECT n.person, h.* FROM named n JOIN match_hit h ON h.region = $1 AND h.person = n.listed WHERE n.person >= $2 AND n.person < $3) h
		WHERE rev <= $4 AND NOT EXISTS (
		    SELECT FROM match_list l WHERE l.region = h.region AND l.kind = h.kind AND l.rev > h.rev AND l.rev <= $4)`,
		[]any{s.Region, from, to, s.batch.Revision}, []any{&number, &row.List, &date},
		func() {
			row.Date = postgres.NullableDate(date)
			if c := people[number]; c != nil {
				c.Listed = append(c.Listed, row)
			}
		})
}
