package recovery

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/people"
	"disburse/internal/store/users"
)

// WaiverRequest is a request for a write-off (核销), with its status.
type WaiverRequest struct {
	N      int // 申请号
	Person int64
	ID     string // as known now
	Name   string
	Item   string
	Payee  string
	Month  month.Month
	Amount money.Fen // 分
	Bureau string
	Actor  string // who asked
	Reason string
	State  string // 待确认, 已核销, 未核销
	Answer string // who answered
	Why    string // reason of the answer
}

// States of a waiver request.
const (
	WaiverPending = "待确认"
	WaiverGranted = "已核销"
	WaiverRefused = "未核销"
)

// AskWaiver requests the write-off (核销) of one debt, of one item and month and at most the
// open amount. The request is pending until a second person answers it (AnswerWaiver).
// Errors as Collect; fault.Invalid where the order does not identify one debt.
func AskWaiver(ctx context.Context, db *postgres.DB, o Order) (WaiverRequest, error) {
	o = o.withUser()
	const what = "申请核销"
	var w WaiverRequest
	switch {
	case o.Item == "" || o.Month == 0:
		return w, fault.Command(fault.New(fault.Invalid, "请写明核销哪个项目、哪个月的多发款项"), "--item、--month")
	case o.Amount <= 0:
		return w, fault.New(fault.Invalid, "核销的金额应大于 0，不能是 %s 元", o.Amount)
	}
	_, err := db.Change(ctx, o.Region, o.By, func(scope postgres.Scope) (journal.Entry, error) {
		who, debts, err := openDebts(ctx, scope.Tx, o, what)
		switch {
		case err != nil:
			return journal.Entry{}, err
		case len(debts) > 1:
			return journal.Entry{}, fault.Command(fault.New(fault.Invalid, "%s%s的多发款项付给了 %d 个收款人，请写明是哪一个",
				people.NameOf(who), selected(o), len(debts)), "--payee")
		case o.Amount > debts[0].Amount:
			return journal.Entry{}, tooMuch(o, who, debts)
		}
		w = WaiverRequest{Person: who.Number, ID: who.ID, Name: who.Name, Item: o.Item, Payee: debts[0].Payee, Month: o.Month,
			Amount: o.Amount, Bureau: o.Pack.Payer(o.Item), Actor: o.User.Name, Reason: o.By.Reason, State: WaiverPending}
		if err := checkNoOpenRequest(ctx, scope, &w); err != nil {
			return journal.Entry{}, err
		}
		err = scope.Tx.QueryRow(ctx, `
			INSERT INTO waiver_request (region, n, rev, person, item, payee, month, amount, bureau, actor, reason)
			SELECT $1, coalesce(max(n), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM waiver_request WHERE region = $1
			RETURNING n`, o.Region, scope.Rev, w.Person, w.Item, w.Payee, postgres.FirstDay(w.Month), w.Amount, w.Bureau, w.Actor, w.Reason).Scan(&w.N)
		if err != nil {
			return journal.Entry{}, fmt.Errorf("insert waiver request: %w", err)
		}
		return journal.Entry{Action: what, Subject: people.JournalSubject(who), Summary: w.summary()}, nil
	})
	return w, err
}

func (w *WaiverRequest) summary() string {
	return fmt.Sprintf("第 %d 号：项目 %s %s %s 元", w.N, w.Item, w.Month, w.Amount.Grouped())
}

// checkNoOpenRequest refuses a second request for a debt while one is pending: both confirmed
// would write off more than is open.
func checkNoOpenRequest(ctx context.Context, scope postgres.Scope, w *WaiverRequest) error {
	var n int
	err := scope.Tx.QueryRow(ctx, `
		SELECT coalesce(min(n), 0) FROM waiver_request q WHERE region = $1 AND person = $2 AND item = $3 AND payee = $4 AND month = $5
		AND NOT EXISTS (SELECT FROM waiver_answer a WHERE a.region = q.region AND a.n = q.n)`,
		scope.Region, w.Person, w.Item, w.Payee, postgres.FirstDay(w.Month)).Scan(&n)
	if err != nil {
		return fmt.Errorf("look for waiver requests: %w", err)
	}
	if n > 0 {
		return fault.New(fault.Refused, "这笔款项已有第 %d 号核销申请等待确认，请先确认或驳回它", n)
	}
	return nil
}

// WaiverAnswer confirms a waiver request, or refuses it.
type WaiverAnswer struct {
	Region int32
	Pack   *policy.Pack
	N      int // 申请号
	Grant  bool
	User   approval.User
	By     journal.By // Reason is required for refusing
}

