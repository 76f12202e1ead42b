package users

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/postgres"
)

// Add opens an account, under the normal form of its name. Passwords and their hashes
// never reach the journal. Done by a user of the program it needs the post 管理; whether the
// account may be used at once is decided by insertEvent. Errors: fault.Invalid (name, post,
// bureau or password), fault.Refused (the name exists, or is easily confused with one that
// does), fault.Denied (the actor).
func Add(ctx context.Context, db *postgres.DB, region int32, u approval.User, password string, by journal.By) error {
	u.Name = approval.NormalName(u.Name)
	if err := u.Validate(); err != nil {
		return err
	}
	if err := approval.ValidatePassword(u.Name, password); err != nil {
		return err
	}
	hash := approval.HashPassword(password)
	_, err := db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		if err := checkMayHandle(ctx, scope, by); err != nil {
			return journal.Entry{}, err
		}
		if err := checkNameFree(ctx, scope, u.Name); err != nil {
			return journal.Entry{}, err
		}
		_, err := scope.Tx.Exec(ctx, `
			INSERT INTO account_user (region, name, post, bureau, password) VALUES ($1, $2, $3, $4, $5)`, region, u.Name, string(u.Post), u.Bureau, hash)
		if err != nil {
			return journal.Entry{}, fmt.Errorf("insert user: %w", err)
		}
		if err := insertEvent(ctx, scope, u, approval.Opened, by); err != nil {
			return journal.Entry{}, err
		}
		return journal.Entry{Action: OpenedAccount, Subject: u.Name, Digest: PasswordDigest(hash), Summary: fmt.Sprintf("岗位：%s，部门：%s", u.Post, bureauName(u))}, nil
	})
	return err
}

// checkNameFree refuses a name that exists or looks like an existing one: a signature under
// it could be mistaken for somebody else's.
func checkNameFree(ctx context.Context, scope postgres.Scope, name string) error {
	users, err := listUsers(ctx, scope)
	if err != nil {
		return err
	}
	names := make([]string, len(users))
	for i, u := range users {
		names[i] = u.Name
	}
	switch other := approval.LooksLike(name, names); other {
	case "":
		return nil
	case name:
		return fault.New(fault.Refused, "用户“%s”已经存在，请换一个用户名", name)
	default:
		return fault.New(fault.Refused, "用户名“%s”与已有的用户“%s”看上去分不清，请换一个", name, other)
	}
}

func bureauName(u approval.User) string {
	if u.Bureau == "" {
		return "全区"
	}
	return u.Bureau
}

// SetPassword replaces a user's password and ends their sessions. Users change their own; a
// 管理 user, or the operator at the command line, resets somebody else's for a reason
// (By.Reason), after which the account is blocked as insertEvent says. Errors: fault.Invalid
// (password, no reason), fault.NotFound, fault.Denied, fault.Refused (a reset of the only
// account that could confirm the actor's own actions).
func SetPassword(ctx context.Context, db *postgres.DB, region int32, name, password string, by journal.By) error {
	if err := approval.ValidatePassword(name, password); err != nil {
		return err
	}
	if err := checkPasswordDiffers(ctx, db, region, name, password, by); err != nil {
		return err
	}
	hash := approval.HashPassword(password)
	_, err := db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		u, err := storedUser(ctx, scope, name)
		if err != nil {
			return journal.Entry{}, err
		}
		what := approval.Own
		if by.Actor != u.Name {
			what = approval.Reset
			if err := checkReset(ctx, scope, u, by); err != nil {
				return journal.Entry{}, err
			}
		}
		if _, err := scope.Tx.Exec(ctx, `UPDATE account_user SET password = $3, failures = 0 WHERE region = $1 AND name = $2`, region, u.Name, hash); err != nil {
			return journal.Entry{}, fmt.Errorf("update password: %w", err)
		}
		// The delay after wrong passwords must not apply to the new password.
		if _, err := scope.Tx.Exec(ctx, `DELETE FROM login_delay WHERE region = $1 AND name = $2`, region, approval.NameDigest(u.Name)); err != nil {
			return journal.Entry{}, fmt.Errorf("forget tries: %w", err)
		}
		if err := endSessions(ctx, scope, u.Name, by.At); err != nil {
			return journal.Entry{}, err
		}
		if err := insertEvent(ctx, scope, u, what, by); err != nil {
			return journal.Entry{}, err
		}
		return journal.Entry{Action: PasswordWasSet, Subject: u.Name, Digest: PasswordDigest(hash), Summary: what.Chinese()}, nil
	})
	return err
}

