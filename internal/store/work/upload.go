package work

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/postgres"
)

// Upload describes a file that a user uploaded or that was generated for them. It is stored for
// a day; UploadBody reads its content.
type Upload struct {
	Number int64
	Actor  string
	Kind   string
	Name   string
	SHA256 string
	Size   int64 // bytes
	At     time.Time
}

// The quotas of stored files in bytes: of one user, and of a region.
const (
	UploadQuota       = 1 << 30
	RegionUploadQuota = 4 << 30
)

const (
	uploadRetention = 24 * time.Hour
	uploadPartSize  = 1 << 20
)

// SaveUpload stores the content of body for a day and returns the upload with its number. The
// content is streamed to the database in parts, so memory does not grow with its size. Errors:
// fault.Refused where a quota is exceeded.
func SaveUpload(ctx context.Context, db *postgres.DB, region int32, u Upload, body io.ReadSeeker, now time.Time) (Upload, error) {
	sum := sha256.New()
	var err error
	if u.Size, err = io.Copy(sum, body); err != nil {
		return u, fmt.Errorf("read upload: %w", err)
	}
	u.SHA256, u.At = hex.EncodeToString(sum.Sum(nil)), now
	for range postgres.MaxAttempts {
		err = db.InTx(ctx, func(tx pgx.Tx) error { return insertUpload(ctx, postgres.In(tx, region), &u, body) })
		if postgres.SQLState(err) != postgres.UniqueViolation { // a concurrent upload took the number: retry
			break
		}
	}
	return u, err
}

func insertUpload(ctx context.Context, scope postgres.Scope, u *Upload, body io.ReadSeeker) error {
	if _, err := scope.Tx.Exec(ctx, `DELETE FROM console_upload u WHERE u.region = $1 AND u.at < $2`, scope.Region, u.At.Add(-uploadRetention)); err != nil {
		return fmt.Errorf("clean up uploads: %w", err)
	}
	if err := checkQuota(ctx, scope, u); err != nil {
		return err
	}
	err := scope.Tx.QueryRow(ctx, `
		INSERT INTO console_upload (region, upload, actor, kind, name, sha256, size, at)
		SELECT $1, greatest((SELECT max(u.upload) FROM console_upload u WHERE u.region = $1), $2::bigint) + 1, $3, $4, $5, $6, $7, $8
		RETURNING upload`,
		scope.Region, u.At.UnixMilli(), u.Actor, u.Kind, u.Name, u.SHA256, u.Size, u.At).Scan(&u.Number)
	if err != nil {
		return fmt.Errorf("insert upload: %w", err)
	}
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read upload again: %w", err)
	}
	parts := &uploadParts{region: scope.Region, upload: u.Number, from: body, buf: make([]byte, uploadPartSize)}
	if _, err := scope.Tx.CopyFrom(ctx, pgx.Identifier{"console_upload_part"}, []string{"region", "upload", "part", "body"}, parts); err != nil {
		return fmt.Errorf("insert parts of upload: %w", err)
	}
	if parts.size != u.Size {
		return fmt.Errorf("upload has %d bytes, had %d when it was hashed", parts.size, u.Size)
	}
	return nil
}

// checkQuota refuses an upload that exceeds the user's or the region's quota.
func checkQuota(ctx context.Context, scope postgres.Scope, u *Upload) error {
	var own, all int64
	err := scope.Tx.QueryRow(ctx, `
		SELECT coalesce(sum(u.size) FILTER (WHERE u.actor = $2), 0)::bigint, coalesce(sum(u.size), 0)::bigint FROM console_upload u WHERE u.region = $1`,
		scope.Region, u.Actor).Scan(&own, &all)
	switch {
	case err != nil:
		return fmt.Errorf("add up uploads: %w", err)
	case own+u.Size > UploadQuota:
		return fault.New(fault.Refused, "您一天内存在系统里的文件已有 %d MB，加上“%s”超过每人 %d MB 的限额，没有保存；请先放弃不用的文件，或明天再办", own>>20, u.Name, int64(UploadQuota)>>20)
	case all+u.Size > RegionUploadQuota:
		return fault.New(fault.Refused, "系统里一天内存的文件已有 %d MB，加上“%s”超过 %d MB 的限额，没有保存；请各人先放弃不用的文件，或明天再办", all>>20, u.Name, int64(RegionUploadQuota)>>20)
	}
	return nil
}

