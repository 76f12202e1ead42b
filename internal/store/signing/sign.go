package signing

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/packs"
	"disburse/internal/store/requests"
)

// Order says which batch is signed and by whom: the latest batch of the bureau's
// month. User has been authenticated; its post and bureau are read again while
// signing. By.Reason is a return's reason, or that of acknowledging.
type Order struct {
	Region int32
	Month  month.Month
	Bureau string
	User   approval.User
	By     journal.By // Actor is replaced by the user's name
	// Digest is of what the signer has seen; a batch computed again since is not signed.
	// Empty: whatever is there.
	Digest string
	// Later, which may be nil, is called after the signature with what became known of people in
	// the batch since it was computed. Changes that forbid the signature refuse it instead.
	Later func(*LaterReport)
	// Waiting, which may be nil, is called after the signature with the pending changes (待第二人
	// 确认): the batch pays by what was known before them.
	Waiting func([]requests.Request)
}

// asUser returns the order with the user as the actor of what is written.
func (s Order) asUser() Order {
	s.By.Actor, s.By.Reason = s.User.Name, strings.TrimSpace(s.By.Reason)
	return s
}

// Submission has the further inputs of Submit.
type Submission struct {
	// AcknowledgeAll acknowledges every finding that asks for it, for By.Reason.
	AcknowledgeAll bool
	// Judge computes the batch a second time, independently, and returns the differences, a
	// sentence each. It runs before the transaction, as it takes long, and is required.
	Judge func(ctx context.Context, batch int32) ([]string, error)
}

// Submit submits a batch (经办 to 复核) and begins a signing round. It refuses (fault.Refused)
// with blocking or unacknowledged findings, with ledger entries since the batch was computed
// that make its amounts wrong, if the judge disagrees, and if what is stored is not what was
// computed. Errors otherwise as approval.Action.Check; fault.NotFound where there is no batch
// or user.
func Submit(ctx context.Context, db *postgres.DB, s Order, o Submission) (payrun.Batch, error) {
	s = s.asUser()
	judged, err := precheck(ctx, db, s, o)
	if err != nil {
		return payrun.Batch{}, err
	}
	differences, err := o.Judge(ctx, judged.Number)
	if err != nil {
		return payrun.Batch{}, fmt.Errorf("judge batch %d: %w", judged.Number, err)
	}
	if len(differences) > 0 {
		return payrun.Batch{}, fault.New(fault.Refused, "%s与第二次独立计算有 %d 处不一致，不能提交，请联系维护人员：%s",
			approval.Title(judged), len(differences), firstFew(differences))
	}
	return sign(ctx, db, approval.Submit, s, func(tx pgx.Tx, c step) error {
		if c.batch.Number != judged.Number || c.batch.Digest != judged.Digest {
			return fault.New(fault.Refused, "%s在核对期间被重新运行，请看过新的结果再提交", approval.Title(judged))
		}
		if err := checkSubmittable(ctx, tx, s, c.batch, o.AcknowledgeAll); err != nil {
			return err
		}
		if err := batches.CheckSealedParts(ctx, postgres.In(tx, s.Region), c.batch); err != nil {
			return err
		}
		if err := VerifyLines(ctx, postgres.In(tx, s.Region), c.batch, batches.DraftLines); err != nil {
			return err
		}
		if err := acknowledge(ctx, tx, s, c); err != nil {
			return err
		}
		return batches.SealParts(ctx, postgres.In(tx, s.Region).At(c.rev), c.batch.Number)
	})
}

// precheck checks the cheap reasons to refuse first, so that nobody waits for the judge in
// vain. Submit's transaction checks them again: they may have changed meanwhile.
func precheck(ctx context.Context, db *postgres.DB, s Order, o Submission) (payrun.Batch, error) {
	var st checkInput
	err := db.ReadRegion(ctx, s.Region, func(scope postgres.Scope) error {
		var err error
		if st, err = readCheckInput(ctx, scope.Tx, s); err != nil {
			return err
		}
		if err := checkMayAct(ctx, scope.Tx, approval.Submit, s, st); err != nil {
			return err
		}
		if err := checkSubmittable(ctx, scope.Tx, s, st.batch, o.AcknowledgeAll); err != nil {
			return err
		}
		head, err := postgres.ReadHead(ctx, scope.Tx, s.Region, "")
		if err != nil {
			return err
		}
		_, err = checkLaterChanges(ctx, scope.At(head.Rev), st.batch)
		return err
	})
	return st.batch, err
}

