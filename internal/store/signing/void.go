package signing

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/packs"
	"disburse/internal/store/people"
	"disburse/internal/store/users"
)

// MarkSent records that an approved batch's bank files were handed over: from now on it
// cannot be voided, and banks may answer. number says which batch of the month; 0 the
// latest approved one. Errors as approval.CheckSent; fault.NotFound where there is no
// such batch.
func MarkSent(ctx context.Context, db *postgres.DB, s Order, number int) (payrun.Batch, error) {
	s = s.asUser()
	var b payrun.Batch
	_, err := db.Change(ctx, s.Region, s.By, func(scope postgres.Scope) (journal.Entry, error) {
		user, sent, err := readUserAndBatch(ctx, scope.Tx, s, number, &b)
		if err != nil {
			return journal.Entry{}, err
		}
		asked, err := voidSignatures(ctx, scope, b.Number)
		if err != nil {
			return journal.Entry{}, err
		}
		if err := approval.CheckSent(user, b, sent, asked, s.By.Reason); err != nil {
			return journal.Entry{}, err
		}
		if err := packs.CheckNotFrozen(ctx, scope, s.By.At, "登记送银行"); err != nil {
			return journal.Entry{}, err
		}
		tag, err := scope.Tx.Exec(ctx, `
			UPDATE batch SET sent_rev = $3 WHERE region = $1 AND batch = $2 AND state = 'approved' AND sent_rev IS NULL`,
			s.Region, b.Number, scope.Rev)
		if err != nil {
			return journal.Entry{}, fmt.Errorf("update batch: %w", err)
		}
		if tag.RowsAffected() != 1 {
			return journal.Entry{}, fmt.Errorf("mark batch %d as sent: %d rows in place of one", b.Number, tag.RowsAffected())
		}
		if _, err := scope.Tx.Exec(ctx, `INSERT INTO batch_sent (region, batch, rev) VALUES ($1, $2, $3)`, s.Region, b.Number, scope.Rev); err != nil {
			return journal.Entry{}, fmt.Errorf("insert batch_sent of batch %d: %w", b.Number, err)
		}
		return journal.Entry{Action: batches.SentAction, Subject: approval.Title(b), Digest: b.Digest,
			Summary: fmt.Sprintf("可发 %s 元", b.Pays.Grouped())}, nil
	})
	return b, err
}

// readUserAndBatch reads the user and the batch for Sent and Void, and whether it was sent.
func readUserAndBatch(ctx context.Context, tx pgx.Tx, s Order, number int, b *payrun.Batch) (user approval.User, sent bool, err error) {
	if user, err = users.Current(ctx, postgres.In(tx, s.Region), s.User.Name); err != nil {
		return user, false, err
	}
	if number == 0 {
		// The latest approved one, even if a supplementary batch is open: that one is not meant.
		err = tx.QueryRow(ctx, `SELECT coalesce(max(n) FILTER (WHERE state = 'approved'), max(n), 0) FROM batch
			WHERE region = $1 AND month = $2 AND bureau = $3`, s.Region, postgres.FirstDay(s.Month), s.Bureau).Scan(&number)
		if err != nil {
			return user, false, fmt.Errorf("look for batch: %w", err)
		}
	}
	*b, err = batches.QueryOne(ctx, tx, `AND b.month = $2 AND b.bureau = $3 AND b.n = $4::bigint`, s.Region, postgres.FirstDay(s.Month), s.Bureau, number)
	if errors.Is(err, pgx.ErrNoRows) {
		if number == 0 {
			return user, false, fault.New(fault.NotFound, "%s%s还没有批次，请核对部门和月份，或先运行该月", s.Bureau, s.Month.Chinese())
		}
		return user, false, fault.New(fault.NotFound, "%s%s没有第%d批，请核对批次号", s.Bureau, s.Month.Chinese(), number)
	}
	if err != nil {
		return user, false, err
	}
	err = tx.QueryRow(ctx, `SELECT sent_rev IS NOT NULL FROM batch WHERE region = $1 AND batch = $2`, s.Region, b.Number).Scan(&sent)
	if err != nil {
		return user, false, fmt.Errorf("read whether batch %d was sent: %w", b.Number, err)
	}
	return user, sent, nil
}

