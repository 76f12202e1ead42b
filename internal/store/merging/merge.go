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

// MergeOrder asks for two records of one person to be merged (合并).
type MergeOrder struct {
	Region int32
	Kept   string // 身份证号 of the record that stays, as roster.CleanID leaves it
	Gone   string // of the one that ends
	User   approval.User
	By     journal.By // Actor is replaced by the user's name; Reason is required
	DryRun bool       // do the work and roll it back
}

// MergeReport says what a merge did, or would do.
type MergeReport struct {
	Rev     int64
	Kept    roster.Dossier
	Gone    roster.Dossier
	Entries int       // item, payee and month of which something settled was moved
	Settled money.Fen // 分, what was moved
	Twice   money.Fen // 分, of it: for the same item, payee and month both records had been paid
	Excused money.Fen // 分, of Twice: waived (核销) already, so not asked back
	Waived  money.Fen // 分, 核销 that goes along
	Waits   int       // lines of the gone record whose payment the bank has not answered
	Plans   []MovedPlan
	Closed  int // changes of the gone record that waited for a second person, and end with it
	Asked   int // 1: the kept one's account waits for a second person, as only the gone one was paid before
}

// MergePeople ends one of two records of the same person at a new revision. From it on
// the gone record is not there for anything that is computed. What was settled for it is
// the kept one's (ledger entries of kind 6), so what both were paid for is overpaid and
// comes back as docs/rules.md §5.1 says; 核销 and 分期还款 go along. Its numbers are old numbers of the kept
// one. Nothing else of it is taken over: what only it said must be told of the kept one.
//
// Both numbers must be present ones. Errors: fault.NotFound (number), fault.Invalid (no
// reason, one and the same), fault.Denied (user), fault.Refused (a number that is an old
// one or of somebody merged, a batch with a line of either in signing, a 核销 of the gone
// record that waits).
func MergePeople(ctx context.Context, db *postgres.DB, o MergeOrder) (*MergeReport, error) {
	o.By.Actor, o.By.Reason = o.User.Name, strings.TrimSpace(o.By.Reason)
	if o.By.Reason == "" {
		return nil, fault.Command(fault.New(fault.Invalid, "合并要写明理由和依据"), "--reason 理由")
	}
	var report *MergeReport
	_, err := db.Change(ctx, o.Region, o.By, func(scope postgres.Scope) (journal.Entry, error) {
		report = &MergeReport{Rev: scope.Rev}
		if err := report.work(ctx, scope.Tx, &o); err != nil {
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

func (r *MergeReport) summary() string {
	return fmt.Sprintf("转移 %d 项 %s 元，其中两条记录都发过的 %s 元，核销 %s 元", r.Entries, r.Settled.Grouped(), r.Twice.Grouped(), r.Waived.Grouped()) + r.plansSummary() + r.accountSummary()
}

func (r *MergeReport) work(ctx context.Context, tx pgx.Tx, o *MergeOrder) error {
	user, err := users.Current(ctx, postgres.In(tx, o.Region), o.User.Name)
	if err != nil {
		return err
	}
	if !user.Post.Signs() && user.Post != approval.Manager {
		return fault.New(fault.Denied, "用户“%s”是%s岗位，不能合并人员，请由经办、复核、审批或管理岗位办理", user.Name, user.Post)
	}
	if err := r.find(ctx, tx, o); err != nil {
		return err
	}
	for _, check := range []func(context.Context, pgx.Tx, int32) error{r.notInSigning, r.nothingWaits} {
		if err := check(ctx, tx, o.Region); err != nil {
			return err
		}
	}
	if err := r.count(ctx, postgres.In(tx, o.Region)); err != nil {
		return err
	}
	if err := r.settleAccount(ctx, tx, o); err != nil {
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

// find finds the two people, each under the number they have now.
func (r *MergeReport) find(ctx context.Context, tx pgx.Tx, o *MergeOrder) error {
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

// notInSigning refuses while a batch with a line of either is being signed: it was
// computed as if they were two.
func (r *MergeReport) notInSigning(ctx context.Context, tx pgx.Tx, region int32) error {
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

// nothingWaits refuses while somebody has asked for a 核销 of the gone record: the answer
// would be about somebody who is not there.
func (r *MergeReport) nothingWaits(ctx context.Context, tx pgx.Tx, region int32) error {
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