// Review signs a submitted batch as 复核. Errors as Submit.
func Review(ctx context.Context, db *postgres.DB, s Order) (payrun.Batch, error) {
	return sign(ctx, db, approval.Review, s, func(tx pgx.Tx, c step) error {
		if err := checkNotOutdated(ctx, postgres.In(tx, s.Region), c.batch, conflictingEntries); err != nil {
			return err
		}
		if err := batches.CheckSealedParts(ctx, postgres.In(tx, s.Region), c.batch); err != nil {
			return err
		}
		return VerifyLines(ctx, postgres.In(tx, s.Region), c.batch, batches.DraftLines)
	})
}

// Approve signs a reviewed batch as 审批: lines become final, ledger entries, payments and bank
// files are written, all or nothing. Where two 审批 are required, the first signature only sets
// it to 待终审.
// Errors as Submit.
func Approve(ctx context.Context, db *postgres.DB, s Order, order PayOrder) (payrun.Batch, error) {
	if !approval.ValidCode(order.Code) {
		return payrun.Batch{}, fault.New(fault.Invalid, "%s的代码“%s”不能用于文件编号，请在规则包中写成 1–8 个英文字母", s.Bureau, order.Code)
	}
	return signAs(ctx, db, chooseApproval, s, func(tx pgx.Tx, c step) error {
		if err := checkNotOutdated(ctx, postgres.In(tx, s.Region), c.batch, conflictingEntries); err != nil {
			return err
		}
		if err := batches.CheckSealedParts(ctx, postgres.In(tx, s.Region), c.batch); err != nil {
			return err
		}
		if c.action == approval.Endorse {
			return VerifyLines(ctx, postgres.In(tx, s.Region), c.batch, batches.DraftLines)
		}
		return finalize(ctx, postgres.In(tx, s.Region).At(c.rev), c.batch, order)
	})
}

// Return sends a batch that is being signed back to its 经办, for By.Reason. It is
// possible even where the batch's contents or signatures are not in order. Errors as
// approval.Action.Check.
func Return(ctx context.Context, db *postgres.DB, s Order) (payrun.Batch, error) {
	return sign(ctx, db, approval.Return, s, func(pgx.Tx, step) error { return nil })
}

// step is one signature being made: the action, the batch before it, the round that the
// signature belongs to, and its revision.
type step struct {
	action approval.Action
	batch  payrun.Batch
	round  int
	rev    int64
}

// sign performs one action in one transaction, in which Change has locked the region's row
// first. So signing, the end of a run and importing are serialized in a region; of two who sign
// at once the second finds the state changed and is refused. work does what the action does
// besides inserting the signature and updating the state.
func sign(ctx context.Context, db *postgres.DB, a approval.Action, s Order, work func(pgx.Tx, step) error) (payrun.Batch, error) {
	always := func(context.Context, pgx.Tx, Order, payrun.Batch) (approval.Action, error) { return a, nil }
	return signAs(ctx, db, always, s, work)
}

// actionChooser returns which action a signature is, given the batch's state.
type actionChooser func(ctx context.Context, tx pgx.Tx, s Order, b payrun.Batch) (approval.Action, error)

// signAs is sign where the action depends on the batch.
func signAs(ctx context.Context, db *postgres.DB, choose actionChooser, s Order, work func(pgx.Tx, step) error) (payrun.Batch, error) {
	s = s.asUser()
	var after payrun.Batch
	var later *LaterReport
	var waiting []requests.Request
	_, err := db.Change(ctx, s.Region, s.By, func(scope postgres.Scope) (journal.Entry, error) {
		st, err := readCheckInput(ctx, scope.Tx, s)
		if err != nil {
			return journal.Entry{}, err
		}
		if s.Digest != "" && s.Digest != st.batch.Digest {
			return journal.Entry{}, fault.New(fault.Refused, "您打开页面以后，%s%s重新计算过，请看过新的结果再办", s.Bureau, s.Month.Chinese())
		}
		a, err := choose(ctx, scope.Tx, s, st.batch)
		if err != nil {
			return journal.Entry{}, err
		}
		if err := checkMayAct(ctx, scope.Tx, a, s, st); err != nil {
			return journal.Entry{}, err
		}
		if later, waiting = nil, nil; a != approval.Return {
			if later, err = checkLaterChanges(ctx, scope.At(scope.Rev-1), st.batch); err != nil {
				return journal.Entry{}, err
			}
			if waiting, err = requests.PendingIn(ctx, scope, st.batch); err != nil {
				return journal.Entry{}, err
			}
		}
		c := step{action: a, batch: st.batch, round: a.Round(st.batch, st.signed), rev: scope.Rev}
		if err := work(scope.Tx, c); err != nil {
			return journal.Entry{}, constraintFault(a, st.batch, err)
		}
		if err := recordSignature(ctx, scope.Tx, a, s, c); err != nil {
			return journal.Entry{}, constraintFault(a, st.batch, err)
		}
		after = st.batch
		after.State, after.Round = a.To(), c.round
		entry := signedEntry(a, after)
		if later != nil {
			entry.Summary += later.summary()
		}
		if len(waiting) > 0 {
			entry.Summary += fmt.Sprintf("；等待第二人确认的变更 %d 件", len(waiting))
		}
		return entry, nil
	})
	if err == nil && later != nil && s.Later != nil {
		s.Later(later)
	}
	if err == nil && s.Waiting != nil {
		s.Waiting(waiting)
	}
	return after, err
}

