package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/signing"
)

// signedBatch is a batch's row, which the program's role may update, with what the append-only
// tables (signatures, void signatures) say about it.
type signedBatch struct {
	payrun.Batch
	approved, sent int64 // revisions in the batch's row; 0: none
	post           approval.Post
	rev            int64  // of the last signature; 0: none
	signed         string // the digest it is on
	round          int    // of the last signature
	voids          int    // signatures that void it
}

// checkBatches compares every batch's row with its signatures, its seals and the journal.
func (a *audit) checkBatches(ctx context.Context) error {
	all, err := a.signedBatches(ctx)
	if err != nil {
		return err
	}
	seals, err := batches.PartSeals(ctx, a.Scope, 0)
	if err != nil {
		return err
	}
	sealed := map[int32][]batches.PartSeal{}
	for _, s := range seals {
		sealed[s.Batch] = append(sealed[s.Batch], s)
	}
	for i := range all {
		b := &all[i]
		a.checkSignatures(b)
		seals := sealed[b.Number]
		err := a.runChecks(ctx, []check{
			{batches.LineTable(b.Batch), func(ctx context.Context) error { return a.checkContents(ctx, b, seals) }},
			{"part_seal", func(ctx context.Context) error { return a.checkParts(ctx, b, seals) }},
		})
		if err != nil {
			return err
		}
	}
	a.checkSentMarks(all)
	return a.runCheck(ctx, "batch", a.checkApproved)
}

