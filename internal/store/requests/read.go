package requests

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
)

// selectRequest reads requests as q, their subjects as s, answers as a, closings as c.
const selectRequest = `
	SELECT q.n, coalesce(s.kind, 'person'), coalesce(s.source, 'page'), coalesce(s.name, ''), coalesce(s.before, ''), coalesce(s.after, ''),
	       q.person, coalesce(p.id_number, ''), coalesce(p.name, s.name, ''), coalesce(p.street, ''),
	       q.old_bank, q.old_account, q.old_holder, q.bank, q.account, q.holder, q.actor,
	       ARRAY(SELECT b.actor FROM request_brought b WHERE b.region = q.region AND b.n = q.n ORDER BY b.actor), j.at, q.reason,
	       CASE WHEN a.granted THEN 'granted' WHEN NOT a.granted THEN 'refused' ELSE coalesce(c.code, 'open') END,
	       coalesce(a.actor, ''), coalesce(a.reason, ''), coalesce(k.at, 'epoch')
	FROM account_request q
	JOIN journal j ON j.region = q.region AND j.rev = q.rev
	LEFT JOIN request_subject s ON s.region = q.region AND s.n = q.n
	LEFT JOIN account_answer a ON a.region = q.region AND a.n = q.n
	LEFT JOIN request_closing c ON c.region = q.region AND c.n = q.n
	LEFT JOIN journal k ON k.region = q.region AND k.rev = coalesce(a.rev, c.rev)
	LEFT JOIN LATERAL (SELECT id_number, name, street FROM person p WHERE p.region = q.region AND p.person = q.person ORDER BY rev DESC LIMIT 1) p ON true
	WHERE q.region = $1 `

// IsOpenSQL is the SQL condition that request q is pending; it ends in a space.
const IsOpenSQL = `NOT EXISTS (SELECT FROM account_answer a WHERE a.region = q.region AND a.n = q.n)
	AND NOT EXISTS (SELECT FROM request_closing c WHERE c.region = q.region AND c.n = q.n) `

func scanRequest(row pgx.CollectableRow) (Request, error) {
	var q Request
	err := row.Scan(&q.N, &q.About, &q.Source, &q.Part, &q.StoredBefore, &q.StoredAfter, &q.Person, &q.ID, &q.Name, &q.Street,
		&q.Old.Bank, &q.Old.Number, &q.Old.Holder, &q.New.Bank, &q.New.Number, &q.New.Holder, &q.Actor, &q.Others, &q.At, &q.Reason,
		&q.State, &q.Answer, &q.Why, &q.Answered)
	if err != nil {
		return q, err
	}
	switch q.About {
	case PersonAccount:
		if q.Before.Deputy, err = decodeDeputy(q.StoredBefore); err == nil {
			q.After.Deputy, err = decodeDeputy(q.StoredAfter)
		}
	case PayeeAccount:
		q.Part = ""
	case FactHistory:
		if q.Before.Facts, err = decodeFacts(q.Part, q.StoredBefore); err == nil {
			q.After.Facts, err = decodeFacts(q.Part, q.StoredAfter)
		}
	case AwardHistory:
		if q.Before.Awards, err = decodeAwards(q.Part, q.StoredBefore); err == nil {
			q.After.Awards, err = decodeAwards(q.Part, q.StoredAfter)
		}
	}
	return q, err
}