// AnswerWaiver confirms or refuses a request (核销). A confirmed write-off goes into waiver and
// not into the ledger: it closes the debt, but as it is no payment it can never make
// anything due. Who asked may refuse, to withdraw the request. Errors: fault.NotFound
// (request), fault.Denied (not an 审批 user of the bureau, or one who asked or may be the
// same person), fault.Refused (answered already, less is open now, a batch in signing nets
// the debt, frozen days), fault.Invalid (no reason).
func AnswerWaiver(ctx context.Context, db *postgres.DB, o WaiverAnswer) (WaiverRequest, error) {
	o.By.Actor, o.By.Reason = o.User.Name, strings.TrimSpace(o.By.Reason)
	var w WaiverRequest
	_, err := db.Change(ctx, o.Region, o.By, func(scope postgres.Scope) (journal.Entry, error) {
		var err error
		if w, err = waiverRequest(ctx, scope, o.N); err != nil {
			return journal.Entry{}, err
		}
		entry := journal.Entry{Action: "驳回核销", Subject: w.Name + " " + roster.MaskID(w.ID), Summary: w.summary() + "，申请人 " + w.Actor}
		work := o.refuse
		if o.Grant {
			entry.Action, work = "核销", o.grant
		}
		if err := work(ctx, scope.Tx, &w, scope.Rev); err != nil {
			return journal.Entry{}, err
		}
		_, err = scope.Tx.Exec(ctx, `INSERT INTO waiver_answer (region, n, rev, granted, asked, actor, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			o.Region, o.N, scope.Rev, o.Grant, w.Actor, o.User.Name, o.By.Reason)
		if err != nil {
			return journal.Entry{}, fmt.Errorf("insert waiver answer: %w", err)
		}
		w.Answer, w.Why = o.User.Name, o.By.Reason
		return entry, nil
	})
	return w, err
}

func (o WaiverAnswer) refuse(ctx context.Context, tx pgx.Tx, w *WaiverRequest, _ int64) error {
	user, err := users.Current(ctx, postgres.In(tx, o.Region), o.User.Name)
	if err != nil {
		return err
	}
	posts := []approval.Post{approval.Approver}
	if user.Name == w.Actor {
		posts = nil
	}
	if err := approval.CheckRecovery(user, w.Bureau, "驳回核销", o.By.Reason, posts...); err != nil {
		return err
	}
	w.State = WaiverRefused
	return nil
}

func (o WaiverAnswer) grant(ctx context.Context, tx pgx.Tx, w *WaiverRequest, rev int64) error {
	user, err := users.Current(ctx, postgres.In(tx, o.Region), o.User.Name)
	if err != nil {
		return err
	}
	if err := approval.CheckWaiver(user, w.Bureau, w.Actor); err != nil {
		return err
	}
	if err := users.CheckSecondPerson(ctx, postgres.In(tx, o.Region), w.Actor, user.Name); err != nil {
		return err
	}
	order := Order{Region: o.Region, Pack: o.Pack, ID: w.ID, Item: w.Item, Payee: w.Payee, Month: w.Month, Amount: w.Amount,
		User: o.User, By: o.By}
	order.By.Reason = w.Reason // the request's; a confirmation needs none of its own
	who, debts, err := openDebts(ctx, tx, order, "确认核销")
	if err != nil {
		return err
	}
	if open := ledger.Total(debts); w.Amount > open {
		return fault.New(fault.Refused, "第 %d 号申请核销 %s 元，而%s%s现在未收回的只有 %s 元，请驳回后重新申请", w.N, w.Amount, people.NameOf(who), selected(order), open)
	}
	if err := checkNotInSigning(ctx, postgres.In(tx, o.Region), who, debts, "核销"); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO waiver (region, person, item, payee, month, rev, amount, actor, approver, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		o.Region, who.Number, w.Item, w.Payee, postgres.FirstDay(w.Month), rev, w.Amount, w.Actor, user.Name, w.Reason)
	if err != nil {
		return fmt.Errorf("insert waiver: %w", err)
	}
	w.State = WaiverGranted
	return nil
}

const selectWaiverRequest = `
	SELECT q.n, q.person, p.id_number, p.name, q.item, q.payee, q.month, q.amount, q.bureau, q.actor, q.reason,
	       CASE a.granted WHEN true THEN '已核销' WHEN false THEN '未核销' ELSE '待确认' END, coalesce(a.actor, ''), coalesce(a.reason, '')
	FROM waiver_request q
	LEFT JOIN waiver_answer a USING (region, n)
	CROSS JOIN LATERAL (SELECT id_number, name FROM person p WHERE p.region = q.region AND p.person = q.person ORDER BY rev DESC LIMIT 1) p
	WHERE q.region = $1 `

func scanWaiverRequest(row pgx.CollectableRow) (WaiverRequest, error) {
	var w WaiverRequest
	var of time.Time
	err := row.Scan(&w.N, &w.Person, &w.ID, &w.Name, &w.Item, &w.Payee, &of, &w.Amount, &w.Bureau, &w.Actor, &w.Reason, &w.State, &w.Answer, &w.Why)
	w.Month = month.FromTime(of).Month()
	return w, err
}

// waiverRequest reads a pending request. Errors: fault.NotFound; fault.Refused where it was
// answered already.
func waiverRequest(ctx context.Context, scope postgres.Scope, n int) (WaiverRequest, error) {
	rows, err := scope.Tx.Query(ctx, selectWaiverRequest+`AND q.n = $2::bigint`, scope.Region, n)
	if err != nil {
		return WaiverRequest{}, fmt.Errorf("read waiver request: %w", err)
	}
	w, err := pgx.CollectExactlyOneRow(rows, scanWaiverRequest)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return w, fault.Command(fault.New(fault.NotFound, "没有第 %d 号核销申请，请核对申请列表", n), "disburse recovery waive --list")
	case err != nil:
		return w, fmt.Errorf("read waiver request: %w", err)
	case w.State != WaiverPending:
		return w, fault.New(fault.Refused, "第 %d 号核销申请%s（%s），不能再办理", n, w.State, w.Answer)
	}
	return w, nil
}

// WaiverRequests returns all requests in the order of their numbers.
func WaiverRequests(ctx context.Context, db *postgres.DB, region int32) ([]WaiverRequest, error) {
	var all []WaiverRequest
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, selectWaiverRequest+`ORDER BY q.n`, region)
		if err != nil {
			return fmt.Errorf("read waiver requests: %w", err)
		}
		all, err = pgx.CollectRows(rows, scanWaiverRequest)
		return err
	})
	return all, err
}
