package users

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/postgres"
)

// loginAttempt is one attempt to log in.
type loginAttempt struct {
	place    string
	name     []byte // digest
	user     approval.User
	hash     string // empty: there is no such user
	failures int    // wrong passwords since the last right one, from any place
}

// Authenticate returns the user whose password this is. Wrong passwords are rate-limited by
// name and place of origin (approval.Delay). A name that does not exist is counted, takes
// as long as a wrong password and gives the same sentence, so that names cannot be probed.
// Errors: fault.Denied.
func Authenticate(ctx context.Context, db *postgres.DB, region int32, name, password string, by journal.By) (approval.User, error) {
	a := loginAttempt{place: approval.Place(by.Origin), name: approval.NameDigest(name)}
	if err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error { return a.read(ctx, scope, name, by.At) }); err != nil {
		return approval.User{}, err
	}
	// Hashing takes long, so it holds no lock and no connection. The result counts only if
	// the delay still permits it afterwards (record): guesses sent in parallel get no more
	// answers than guesses sent one by one, and right passwords do not block each other.
	right, err := a.matches(password)
	if err != nil {
		return approval.User{}, fmt.Errorf("verify password: %w", err)
	}
	var refusal error
	err = db.InTx(ctx, func(tx pgx.Tx) error {
		refusal, err = a.record(ctx, postgres.In(tx, region), right, by.At)
		return err
	})
	if err = cmp.Or(err, refusal); err != nil {
		return approval.User{}, err
	}
	if err := journalGuesses(ctx, db, region, &a, by); err != nil {
		return approval.User{}, err
	}
	if !a.user.Active { // after the password check: strangers must not learn that the name exists
		return a.user, fault.New(fault.Denied, "用户“%s”已停用，请与管理岗位联系", a.user.Name)
	}
	return a.user, nil
}

// read reads the user. It refuses (fault.Denied) an attempt within the delay of earlier ones.
func (a *loginAttempt) read(ctx context.Context, scope postgres.Scope, name string, now time.Time) error {
	var failures int
	var until time.Time
	err := scope.Tx.QueryRow(ctx, `SELECT failures, until FROM login_delay WHERE region = $1 AND place = $2 AND name = $3`, scope.Region, a.place, a.name).Scan(&failures, &until)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read tries: %w", err)
	}
	if approval.Delay(failures) > 0 && now.Before(until) {
		return approval.TooEarly(until.Sub(now))
	}
	err = scope.Tx.QueryRow(ctx, `
		SELECT name, post, bureau, active, password, failures FROM account_user
		WHERE region = $1 AND name IN ($2, $3) ORDER BY name = $2 DESC LIMIT 1`, scope.Region, name, approval.NormalName(name)).
		Scan(&a.user.Name, &a.user.Post, &a.user.Bureau, &a.user.Active, &a.hash, &a.failures)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read user: %w", err)
	}
	return nil
}

func (a *loginAttempt) matches(password string) (bool, error) {
	if a.hash == "" {
		approval.SpendVerification(password)
		return false, nil
	}
	return approval.VerifyPassword(a.hash, password)
}

// record counts a wrong password, or clears the counters after a right one. The refusal is
// returned apart from the error, because an error would roll the count back.
func (a *loginAttempt) record(ctx context.Context, scope postgres.Scope, right bool, now time.Time) (refusal, err error) {
	var failures int
	var until time.Time
	err = scope.Tx.QueryRow(ctx, `
		INSERT INTO login_delay AS d (region, place, name, failures, until) VALUES ($1, $2, $3, 0, $4)
		ON CONFLICT (region, place, name) DO UPDATE SET failures = d.failures RETURNING failures, until`,
		scope.Region, a.place, a.name, now).Scan(&failures, &until)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read tries: %w", err)
	case approval.Delay(failures) > 0 && now.Before(until):
		return approval.TooEarly(until.Sub(now)), nil
	case right:
		_, err = scope.Tx.Exec(ctx, `DELETE FROM login_delay WHERE region = $1 AND place = $2 AND name = $3`, scope.Region, a.place, a.name)
		if err == nil && a.failures > 0 {
			_, err = scope.Tx.Exec(ctx, `UPDATE account_user SET failures = 0 WHERE region = $1 AND name = $2`, scope.Region, a.user.Name)
		}
		return nil, postgres.Wrap("forget tries", err)
	case now.Sub(until) > approval.DelayForgotten:
		failures = 0
	}
	failures = min(failures+1, 32000)
	_, err = scope.Tx.Exec(ctx, `UPDATE login_delay SET failures = $4, until = $5 WHERE region = $1 AND place = $2 AND name = $3`,
		scope.Region, a.place, a.name, failures, now.Add(approval.Delay(failures)))
	if err == nil {
		_, err = scope.Tx.Exec(ctx, `UPDATE account_user SET failures = least(failures + 1, 32000) WHERE region = $1 AND name = $2`, scope.Region, a.user.Name)
	}
	if err == nil && failures == 1 {
		_, err = scope.Tx.Exec(ctx, `DELETE FROM login_delay WHERE region = $1 AND until < $2`, scope.Region, now.Add(-approval.DelayForgotten))
	}
	return approval.WrongLogin(failures), postgres.Wrap("count try", err)
}

// journalGuesses writes a journal entry where many wrong passwords came before a right one.
// Not earlier: an entry while somebody guesses would reveal which names exist.
func journalGuesses(ctx context.Context, db *postgres.DB, region int32, a *loginAttempt, by journal.By) error {
	if a.failures < approval.FailuresAllowed {
		return nil
	}
	if !by.Operator() {
		by.Actor = a.user.Name // the name as typed may be another form of it
	}
	_, err := db.Change(ctx, region, by, func(postgres.Scope) (journal.Entry, error) {
		return journal.Entry{Action: "口令连错", Subject: a.user.Name, Summary: fmt.Sprintf("登录前口令连续错了 %d 次", a.failures)}, nil
	})
	return err
}

// CheckUsable refuses (fault.Denied) a user who must still set a password of their own, or
// whose account waits for a second person's confirmation. Such a user may log in, but only
// to change the password.
func CheckUsable(ctx context.Context, db *postgres.DB, region int32, name string) error {
	return db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		_, err := Current(ctx, scope, name)
		return err
	})
}
