package books

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/people"
)

// PersonYear is what one person got in the pay months of a year, over all bureaus, with held
// lines and debts as of now. Amounts are 分.
type PersonYear struct {
	Revision int64     // of the snapshot
	At       time.Time // of that revision
	Pack     string    // hash of the newest batch's pack; empty: none
	Person   roster.Person
	Payments []PersonPayment // by pay month, bureau, batch, item
	Held     []PersonHeld    // in each bureau's latest batch
	Debts    []payrun.Debt   // of the register as it is now

	records []int64 // the person's, with those merged into it
}

// PersonPayment is what an approved batch pays for a person and item: a payment to the person, or
// the person's share of a payment to an institution.
type PersonPayment struct {
	Month       month.Month // pay month
	Bureau      string
	N           int    // of the batch
	Item        string // whose payment it is
	Payee       string
	Current     money.Fen // 当月
	Arrears     money.Fen // 补发
	Recovery    money.Fen // 扣回, negative
	ArrearsOf   []month.Month
	RecoveryOf  []month.Month
	RecoveryOn  []string // for each of RecoveryOf the item that was overpaid
	Number      string   // of the bank file; empty: the lines netted to zero, nothing was paid
	Seq         int
	Sent        bool         // to the bank
	Answer      bank.Outcome // 0: none yet
	AnswerAt    time.Time
	AnswerWords string // code and reason
}

// PersonHeld is a held line (暂缓).
type PersonHeld struct {
	Bureau string
	Batch  month.Month // pay month of the batch that holds it
	Item   string
	Payee  string
	Month  month.Month // benefit month
	Amount money.Fen
	Hold   payrun.Hold
}

// ReadPersonYear reads a person's year in one snapshot. idNumber is normalized by roster.CleanID;
// former numbers are found too. Errors: those of FindDossier.
func ReadPersonYear(ctx context.Context, db *postgres.DB, region int32, idNumber string, year int) (*PersonYear, error) {
	var y *PersonYear
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		y = &PersonYear{}
		var err error
		if y.Revision, err = people.ResolveRevision(ctx, scope.At(0)); err != nil {
			return err
		}
		d, err := people.FindDossierIn(ctx, scope, idNumber, y.Revision)
		if err != nil {
			return err
		}
		y.Person = d.Person
		merged, err := people.ReadMerges(ctx, scope.At(y.Revision))
		if err != nil {
			return err
		}
		y.records = append(merged.Into(d.Number), d.Number)
		for _, step := range []func(context.Context, pgx.Tx, int32, int) error{y.head, y.payments, y.held, y.debts} {
			if err := step(ctx, scope.Tx, region, year); err != nil {
				return err
			}
		}
		return nil
	})
	return y, err
}

func (y *PersonYear) head(ctx context.Context, tx pgx.Tx, region int32, _ int) error {
	err := tx.QueryRow(ctx, `
		SELECT at, coalesce((SELECT pack FROM batch WHERE region = $1 AND `+batches.NotWithdrawn+` ORDER BY month DESC, batch DESC LIMIT 1), '')
		FROM journal WHERE region = $1 AND rev = $2`, region, y.Revision).Scan(&y.At, &y.Pack)
	if err != nil {
		return fmt.Errorf("read last revision: %w", err)
	}
	return nil
}

