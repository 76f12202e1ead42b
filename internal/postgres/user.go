package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
)

// AddUser opens an account. Passwords and their hashes never reach the journal. It
// asks for no permission: who may add users is the caller's question. Errors:
// fault.Invalid (name, post, bureau or password), fault.Refused (the name is taken).
func (db *DB) AddUser(ctx context.Context, region int32, u approval.User, password string, by journal.By) error {
	if err := u.Validate(); err != nil {
		return err
	}
	if err := approval.ValidatePassword(u.Name, password); err != nil {
		return err
	}
	hash := approval.HashPassword(password)
	_, err := db.Change(ctx, region, by, func(tx pgx.Tx, _ int64) (journal.Entry, error) {
		tag, err := tx.Exec(ctx, `
			INSERT INTO account_user (region, name, post, bureau, password) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT DO NOTHING`, region, u.Name, string(u.Post), u.Bureau, hash)
		if err != nil {
			return journal.Entry{}, fmt.Errorf("insert user: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return journal.Entry{}, fault.New(fault.Refused, "用户“%s”已经存在，请换一个用户名", u.Name)
		}
		return journal.Entry{Action: openedAccount, Subject: u.Name, Digest: passwordDigest(hash), Summary: fmt.Sprintf("岗位：%s，部门：%s", u.Post, bureauName(u))}, nil
	})
	return err
}

func bureauName(u approval.User) string {
	if u.Bureau == "" {
		return "全区"
	}
	return u.Bureau
}

// SetPassword gives a user another password and opens the account again where wrong
// passwords had locked it. Errors: fault.Invalid, fault.NotFound.
func (db *DB) SetPassword(ctx context.Context, region int32, name, password string, by journal.By) error {
	if err := approval.ValidatePassword(name, password); err != nil {
		return err
	}
	hash := approval.HashPassword(password)
	_, err := db.Change(ctx, region, by, func(tx pgx.Tx, _ int64) (journal.Entry, error) {
		tag, err := tx.Exec(ctx, `
			UPDATE account_user SET password = $3, failures = 0, locked_until = NULL
			WHERE region = $1 AND name = $2`, region, name, hash)
		if err != nil {
			return journal.Entry{}, fmt.Errorf("update password: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return journal.Entry{}, noUser(name)
		}
		return journal.Entry{Action: setPassword, Subject: name, Digest: passwordDigest(hash)}, nil
	})
	return err
}

func noUser(name string) error {
	return fault.New(fault.NotFound, "没有用户“%s”，请核对用户名", name)
}

// ListUsers returns the region's users, closed ones too, by bureau, post and name.
func (db *DB) ListUsers(ctx context.Context, region int32) ([]approval.User, error) {
	var users []approval.User
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT name, post, bureau, active FROM account_user WHERE region = $1
			ORDER BY bureau COLLATE "C", array_position(ARRAY['经办', '复核', '审批', '管理', '审计'], post), name`, region)
		if err != nil {
			return fmt.Errorf("read users: %w", err)
		}
		users, err = pgx.CollectRows(rows, pgx.RowToStructByPos[approval.User])
		if err != nil {
			return fmt.Errorf("read users: %w", err)
		}
		return nil
	})
	return users, err
}

// LockedUsers returns until when wrong passwords keep accounts closed, by name, of those
// that are closed now.
func (db *DB) LockedUsers(ctx context.Context, region int32, now time.Time) (map[string]time.Time, error) {
	var locked map[string]time.Time
	err := db.Read(ctx, func(tx pgx.Tx) error {
		locked = map[string]time.Time{}
		rows, err := tx.Query(ctx, `SELECT name, locked_until FROM account_user WHERE region = $1 AND locked_until > $2`, region, now)
		if err != nil {
			return fmt.Errorf("read locked users: %w", err)
		}
		var name string
		var until time.Time
		if _, err := pgx.ForEachRow(rows, []any{&name, &until}, func() error { locked[name] = until; return nil }); err != nil {
			return fmt.Errorf("read locked users: %w", err)
		}
		return nil
	})
	return locked, err
}

// currentUser reads a user as stored now; what the caller holds may be older.
func currentUser(ctx context.Context, tx pgx.Tx, region int32, name string) (approval.User, error) {
	rows, err := tx.Query(ctx, `
		SELECT name, post, bureau, active FROM account_user WHERE region = $1 AND name = $2`, region, name)
	if err != nil {
		return approval.User{}, fmt.Errorf("read user: %w", err)
	}
	u, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[approval.User])
	if errors.Is(err, pgx.ErrNoRows) {
		return u, noUser(name)
	}
	if err != nil {
		return u, fmt.Errorf("read user: %w", err)
	}
	return u, nil
}

// Authenticate returns the user whose password this is. Wrong passwords are counted;
// approval.FailuresAllowed in a row lock the account for approval.LockMinutes, which
// the journal records under by. A name that does not exist takes as long as a wrong
// password and gives the same sentence. Errors: fault.Denied.
func (db *DB) Authenticate(ctx context.Context, region int32, name, password string, by journal.By) (approval.User, error) {
	var a loginAttempt
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		var err error
		a, err = tryPassword(ctx, tx, region, name, password, by.At)
		return err
	})
	if err != nil {
		return approval.User{}, err
	}
	if a.locksNow {
		_, err := db.Change(ctx, region, by, func(pgx.Tx, int64) (journal.Entry, error) {
			return journal.Entry{Action: "锁定用户", Subject: name, Summary: fmt.Sprintf("连续 %d 次口令错误，锁定 %d 分钟",
				approval.FailuresAllowed, approval.LockMinutes)}, nil
		})
		if err != nil {
			return approval.User{}, err
		}
	}
	return a.user, a.refusal
}

// loginAttempt is the outcome of one log-in. The refusal is kept apart from errors: the
// failure count must be committed.
type loginAttempt struct {
	user     approval.User
	refusal  error
	locksNow bool
}

// tryPassword checks a password while it holds the user's row, so that guesses made at the
// same time wait for one another and are all counted.
func tryPassword(ctx context.Context, tx pgx.Tx, region int32, name, password string, now time.Time) (loginAttempt, error) {
	var u approval.User
	var hash string
	var failures int
	var lockedUntil *time.Time
	err := tx.QueryRow(ctx, `
		SELECT name, post, bureau, active, password, failures, locked_until
		FROM account_user WHERE region = $1 AND name = $2 FOR NO KEY UPDATE`, region, name).
		Scan(&u.Name, &u.Post, &u.Bureau, &u.Active, &hash, &failures, &lockedUntil)
	if errors.Is(err, pgx.ErrNoRows) {
		approval.SpendVerification(password)
		return loginAttempt{refusal: wrongPassword()}, nil
	}
	if err != nil {
		return loginAttempt{}, fmt.Errorf("read user: %w", err)
	}
	if lockedUntil != nil && now.Before(*lockedUntil) {
		return loginAttempt{refusal: accountLocked(name, lockedUntil.Sub(now))}, nil
	}
	ok, err := approval.VerifyPassword(hash, password)
	if err != nil {
		return loginAttempt{}, fmt.Errorf("verify password: %w", err)
	}
	if !ok {
		return countFailure(ctx, tx, region, name, failures+1, now)
	}
	if failures > 0 || lockedUntil != nil {
		if err := setFailures(ctx, tx, region, name, 0, nil); err != nil {
			return loginAttempt{}, err
		}
	}
	if !u.Active {
		return loginAttempt{refusal: fault.New(fault.Denied, "用户“%s”已停用，请与管理岗位联系", name)}, nil
	}
	return loginAttempt{user: u}, nil
}

func countFailure(ctx context.Context, tx pgx.Tx, region int32, name string, failures int, now time.Time) (loginAttempt, error) {
	if failures < approval.FailuresAllowed {
		return loginAttempt{refusal: wrongPassword()}, setFailures(ctx, tx, region, name, failures, nil)
	}
	until := now.Add(approval.LockMinutes * time.Minute)
	// The count starts afresh once the lock is over.
	return loginAttempt{refusal: accountLocked(name, until.Sub(now)), locksNow: true}, setFailures(ctx, tx, region, name, 0, &until)
}

func setFailures(ctx context.Context, tx pgx.Tx, region int32, name string, failures int, until *time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE account_user SET failures = $3, locked_until = $4 WHERE region = $1 AND name = $2`,
		region, name, failures, until)
	if err != nil {
		return fmt.Errorf("count failures: %w", err)
	}
	return nil
}

func wrongPassword() error {
	return fault.New(fault.Denied, "用户名或口令不正确，请核对后重试")
}

func accountLocked(name string, rest time.Duration) error {
	minutes := int((rest + time.Minute - 1) / time.Minute)
	return fault.New(fault.Denied, "用户“%s”因口令连续错误 %d 次已被锁定，请 %d 分钟后再试，或请管理岗位在控制台、或系统管理员在本机重设口令",
		name, approval.FailuresAllowed, minutes)
}
