package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/roster"
)

// AccountRequest is a change of somebody's account (账户变更) that was asked for, and what
// became of it.
type AccountRequest struct {
	N        int // 申请号
	Person   int64
	ID       string // as known now
	Name     string
	Street   string
	Old, New roster.Account
	Actor    string // who asked
	At       time.Time
	Reason   string
	State    AccountState
	Answer   string // who answered
	Why      string // reason of the answer
	Answered time.Time
}

// AccountState is where a request stands.
type AccountState string

// The states of a request.
const (
	AccountPending AccountState = "待确认"
	AccountChanged AccountState = "已变更"
	AccountRefused AccountState = "不同意"
)

// AskAccount asks for a person's account to be changed; By.Actor asks, By.Reason has the
// document. It changes nothing: AnswerAccount does. Errors: fault.NotFound (person),
// fault.Denied (user), fault.Invalid (no reason), fault.Refused (nothing new, a request
// that waits).
func (db *DB) AskAccount(ctx context.Context, region int32, person int64, account roster.Account, by journal.By) (AccountRequest, error) {
	var q AccountRequest
	_, err := db.Change(ctx, region, by, func(tx pgx.Tx, rev int64) (journal.Entry, error) {
		user, err := currentUser(ctx, tx, region, by.Actor)
		if err != nil {
			return journal.Entry{}, err
		}
		if err := approval.CheckAccountRequest(user, by.Reason); err != nil {
			return journal.Entry{}, err
		}
		d, err := personAt(ctx, tx, region, person, rev)
		if err != nil {
			return journal.Entry{}, err
		}
		if d.Account == account {
			return journal.Entry{}, fault.New(fault.Refused, "%s登记的就是这个账户，不必变更", d.Name)
		}
		if err := onlyAccountRequest(ctx, tx, region, d); err != nil {
			return journal.Entry{}, err
		}
		q = AccountRequest{Person: person, ID: d.ID, Name: d.Name, Street: d.Street, Old: d.Account, New: account, Actor: user.Name, At: by.At,
			Reason: by.Reason, State: AccountPending}
		err = tx.QueryRow(ctx, `
			INSERT INTO account_request (region, n, rev, person, old_bank, old_account, old_holder, bank, account, holder, actor, reason)
			SELECT $1, coalesce(max(n), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM account_request WHERE region = $1 RETURNING n`,
			region, rev, person, q.Old.Bank, q.Old.Number, q.Old.Holder, account.Bank, account.Number, account.Holder, q.Actor, q.Reason).Scan(&q.N)
		if err != nil {
			return journal.Entry{}, fmt.Errorf("insert account request: %w", err)
		}
		return journal.Entry{Action: "申请账户变更", Subject: subjectOf(d), Summary: q.summary()}, nil
	})
	return q, err
}

// summary names no account: the journal is read by many.
func (q *AccountRequest) summary() string {
	return fmt.Sprintf("第 %d 号：%s 尾号 %s 改为 %s 尾号 %s", q.N, orNo(q.Old.Bank), lastFour(q.Old.Number), orNo(q.New.Bank), lastFour(q.New.Number))
}

func orNo(s string) string {
	if s == "" {
		return "无"
	}
	return s
}

func lastFour(number string) string {
	if number == "" {
		return "无"
	}
	return number[max(0, len(number)-4):]
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

// onlyAccountRequest refuses a second request for a person while one waits.
func onlyAccountRequest(ctx context.Context, tx pgx.Tx, region int32, d *roster.Dossier) error {
	var n int
	err := tx.QueryRow(ctx, `
		SELECT coalesce(min(n), 0) FROM account_request q WHERE region = $1 AND person = $2
		AND NOT EXISTS (SELECT FROM account_answer a WHERE a.region = q.region AND a.n = q.n)`, region, d.Number).Scan(&n)
	if err != nil {
		return fmt.Errorf("look for account requests: %w", err)
	}
	if n > 0 {
		return fault.New(fault.Refused, "%s已有第 %d 号账户变更申请等待确认，请先请复核或审批答复它", d.Name, n)
	}
	return nil
}

// AnswerAccount confirms a request, which makes the account known by the way of an import,
// or refuses it. By.Actor answers. Errors: fault.NotFound (request), fault.Denied (post, or
// who asked), fault.Refused (answered already, the account or the person is another now),
// fault.Invalid (refused without a reason).
func (db *DB) AnswerAccount(ctx context.Context, region int32, n int, grant bool, by journal.By) (AccountRequest, error) {
	var q AccountRequest
	_, err := db.Change(ctx, region, by, func(tx pgx.Tx, rev int64) (journal.Entry, error) {
		var err error
		if q, err = openAccountRequest(ctx, tx, region, n); err != nil {
			return journal.Entry{}, err
		}
		user, err := currentUser(ctx, tx, region, by.Actor)
		if err != nil {
			return journal.Entry{}, err
		}
		if err := approval.CheckAccountAnswer(user, q.Actor, grant, by.Reason); err != nil {
			return journal.Entry{}, err
		}
		entry := journal.Entry{Action: "不同意账户变更", Subject: q.Name + " " + roster.MaskID(q.ID), Summary: q.summary() + "，申请人 " + q.Actor}
		q.State = AccountRefused
		if grant {
			entry.Action, q.State = "账户变更", AccountChanged
			if err := q.change(ctx, tx, region, rev); err != nil {
				return journal.Entry{}, err
			}
		}
		_, err = tx.Exec(ctx, `INSERT INTO account_answer (region, n, rev, granted, asked, actor, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			region, n, rev, grant, q.Actor, user.Name, by.Reason)
		if err != nil {
			return journal.Entry{}, fmt.Errorf("insert account answer: %w", err)
		}
		q.Answer, q.Why, q.Answered = user.Name, by.Reason, by.At
		return entry, nil
	})
	return q, err
}

// change makes the new account known, as a workbook with its three columns would.
func (q *AccountRequest) change(ctx context.Context, tx pgx.Tx, region int32, rev int64) error {
	d, err := personAt(ctx, tx, region, q.Person, rev)
	if err != nil {
		return err
	}
	if d.Account != q.Old {
		return fault.New(fault.Refused, "%s的账户在申请以后又变动了，请不同意第 %d 号申请，核对后重新申请", q.Name, q.N)
	}
	in := &roster.Import{Columns: roster.Columns{Bank: true, Number: true, Holder: true},
		People: []roster.PersonRow{{Place: roster.Place{Sheet: "账户变更", Row: q.N}, Person: roster.Person{ID: d.ID, Account: q.New}}}}
	m := &rosterMerge{tx: tx, region: region, rev: rev, in: in, progress: func(string) {}}
	if err := m.run(ctx); err != nil {
		return err
	}
	if report := m.finish(); len(report.Problems) > 0 || report.ChangedPeople != 1 {
		return fault.New(fault.Refused, "第 %d 号申请没有改动%s的账户，请核对后重新申请", q.N, q.Name)
	}
	return nil
}
