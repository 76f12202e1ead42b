package postgres

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
}

// BeginSession keeps a session for a user whose password was right. token is what the
// browser holds; the database keeps its SHA-256 alone.
func (db *DB) BeginSession(ctx context.Context, region int32, token string, by journal.By) error {
	sum := sha256.Sum256([]byte(token))
	return db.InTx(ctx, func(tx pgx.Tx) error {
		// Sessions that are long over are of no use to anybody.
		if _, err := tx.Exec(ctx, `DELETE FROM console_session WHERE region = $1 AND begun < $2`, region, by.At.Add(-30*24*time.Hour)); err != nil {
			return fmt.Errorf("clean up sessions: %w", err)
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO console_session (region, token, actor, origin, begun, seen) VALUES ($1, $2, $3, $4, $5, $5)`,
			region, sum[:], by.Actor, by.Origin, by.At)
		if err != nil {
			return fmt.Errorf("insert session: %w", err)
		}
		return nil
	})
}

// Session returns the session of a token as of now, and notes that it was used. A user
// who was closed has none. Errors: fault.Denied where there is none, or it is over.
func (db *DB) Session(ctx context.Context, region int32, token string, now time.Time) (*Session, error) {
	sum := sha256.Sum256([]byte(token))
	var s Session
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			SELECT u.name, u.post, u.bureau, u.active, s.origin, s.begun, s.seen, s.notice
			FROM console_session s JOIN account_user u ON u.region = s.region AND u.name = s.actor
			WHERE s.region = $1 AND s.token = $2 AND s.ended IS NULL AND u.active AND s.seen > $3 AND s.begun > $4`,
			region, sum[:], now.Add(-SessionIdle), now.Add(-SessionWhole)).
			Scan(&s.User.Name, &s.User.Post, &s.User.Bureau, &s.User.Active, &s.Origin, &s.Begun, &s.Seen, &s.Notice)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.Denied, "登录已经结束（%d 分钟没有操作，或登录超过 %d 小时），请重新登录",
				int(SessionIdle/time.Minute), int(SessionWhole/time.Hour))
		}
		if err != nil {
			return fmt.Errorf("read session: %w", err)
		}
		if s.Notice == "" && now.Sub(s.Seen) < time.Minute {
			return nil // a page with ten parts is one request
		}
		if _, err := tx.Exec(ctx, `UPDATE console_session SET seen = $3 WHERE region = $1 AND token = $2`, region, sum[:], now); err != nil {
			return fmt.Errorf("note session: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &s, nil
}

// Notice keeps a sentence that the session's next page says; empty: it was said.
func (db *DB) Notice(ctx context.Context, region int32, token, sentence string) error {
	sum := sha256.Sum256([]byte(token))
	return db.InTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE console_session SET notice = $3 WHERE region = $1 AND token = $2`, region, sum[:], sentence); err != nil {
			return fmt.Errorf("keep notice: %w", err)
		}
		return nil
	})
}

// EndSession ends one session; it does nothing where it is over.
func (db *DB) EndSession(ctx context.Context, region int32, token string, now time.Time) error {
	sum := sha256.Sum256([]byte(token))
	return db.endSessions(ctx, `token = $3`, region, now, sum[:])
}

// EndSessions ends all sessions of a user: the password was changed, or the account closed.
func (db *DB) EndSessions(ctx context.Context, region int32, name string, now time.Time) error {
	return db.endSessions(ctx, `actor = $3`, region, now, name)
}

func (db *DB) endSessions(ctx context.Context, which string, region int32, now time.Time, what any) error {
	return db.InTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE console_session SET ended = $2 WHERE region = $1 AND ended IS NULL AND `+which, region, now, what); err != nil {
			return fmt.Errorf("end sessions: %w", err)
		}
		return nil
	})
}

// FirstUser opens the region's first account, of the post 管理. Errors: fault.Refused
// where there is a user already; those of AddUser.
func (db *DB) FirstUser(ctx context.Context, region int32, name, password string, by journal.By) error {
	u := approval.User{Name: name, Post: approval.Manager, Active: true}
	if err := u.Validate(); err != nil {
		return err
	}
	if err := approval.ValidatePassword(name, password); err != nil {
		return err
	}
	hash := approval.HashPassword(password)
	_, err := db.Change(ctx, region, by, func(tx pgx.Tx, _ int64) (journal.Entry, error) {
		tag, err := tx.Exec(ctx, `
			INSERT INTO account_user (region, name, post, bureau, password)
			SELECT $1, $2, $3, '', $4 WHERE NOT EXISTS (SELECT FROM account_user WHERE region = $1)`, region, name, string(u.Post), hash)
		if err != nil {
			return journal.Entry{}, fmt.Errorf("insert first user: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return journal.Entry{}, fault.New(fault.Refused, "已经有用户了，请登录，由管理岗位新建用户")
		}
		return journal.Entry{Action: openedAccount, Subject: name, Digest: passwordDigest(hash), Summary: "第一个管理用户，由控制台首次启动时建立"}, nil
	})
	return err
}

// SetActive closes a user's account or opens it again, and ends the sessions of a closed
// one. Errors: fault.NotFound; fault.Refused where it is so already, or it is the last
// open account of the post 管理.
func (db *DB) SetActive(ctx context.Context, region int32, name string, active bool, by journal.By) error {
	_, err := db.Change(ctx, region, by, func(tx pgx.Tx, _ int64) (journal.Entry, error) {
		u, err := currentUser(ctx, tx, region, name)
		if err != nil {
			return journal.Entry{}, err
		}
		if u.Active == active {
			return journal.Entry{}, fault.New(fault.Refused, "用户“%s”已经是这个状态，不必再办", name)
		}
		var others int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM account_user WHERE region = $1 AND name <> $2 AND post = '管理' AND active`,
			region, name).Scan(&others); err != nil {
			return journal.Entry{}, fmt.Errorf("count managers: %w", err)
		}
		if !active && u.Post == approval.Manager && others == 0 {
			return journal.Entry{}, fault.New(fault.Refused, "“%s”是最后一个在用的管理用户，不能停用，请先新建另一个", name)
		}
		if _, err := tx.Exec(ctx, `UPDATE account_user SET active = $3 WHERE region = $1 AND name = $2`, region, name, active); err != nil {
			return journal.Entry{}, fmt.Errorf("update user: %w", err)
		}
		if !active {
			if _, err := tx.Exec(ctx, `UPDATE console_session SET ended = $3 WHERE region = $1 AND actor = $2 AND ended IS NULL`, region, name, by.At); err != nil {
				return journal.Entry{}, fmt.Errorf("end sessions: %w", err)
			}
		}
		action := closedAccount
		if active {
			action = reopenedAccount
		}
		return journal.Entry{Action: action, Subject: name, Summary: string(u.Post)}, nil
	})
	return err
}