// checkPasswordDiffers refuses users who set the same password again: after a reset whoever
// gave it out would still know it.
func checkPasswordDiffers(ctx context.Context, db *postgres.DB, region int32, name, password string, by journal.By) error {
	if by.Actor != name {
		return nil
	}
	var hash string
	err := db.Read(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT password FROM account_user WHERE region = $1 AND name = $2`, region, name).Scan(&hash)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return unknownUser(name)
	}
	if err != nil {
		return fmt.Errorf("read password: %w", err)
	}
	same, err := approval.VerifyPassword(hash, password)
	if err == nil && same {
		err = fault.New(fault.Invalid, "新口令与现在的一样，请换一个")
	}
	return err
}

// checkReset refuses a reset by somebody without the right, without a reason, or of the only
// account that could confirm the actor's changes: the actor would control both persons.
func checkReset(ctx context.Context, scope postgres.Scope, u approval.User, by journal.By) error {
	if by.Reason == "" {
		return fault.Command(fault.New(fault.Invalid, "重设用户“%s”的口令要写明原因，请补上", u.Name), "--reason 原因")
	}
	if err := checkMayHandle(ctx, scope, by); err != nil || by.Operator() {
		return err
	}
	circle, err := ReadCircle(ctx, scope)
	if err != nil {
		return err
	}
	if circle.OnlyConfirmer(by.Actor, u.Name) {
		return fault.New(fault.Refused, "“%s”是唯一能确认您办的用户变动的人，口令不能由您重设，请由装系统的人在那台机器上运行 disburse user passwd", u.Name)
	}
	return nil
}

func unknownUser(name string) error {
	return fault.New(fault.NotFound, "没有用户“%s”，请核对用户名", name)
}

// List returns the region's users, including closed ones, by bureau, post and name.
func List(ctx context.Context, db *postgres.DB, region int32) ([]approval.User, error) {
	var users []approval.User
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		users, err = listUsers(ctx, scope)
		return err
	})
	return users, err
}

func listUsers(ctx context.Context, scope postgres.Scope) ([]approval.User, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT name, post, bureau, active FROM account_user WHERE region = $1
		ORDER BY bureau COLLATE "C", array_position(ARRAY['经办', '复核', '审批', '管理', '审计'], post), name`, scope.Region)
	if err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	users, err := pgx.CollectRows(rows, pgx.RowToStructByPos[approval.User])
	if err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	return users, nil
}

// WrongPasswords returns, by user name, the number of wrong passwords since the last right
// one, from any place, where it has reached approval.FailuresAllowed: somebody may be
// guessing.
func WrongPasswords(ctx context.Context, db *postgres.DB, region int32) (map[string]int, error) {
	var wrong map[string]int
	err := db.Read(ctx, func(tx pgx.Tx) error {
		wrong = map[string]int{}
		rows, err := tx.Query(ctx, `SELECT name, failures FROM account_user WHERE region = $1 AND failures >= $2`, region, approval.FailuresAllowed)
		if err != nil {
			return fmt.Errorf("read wrong passwords: %w", err)
		}
		var name string
		var n int
		if _, err := pgx.ForEachRow(rows, []any{&name, &n}, func() error { wrong[name] = n; return nil }); err != nil {
			return fmt.Errorf("read wrong passwords: %w", err)
		}
		return nil
	})
	return wrong, err
}

// storedUser reads a user by the name as written or its normal form: earlier versions
// accepted names that are not normalized, and those must still be found.
func storedUser(ctx context.Context, scope postgres.Scope, name string) (approval.User, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT name, post, bureau, active FROM account_user
		WHERE region = $1 AND name IN ($2, $3) ORDER BY name = $2 DESC LIMIT 1`, scope.Region, name, approval.NormalName(name))
	if err != nil {
		return approval.User{}, fmt.Errorf("read user: %w", err)
	}
	u, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[approval.User])
	if errors.Is(err, pgx.ErrNoRows) {
		return u, unknownUser(name)
	}
	if err != nil {
		return u, fmt.Errorf("read user: %w", err)
	}
	return u, nil
}

// Current reads the acting user within the transaction: what the caller has may be stale.
// Errors: fault.NotFound; fault.Denied where the account is blocked until its user sets
// a password of their own or a second person confirms it.
func Current(ctx context.Context, scope postgres.Scope, name string) (approval.User, error) {
	u, err := storedUser(ctx, scope, name)
	if err != nil {
		return u, err
	}
	s, err := readStanding(ctx, scope, u.Name)
	if err != nil {
		return u, err
	}
	switch {
	case s.Change:
		return u, mustChange(u.Name)
	case s.Waits:
		return u, waitsForSecond(u.Name, s)
	}
	return u, nil
}