// Void inserts one of the two signatures that void an approved batch (作废). The first only
// requests it. With the second, by another person, reversing entries take every settled line
// out of the ledger, so that all of it is due again at the next run, and the batch's state
// becomes Voided. number as for Sent. Errors as approval.CheckVoid; fault.Refused while another
// batch of the bureau is being signed, because it was computed with this one settled.
func Void(ctx context.Context, db *postgres.DB, s Order, number int) (payrun.Batch, error) {
	s = s.asUser()
	var b payrun.Batch
	_, err := db.Change(ctx, s.Region, s.By, func(scope postgres.Scope) (journal.Entry, error) {
		user, sent, err := readUserAndBatch(ctx, scope.Tx, s, number, &b)
		if err != nil {
			return journal.Entry{}, err
		}
		signed, err := voidSignatures(ctx, scope, b.Number)
		if err != nil {
			return journal.Entry{}, err
		}
		if err := approval.CheckVoid(user, b, sent, signed, s.By.Reason); err != nil {
			return journal.Entry{}, err
		}
		for _, asked := range signed {
			if err := users.CheckSecondPerson(ctx, scope, asked.Actor, user.Name); err != nil {
				return journal.Entry{}, err
			}
		}
		if err := packs.CheckNotFrozen(ctx, scope, s.By.At, "作废"); err != nil {
			return journal.Entry{}, err
		}
		if err := checkNothingInSigning(ctx, scope, b); err != nil {
			return journal.Entry{}, err
		}
		_, err = scope.Tx.Exec(ctx, `
			INSERT INTO void_signature (region, batch, n, actor, post, at, rev, digest, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			s.Region, b.Number, len(signed)+1, user.Name, string(user.Post), s.By.At, scope.Rev, b.Digest, s.By.Reason)
		if err != nil {
			return journal.Entry{}, fmt.Errorf("insert void signature: %w", err)
		}
		entry := journal.Entry{Action: "申请作废批次", Subject: approval.Title(b), Digest: b.Digest,
			Summary: fmt.Sprintf("明细 %d 条，可发 %s 元", b.Lines, b.Pays.Grouped())}
		if len(signed) == 0 {
			return entry, nil
		}
		entry.Action = "作废批次"
		return entry, reverseLedger(ctx, scope, &b)
	})
	return b, err
}

// VoidSignatures returns who requested a batch to be voided, and who confirmed it.
func VoidSignatures(ctx context.Context, db *postgres.DB, region, batch int32) ([]approval.VoidSignature, error) {
	var all []approval.VoidSignature
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		all, err = voidSignatures(ctx, scope, batch)
		return err
	})
	return all, err
}

func voidSignatures(ctx context.Context, scope postgres.Scope, batch int32) ([]approval.VoidSignature, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT n, post, actor, at, rev, digest, reason FROM void_signature WHERE region = $1 AND batch = $2 ORDER BY n`, scope.Region, batch)
	if err != nil {
		return nil, fmt.Errorf("read void signatures: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[approval.VoidSignature])
	if err != nil {
		return nil, fmt.Errorf("read void signatures: %w", err)
	}
	return all, nil
}

// checkNothingInSigning refuses while another batch of the bureau is being signed.
func checkNothingInSigning(ctx context.Context, scope postgres.Scope, b payrun.Batch) error {
	other, err := batches.QueryOne(ctx, scope.Tx, `AND b.bureau = $2 AND b.state IN ('submitted', 'reviewed', 'endorsed') ORDER BY b.batch LIMIT 1`, scope.Region, b.Bureau)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return fault.New(fault.Refused, "%s正在签批，它是按%s已发放算出的，请先把它退回，再作废", approval.Title(other), approval.Title(b))
}

// reverseLedger reverses the batch's ledger entries (kind 3). For a record that was merged since,
// the reversal is entered for the survivor, who has its settled amounts.
func reverseLedger(ctx context.Context, scope postgres.Scope, b *payrun.Batch) error {
	var taken money.Fen
	err := scope.Tx.QueryRow(ctx, `
		WITH RECURSIVE `+people.SurvivorsCTE+`, entered AS (
		    INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch)
		    SELECT region, coalesce(survivor, person), item, payee, month, $3, against, 3, -sum(amount), batch
		    FROM line LEFT JOIN became USING (person) WHERE region = $1 AND batch = $2 AND hold = 0
		    GROUP BY region, coalesce(survivor, person), item, payee, month, against, batch HAVING sum(amount) <> 0
		    RETURNING amount)
		SELECT coalesce(sum(amount), 0)::bigint FROM entered`, scope.Region, b.Number, scope.Rev).Scan(&taken)
	if err != nil {
		return fmt.Errorf("insert ledger entries: %w", err)
	}
	if taken != -b.Pays {
		return fault.New(fault.Refused, "%s应发 %s 元，作废时台账冲回 %s 元，两者不符，没有作废，请联系维护人员", approval.Title(*b), b.Pays, -taken)
	}
	tag, err := scope.Tx.Exec(ctx, `UPDATE batch SET state = 'voided' WHERE region = $1 AND batch = $2 AND state = 'approved' AND sent_rev IS NULL`,
		scope.Region, b.Number)
	if err != nil {
		return fmt.Errorf("update batch: %w", err)
	}
	if tag.RowsAffected() != 1 {
		return fmt.Errorf("void batch %d: %d rows in place of one", b.Number, tag.RowsAffected())
	}
	b.State = payrun.Voided
	return nil
}
