package merging

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/money"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/people"
	"disburse/internal/store/users"
)

// Order asks for two records of one person to be merged (合并).
type Order struct {
	Region int32
	Kept   string // 身份证号 of the surviving record, normalized by roster.CleanID
	Gone   string // 身份证号 of the record that is merged into it
	User   approval.User
	By     journal.By // Actor is replaced by the user's name; Reason is required
	DryRun bool       // do the work and roll it back
}

// Report says what a merge did, or would do.
type Report struct {
	Rev     int64
	Kept    roster.Dossier
	Gone    roster.Dossier
	Entries int       // number of item, payee and month whose settled amount was moved
	Settled money.Fen // 分 moved
	Twice   money.Fen // 分 of Settled that the survivor was paid for the same item, payee and month too
	Excused money.Fen // 分 of Twice that is written off (核销) already, so not claimed back
	Waived  money.Fen // 分 of write-offs (核销) moved
	Waits   int       // lines of the merged record whose payment the bank has not answered
	Plans   []MovedPlan
	Closed  int // pending requests of the merged record, closed
	Asked   int // 1: the survivor's account is pending, as only the merged record was paid before
}

// Merge merges one of two records of the same person into the other at a new revision.
// From then on nothing is computed for the merged record (Gone). Its settled amounts are moved
// to the survivor (Kept) by ledger entries of kind 6, so that what both were paid is an
// overpayment and is recovered (docs/rules.md §5.1); 核销 and 分期还款 are moved too. Its ID
// numbers become old numbers of the survivor. Facts and awards are not taken over: what only
// the merged record had must be imported for the survivor.
//
// Both must be current numbers. Errors: fault.NotFound (number), fault.Invalid (no reason,
// twice the same number), fault.Denied (user), fault.Refused (an old number or a merged record,
// a batch in signing with a line of either, a pending 核销 request of the merged record).
func Merge(ctx context.Context, db *postgres.DB, o Order) (*Report, error) {
	o.By.Actor, o.By.Reason = o.User.Name, strings.TrimSpace(o.By.Reason)
	if o.By.Reason == "" {
		return nil, fault.Command(fault.New(fault.Invalid, "合并要写明理由和依据"), "--reason 理由")
	}
	var report *Report
	_, err := db.Change(ctx, o.Region, o.By, func(scope postgres.Scope) (journal.Entry, error) {
		report = &Report{Rev: scope.Rev}
		if err := report.apply(ctx, scope.Tx, &o); err != nil {
			return journal.Entry{}, err
		}
		if o.DryRun {
			return journal.Entry{}, postgres.ErrDryRun
		}
		return journal.Entry{Action: "合并人员", Subject: people.JournalSubject(&report.Gone) + " 并入 " + people.JournalSubject(&report.Kept), Summary: report.summary()}, nil
	})
	if err != nil && !errors.Is(err, postgres.ErrDryRun) {
		return nil, err
	}
	return report, nil
}

func (r *Report) summary() string {
	return fmt.Sprintf("转移 %d 项 %s 元，其中两条记录都发过的 %s 元，核销 %s 元", r.Entries, r.Settled.Grouped(), r.Twice.Grouped(), r.Waived.Grouped()) + r.plansSummary() + r.accountSummary()
}

func (r *Report) apply(ctx context.Context, tx pgx.Tx, o *Order) error {
	user, err := users.Current(ctx, postgres.In(tx, o.Region), o.User.Name)
	if err != nil {
		return err
	}
	if !user.Post.Signs() && user.Post != approval.Manager {
		return fault.New(fault.Denied, "用户“%s”是%s岗位，不能合并人员，请由经办、复核、审批或管理岗位办理", user.Name, user.Post)
	}
	if err := r.readRecords(ctx, tx, o); err != nil {
		return err
	}
	for _, check := range []func(context.Context, pgx.Tx, int32) error{r.checkNotInSigning, r.checkNoPendingWaiver} {
		if err := check(ctx, tx, o.Region); err != nil {
			return err
		}
	}
	if err := r.sumUp(ctx, postgres.In(tx, o.Region)); err != nil {
		return err
	}
	if err := r.mergeAccounts(ctx, tx, o); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO merge (region, gone, kept, rev, actor, reason) VALUES ($1, $2, $3, $4, $5, $6)`,
		o.Region, r.Gone.Number, r.Kept.Number, r.Rev, user.Name, o.By.Reason)
	if err != nil {
		return fmt.Errorf("insert merge: %w", err)
	}
	if err := r.moveSettled(ctx, postgres.In(tx, o.Region)); err != nil {
		return err
	}
	if err := r.moveWaived(ctx, postgres.In(tx, o.Region)); err != nil {
		return err
	}
	return r.movePlans(ctx, tx, o)
}

// readRecords reads the two records; each must be given by its current number.
func (r *Report) readRecords(ctx context.Context, tx pgx.Tx, o *Order) error {
	if o.Kept == o.Gone {
		return fault.New(fault.Invalid, "保留的和并入的是同一个号码 %s，请核对", roster.MaskID(o.Kept))
	}
	for _, side := range []struct {
		id string
		to *roster.Dossier
	}{{o.Kept, &r.Kept}, {o.Gone, &r.Gone}} {
		d, err := people.FindDossierIn(ctx, postgres.In(tx, o.Region), side.id, r.Rev)
		if err != nil {
			return err
		}
		if d.ID != side.id {
			return fault.New(fault.Refused, "%s 已经是旧号码（更正过或已并入），此人现在是%s，请用现在的号码", roster.MaskID(side.id), people.NameOf(d))
		}
		*side.to = *d
	}
	return nil
}

// checkNotInSigning refuses while a batch with a line of either is being signed: it was computed
// for two different people.
func (r *Report) checkNotInSigning(ctx context.Context, tx pgx.Tx, region int32) error {
	b, err := batches.QueryOne(ctx, tx, `AND b.state NOT IN ('open', 'returned', 'approved', 'carried', 'voided')
		AND EXISTS (SELECT FROM draft_line l WHERE l.region = b.region AND l.batch = b.batch AND l.person = ANY ($2))
		ORDER BY b.batch LIMIT 1`, region, []int64{r.Kept.Number, r.Gone.Number})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return fault.New(fault.Refused, "%s正在签批，里面有这两条记录的明细，请先审批通过或退回，再合并", approval.Title(b))
}

// checkNoPendingWaiver refuses while a 核销 request of the merged record is pending: its answer would
// apply to a record without debts.
func (r *Report) checkNoPendingWaiver(ctx context.Context, tx pgx.Tx, region int32) error {
	var n int
	err := tx.QueryRow(ctx, `
		SELECT coalesce(min(n), 0) FROM waiver_request q WHERE region = $1 AND person = $2
		AND NOT EXISTS (SELECT FROM waiver_answer a WHERE a.region = q.region AND a.n = q.n)`, region, r.Gone.Number).Scan(&n)
	if err != nil {
		return fmt.Errorf("look for waiver requests: %w", err)
	}
	if n > 0 {
		return fault.New(fault.Refused, "%s有第 %d 号核销申请还没有批复，请先批准或驳回，再合并", people.NameOf(&r.Gone), n)
	}
	return nil
}
