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

// How long a session of the console lasts.
const (
	SessionIdle  = 30 * time.Minute // without a request
	SessionWhole = 12 * time.Hour   // in any case
)

// Session is somebody logged in to the console.
type Session struct {
	User   approval.User
	Origin string
	Begun  time.Time
	Seen   time.Time
	Notice string // to be said once; Session takes it out
	Change bool   // the user can do nothing but set a password of their own: somebody else has, or a second person has yet to confirm it
	Kept   bool   // a form waits that was typed when the session before was over
}

// ErrSessionExpired: the session ended by itself, and its browser may go on after a login.
var ErrSessionExpired = errors.New("session expired")

// keptFor is how long a form waits for its user to log in again.
const keptFor = 24 * time.Hour

// BeginSession keeps a session for a user whose password was right. token is what the
// browser holds; the database keeps its SHA-256 alone. before is the token of the session
// that the browser had, which ends; the form that KeepForm kept in it goes over, and is
// returned, if the user is the same.
func BeginSession(ctx context.Context, db *postgres.DB, region int32, token, before string, by journal.By) ([]byte, error) {
	var kept []byte
	sum, old := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(before))
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		// Sessions that are long over are of no use to anybody, nor is what was typed in them.
		_, err := tx.Exec(ctx, `DELETE FROM console_session WHERE region = $1 AND begun < $2`, region, by.At.Add(-30*24*time.Hour))
		if err == nil {
			_, err = tx.Exec(ctx, `UPDATE console_session SET kept = NULL WHERE region = $1 AND kept IS NOT NULL AND seen < $2`, region, by.At.Add(-keptFor))
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

// ReadSession returns the session of a token as of now, and notes that it was used. A user
// who was closed has none. Errors: fault.Denied where there is none, or it is over, with
// the reason; where it has only expired, errors.Is tells ErrSessionExpired.
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
		if err := over(&s, err != nil, ended, now); err != nil {
			return err
		}
		standing, err := standingOf(ctx, postgres.In(tx, region), s.User.Name)
		if err != nil {
			return err
		}
		s.Change = standing.Change || standing.Waits
		if s.Notice == "" && now.Sub(s.Seen) < time.Minute {
			return nil // a page with ten parts is one request
		}
		_, err = tx.Exec(ctx, `UPDATE console_session SET seen = $3 WHERE region = $1 AND token = $2`, region, sum[:], now)
		return postgres.Wrap("note session", err)
	})
	if err != nil {
		return nil, err
	}
	return &s, nil
}

// over says why a session lets nobody in.
func over(s *Session, unknown, ended bool, now time.Time) error {
	switch {
	case unknown:
		return fault.New(fault.Denied, "登录已经结束，请重新登录")
	case ended || !s.User.Active:
		return fault.New(fault.Denied, "登录已经结束：口令修改或重设过，或用户已停用，或在别处退出了，请重新登录")
	case now.Sub(s.Seen) >= SessionIdle:
		return fault.Wrap(ErrSessionExpired, fault.Denied, "%d 分钟没有操作，登录已经自动结束，请重新登录", int(SessionIdle/time.Minute))
	case now.Sub(s.Begun) >= SessionWhole:
		return fault.Wrap(ErrSessionExpired, fault.Denied, "登录满 %d 小时，已经自动结束，请重新登录", int(SessionWhole/time.Hour))
	}
	return nil
}

// KeepForm keeps what was typed into a form that came with an expired session, for the
// login that follows from the same browser. A later form takes its place.
func KeepForm(ctx context.Context, db *postgres.DB, region int32, token string, form []byte) error {
	return db.InTx(ctx, func(tx pgx.Tx) error {
		sum := sha256.Sum256([]byte(token))
		_, err := tx.Exec(ctx, `UPDATE console_session SET kept = $3 WHERE region = $1 AND token = $2 AND ended IS NULL`, region, sum[:], form)
		return postgres.Wrap("keep form", err)
	})
}

// TakeForm returns what KeepForm kept, once; nil where there is nothing.
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

// Notice keeps a sentence that the session's next page says; empty: it was said.
func Notice(ctx context.Context, db *postgres.DB, region int32, token, sentence string) error {
	sum := sha256.Sum256([]byte(token))
	return db.InTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE console_session SET notice = $3 WHERE region = $1 AND token = $2`, region, sum[:], sentence); err != nil {
			return fmt.Errorf("keep notice: %w", err)
		}
		return nil
	})
}

// EndSession ends one session; it does nothing where it is over.
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