// checkMayAct refuses where the user may not perform the action now. A return is possible even while
// the accounts are frozen (关账): it moves no money and confirms nothing.
func checkMayAct(ctx context.Context, tx pgx.Tx, a approval.Action, s Order, st checkInput) error {
	if err := a.Check(st.user, st.batch, st.signed, s.By.Reason); err != nil || a == approval.Return {
		return err
	}
	return packs.CheckNotFrozen(ctx, postgres.In(tx, s.Region), s.By.At, a.String())
}

// recordSignature inserts the signature and updates the batch's state. The UPDATE compares the
// old state, as a safeguard beside the region's lock.
func recordSignature(ctx context.Context, tx pgx.Tx, a approval.Action, s Order, c step) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO signature (region, batch, round, post, actor, at, rev, digest, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		s.Region, c.batch.Number, c.round, string(a.Signs()), s.By.Actor, s.By.At, c.rev, c.batch.Digest, s.By.Reason)
	if err != nil {
		return fmt.Errorf("insert signature: %w", err)
	}
	tag, err := tx.Exec(ctx, `
		UPDATE batch SET state = $3, round = $4, approved_rev = CASE WHEN $3 = 'approved' THEN $5::bigint END
		WHERE region = $1 AND batch = $2 AND state = $6`,
		s.Region, c.batch.Number, string(a.To()), c.round, c.rev, string(c.batch.State))
	if err != nil {
		return fmt.Errorf("update batch: %w", err)
	}
	if tag.RowsAffected() != 1 {
		return fmt.Errorf("update batch %d: %d rows in place of one", c.batch.Number, tag.RowsAffected())
	}
	if a.To() != payrun.Approved {
		return nil
	}
	return sealBatch(ctx, postgres.In(tx, s.Region), c.batch.Number)
}

// sealBatch copies the approved batch's row to batch_seal, where the program's role can neither
// update nor delete; a foreign key holds the batch's own row to it.
func sealBatch(ctx context.Context, scope postgres.Scope, batch int32) error {
	_, err := scope.Tx.Exec(ctx, `
		INSERT INTO batch_seal (region, batch, month, bureau, n, round, revision, pack, digest, lines, heads, pays, held, approved_rev)
		SELECT region, batch, month, bureau, n, round, revision, pack, digest, lines, heads, pays, held, approved_rev
		FROM batch WHERE region = $1 AND batch = $2`, scope.Region, batch)
	if err != nil {
		return fmt.Errorf("seal batch: %w", err)
	}
	return nil
}

// constraintFault turns constraint violations, which the checks before should have prevented, into
// sentences for staff.
func constraintFault(a approval.Action, b payrun.Batch, err error) error {
	switch postgres.SQLState(err) {
	case postgres.UniqueViolation:
		return fault.Wrap(err, fault.Refused, "%s本轮的签字或付款已经存在，不能再%s，请刷新后重试；仍不行请联系维护人员", approval.Title(b), a)
	case postgres.CheckViolation:
		return fault.Wrap(err, fault.Refused, "%s的数据不合规定，数据库拒绝了%s，没有作任何改动，请重新运行或联系维护人员", approval.Title(b), a)
	}
	return err
}

func signedEntry(a approval.Action, b payrun.Batch) journal.Entry {
	return journal.Entry{
		Action: string(a) + "批次", Subject: approval.Title(b), Digest: b.Digest,
		Summary: fmt.Sprintf("第%d轮，明细 %d 条，%d 人，发放 %s 元，暂缓 %s 元", b.Round, b.Lines, b.Heads, b.Pays.Grouped(), b.Held.Grouped()),
	}
}

// firstFew joins the first sentences of many.
func firstFew(sentences []string) string {
	const most = 3
	if len(sentences) <= most {
		return strings.Join(sentences, "；")
	}
	return strings.Join(sentences[:most], "；") + "；等"
}