func readRequests(ctx context.Context, scope postgres.Scope, where string, args ...any) ([]Request, error) {
	rows, err := scope.Tx.Query(ctx, selectRequest+where, append([]any{scope.Region}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("read requests: %w", err)
	}
	all, err := pgx.CollectRows(rows, scanRequest)
	if err != nil {
		return nil, fmt.Errorf("read requests: %w", err)
	}
	return all, nil
}

// ListOpen reads all pending requests by number.
func ListOpen(ctx context.Context, scope postgres.Scope) ([]Request, error) {
	return readRequests(ctx, scope, `AND `+IsOpenSQL+`ORDER BY q.n`)
}

// ReadOpen reads a pending request. Errors: fault.NotFound; fault.Refused where it was
// answered or closed.
func ReadOpen(ctx context.Context, scope postgres.Scope, n int) (Request, error) {
	found, err := readRequests(ctx, scope, `AND q.n = $2::bigint`, n)
	if err != nil {
		return Request{}, err
	}
	if len(found) == 0 {
		return Request{}, fault.Command(fault.New(fault.NotFound, "没有第 %d 号账户变更，请从“账户变更”重新进入", n), "disburse accounts list")
	}
	switch q := found[0]; q.State {
	case Open:
		return q, nil
	case Granted, Refused:
		return q, fault.New(fault.Refused, "第 %d 号账户变更已经由%s答复（%s），不能再办理", n, q.Answer, q.State.Chinese())
	default:
		return q, fault.New(fault.Refused, "第 %d 号账户变更已经了结（%s），不能再办理", n, q.State.Chinese())
	}
}

// List returns a page of requests, either pending (open) or answered and closed ones, newest
// first; before is the cursor (0: from the end); person 0: of everybody.
func List(ctx context.Context, db *postgres.DB, region int32, open bool, person, before int64, limit int) ([]Request, error) {
	var all []Request
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) (err error) {
		all, err = readRequests(ctx, scope, `AND (a.n IS NULL AND c.n IS NULL) = $2 AND ($3 = 0 OR q.person = $3) AND q.n < $4::bigint ORDER BY q.n DESC LIMIT $5`,
			open, person, postgres.CursorOrEnd(before), limit)
		return err
	})
	return all, err
}

// CountOpen counts the pending requests, and those of them that the actor brought, also in
// part, and so may not answer.
func CountOpen(ctx context.Context, db *postgres.DB, region int32, actor string) (open, own int, err error) {
	err = db.Read(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE actor = $2
			OR EXISTS (SELECT FROM request_brought b WHERE b.region = q.region AND b.n = q.n AND b.actor = $2)) FROM account_request q WHERE region = $1 AND `+IsOpenSQL,
			region, actor).Scan(&open, &own)
		if err != nil {
			return fmt.Errorf("count requests: %w", err)
		}
		return nil
	})
	return open, own, err
}

// Pending returns the pending requests that concern a batch: accounts of somebody with a line
// in it, and all histories, as any of them may add lines.
func Pending(ctx context.Context, db *postgres.DB, region int32, b payrun.Batch) (waiting []Request, err error) {
	err = db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		waiting, err = PendingIn(ctx, scope, b)
		return err
	})
	return waiting, err
}

// PendingIn is Pending in a transaction.
func PendingIn(ctx context.Context, scope postgres.Scope, b payrun.Batch) ([]Request, error) {
	open, err := ListOpen(ctx, scope)
	if err != nil || len(open) == 0 {
		return nil, err
	}
	var people []int64
	payees := []string{}
	for _, q := range open {
		switch q.About {
		case PersonAccount:
			people = append(people, q.Person)
		case PayeeAccount:
			payees = append(payees, q.Name)
		}
	}
	rows, err := scope.Tx.Query(ctx, `SELECT DISTINCT CASE WHEN payee = ANY ($4) THEN 0 ELSE person END, payee FROM `+batches.LineTable(b)+`
		WHERE region = $1 AND batch = $2 AND ((person = ANY ($3) AND payee = $5) OR payee = ANY ($4))`,
		scope.Region, b.Number, people, payees, roster.Myself)
	if err != nil {
		return nil, fmt.Errorf("look for lines that wait for an account: %w", err)
	}
	in := map[Subject]bool{}
	s := Subject{}
	_, err = pgx.ForEachRow(rows, []any{&s.Person, &s.Name}, func() error { in[s] = true; return nil })
	if err != nil {
		return nil, fmt.Errorf("look for lines that wait for an account: %w", err)
	}
	var waiting []Request
	for _, q := range open {
		if !q.About.Account() || in[Subject{Person: q.Person, Name: roster.Myself}] || in[Subject{Name: q.Name}] {
			waiting = append(waiting, q)
		}
	}
	return waiting, nil
}
