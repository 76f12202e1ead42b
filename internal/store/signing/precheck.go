package signing

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/people"
	"disburse/internal/store/users"
)

// checkInput is the input of approval.Action.Check: user, batch and signatures, read in the
// transaction that signs, so that a user deactivated a moment ago cannot sign.
type checkInput struct {
	user   approval.User
	batch  payrun.Batch
	signed []approval.Signature
}

func readCheckInput(ctx context.Context, tx pgx.Tx, s Order) (st checkInput, err error) {
	if st.user, err = users.Current(ctx, postgres.In(tx, s.Region), s.User.Name); err != nil {
		return st, err
	}
	if st.batch, err = batches.LatestIn(ctx, postgres.In(tx, s.Region), s.Month, s.Bureau); err != nil {
		return st, err
	}
	st.signed, err = batches.SignaturesIn(ctx, postgres.In(tx, s.Region), st.batch.Number)
	return st, err
}

// checkSubmittable refuses while there are blocking findings, findings not acknowledged, merges
// since the batch was computed, or later ledger entries (docs/rules.md §6).
func checkSubmittable(ctx context.Context, tx pgx.Tx, s Order, b payrun.Batch, acknowledgeAll bool) error {
	blocking, sentence, err := findingsOf(ctx, postgres.In(tx, s.Region), b, payrun.Blocking)
	if err != nil {
		return err
	}
	if blocking > 0 {
		return fault.New(fault.Refused, "%s有 %d 项错误，改正并重新运行后才能提交，第一项：%s", approval.Title(b), blocking, sentence)
	}
	open, sentence, err := findingsOf(ctx, postgres.In(tx, s.Region), b, payrun.Acknowledge)
	switch {
	case err != nil:
		return err
	case open > 0 && !acknowledgeAll:
		return fault.Command(fault.New(fault.Refused, "%s有 %d 项检查结果须先确认，请逐项看过，再确认全部并写明理由提交，第一项：%s",
			approval.Title(b), open, sentence), "--acknowledge-all --reason 理由")
	case open > 0 && s.By.Reason == "":
		return fault.Command(fault.New(fault.Invalid, "确认%s的 %d 项检查结果必须写明理由，请补上理由", approval.Title(b), open), "--reason 理由")
	}
	if err := people.CheckNotMergedSince(ctx, postgres.In(tx, s.Region), b); err != nil {
		return err
	}
	return checkNotOutdated(ctx, postgres.In(tx, s.Region), b, laterEntries)
}

func findingsOf(ctx context.Context, scope postgres.Scope, b payrun.Batch, level payrun.Level) (n int, sentence string, err error) {
	err = scope.Tx.QueryRow(ctx, `
		SELECT count(*), coalesce((array_agg(sentence ORDER BY id))[1], '')
		FROM finding WHERE region = $1 AND batch = $2 AND level = $3`, scope.Region, b.Number, level).Scan(&n, &sentence)
	if err != nil {
		return 0, "", fmt.Errorf("read findings: %w", err)
	}
	return n, sentence, nil
}

