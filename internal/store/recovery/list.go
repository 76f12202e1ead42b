package recovery

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/people"
)

// RegisterOrigin is the batch of a bureau and the revision from which Register has the
// bureau's debts. Collections and write-offs since are included.
type RegisterOrigin struct {
	Batch    payrun.Batch
	Revision int64
	At       time.Time // of that revision
}

// RegisterOrigins returns the origins of the register, by bureau.
func RegisterOrigins(ctx context.Context, db *postgres.DB, region int32) ([]RegisterOrigin, error) {
	var all []RegisterOrigin
	err := db.Read(ctx, func(tx pgx.Tx) error {
		all = nil
		rows, err := tx.Query(ctx, batches.SelectBatch+`AND b.batch IN (
			SELECT DISTINCT ON (bureau) batch FROM batch
			WHERE region = $1 AND state NOT IN ('carried', 'voided') ORDER BY bureau, month DESC, n DESC) ORDER BY b.bureau COLLATE "C"`, region)
		if err != nil {
			return fmt.Errorf("read latest batches: %w", err)
		}
		batches, err := pgx.CollectRows(rows, batches.ScanBatch)
		if err != nil {
			return fmt.Errorf("read latest batches: %w", err)
		}
		for _, b := range batches {
			o := RegisterOrigin{Batch: b}
			err := tx.QueryRow(ctx, `
				SELECT j.rev, j.at FROM journal j WHERE j.region = $1
				AND j.rev = coalesce((SELECT revision FROM later_register l WHERE l.region = $1 AND l.batch = $2), $3)`,
				region, b.Number, b.Revision).Scan(&o.Revision, &o.At)
			if err != nil {
				return fmt.Errorf("read revision of register: %w", err)
			}
			all = append(all, o)
		}
		return nil
	})
	return all, err
}

// Recalls makes the 追缴通知书 of debts, with the people as of a revision, by person. Those who
// have died since are addressed to the family.
func Recalls(ctx context.Context, db *postgres.DB, region int32, pack *policy.Pack, rev int64, m month.Month, debts []payrun.Debt) ([]explain.Recall, error) {
	byPerson := DebtsByPerson(debts)
	numbers := make([]int64, 0, len(byPerson))
	for n := range byPerson {
		numbers = append(numbers, n)
	}
	var all []explain.Recall
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		all = nil
		book := explain.NewBook(pack, m, nil, m, nil)
		dossiers, err := people.ReadDossiers(ctx, scope.At(rev), people.Among(numbers))
		if err != nil {
			return err
		}
		deaths, err := people.DeathsSince(ctx, scope, rev, math.MaxInt64)
		if err != nil {
			return err
		}
		book.Deaths(deaths)
		for _, d := range dossiers {
			if err := book.Recalls(d, byPerson[d.Number], func(r explain.Recall) { all = append(all, r) }); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// Debtor is a person with debts, as of the head.
type Debtor struct {
	Person int64
	ID     string
	Name   string
	Street string
}

// ReadDebtor reads a person by the number of their record, as of the head. Errors:
// fault.NotFound.
func ReadDebtor(ctx context.Context, db *postgres.DB, region int32, person int64) (Debtor, error) {
	d := Debtor{Person: person}
	err := db.Read(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT id_number, name, street FROM person WHERE region = $1 AND person = $2 ORDER BY rev DESC LIMIT 1`,
			region, person).Scan(&d.ID, &d.Name, &d.Street)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "没有这个人的追缴记录，请从追缴台账重新进入")
		}
		if err != nil {
			return fmt.Errorf("read debtor: %w", err)
		}
		return nil
	})
	return d, err
}

// DebtEvent is an event in the history of a person's debts: a collection, an opening entry, an
// agreement made or ended.
type DebtEvent struct {
	Rev    int64
	At     time.Time
	Actor  string
	Reason string
	Kind   ledger.Kind // Collected or Opening; 0: an agreement
	Item   string      // empty for an agreement
	Payee  string
	Month  month.Month
	Amount money.Fen // 分; collected, or of an opening entry overpaid
	Bureau string    // of an agreement
	Plan   ledger.Plan
}

// DebtEvents returns the history of a person's debts, newest first.
func DebtEvents(ctx context.Context, db *postgres.DB, region int32, person int64) ([]DebtEvent, error) {
	people, err := people.RecordsOf(ctx, db, region, person)
	if err != nil {
		return nil, err
	}
	var all []DebtEvent
	err = db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT e.rev, j.at, j.actor, e.reason, e.kind, e.item, e.payee, e.month, e.amount, e.bureau, e.months FROM (
			    SELECT l.rev, j.reason, l.kind::int AS kind, l.item, l.payee, l.month, CASE l.kind WHEN 4 THEN -l.amount ELSE l.amount END AS amount,
			           '' AS bureau, 0 AS months
			    FROM ledger l JOIN journal j USING (region, rev) WHERE l.region = $1 AND l.person = ANY($2) AND l.kind IN (4, 5)
			    UNION ALL
			    SELECT rev, reason, 0, '', '', coalesce(first_month, 'epoch'::date), amount, bureau, months::int
			    FROM recovery_plan WHERE region = $1 AND person = ANY($2)) e
			JOIN journal j ON j.region = $1 AND j.rev = e.rev ORDER BY e.rev DESC, e.month, e.item, e.payee`, region, people)
		if err != nil {
			return fmt.Errorf("read debt events: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e DebtEvent, err error) {
			var of postgres.ScannedMonth
			err = row.Scan(&e.Rev, &e.At, &e.Actor, &e.Reason, &e.Kind, &e.Item, &e.Payee, &of.Day, &e.Amount, &e.Bureau, &e.Plan.Months)
			e.Month = of.Month()
			if e.Kind == 0 {
				e.Plan.Sum, e.Plan.First = e.Amount, e.Month
			}
			return e, err
		})
		if err != nil {
			return fmt.Errorf("read debt events: %w", err)
		}
		return nil
	})
	return all, err
}
