package signing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
)

// findChanged finds the people with a line in the batch of whom something became known after its
// revision, up to the scope's. The value lists, in Chinese, changes outside their own records
// (lists, payees, decisions); changes of the record itself are compared field by field later.
// Revisions are written into the SQL text so that the partial indexes on rev can be used.
//
// others are people for whom other regions have paid something else by now, which is not
// stored in this region yet.
func findChanged(ctx context.Context, scope postgres.Scope, b payrun.Batch, others []int64) (map[int64][]string, error) {
	n := &changeFinder{Scope: scope, batch: b, until: scope.Rev, others: others, changes: map[int64][]string{},
		since: fmt.Sprintf("region = %d AND rev > %d AND rev > 1 AND rev <= %d", scope.Region, b.Revision, scope.Rev)}
	for _, find := range []func(context.Context) error{n.records, n.elsewhere, n.hits, n.refusals, n.decisions, n.payees} {
		if err := find(ctx); err != nil {
			return nil, fmt.Errorf("look for later changes: %w", err)
		}
	}
	return n.changes, nil
}

type changeFinder struct {
	postgres.Scope
	batch   payrun.Batch
	until   int64
	others  []int64
	since   string // the condition that a row is of a later revision
	changes map[int64][]string
}

// people adds those whom the query returns and who have a line in the batch; what describes the
// change in Chinese, empty: it is in their record.
func (n *changeFinder) people(ctx context.Context, what, sql string, args ...any) error {
	sql = fmt.Sprintf(`WITH changed (person) AS MATERIALIZED (%s)
		SELECT DISTINCT person FROM changed c WHERE EXISTS (
		    SELECT FROM %s l WHERE l.region = %d AND l.batch = %d AND l.person = c.person)`, sql, batches.LineTable(n.batch), n.Region, n.batch.Number)
	rows, err := n.Tx.Query(ctx, sql, append([]any{pgx.QueryExecModeExec}, args...)...)
	if err != nil {
		return err
	}
	var person int64
	_, err = pgx.ForEachRow(rows, []any{&person}, func() error {
		have := n.changes[person]
		if what != "" && !slices.Contains(have, what) {
			have = append(have, what)
		}
		n.changes[person] = have
		return nil
	})
	return err
}

// records finds changes of the people's own records: roster, facts, 核定金额, merges, and what
// other regions paid.
func (n *changeFinder) records(ctx context.Context) error {
	var parts []string
	for _, table := range []string{"person", "fact", "award", "paid_elsewhere"} {
		parts = append(parts, "SELECT person FROM "+table+" WHERE "+n.since)
	}
	parts = append(parts, "SELECT unnest(ARRAY[gone, kept]) FROM merge WHERE "+n.since)
	return n.people(ctx, "", strings.Join(parts, " UNION "))
}

// elsewhere finds those to whom other regions have paid since.
func (n *changeFinder) elsewhere(ctx context.Context) error {
	if len(n.others) == 0 {
		return nil
	}
	return n.people(ctx, "", "SELECT unnest($1::bigint[])", n.others)
}

// hits finds those whose rows differ between the match list as of the batch and its newest
// version: added, removed or changed. Unchanged rows of a list imported again are no news.
func (n *changeFinder) hits(ctx context.Context) error {
	kinds, err := n.texts(ctx, "SELECT DISTINCT kind FROM match_list WHERE "+n.since)
	if err != nil {
		return err
	}
	for _, kind := range kinds {
		err := n.people(ctx, "“"+kind+"”名单有变", n.differing(), kind)
		if err != nil {
			return err
		}
	}
	return nil
}

// differing is the query of people whose hits differ between the newest lists of kind $1 as of
// the batch and as of now.
func (n *changeFinder) differing() string {
	list := func(until string) string {
		return fmt.Sprintf(`SELECT person, how, id_number, name, birth, dated, street, note FROM match_hit
			WHERE region = %[1]d AND kind = $1 AND rev = (SELECT max(rev) FROM match_list WHERE region = %[1]d AND kind = $1 AND rev <= %[2]s)`, n.Region, until)
	}
	was, now := list(fmt.Sprint(n.batch.Revision)), list(fmt.Sprint(n.until))
	return fmt.Sprintf(`SELECT person FROM ((%[1]s EXCEPT %[2]s) UNION (%[2]s EXCEPT %[1]s)) differs`, was, now)
}

// refusals finds those who would be paid to an account that a bank has refused since.
func (n *changeFinder) refusals(ctx context.Context) error {
	accounts, err := n.texts(ctx, "SELECT DISTINCT account FROM payment_result WHERE outcome = 2 AND "+n.since)
	if err != nil || len(accounts) == 0 {
		return err
	}
	return n.people(ctx, "收款账户被银行退回", n.linesWith("account"), accounts)
}

// payees finds those paid to an institution whose account changed.
func (n *changeFinder) payees(ctx context.Context) error {
	names, err := n.texts(ctx, "SELECT DISTINCT name FROM payee WHERE "+n.since)
	if err != nil || len(names) == 0 {
		return err
	}
	return n.people(ctx, "收款单位的账户有变", n.linesWith("payee"), names)
}

// decisions finds those with a finding in the batch that was decided since.
func (n *changeFinder) decisions(ctx context.Context) error {
	return n.people(ctx, "疑点有新的决定", fmt.Sprintf(`SELECT person FROM finding f WHERE f.region = %d AND f.batch = %d
		AND f.id IN (SELECT id FROM decision WHERE %s)`, n.Region, n.batch.Number, n.since))
}

func (n *changeFinder) linesWith(column string) string {
	return fmt.Sprintf("SELECT person FROM %s WHERE region = %d AND batch = %d AND %s = ANY ($1)", batches.LineTable(n.batch), n.Region, n.batch.Number, column)
}

func (n *changeFinder) texts(ctx context.Context, sql string) ([]string, error) {
	rows, err := n.Tx.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
