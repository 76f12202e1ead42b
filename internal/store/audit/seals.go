package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/journal"
)

// checkAccessTail verifies the access log after its last seal, row by row along its links, and
// counts the rows not sealed yet. For rows of earlier versions, before the first link, only gaps
// are reported.
func (a *audit) checkAccessTail(ctx context.Context) error {
	const sealed = `SELECT coalesce(max(last), 0) FROM access_seal WHERE region = $1`
	var last, linked int64
	previous := journal.Genesis(a.Region)
	err := a.Tx.QueryRow(ctx, `SELECT (`+sealed+`), coalesce((SELECT min(n) FROM access_link WHERE region = $1), 0)`, a.Region).Scan(&last, &linked)
	if err != nil {
		return fmt.Errorf("read access seals: %w", err)
	}
	err = a.Tx.QueryRow(ctx, `SELECT hash FROM access_link WHERE region = $1 AND n <= $2 ORDER BY n DESC LIMIT 1`, a.Region, last).Scan(&previous)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read access link: %w", err)
	}
	rows, err := a.Tx.Query(ctx, `
		SELECT n, l.n IS NOT NULL, coalesce(k.hash, ''), CASE WHEN at BETWEEN '0001-01-01' AND '9999-12-31' THEN at ELSE '0001-01-01' END,
		       coalesce(actor, ''), coalesce(origin, ''), coalesce(action, ''), coalesce(subject, ''), coalesce(person, 0), coalesce(scope, '')
		FROM (SELECT * FROM access_log WHERE region = $1 AND n > $2) l FULL JOIN (SELECT * FROM access_link WHERE region = $1 AND n > $2) k USING (n)
		ORDER BY n`, a.Region, last)
	if err != nil {
		return fmt.Errorf("read access log: %w", err)
	}
	t := accessTail{audit: a, last: last, linked: linked, previous: previous}
	t.entry.Region = a.Region
	e := &t.entry
	_, err = pgx.ForEachRow(rows, []any{&e.N, &t.there, &t.hash, &e.At, &e.Actor, &e.Origin, &e.Action, &e.Subject, &e.Person, &e.Scope}, t.step)
	if err != nil {
		return fmt.Errorf("read access log: %w", err)
	}
	return nil
}

// accessTail is the state of verifying the unsealed end of the access log.
type accessTail struct {
	*audit
	last     int64  // number of the row before
	linked   int64  // of the first row that ever had a link; 0: none has
	previous []byte // link of the row before

	entry journal.Access
	there bool   // the row; else only its link
	hash  []byte // its link; empty: none
}

func (t *accessTail) step() error {
	n := t.entry.N
	if n > t.last+1 {
		t.addMissingAccess(t.last+1, n-1)
	}
	t.last = n
	if t.there {
		t.report.Unsealed++
	} else {
		t.addMissingAccess(n, n)
	}
	switch {
	case len(t.hash) == 0 && (t.linked == 0 || n < t.linked): // of an earlier version
		return nil
	case len(t.hash) == 0:
		t.addTailRow(n, "多出，不是本程序登记的（还没有封存）")
		return nil
	case t.there && !bytes.Equal(t.hash, journal.AccessHash(t.previous, &t.entry)):
		t.addTailRow(n, "被改动（还没有封存），或前一条被改动")
	}
	t.previous = bytes.Clone(t.hash)
	return nil
}

func (a *audit) addMissingAccess(first, last int64) {
	p := Problem{Table: "access_log", Key: fmt.Sprintf("序号 %d", first), What: "缺失（还没有封存）"}
	if last > first {
		p.Key = fmt.Sprintf("序号 %d—%d", first, last)
	}
	a.add(p)
}

// addTailRow adds a problem with a row of the access log that is not sealed yet.
func (a *audit) addTailRow(n int64, what string) {
	a.add(Problem{Table: "access_log", Key: fmt.Sprintf("序号 %d", n), What: what})
}