// payments reads the person's lines of approved batches and groups them by payment.
func (y *PersonYear) payments(ctx context.Context, tx pgx.Tx, region int32, year int) error {
	rows, err := tx.Query(ctx, `
		SELECT b.month, b.bureau, b.n, l.against, l.payee, l.item, l.month, l.kind, l.amount, coalesce(f.number, ''), coalesce(l.seq, 0),
		       b.sent_rev IS NOT NULL, coalesce(r.outcome, 0), coalesce(j.at, 'epoch'), trim(coalesce(r.code, '') || ' ' || coalesce(r.reason, ''))
		FROM line l JOIN batch b USING (region, batch)
		LEFT JOIN payment_file f ON f.region = l.region AND f.batch = l.batch AND f.file = l.file
		LEFT JOIN LATERAL (
		    SELECT rev, outcome, code, reason FROM payment_result r
		    WHERE r.region = l.region AND r.batch = l.batch AND r.file = l.file AND r.seq = l.seq ORDER BY rev DESC LIMIT 1) r ON true
		LEFT JOIN journal j ON j.region = l.region AND j.rev = r.rev
		WHERE l.region = $1 AND l.person = ANY ($2) AND l.hold = 0 AND b.state = 'approved' AND b.month BETWEEN $3 AND $4
		ORDER BY b.month, b.bureau COLLATE "C", b.n, l.against, l.payee, l.file, l.seq, l.item <> l.against, l.item, l.month`,
		region, y.records, postgres.FirstDay(month.Of(year, 1)), postgres.FirstDay(month.Of(year, 12)))
	if err != nil {
		return fmt.Errorf("read payments of a person: %w", err)
	}
	var p PersonPayment
	var paid, benefit postgres.ScannedMonth
	var kind payrun.Kind
	var item string
	var amount money.Fen
	_, err = pgx.ForEachRow(rows, []any{&paid.Day, &p.Bureau, &p.N, &p.Item, &p.Payee, &item, &benefit.Day, &kind, &amount, &p.Number, &p.Seq,
		&p.Sent, &p.Answer, &p.AnswerAt, &p.AnswerWords}, func() error {
		p.Month = paid.Month()
		y.payment(p).add(item, kind, benefit.Month(), amount)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read payments of a person: %w", err)
	}
	return nil
}

// payment returns the payment that the next line belongs to, appending it if it is a new one.
// Lines are ordered by payment.
func (y *PersonYear) payment(p PersonPayment) *PersonPayment {
	if n := len(y.Payments); n > 0 {
		last := &y.Payments[n-1]
		if last.Month == p.Month && last.Bureau == p.Bureau && last.N == p.N && last.Item == p.Item && last.Payee == p.Payee &&
			last.Number == p.Number && last.Seq == p.Seq {
			return last
		}
	}
	if p.Answer == 0 {
		p.AnswerAt = time.Time{}
	}
	y.Payments = append(y.Payments, p)
	return &y.Payments[len(y.Payments)-1]
}

func (p *PersonPayment) add(item string, kind payrun.Kind, m month.Month, amount money.Fen) {
	switch kind {
	case payrun.Current:
		p.Current = p.Current.Add(amount)
	case payrun.Arrears:
		p.Arrears = p.Arrears.Add(amount)
		p.ArrearsOf = append(p.ArrearsOf, m)
	default:
		p.Recovery = p.Recovery.Add(amount)
		p.RecoveryOf = append(p.RecoveryOf, m)
		p.RecoveryOn = append(p.RecoveryOn, item)
	}
}

// latestBatches is a CTE of each bureau's latest batch, which has all that is held now.
const latestBatches = `
	WITH latest AS (
	    SELECT DISTINCT ON (bureau) batch, bureau, month AS paid FROM batch
	    WHERE region = $1 AND state NOT IN ('carried', 'voided') ORDER BY bureau, month DESC, n DESC)`

func (y *PersonYear) held(ctx context.Context, tx pgx.Tx, region int32, _ int) error {
	rows, err := tx.Query(ctx, latestBatches+`
		SELECT bureau, paid, item, payee, month, amount, hold
		FROM (SELECT batch, item, payee, month, amount, hold FROM line WHERE region = $1 AND person = ANY ($2)
		      UNION ALL
		      SELECT d.batch, item, payee, month, amount, hold FROM draft_line d JOIN latest USING (batch) WHERE region = $1 AND person = ANY ($2)) l
		JOIN latest USING (batch)
		WHERE hold <> 0 ORDER BY bureau COLLATE "C", item, payee, month`, region, y.records)
	if err != nil {
		return fmt.Errorf("read held lines of a person: %w", err)
	}
	y.Held, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (h PersonHeld, err error) {
		var paid, benefit postgres.ScannedMonth
		err = row.Scan(&h.Bureau, &paid.Day, &h.Item, &h.Payee, &benefit.Day, &h.Amount, &h.Hold)
		h.Batch, h.Month = paid.Month(), benefit.Month()
		return h, err
	})
	if err != nil {
		return fmt.Errorf("read held lines of a person: %w", err)
	}
	return nil
}

// debts reads the recovery register (recovery.Register) for one person.
func (y *PersonYear) debts(ctx context.Context, tx pgx.Tx, region int32, _ int) error {
	rows, err := tx.Query(ctx, latestBatches+`
		SELECT item, payee, month, amount, id_number, name, street FROM (
		    SELECT d.* FROM debt d JOIN latest USING (batch)
		    WHERE d.region = $1 AND NOT EXISTS (SELECT FROM later_register l WHERE l.region = $1 AND l.batch = d.batch)
		    UNION ALL
		    SELECT d.* FROM later_debt d JOIN latest USING (batch) WHERE d.region = $1) open
		WHERE person = ANY ($2) ORDER BY month, item, payee`, region, y.records)
	if err != nil {
		return fmt.Errorf("read debts of a person: %w", err)
	}
	y.Debts, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (payrun.Debt, error) {
		d := payrun.Debt{Person: y.Person.Number}
		var m postgres.ScannedMonth
		err := row.Scan(&d.Item, &d.Payee, &m.Day, &d.Amount, &d.ID, &d.Name, &d.Street)
		d.Month = m.Month()
		return d, err
	})
	if err != nil {
		return fmt.Errorf("read debts of a person: %w", err)
	}
	return nil
}
