package users

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/postgres"
)

// Timeouts of a console session.
const (
	SessionIdleTimeout = 30 * time.Minute // since the last request
	SessionMaxAge      = 12 * time.Hour   // since login
)

// Session is a login to the console.
type Session struct {
	User   approval.User
	Origin string
	Begun  time.Time
	Seen   time.Time
	Notice string // flash message for the next page
	Change bool   // only changing the password is allowed: somebody else set it, or a second person must still confirm the account
	Kept   bool   // there is a saved form, typed when the previous session had expired
}

// ErrSessionExpired: the session timed out; a saved form may be restored after a login.
var ErrSessionExpired = errors.New("session expired")

// savedFormLifetime limits how long a form is saved for a login: it holds personal data.
const savedFormLifetime = 24 * time.Hour

// BeginSession stores a session for an authenticated user. token is the browser's cookie;
// only its SHA-256 is stored, so that a copy of the database opens no session. before is
// the token of the browser's previous session, which ends; a form saved in it (SaveForm) is
// moved to the new session and returned, if the user is the same.
func BeginSession(ctx context.Context, db *postgres.DB, region int32, token, before string, by journal.By) ([]byte, error) {
	var kept []byte
	sum, old := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(before))
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		// Expired sessions and saved forms are deleted here, at logins: no job is needed.
		_, err := tx.Exec(ctx, `DELETE FROM console_session WHERE region = $1 AND begun < $2`, region, by.At.Add(-30*24*time.Hour))
		if err == nil {
			_, err = tx.Exec(ctx, `UPDATE console_session SET kept = NULL WHERE region = $1 AND kept IS NOT NULL AND seen < $2`, region, by.At.Add(-savedFormLifetime))
		}
		if err != nil {
			return fmt.Errorf("clean up sessions: %w", err)
		}
		err = tx.QueryRow(ctx, `
			INSERT INTO console_session (region, token, actor, origin, begun, seen, kept) VALUES ($1, $2, $3, $4, $5, $5,
			    (SELECT kept FROM console_session WHERE region = $1 AND token = $6 AND actor = $3 AND ended IS NULL)) RETURNING kept`,
			region, sum[:], by.Actor, by.Origin, by.At, old[:]).Scan(&kept)
		if err == nil {
			_, err = tx.Exec(ctx, `UPDATE console_session SET ended = coalesce(ended, $3), kept = NULL WHERE region = $1 AND token = $2`, region, old[:], by.At)
		}
		return postgres.Wrap("insert session", err)
	})
	return kept, err
}

// ReadSession returns the session of a token and updates its time of last use. Errors:
// fault.Denied, with the reason, where there is none, it has ended, or its user's account is
// closed; after a timeout it wraps ErrSessionExpired.
func ReadSession(ctx context.Context, db *postgres.DB, region int32, token string, now time.Time) (*Session, error) {
	sum := sha256.Sum256([]byte(token))
	var s Session
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		var ended bool
		err := tx.QueryRow(ctx, `
			SELECT u.name, u.post, u.bureau, u.active, s.origin, s.begun, s.seen, s.notice, s.kept IS NOT NULL, s.ended IS NOT NULL
			FROM console_session s JOIN account_user u ON u.region = s.region AND u.name = s.actor
			WHERE s.region = $1 AND s.token = $2`, region, sum[:]).
			Scan(&s.User.Name, &s.User.Post, &s.User.Bureau, &s.User.Active, &s.Origin, &s.Begun, &s.Seen, &s.Notice, &s.Kept, &ended)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read session: %w", err)
		}
		if err := checkNotOver(&s, err != nil, ended, now); err != nil {
			return err
		}
		standing, err := readStanding(ctx, postgres.In(tx, region), s.User.Name)
		if err != nil {
			return err
		}
		s.Change = standing.Change || standing.Waits
		if s.Notice == "" && now.Sub(s.Seen) < time.Minute {
			return nil // no write per request: a page loads several parts at once
		}
		_, err = tx.Exec(ctx, `UPDATE console_session SET seen = $3 WHERE region = $1 AND token = $2`, region, sum[:], now)
		return postgres.Wrap("note session", err)
	})
	if err != nil {
		return nil, err
	}
	return &s, nil
}

// checkNotOver refuses (fault.Denied) a session that ended, with the reason.
func checkNotOver(s *Session, unknown, ended bool, now time.Time) error {
	switch {
	case unknown:
		return fault.New(fault.Denied, "登录已经结束，请重新登录")
	case ended || !s.User.Active:
		return fault.New(fault.Denied, "登录已经结束：口令修改或重设过，或用户已停用，或在别处退出了，请重新登录")
	case now.Sub(s.Seen) >= SessionIdleTimeout:
		return fault.Wrap(ErrSessionExpired, fault.Denied, "%d 分钟没有操作，登录已经自动结束，请重新登录", int(SessionIdleTimeout/time.Minute))
	case now.Sub(s.Begun) >= SessionMaxAge:
		return fault.Wrap(ErrSessionExpired, fault.Denied, "登录满 %d 小时，已经自动结束，请重新登录", int(SessionMaxAge/time.Hour))
	}
	return nil
}

// SaveForm stores the contents of a form that was sent with an expired session, so that the
// user need not type it again after the login from the same browser. It replaces an earlier
// one.
func SaveForm(ctx context.Context, db *postgres.DB, region int32, token string, form []byte) error {
	return db.InTx(ctx, func(tx pgx.Tx) error {
		sum := sha256.Sum256([]byte(token))
		_, err := tx.Exec(ctx, `UPDATE console_session SET kept = $3 WHERE region = $1 AND token = $2 AND ended IS NULL`, region, sum[:], form)
		return postgres.Wrap("keep form", err)
	})
}

// TakeForm returns and deletes the saved form; nil where there is none.
func TakeForm(ctx context.Context, db *postgres.DB, region int32, token string) ([]byte, error) {
	var form []byte
	sum := sha256.Sum256([]byte(token))
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT kept FROM console_session WHERE region = $1 AND token = $2 FOR UPDATE`, region, sum[:]).Scan(&form)
		if err == nil {
			_, err = tx.Exec(ctx, `UPDATE console_session SET kept = NULL WHERE region = $1 AND token = $2`, region, sum[:])
		}
		return postgres.Wrap("take form", err)
	})
	return form, err
}

// SetNotice sets the flash message for the session's next page; empty clears it.
func SetNotice(ctx context.Context, db *postgres.DB, region int32, token, sentence string) error {
	sum := sha256.Sum256([]byte(token))
	return db.InTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE console_session SET notice = $3 WHERE region = $1 AND token = $2`, region, sum[:], sentence); err != nil {
			return fmt.Errorf("keep notice: %w", err)
		}
		return nil
	})
}

// EndSession ends one session; it is idempotent.
func EndSession(ctx context.Context, db *postgres.DB, region int32, token string, now time.Time) error {
	sum := sha256.Sum256([]byte(token))
	return db.InTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE console_session SET ended = $3, kept = NULL WHERE region = $1 AND token = $2 AND ended IS NULL`, region, sum[:], now)
		return postgres.Wrap("end session", err)
	})
}

func endSessions(ctx context.Context, scope postgres.Scope, name string, now time.Time) error {
	_, err := scope.Tx.Exec(ctx, `UPDATE console_session SET ended = $3 WHERE region = $1 AND actor = $2 AND ended IS NULL`, scope.Region, name, now)
	return postgres.Wrap("end sessions", err)
}