// acknowledge records who acknowledged which findings, for the round that begins: a new round
// needs a new acknowledgement.
func acknowledge(ctx context.Context, tx pgx.Tx, s Order, c step) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO acknowledgement (region, batch, round, id, actor, reason)
		SELECT DISTINCT region, batch, $3::smallint, id, $4, $5 FROM finding WHERE region = $1 AND batch = $2 AND level = $6`,
		s.Region, c.batch.Number, c.round, s.By.Actor, s.By.Reason, payrun.Acknowledge)
	if err != nil {
		return fmt.Errorf("insert acknowledgements: %w", err)
	}
	return nil
}

// Kinds of ledger entries besides approved lines: 2 returned payment, 3 voided batch,
// 4 collected, 5 期初, 6 合并.
var (
	// laterEntries, made since the batch was computed, refuse its submission: it must be run again.
	laterEntries = []int16{2, 3, 4, 5}
	// conflictingEntries refuse the later signatures too: the batch would take or pay the same money
	// twice. A returned payment (2) does no harm then; the next batch pays it again.
	conflictingEntries = []int16{4, 5}
)

// checkNotOutdated refuses a batch that was computed before another batch of its bureau
// was approved (its dues are settled, and would be paid twice), or before ledger
// entries of the kinds or waivers were made for the bureau's items.
// Once it is being signed, only entries with the person, item, payee and month of one of its
// lines count: money collected for a debt that the batch does not net cannot conflict with it.
func checkNotOutdated(ctx context.Context, scope postgres.Scope, b payrun.Batch, kinds []int16) error {
	var approved, entered bool
	// kind <> 1 is redundant, but the planner needs it to use the partial index ledger_touched.
	err := scope.Tx.QueryRow(ctx, `
		WITH items AS (
		    SELECT DISTINCT i.item FROM batch_item i JOIN batch b USING (region, batch)
		    WHERE i.region = $1 AND b.bureau = $2)
		SELECT EXISTS (SELECT FROM batch WHERE region = $1 AND bureau = $2 AND batch <> $3 AND approved_rev > $4),
		       EXISTS (SELECT FROM ledger e WHERE region = $1 AND rev > $4 AND kind <> 1 AND kind = ANY ($5)
		               AND item IN (SELECT item FROM items) AND (NOT $6 OR `+hasLine+`))
		    OR EXISTS (SELECT FROM waiver e WHERE region = $1 AND rev > $4 AND item IN (SELECT item FROM items) AND (NOT $6 OR `+hasLine+`))`,
		scope.Region, b.Bureau, b.Number, b.Revision, kinds, b.State.InSigning()).Scan(&approved, &entered)
	switch {
	case err != nil:
		return fmt.Errorf("look for later ledger entries: %w", err)
	case approved:
		return fault.New(fault.Refused, "%s算出以后，%s又有批次审批通过，金额已经过时，请%s重新运行", approval.Title(b), b.Bureau, batches.ReturnFirst(b))
	case entered:
		return fault.New(fault.Refused, "%s算出以后，台账又有退款、收回、核销、作废或期初记录，金额已经过时，请%s重新运行", approval.Title(b), batches.ReturnFirst(b))
	}
	return nil
}

// VerifyLines refuses (fault.Refused) where the lines stored in table do not have the batch's
// digest and totals: then somebody has changed the database without the program.
func VerifyLines(ctx context.Context, scope postgres.Scope, b payrun.Batch, table string) error {
	if err := VerifyTotals(ctx, scope, b, table); err != nil {
		return err
	}
	digest, err := batches.LinesDigest(ctx, scope.Tx, table, scope.Region, b)
	if err != nil {
		return err
	}
	if digest != b.Digest {
		return fault.New(fault.Refused, "%s的明细与运行时的摘要不一致，可能被程序以外的途径改动，不能签字，请%s重新运行并查明原因",
			approval.Title(b), batches.ReturnFirst(b))
	}
	return nil
}

// VerifyTotals compares the control totals that people see and sign with the sums of the lines
// in table: those of the batch and of each item. fault.Refused where they differ.
func VerifyTotals(ctx context.Context, scope postgres.Scope, b payrun.Batch, table string) error {
	got := payrun.Batch{}
	var item *string
	err := scope.Tx.QueryRow(ctx, `
		WITH l AS (
		    SELECT item, person, kind, amount, hold FROM `+table+` WHERE region = $1 AND batch = $2
		), sums AS (
		    SELECT item, count(DISTINCT person) FILTER (WHERE hold = 0) AS heads,
		           coalesce(sum(amount) FILTER (WHERE hold = 0 AND kind = 1), 0) AS current,
		           coalesce(sum(amount) FILTER (WHERE hold = 0 AND kind = 2), 0) AS arrears,
		           coalesce(sum(amount) FILTER (WHERE hold = 0 AND kind = 3), 0) AS recovery,
		           coalesce(sum(amount) FILTER (WHERE hold <> 0), 0) AS held
		    FROM l GROUP BY item
		), kept AS (
		    SELECT item, heads, current, arrears, recovery, held FROM batch_item WHERE region = $1 AND batch = $2
		), wrong AS (
		    SELECT item FROM sums s FULL JOIN kept k USING (item)
		    WHERE (coalesce(s.heads, 0), coalesce(s.current, 0), coalesce(s.arrears, 0), coalesce(s.recovery, 0), coalesce(s.held, 0))
		       <> (coalesce(k.heads, 0), coalesce(k.current, 0), coalesce(k.arrears, 0), coalesce(k.recovery, 0), coalesce(k.held, 0)))
		SELECT count(*), count(DISTINCT person) FILTER (WHERE hold = 0),
		       coalesce(sum(amount) FILTER (WHERE hold = 0), 0)::bigint,
		       coalesce(sum(amount) FILTER (WHERE hold <> 0), 0)::bigint,
		       (SELECT min(item) FROM wrong)
		FROM l`, scope.Region, b.Number).Scan(&got.Lines, &got.Heads, &got.Pays, &got.Held, &item)
	if err != nil {
		return fmt.Errorf("add up lines of batch %d: %w", b.Number, err)
	}
	if got.Lines != b.Lines || got.Heads != b.Heads || got.Pays != b.Pays || got.Held != b.Held {
		return totalsDiffer(b, "批次合计为 "+totalsText(b)+"，明细合计为 "+totalsText(got))
	}
	if item != nil {
		return totalsDiffer(b, "项目 "+*item+" 的合计与明细不符")
	}
	return nil
}

func totalsText(b payrun.Batch) string {
	return fmt.Sprintf("明细 %d 条 %d 人 发放 %s 元 暂缓 %s 元", b.Lines, b.Heads, b.Pays, b.Held)
}

// totalsDiffer is the refusal where control totals differ.
func totalsDiffer(b payrun.Batch, how string) error {
	return fault.New(fault.Refused, "%s的控制总数不一致（%s），不能签字，请%s重新运行", approval.Title(b), how, batches.ReturnFirst(b))
}

// hasLine is the SQL condition that batch $3 has a draft line with the key of ledger entry or
// waiver e.
const hasLine = `EXISTS (SELECT FROM draft_line l WHERE l.region = e.region AND l.batch = $3
	AND (l.person, l.item, l.payee, l.month) = (e.person, e.item, e.payee, e.month))`
