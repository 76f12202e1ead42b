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

// loginAttempt is one try of a password.
type loginAttempt struct {
	place   string
	name    []byte // digest
	user    approval.User
	hash    string // empty: there is no such user
	earlier int    // wrong passwords since the last right one, from anywhere
}

// Authenticate returns the user whose password this is. Wrong passwords are counted by name
// and by the place they come from (approval.Delay). A name that does not exist is counted,
// takes as long as a wrong password and gives the same sentence. Errors: fault.Denied.
func Authenticate(ctx context.Context, db *postgres.DB, region int32, name, password string, by journal.By) (approval.User, error) {
	a := loginAttempt{place: approval.Place(by.Origin), name: approval.NameDigest(name)}
	if err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error { return a.begin(ctx, scope, name, by.At) }); err != nil {
		return approval.User{}, err
	}
	// The work of looking holds no row and no connection. What it has found is told only if
	// the tries that ended meanwhile let it: of guesses sent at the same moment no more are
	// answered than of guesses sent one by one, and right passwords do not hinder each other.
	right, err := a.matches(password)
	if err != nil {
		return approval.User{}, fmt.Errorf("verify password: %w", err)
	}
	var refusal error
	err = db.InTx(ctx, func(tx pgx.Tx) error {
		refusal, err = a.end(ctx, postgres.In(tx, region), right, by.At)
		return err
	})
	if err = cmp.Or(err, refusal); err != nil {
		return approval.User{}, err
	}
	if err := noteGuesses(ctx, db, region, &a, by); err != nil {
		return approval.User{}, err
	}
	if !a.user.Active { // only who has the password is told so
		return a.user, fault.New(fault.Denied, "用户“%s”已停用，请与管理岗位联系", a.user.Name)
	}
	return a.user, nil
}

// begin reads the user. It refuses (fault.Denied) a try that comes before the delay of the
// ones before is over.
func (a *loginAttempt) begin(ctx context.Context, scope postgres.Scope, name string, now time.Time) error {
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
		Scan(&a.user.Name, &a.user.Post, &a.user.Bureau, &a.user.Active, &a.hash, &a.earlier)
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

// end counts a wrong password, or forgets the ones before a right one. The refusal is kept
// apart from errors: the count must be committed.
func (a *loginAttempt) end(ctx context.Context, scope postgres.Scope, right bool, now time.Time) (refusal, err error) {
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
		if err == nil && a.earlier > 0 {
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

// noteGuesses says in the journal that many wrong passwords came before a right one: only
// now, for an entry while somebody guesses would tell which names exist.
func noteGuesses(ctx context.Context, db *postgres.DB, region int32, a *loginAttempt, by journal.By) error {
	if a.earlier < approval.FailuresAllowed {
		return nil
	}
	if !by.Operator() {
		by.Actor = a.user.Name // the name as typed may be another form of it
	}
	_, err := db.Change(ctx, region, by, func(postgres.Scope) (journal.Entry, error) {
		return journal.Entry{Action: "口令连错", Subject: a.user.Name, Summary: fmt.Sprintf("登录前口令连续错了 %d 次", a.earlier)}, nil
	})
	return err
}

// OwnPassword refuses (fault.Denied) a user who has yet to set a password of their own, or
// whose account waits for a second person to confirm that they did. Such a user may log
// in, but for the own password alone.
func OwnPassword(ctx context.Context, db *postgres.DB, region int32, name string) error {
	return db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		_, err := Current(ctx, scope, name)
		return err
	})
}
