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

// loginAttempt is one try of a password.
type loginAttempt struct {
	user     approval.User
	hash     string // empty: there is no such user
	earlier  int    // wrong passwords since the last right one, from anywhere
	failures int    // in a row, by name and place, this try included: as if it were wrong
	place    string
	name     []byte // digest
}

// Authenticate returns the user whose password this is. Wrong passwords are counted by name
// and by the place they come from (approval.Delay). A name that does not exist is counted,
// takes as long as a wrong password and gives the same sentence. Errors: fault.Denied.
func (db *DB) Authenticate(ctx context.Context, region int32, name, password string, by journal.By) (approval.User, error) {
	a := loginAttempt{place: approval.Place(by.Origin), name: approval.NameDigest(name)}
	// The try counts before the password is looked at, and the work of looking holds no row:
	// guesses sent at the same moment are all counted, and keep no connection waiting.
	if err := db.InTx(ctx, func(tx pgx.Tx) error { return a.begin(ctx, tx, region, name, by.At) }); err != nil {
		return approval.User{}, err
	}
	if a.hash == "" {
		approval.SpendVerification(password)
		return approval.User{}, approval.WrongLogin(a.failures)
	}
	ok, err := approval.VerifyPassword(a.hash, password)
	if err != nil {
		return approval.User{}, fmt.Errorf("verify password: %w", err)
	}
	if !ok {
		return approval.User{}, approval.WrongLogin(a.failures)
	}
	if err := db.loggedIn(ctx, region, &a, by); err != nil {
		return approval.User{}, err
	}
	return a.user, db.usable(ctx, region, a.user)
}

// begin counts the try as a wrong one and reads the user. It refuses (fault.Denied) a try
// that comes before the delay of the ones before is over, which then counts for nothing.
func (a *loginAttempt) begin(ctx context.Context, tx pgx.Tx, region int32, name string, now time.Time) error {
	var until time.Time
	_, err := tx.Exec(ctx, `INSERT INTO login_delay (region, place, name, failures, until) VALUES ($1, $2, $3, 0, $4) ON CONFLICT DO NOTHING`, region, a.place, a.name, now)
	if err == nil {
		err = tx.QueryRow(ctx, `SELECT failures, until FROM login_delay WHERE region = $1 AND place = $2 AND name = $3 FOR UPDATE`, region, a.place, a.name).Scan(&a.failures, &until)
	}
	if err != nil {
		return fmt.Errorf("read tries: %w", err)
	}
	if approval.Delay(a.failures) > 0 && now.Before(until) {
		return approval.TooEarly(until.Sub(now))
	}
	if now.Sub(until) > approval.DelayForgotten {
		a.failures = 0
	}
	a.failures = min(a.failures+1, 32000)
	_, err = tx.Exec(ctx, `UPDATE login_delay SET failures = $4, until = $5 WHERE region = $1 AND place = $2 AND name = $3`,
		region, a.place, a.name, a.failures, now.Add(approval.Delay(a.failures)))
	if err == nil && a.failures == 1 {
		_, err = tx.Exec(ctx, `DELETE FROM login_delay WHERE region = $1 AND until < $2`, region, now.Add(-approval.DelayForgotten))
	}
	if err != nil {
		return fmt.Errorf("count try: %w", err)
	}
	err = tx.QueryRow(ctx, `
		UPDATE account_user u SET failures = least(u.failures + 1, 32000)
		WHERE u.region = $1 AND u.name = (SELECT name FROM account_user WHERE region = $1 AND name IN ($2, $3) ORDER BY name = $2 DESC LIMIT 1)
		RETURNING u.name, u.post, u.bureau, u.active, u.password, u.failures - 1`, region, name, approval.NormalName(name)).
		Scan(&a.user.Name, &a.user.Post, &a.user.Bureau, &a.user.Active, &a.hash, &a.earlier)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read user: %w", err)
	}
	return nil
}

// loggedIn forgets the wrong passwords before a right one. The journal says of many that
// they were: only now, for an entry while somebody guesses would tell which names exist.
func (db *DB) loggedIn(ctx context.Context, region int32, a *loginAttempt, by journal.By) error {
	forget := func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM login_delay WHERE region = $1 AND place = $2 AND name = $3`, region, a.place, a.name)
		if err == nil {
			_, err = tx.Exec(ctx, `UPDATE account_user SET failures = 0 WHERE region = $1 AND name = $2`, region, a.user.Name)
		}
		return wrap("forget tries", err)
	}
	if a.earlier < approval.FailuresAllowed {
		return db.InTx(ctx, forget)
	}
	_, err := db.Change(ctx, region, by, func(tx pgx.Tx, _ int64) (journal.Entry, error) {
		return journal.Entry{Action: "口令连错", Subject: a.user.Name, Summary: fmt.Sprintf("登录前口令连续错了 %d 次", a.earlier)}, forget(tx)
	})
	return err
}

// usable refuses accounts that are closed, or wait for a second person: only who has the
// password is told so.
func (db *DB) usable(ctx context.Context, region int32, u approval.User) error {
	if !u.Active {
		return fault.New(fault.Denied, "用户“%s”已停用，请与管理岗位联系", u.Name)
	}
	_, s, err := db.UserEvents(ctx, region, u.Name)
	if err == nil && s.Waits {
		err = waitsForSecond(u.Name, s)
	}
	return err
}

// OwnPassword refuses (fault.Denied) a user who has yet to set a password of their own.
func (db *DB) OwnPassword(ctx context.Context, region int32, name string) error {
	_, s, err := db.UserEvents(ctx, region, name)
	if err == nil && s.Change {
		err = mustChange(name)
	}
	return err
}
