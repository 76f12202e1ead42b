package users

import (
	"context"
	"fmt"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/postgres"
)

// AddFirst opens the region's first account, of the post 管理. Errors: fault.Refused where
// there is a user already; those of Add.
func AddFirst(ctx context.Context, db *postgres.DB, region int32, name, password string, by journal.By) error {
	u := approval.User{Name: approval.NormalName(name), Post: approval.Manager, Active: true}
	by.Actor = u.Name // there is no other user who could be the actor
	if err := u.Validate(); err != nil {
		return err
	}
	if err := approval.ValidatePassword(u.Name, password); err != nil {
		return err
	}
	hash := approval.HashPassword(password)
	_, err := db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		tag, err := scope.Tx.Exec(ctx, `
			INSERT INTO account_user (region, name, post, bureau, password)
			SELECT $1, $2, $3, '', $4 WHERE NOT EXISTS (SELECT FROM account_user WHERE region = $1)`, region, u.Name, string(u.Post), hash)
		if err != nil {
			return journal.Entry{}, fmt.Errorf("insert first user: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return journal.Entry{}, fault.New(fault.Refused, "已经有用户了，请登录，由管理岗位新建用户")
		}
		if err := insertEvent(ctx, scope, u, approval.Opened, by); err != nil {
			return journal.Entry{}, err
		}
		return journal.Entry{Action: OpenedAccount, Subject: u.Name, Digest: PasswordDigest(hash), Summary: "第一个管理用户，由控制台首次启动时建立"}, nil
	})
	return err
}

// SetActive closes a user's account, which ends its sessions, or reopens it for a reason,
// after which it is blocked as insertEvent says. Errors: fault.NotFound; fault.Invalid (no
// reason to reopen); fault.Refused where the account is in that state already, is the last
// open one of the post 管理, or the only one that could confirm By.Actor's changes.
func SetActive(ctx context.Context, db *postgres.DB, region int32, name string, active bool, by journal.By) error {
	_, err := db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		u, err := storedUser(ctx, scope, name)
		if err != nil {
			return journal.Entry{}, err
		}
		if u.Active == active {
			return journal.Entry{}, fault.New(fault.Refused, "用户“%s”已经是这个状态，不必再办", u.Name)
		}
		action, what := ReopenedAccount, approval.Reopened
		if active && by.Reason == "" {
			return journal.Entry{}, fault.New(fault.Invalid, "启用用户“%s”要写明原因，请补上", u.Name)
		}
		if !active {
			action, what = ClosedAccount, approval.Closed
			if err := checkClose(ctx, scope, u, by); err != nil {
				return journal.Entry{}, err
			}
			if err := endSessions(ctx, scope, u.Name, by.At); err != nil {
				return journal.Entry{}, err
			}
		}
		if _, err := scope.Tx.Exec(ctx, `UPDATE account_user SET active = $3 WHERE region = $1 AND name = $2`, region, u.Name, active); err != nil {
			return journal.Entry{}, fmt.Errorf("update user: %w", err)
		}
		if err := insertEvent(ctx, scope, u, what, by); err != nil {
			return journal.Entry{}, err
		}
		return journal.Entry{Action: action, Subject: u.Name, Summary: string(u.Post)}, nil
	})
	return err
}

// checkClose refuses to close the last 管理 account, without which no user could be managed,
// and the only account that could confirm the actor's changes.
func checkClose(ctx context.Context, scope postgres.Scope, u approval.User, by journal.By) error {
	circle, err := ReadCircle(ctx, scope)
	if err != nil {
		return err
	}
	var others int
	if err := scope.Tx.QueryRow(ctx, `SELECT count(*) FROM account_user WHERE region = $1 AND name <> $2 AND post = '管理' AND active`,
		scope.Region, u.Name).Scan(&others); err != nil {
		return fmt.Errorf("count managers: %w", err)
	}
	switch {
	case u.Post == approval.Manager && others == 0:
		return fault.New(fault.Refused, "“%s”是最后一个在用的管理用户，不能停用，请先新建另一个", u.Name)
	case !by.Operator() && circle.OnlyConfirmer(by.Actor, u.Name):
		return fault.New(fault.Refused, "“%s”是唯一能确认您办的用户变动的人，不能停用；请先新建另一位审计或管理，由他确认以后再停用", u.Name)
	}
	return nil
}
