package runs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy/packfile"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
)

// A run of a mistyped month (2062-11) carries over everything that was open, and no earlier
// month could be run any more. So a month too far in the future is refused, and the batches
// of a later month can be discarded as long as nobody has signed any of them.

// maxMonthsAhead is how many months after the present one a run may be.
const maxMonthsAhead = 60

// validate refuses an order that cannot be meant: a month far in the future, or discarding
// without a reason. An order without a time (a recomputation of an old month) has no present
// to compare with and is not checked for it.
func (o *Order) validate() error {
	if o.DiscardLater && strings.TrimSpace(o.By.Reason) == "" {
		return fault.Command(fault.New(fault.Invalid, "撤销以后月份的运行必须写明理由，请补上理由"), "--reason 理由")
	}
	if o.By.At.IsZero() {
		return nil
	}
	if now := packfile.Today(o.By.At).Month(); o.Month > now+maxMonthsAhead {
		return fault.New(fault.Invalid, "%s 比现在的 %s 晚 %d 个月，最多只能提前 %d 个月，请核对月份", o.Month, now, o.Month-now, maxMonthsAhead)
	}
	return nil
}

// laterRunReason says, in Chinese, that a later month has been run, and what to do about it.
func (p *Planner) laterRunReason(b *payrun.Batch) string {
	s := fmt.Sprintf("%s 已经运行过，%s 的应发已并入，请运行 %s 或更晚的月份", b.Month, p.Order.Month, b.Month)
	if b.State.Unsigned() {
		s += fmt.Sprintf("；如果 %s 是写错了月份，请计算 %s 并选择撤销以后月份", b.Month, p.Order.Month)
	}
	return s
}

// discardLater collects the batches of later months for discarding, or refuses where
// somebody has signed any of them. A return does not undo a signature, so a batch that was
// submitted once counts as signed.
func (p *Planner) discardLater(ctx context.Context) error {
	if !p.Order.DiscardLater {
		return nil
	}
	var numbers []int32
	for i := range p.batchesBefore {
		b := &p.batchesBefore[i]
		if b.Month <= p.Order.Month {
			continue
		}
		if !b.State.Unsigned() && b.State != payrun.CarriedOver {
			return fault.New(fault.Refused, "%s%s，不能撤销；%s 的应发已并入以后月份，请运行以后的月份", approval.Title(*b), b.State.Chinese(), p.Order.Month)
		}
		p.Computation.discarded, numbers = append(p.Computation.discarded, *b), append(numbers, b.Number)
	}
	var signed int32
	err := p.Tx.QueryRow(ctx, `SELECT coalesce(min(batch), 0) FROM signature WHERE region = $1 AND batch = ANY ($2)`, p.Order.Region, numbers).Scan(&signed)
	if err != nil {
		return fmt.Errorf("look for signatures of later batches: %w", err)
	}
	if i := slices.Index(numbers, signed); i >= 0 {
		return fault.New(fault.Refused, "%s曾经提交签批，不能撤销；%s 的应发已并入以后月份，请运行以后的月份", approval.Title(p.Computation.discarded[i]), p.Order.Month)
	}
	return nil
}

// discards reports whether the run discards the batch.
func (r *Computation) discards(batch int32) bool {
	return slices.ContainsFunc(r.discarded, func(b payrun.Batch) bool { return b.Number == batch })
}

// replaced lists the batches whose draft lines the run recomputes or discards. A due that is
// only in them does not count as found before (addFoundDues).
func (r *Computation) replaced() []int32 {
	all := r.Batches()
	for _, b := range r.discarded {
		all = append(all, b.Number)
	}
	return all
}

// clearDiscarded deletes the contents of discarded batches. Their rows stay, as 已结转 with no
// lines, and a later run of their month fills them again. The UPDATE compares state, round and digest, so a signature made since the
// plan was read refuses the run.
func (r *Computation) clearDiscarded(ctx context.Context, rev int64) error {
	for _, b := range r.discarded {
		for _, table := range []string{"draft_line", "debt", "finding", "batch_item"} {
			if _, err := r.Tx.Exec(ctx, "DELETE FROM "+table+" WHERE region = $1 AND batch = $2", r.Order.Region, b.Number); err != nil {
				return fmt.Errorf("discard %s: %w", table, err)
			}
		}
		digest, err := batches.LinesDigest(ctx, r.Tx, batches.DraftLines, r.Order.Region, b)
		if err != nil {
			return err
		}
		tag, err := r.Tx.Exec(ctx, `
			UPDATE batch SET state = 'carried', digest = $3, lines = 0, heads = 0, pays = 0, held = 0
			WHERE region = $1 AND batch = $2 AND state = $4 AND round = $5 AND digest = $6`,
			r.Order.Region, b.Number, digest, string(b.State), b.Round, b.Digest)
		switch {
		case err != nil:
			return fmt.Errorf("discard batch %d: %w", b.Number, err)
		case tag.RowsAffected() != 1:
			return batchesChanged(nil)
		}
		if err := batches.SealParts(ctx, postgres.In(r.Tx, r.Order.Region).At(rev), b.Number); err != nil {
			return err
		}
		if b.State != payrun.CarriedOver || b.Lines > 0 {
			r.report.Discarded = append(r.report.Discarded, b)
		}
	}
	return nil
}

// discardedSummary is the part of the journal entry about discarded batches.
func (r *Computation) discardedSummary() string {
	if !r.Order.DiscardLater {
		return ""
	}
	var named []string
	for _, b := range r.report.Discarded {
		named = append(named, approval.Title(b))
	}
	if len(named) == 0 {
		return "；没有以后月份的运行可撤销"
	}
	return "；撤销 " + strings.Join(named, "、")
}

// resetsOpening reports whether this run sets the opening month anew. The first run of a
// region sets it; where that run was of a mistyped month and is discarded, and the ledger is
// still empty, nothing depends on it.
func (p *Planner) resetsOpening(ctx context.Context, opening month.Month) (resets bool, err error) {
	if !p.Order.DiscardLater || p.Order.Month >= opening {
		return false, nil
	}
	if err := p.Tx.QueryRow(ctx, `SELECT NOT EXISTS (SELECT FROM ledger WHERE region = $1)`, p.Order.Region).Scan(&resets); err != nil {
		return false, fmt.Errorf("look for ledger entries: %w", err)
	}
	return resets, nil
}
