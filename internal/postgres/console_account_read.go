package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
)

const selectAccountRequest = `
	SELECT q.n, q.person, p.id_number, p.name, p.street, q.old_bank, q.old_account, q.old_holder, q.bank, q.account, q.holder, q.actor, j.at, q.reason,
	       CASE a.granted WHEN true THEN '已变更' WHEN false THEN '不同意' ELSE '待确认' END, coalesce(a.actor, ''), coalesce(a.reason, ''), coalesce(k.at, 'epoch')
	FROM account_request q
	JOIN journal j ON j.region = q.region AND j.rev = q.rev
	LEFT JOIN account_answer a ON a.region = q.region AND a.n = q.n
	LEFT JOIN journal k ON k.region = a.region AND k.rev = a.rev
	CROSS JOIN LATERAL (SELECT id_number, name, street FROM person p WHERE p.region = q.region AND p.person = q.person ORDER BY rev DESC LIMIT 1) p
	WHERE q.region = $1 `

func scanAccountRequest(row pgx.CollectableRow) (AccountRequest, error) {
	var q AccountRequest
	err := row.Scan(&q.N, &q.Person, &q.ID, &q.Name, &q.Street, &q.Old.Bank, &q.Old.Number, &q.Old.Holder, &q.New.Bank, &q.New.Number, &q.New.Holder,
		&q.Actor, &q.At, &q.Reason, &q.State, &q.Answer, &q.Why, &q.Answered)
	return q, err
}

// openAccountRequest reads a request that nobody has answered.
func openAccountRequest(ctx context.Context, tx pgx.Tx, region int32, n int) (AccountRequest, error) {
	rows, err := tx.Query(ctx, selectAccountRequest+`AND q.n = $2`, region, n)
	if err != nil {
		return AccountRequest{}, fmt.Errorf("read account request: %w", err)
	}
	q, err := pgx.CollectExactlyOneRow(rows, scanAccountRequest)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return q, fault.New(fault.NotFound, "没有第 %d 号账户变更申请，请从“账户变更”重新进入", n)
	case err != nil:
		return q, fmt.Errorf("read account request: %w", err)
	case q.State != AccountPending:
		return q, fault.New(fault.Refused, "第 %d 号账户变更申请已经由%s答复（%s），不能再办理", n, q.Answer, q.State)
	}
	return q, nil
}

// AccountRequests returns requests: those that wait, or else those answered, up to limit
// before a number (0: from the end), the latest first; person 0: of everybody.
func (db *DB) AccountRequests(ctx context.Context, region int32, open bool, person, before int64, limit int) ([]AccountRequest, error) {
	var all []AccountRequest
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, selectAccountRequest+`AND (a.n IS NULL) = $2 AND ($3 = 0 OR q.person = $3) AND q.n < $4::bigint ORDER BY q.n DESC LIMIT $5`,
			region, open, person, orEnd(before), limit)
		if err != nil {
			return fmt.Errorf("read account requests: %w", err)
		}
		if all, err = pgx.CollectRows(rows, scanAccountRequest); err != nil {
			return fmt.Errorf("read account requests: %w", err)
		}
		return nil
	})
	return all, err
}

// OpenAccountRequests counts the requests that wait, and those of them that somebody asked for.
func (db *DB) OpenAccountRequests(ctx context.Context, region int32, actor string) (open, own int, err error) {
	err = db.Read(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			SELECT count(*), count(*) FILTER (WHERE actor = $2) FROM account_request q
			WHERE region = $1 AND NOT EXISTS (SELECT FROM account_answer a WHERE a.region = q.region AND a.n = q.n)`, region, actor).Scan(&open, &own)
		if err != nil {
			return fmt.Errorf("count account requests: %w", err)
		}
		return nil
	})
	return open, own, err
}