// uploadParts is a pgx.CopyFromSource that yields a file's parts, reusing one buffer.
type uploadParts struct {
	region int32
	upload int64
	from   io.Reader
	buf    []byte
	part   int32
	n      int
	size   int64
	err    error
}

// Next implements pgx.CopyFromSource.
func (p *uploadParts) Next() bool {
	p.n, p.err = io.ReadFull(p.from, p.buf)
	if errors.Is(p.err, io.EOF) || errors.Is(p.err, io.ErrUnexpectedEOF) {
		p.err = nil
	}
	p.size += int64(p.n)
	return p.n > 0 && p.err == nil
}

// Values implements pgx.CopyFromSource.
func (p *uploadParts) Values() ([]any, error) {
	part := p.part
	p.part++
	return []any{p.region, p.upload, part, p.buf[:p.n]}, nil
}

// Err implements pgx.CopyFromSource.
func (p *uploadParts) Err() error { return p.err }

// ReadUpload returns the description of a user's file. Errors: fault.NotFound, also for another
// user's file, so that numbers cannot be probed.
func ReadUpload(ctx context.Context, db *postgres.DB, region int32, number int64, actor string) (Upload, error) {
	var u Upload
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT u.upload, u.actor, u.kind, u.name, u.sha256, u.size, u.at FROM console_upload u WHERE u.region = $1 AND u.upload = $2 AND u.actor = $3`,
			region, number, actor)
		if err != nil {
			return fmt.Errorf("read upload: %w", err)
		}
		u, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Upload])
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "上传的文件已经清除（只保留一天），请重新上传")
		}
		if err != nil {
			return fmt.Errorf("read upload: %w", err)
		}
		return nil
	})
	return u, err
}

// Uploads lists the files of a kind that are stored for a user, the latest first.
func Uploads(ctx context.Context, db *postgres.DB, region int32, actor, kind string) ([]Upload, error) {
	var all []Upload
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT u.upload, u.actor, u.kind, u.name, u.sha256, u.size, u.at FROM console_upload u
			WHERE u.region = $1 AND u.actor = $2 AND u.kind = $3 ORDER BY u.upload DESC`, region, actor, kind)
		if err != nil {
			return fmt.Errorf("list uploads: %w", err)
		}
		if all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Upload]); err != nil {
			return fmt.Errorf("list uploads: %w", err)
		}
		return nil
	})
	return all, err
}

// CopyUpload streams a file's content to w, part by part. w must not be a slow network
// connection: a database connection is held meanwhile. Errors: fault.NotFound where the file has
// expired, also while it is read.
func CopyUpload(ctx context.Context, db *postgres.DB, region int32, u Upload, w io.Writer) error {
	return db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT p.body FROM console_upload_part p WHERE p.region = $1 AND p.upload = $2 ORDER BY p.part`, region, u.Number)
		if err != nil {
			return fmt.Errorf("read parts of upload: %w", err)
		}
		var body []byte
		var size int64
		_, err = pgx.ForEachRow(rows, []any{&body}, func() error {
			n, err := w.Write(body)
			size += int64(n)
			return err
		})
		if err != nil {
			return fmt.Errorf("read parts of upload: %w", err)
		}
		if size != u.Size {
			return fault.New(fault.NotFound, "文件“%s”已经清除（只保留一天），请重新上传", u.Name)
		}
		return nil
	})
}

// DeleteUpload deletes a file.
func DeleteUpload(ctx context.Context, db *postgres.DB, region int32, number int64) error {
	return db.InTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM console_upload u WHERE u.region = $1 AND u.upload = $2`, region, number); err != nil {
			return fmt.Errorf("delete upload: %w", err)
		}
		return nil
	})
}
