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
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
)

// A month that was mistyped (run 2062-11) carries over everything that was open and would
// stand in the way of every month before it for ever. So a month too far ahead is refused,
// and what a run of a later month made can be discarded while nobody has signed any of it.

// mostAhead is how many months after the present one a run may be.
const mostAhead = 60

// plausible refuses a month that nobody can mean. Where the order has no time, as in a
// recomputation, there is no present to compare with.
func (o *Order) plausible() error {
	if o.DiscardLater && strings.TrimSpace(o.By.Reason) == "" {
		return fault.Command(fault.New(fault.Invalid, "撤销以后月份的运行必须写明理由，请补上理由"), "--reason 理由")
	}
	if o.By.At.IsZero() {
		return nil
	}
	if now := policy.Today(o.By.At).Month(); o.Month > now+mostAhead {
		return fault.New(fault.Invalid, "%s 比现在的 %s 晚 %d 个月，最多只能提前 %d 个月，请核对月份", o.Month, now, o.Month-now, mostAhead)
	}
	return nil
}

// alreadyLater says that a later month has been run, and what to do about it.
func (p *Planner) alreadyLater(b *payrun.Batch) string {
	s := fmt.Sprintf("%s 已经运行过，%s 的应发已并入，请运行 %s 或更晚的月份", b.Month, p.Order.Month, b.Month)
	if b.State.Unsigned() {
		s += fmt.Sprintf("；如果 %s 是写错了月份，请计算 %s 并选择撤销以后月份", b.Month, p.Order.Month)
	}
	return s
}

// discardLater sets aside what the region's runs of later months have made, or refuses
// where somebody has signed any of it, which a return does not undo.
func (p *Planner) discardLater(ctx context.Context) error {
	if !p.Order.DiscardLater {
		return nil
	}
	var numbers []int32
	for i := range p.stood {
		b := &p.stood[i]
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

// discards reports whether the run takes the batch away.
func (r *Computation) discards(batch int32) bool {
	return slices.ContainsFunc(r.discarded, func(b payrun.Batch) bool { return b.Number == batch })
}

// replaced lists the batches whose draft lines the run makes anew or takes away: nothing
// in them counts as found before.
func (r *Computation) replaced() []int32 {
	all := r.Batches()
	for _, b := range r.discarded {
		all = append(all, b.Number)
	}
	return all
}

// emptyDiscarded leaves of discarded batches their numbers alone: they are 结转 with
// nothing in them, until their month is run in its time and they are made again.
func (r *Computation) emptyDiscarded(ctx context.Context, rev int64) error {
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
			return movedOn(nil)
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

// discardedWords is what the journal says of it.
func (r *Computation) discardedWords() string {
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

// reopens reports whether the opening month, which the first run of all set, is to be set
// again: that run is discarded, and nothing was entered that rests on it.
func (p *Planner) reopens(ctx context.Context, opening month.Month) (reopens bool, err error) {
	if !p.Order.DiscardLater || p.Order.Month >= opening {
		return false, nil
	}
	if err := p.Tx.QueryRow(ctx, `SELECT NOT EXISTS (SELECT FROM ledger WHERE region = $1)`, p.Order.Region).Scan(&reopens); err != nil {
		return false, fmt.Errorf("look for ledger entries: %w", err)
	}
	return reopens, nil
}