// checkApproved compares approved and voided batches with the copy sealed at approval.
func (a *audit) checkApproved(ctx context.Context) error {
	rows, err := a.Tx.Query(ctx, `
		SELECT coalesce(b.batch, s.batch), coalesce(b.approved_rev, s.approved_rev, 0), b.batch IS NULL, s.batch IS NULL,
		       coalesce((to_jsonb(s) - 'region')::text, ''), coalesce(to_jsonb(b)::text, '')
		FROM (SELECT * FROM batch_seal WHERE region = $1) s
		FULL JOIN (SELECT * FROM batch WHERE region = $1 AND state IN ('approved', 'voided')) b USING (batch) ORDER BY 1`, a.Region)
	if err != nil {
		return fmt.Errorf("read seals of batches: %w", err)
	}
	var batch int32
	var gone, unsealed bool
	var rev int64
	var kept, now string
	_, err = pgx.ForEachRow(rows, []any{&batch, &rev, &gone, &unsealed, &kept, &now}, func() error {
		p := Problem{Rev: rev, Table: "batch", Key: fmt.Sprintf("批次 %d", batch)}
		switch columns, err := differences(cmp.Or(kept, "{}"), cmp.Or(now, "{}")); {
		case gone:
			p.What = "已审批的批次缺失，或状态被改动"
		case unsealed:
			p.What = "没有审批时的封存，不是本程序审批的"
		case err != nil:
			return err
		case len(columns) > 0:
			p.What = "与审批时封存的不符：" + strings.Join(columns, "；")
		default:
			return nil
		}
		a.add(p)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read seals of batches: %w", err)
	}
	return nil
}

func (a *audit) signedBatches(ctx context.Context) ([]signedBatch, error) {
	rows, err := a.Tx.Query(ctx, `
		SELECT b.batch, b.month, b.bureau, b.n, b.state, b.round, b.revision, b.pack, b.digest, b.lines, b.heads, b.pays, b.held,
		       coalesce(b.approved_rev, 0), coalesce(b.sent_rev, 0), coalesce(s.post, ''), coalesce(s.rev, 0), coalesce(s.digest, ''), coalesce(s.round, 0),
		       (SELECT count(*) FROM void_signature v WHERE v.region = b.region AND v.batch = b.batch)
		FROM batch b LEFT JOIN LATERAL (
		    SELECT post, rev, digest, round FROM signature s WHERE s.region = b.region AND s.batch = b.batch ORDER BY rev DESC LIMIT 1) s ON true
		WHERE b.region = $1 ORDER BY b.batch`, a.Region)
	if err != nil {
		return nil, fmt.Errorf("read batches: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (signedBatch, error) {
		var b signedBatch
		var first time.Time
		err := row.Scan(&b.Number, &first, &b.Bureau, &b.N, &b.State, &b.Round, &b.Revision, &b.Pack, &b.Digest, &b.Lines, &b.Heads, &b.Pays, &b.Held,
			&b.approved, &b.sent, &b.post, &b.rev, &b.signed, &b.round, &b.voids)
		b.Month = monthOf(first)
		return b, err
	})
	if err != nil {
		return nil, fmt.Errorf("read batches: %w", err)
	}
	return all, nil
}

// addBatch adds a problem with a batch's row or contents.
func (a *audit) addBatch(b *signedBatch, rev int64, table, format string, args ...any) {
	key := fmt.Sprintf("批次 %d（%s）", b.Number, approval.Title(b.Batch))
	a.add(Problem{Rev: rev, Table: table, Key: key, What: fmt.Sprintf(format, args...)})
}

// allowedStates returns the states that are possible after the batch's last signature, or without
// any; the first is the usual one.
func (a *audit) allowedStates(b *signedBatch) []payrun.State {
	switch {
	case b.voids >= 2:
		return []payrun.State{payrun.Voided}
	case b.post == approval.Clerk:
		return []payrun.State{payrun.Submitted}
	case b.post == approval.Reviewer:
		return []payrun.State{payrun.Reviewed}
	case b.post == approval.Approver && strings.HasPrefix(a.links[b.rev].Entry.Action, string(approval.Endorse)):
		return []payrun.State{payrun.Endorsed}
	case b.post == approval.Approver, b.post == approval.Final:
		return []payrun.State{payrun.Approved}
	case b.post == approval.Returned:
		return []payrun.State{payrun.Returned, payrun.Open, payrun.CarriedOver}
	}
	return []payrun.State{payrun.Open, payrun.CarriedOver}
}

// checkSignatures compares state, round, digest and approval with what was signed.
func (a *audit) checkSignatures(b *signedBatch) {
	may := a.allowedStates(b)
	if !slices.Contains(may, b.State) {
		a.addBatch(b, b.rev, "batch", "被改动：按签字应为%s，现为%s", may[0].Chinese(), b.State.Chinese())
		return
	}
	if want := max(b.round, 1); b.Round != want {
		a.addBatch(b, b.rev, "batch", "被改动：签字轮次应为第 %d 轮，现为第 %d 轮", want, b.Round)
	}
	final := may[0] == payrun.Approved || may[0] == payrun.Voided
	if (final || b.State.InSigning()) && b.signed != b.Digest {
		a.addBatch(b, b.rev, "batch", "被改动：摘要与签字时的不同")
	}
	if final && b.approved != b.rev {
		a.addBatch(b, b.rev, "batch", "被改动：审批修订应为 %d，现为 %d", b.rev, b.approved)
	}
}

// checkContents verifies digest and totals of drafts and, where no seal covers them, the totals by
// item of final batches. The rest of a final batch is in append-only tables or covered by its seal.
func (a *audit) checkContents(ctx context.Context, b *signedBatch, seals []batches.PartSeal) error {
	var err error
	final := b.State == payrun.Approved || b.State == payrun.Voided
	switch {
	case !final:
		err = signing.VerifyLines(ctx, a.Scope, b.Batch, batches.DraftLines)
	case final && !slices.ContainsFunc(seals, func(s batches.PartSeal) bool { return s.Name == "batch_item" }):
		err = signing.VerifyTotals(ctx, a.Scope, b.Batch, batches.FinalLines)
	}
	var f *fault.Fault
	if errors.As(err, &f) && f.Code == fault.Refused {
		table := "draft_line"
		if final {
			table = "batch_item"
		}
		a.addBatch(b, b.rev, table, "被改动：%s", f.Sentence)
		return nil
	}
	return err
}

// checkParts compares findings, debts and totals by item with their seals of the last run or
// submission, and the batch's later register with its seal.
func (a *audit) checkParts(ctx context.Context, b *signedBatch, seals []batches.PartSeal) error {
	later := false
	for _, s := range seals {
		p := batches.PartByName(s.Name)
		later = later || p == &batches.LaterPart
		if p == nil || (p != &batches.LaterPart && !s.Applies(b.State)) {
			continue
		}
		if err := a.checkSealed(ctx, b, p, s); err != nil {
			return err
		}
	}
	// A batch of an earlier version may have a later register without a seal.
	if later || len(seals) == 0 || b.State != payrun.Approved && b.State != payrun.Voided && !b.State.InSigning() {
		return nil
	}
	return a.checkSealed(ctx, b, &batches.LaterPart, batches.PartSeal{Rev: b.rev})
}

func (a *audit) checkSealed(ctx context.Context, b *signedBatch, p *batches.Part, s batches.PartSeal) error {
	rows, digest, err := p.Sum(ctx, a.Scope, b.Number)
	if err != nil || (rows == s.Rows && (digest == s.Digest || s.Digest == "")) {
		return err
	}
	a.addBatch(b, s.Rev, p.Name, "与封存时不符（封存时 %d 条，现有 %d 条），被改动、缺失或多出", s.Rows, rows)
	return nil
}

// checkSentMarks compares batches' sent_rev with the journal, in both directions.
func (a *audit) checkSentMarks(all []signedBatch) {
	byDigest := map[string]*signedBatch{}
	for i := range all {
		b := &all[i]
		byDigest[b.Digest] = b
		if e := a.links[b.sent].Entry; b.sent != 0 && (e.Action != batches.SentAction || e.Digest != b.Digest) {
			a.addBatch(b, b.sent, "batch", "送银行的标记被改动或多出：这次修订没有登记送银行")
		}
	}
	for rev, l := range a.links {
		if b := byDigest[l.Entry.Digest]; l.Entry.Action == batches.SentAction && b != nil && b.sent != rev {
			a.addBatch(b, rev, "batch", "送银行的标记被改动或缺失：这次修订登记过送银行")
		}
	}
}
