package calendar

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/postgres"
)

// Notice is a message to staff (通知) from a job or a change. It contains no personal data of
// beneficiaries, because it may be delivered by mail.
type Notice struct {
	N       int64
	Job     string // empty: of no job
	Kind    string
	Bureau  string        // empty: the whole region
	Post    approval.Post // empty: every post
	Title   string
	Body    string
	Link    string // a page of the console; empty: none
	Created time.Time
	Read    bool // by the reader
}

// insertNotice inserts the k-th notice of an occurrence, with a pending delivery per channel.
func insertNotice(ctx context.Context, scope postgres.Scope, of OccurrenceKey, k int, n Notice, at time.Time, channels []string) error {
	var number int64
	err := scope.Tx.QueryRow(ctx, `
		INSERT INTO notice (region, job, due, k, kind, bureau, post, title, body, link, created)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING n`,
		scope.Region, of.Job, of.Due, k, n.Kind, n.Bureau, string(n.Post), n.Title, n.Body, n.Link, at).Scan(&number)
	if err != nil {
		return fmt.Errorf("insert notice: %w", err)
	}
	_, err = scope.Tx.Exec(ctx, `
		INSERT INTO notice_delivery (region, n, channel, next_try) SELECT $1, $2, unnest($3::text[]), $4`, scope.Region, number, channels, at)
	return postgres.Wrap("insert delivery", err)
}

// Reader is a reader of notices. With an empty bureau or post it sees those of all.
type Reader struct {
	Name   string
	Bureau string
	Post   approval.Post
}

// Notices returns the notices that a reader may see, the newest first, at most limit; unread
// restricts it to those not read yet.
func Notices(ctx context.Context, db *postgres.DB, region int32, r Reader, unread bool, limit int) ([]Notice, error) {
	var all []Notice
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT n, coalesce(job, ''), kind, bureau, post, title, body, link, created, read FROM (
			    SELECT o.*, EXISTS (SELECT FROM notice_read x WHERE x.region = o.region AND x.n = o.n AND x.reader = $2) AS read
			    FROM notice o WHERE region = $1 AND ($3 = '' OR bureau IN ('', $3)) AND ($4 = '' OR post IN ('', $4))) o
			WHERE NOT ($5 AND read) ORDER BY n DESC LIMIT $6`, region, r.Name, r.Bureau, string(r.Post), unread, limit)
		if err != nil {
			return fmt.Errorf("read notices: %w", err)
		}
		if all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Notice]); err != nil {
			return fmt.Errorf("read notices: %w", err)
		}
		return nil
	})
	return all, err
}

// ReadNotice marks a notice as read by a reader; idempotent. Errors: fault.NotFound where the
// reader may see no such notice.
func ReadNotice(ctx context.Context, db *postgres.DB, region int32, r Reader, n int64, now time.Time) error {
	return db.InTx(ctx, func(tx pgx.Tx) error {
		var seen bool
		err := tx.QueryRow(ctx, `
			SELECT EXISTS (SELECT FROM notice WHERE region = $1 AND n = $2 AND ($3 = '' OR bureau IN ('', $3)) AND ($4 = '' OR post IN ('', $4)))`,
			region, n, r.Bureau, string(r.Post)).Scan(&seen)
		if err != nil {
			return fmt.Errorf("look for notice: %w", err)
		}
		if !seen {
			return fault.New(fault.NotFound, "没有第 %d 号通知，请刷新后再试", n)
		}
		_, err = tx.Exec(ctx, `INSERT INTO notice_read (region, n, reader, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, region, n, r.Name, now)
		return postgres.Wrap("mark notice as read", err)
	})
}

// Delivery is the pending delivery of one notice by one channel.
type Delivery struct {
	Notice
	Channel string
	Tries   int // this one included
}

// RegionsWithDeliveries returns the regions with deliveries that are due now.
func RegionsWithDeliveries(ctx context.Context, db *postgres.DB, now time.Time) ([]int32, error) {
	var all []int32
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT DISTINCT region FROM notice_delivery WHERE state = 'waiting' AND next_try <= $1`, now)
		if err != nil {
			return fmt.Errorf("look for deliveries: %w", err)
		}
		all, err = pgx.CollectRows(rows, pgx.RowTo[int32])
		return postgres.Wrap("look for deliveries", err)
	})
	return all, err
}

// ClaimDeliveries claims a region's due deliveries, oldest first, and sets the next try of each
// to next(tries) before anything is sent: if the server dies while sending, the delivery is
// retried then. SKIP LOCKED keeps two servers from sending the same at once. Delivery is
// at least once: a crash after sending repeats it.
func ClaimDeliveries(ctx context.Context, db *postgres.DB, region int32, channels []string, now time.Time, limit int, next func(tries int) time.Time) ([]Delivery, error) {
	var taken []Delivery
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT o.n, coalesce(o.job, ''), o.kind, o.bureau, o.post, o.title, o.body, o.link, o.created, d.channel, d.tries + 1
			FROM notice_delivery d JOIN notice o USING (region, n)
			WHERE d.region = $1 AND d.state = 'waiting' AND d.next_try <= $2 AND d.channel = ANY($3)
			ORDER BY o.n, d.channel LIMIT $4 FOR UPDATE OF d SKIP LOCKED`, region, now, channels, limit)
		if err != nil {
			return fmt.Errorf("read deliveries: %w", err)
		}
		taken, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (d Delivery, err error) {
			err = row.Scan(&d.N, &d.Job, &d.Kind, &d.Bureau, &d.Post, &d.Title, &d.Body, &d.Link, &d.Created, &d.Channel, &d.Tries)
			return d, err
		})
		if err != nil {
			return fmt.Errorf("read deliveries: %w", err)
		}
		for _, d := range taken {
			_, err := tx.Exec(ctx, `UPDATE notice_delivery SET tries = $4, next_try = $5 WHERE region = $1 AND n = $2 AND channel = $3`,
				region, d.N, d.Channel, d.Tries, next(d.Tries))
			if err != nil {
				return fmt.Errorf("take delivery: %w", err)
			}
		}
		return nil
	})
	return taken, err
}

// RecordAttempt records the outcome of a try: problem is empty if the notice was sent; last says that
// there is no further retry. The notice itself stays in the console either way.
func RecordAttempt(ctx context.Context, db *postgres.DB, region int32, d Delivery, problem string, last bool) error {
	state := "waiting"
	switch {
	case problem == "":
		state = "sent"
	case last:
		state = "failed"
	}
	return db.InTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE notice_delivery SET state = $4, error = $5 WHERE region = $1 AND n = $2 AND channel = $3 AND state = 'waiting'`,
			region, d.N, d.Channel, state, problem)
		return postgres.Wrap("end delivery", err)
	})
}

// DeliveryState is the state of a notice's delivery by one channel.
type DeliveryState struct {
	N       int64
	Channel string
	State   string // waiting, sent or failed
	Tries   int
	Error   string
}

// DeliveryStates returns the states of the latest deliveries, the newest first.
func DeliveryStates(ctx context.Context, db *postgres.DB, region int32, limit int) ([]DeliveryState, error) {
	var all []DeliveryState
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT n, channel, state, tries, error FROM notice_delivery WHERE region = $1 ORDER BY n DESC, channel LIMIT $2`, region, limit)
		if err != nil {
			return fmt.Errorf("read deliveries: %w", err)
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[DeliveryState])
		return postgres.Wrap("read deliveries", err)
	})
	return all, err
}
