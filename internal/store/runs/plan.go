package runs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/bank/shape"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/packs"
	"disburse/internal/store/people"
)

// Planner reads, before the first person is computed, everything that a run needs about the
// region as a whole, and fills the computation's plan with it.
type Planner struct {
	*Computation
}

// Region reads the region's head revision, opening month and number of people.
//
// The batches are read before the revision, and the order matters. A batch approved or voided
// between the two reads is then missing in batchesBefore, so finish notices the change and
// refuses. The other way round batchesBefore would have it while the ledger as of the
// revision has not, and its dues would be paid again.
func (p *Planner) Region(ctx context.Context) error {
	var opening *time.Time
	var err error
	o := p.Order
	if p.batchesBefore, err = AllBatches(ctx, postgres.In(p.Tx, o.Region)); err != nil {
		return err
	}
	err = p.Tx.QueryRow(ctx, `SELECT head, opening_month, next_person FROM region WHERE region = $1`, o.Region).
		Scan(&p.Revision, &opening, &p.nextPerson)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.New(fault.NotFound, "数据库里没有区划 %d，请先导入花名册", o.Region)
	}
	if err != nil {
		return fmt.Errorf("read region: %w", err)
	}
	first := o.Opening
	if opening != nil {
		if p.openingReset, err = p.resetsOpening(ctx, month.FromTime(*opening).Month()); err != nil {
			return err
		}
	}
	if opening != nil && !p.openingReset {
		first = month.FromTime(*opening).Month()
		if o.Opening != 0 && o.Opening != first {
			return fault.Command(fault.New(fault.Invalid, "期初月已经定为 %s，不能改为 %s；请不要再填期初月", first, o.Opening), "--opening")
		}
	}
	if first == 0 {
		first = o.Month
	}
	if o.Month < first {
		return fault.New(fault.Invalid, "%s 早于期初月 %s，期初月以前由旧系统负责，不能运行", o.Month, first)
	}
	if p.nextPerson <= 1 {
		return fault.Command(fault.New(fault.Refused, "花名册是空的，请先导入花名册"), "disburse roster import 文件")
	}
	p.Plan = &engine.Plan{Region: o.Region, Pack: o.Pack, Month: o.Month, Opening: first, Unwritable: shape.Unwritable(o.Pack.File)}
	p.report = &Report{Revision: p.Revision, Opening: first}
	return p.readAdopted(ctx)
}

// bureaus decides for each bureau which batch the run creates or recomputes, if any.
func (p *Planner) bureaus(ctx context.Context) error {
	if err := p.discardLater(ctx); err != nil {
		return err
	}
	next := int32(1)
	for _, b := range p.batchesBefore {
		next = max(next, b.Number+1)
	}
	for _, bureau := range p.Order.Pack.File.Bureaus {
		done := p.bureau(bureau.Name.Value, next)
		if done == nil {
			next = max(next, p.Plan.Bureaus[len(p.Plan.Bureaus)-1].Batch+1)
			continue
		}
		p.report.Bureaus = append(p.report.Bureaus, *done)
	}
	return p.checkNotAllLater()
}

// checkNotAllLater refuses a month where every bureau has run a later one already. If only
// some have, the others' batches are made and the report says why the rest is missing.
func (p *Planner) checkNotAllLater() error {
	if len(p.Plan.Bureaus) > 0 || len(p.report.Bureaus) == 0 {
		return nil
	}
	for _, b := range p.report.Bureaus {
		if b.Batch.Month <= p.Order.Month {
			return nil
		}
	}
	b := &p.report.Bureaus[0]
	return b.WithDiscardHint(fault.New(fault.Refused, "%s", b.Reason))
}

// bureau adds a bureau to the plan and returns nil, or returns why it is not computed.
func (p *Planner) bureau(name string, next int32) *BureauRun {
	plan := engine.BureauPlan{Bureau: name, Batch: next, N: 1, From: p.Plan.Opening}
	var latest *payrun.Batch
	for i := range p.batchesBefore {
		b := &p.batchesBefore[i]
		if b.Bureau != name || p.discards(b.Number) {
			continue
		}
		if b.Month > p.Order.Month {
			if b.State == payrun.CarriedOver { // its lines are in a later batch, or were discarded
				continue
			}
			return &BureauRun{Bureau: name, Outcome: Blocked, Batch: *b, Reason: p.laterRunReason(b), Discardable: b.State.Unsigned()}
		}
		if b.State.InSigning() && b.Month < p.Order.Month {
			return &BureauRun{Bureau: name, Outcome: Blocked, Batch: *b,
				Reason: fmt.Sprintf("%s正在签批，请先审批通过或退回，再运行 %s", approval.Title(*b), p.Order.Month)}
		}
		if b.State == payrun.Approved {
			if plan.Before == nil || plan.Before.Month != b.Month {
				plan.LastMonth = b
			}
			plan.Before, plan.From = b, b.Month+1
		}
		if b.Month == p.Order.Month {
			latest = b
		}
	}
	if latest != nil {
		switch {
		case latest.State.InSigning():
			return &BureauRun{Bureau: name, Outcome: Untouched, Batch: *latest, Reason: fmt.Sprintf("%s%s，没有改动", approval.Title(*latest), latest.State.Chinese())}
		case latest.State.Unsigned(), latest.State == payrun.CarriedOver: // 已结转 here: the run that carried it over was discarded
			plan.Batch, plan.N = latest.Number, latest.N
			p.Remade[latest.Number] = true
		default:
			plan.N = latest.N + 1
		}
	}
	plan.Extra = plan.Before != nil && plan.Before.Month == p.Order.Month
	p.Plan.Bureaus = append(p.Plan.Bureaus, plan)
	return nil
}

// Knowledge reads what concerns several people or everybody (payees, refused accounts, shared
// numbers, match lists, decisions, approvals) and determines whose past months are computed.
func (p *Planner) Knowledge(ctx context.Context) error {
	var err error
	region := p.Order.Region
	if p.Merged, err = people.ReadMerges(ctx, postgres.In(p.Tx, region).At(p.Revision)); err != nil {
		return err
	}
	if p.Plan.Payees, err = p.Payees(ctx); err != nil {
		return err
	}
	if p.Plan.Refused, err = p.RefusedAccounts(ctx); err != nil {
		return err
	}
	if p.Plan.Waiting, err = p.waiting(ctx); err != nil {
		return err
	}
	var namesakes []string
	if p.Plan.Shared, p.Plan.Doubled, namesakes, err = sharedNumbers(ctx, postgres.In(p.Tx, region).At(p.Revision)); err != nil {
		return err
	}
	if p.Plan.Alike, err = Alike(ctx, postgres.In(p.Tx, region).At(p.Revision), p.Order.Month, namesakes); err != nil {
		return err
	}
	if err := p.names(ctx); err != nil {
		return err
	}
	if p.Plan.Elsewhere, err = p.elsewhere(ctx); err != nil {
		return err
	}
	if p.Plan.LastPaid, err = lastPaidPayees(ctx, postgres.In(p.Tx, region)); err != nil {
		return err
	}
	if p.Plan.Hits, err = p.Hits(ctx); err != nil {
		return err
	}
	if p.Plan.Missing, err = p.missing(ctx); err != nil {
		return err
	}
	if err := p.Decisions(ctx); err != nil {
		return err
	}
	for i := range p.Plan.Bureaus {
		if b := &p.Plan.Bureaus[i]; b.LastMonth != nil {
			if b.LastTotals, err = batches.ItemTotalsIn(ctx, postgres.In(p.Tx, region), b.LastMonth.Number); err != nil {
				return err
			}
		}
	}
	if err := p.Approvals(ctx); err != nil {
		return err
	}
	if err := p.findTouched(ctx); err != nil {
		return err
	}
	if err := p.findAccountChanges(ctx); err != nil {
		return err
	}
	p.spread = engine.NewSpread(p.Plan)
	p.chunks = ChunksOf(p.nextPerson)
	p.report.People = p.nextPerson - 1
	return nil
}

// readAdopted reads which pack the region has adopted at the run's revision, and notes in the
// plan where the run's pack is another (a finding to acknowledge).
func (r *Computation) readAdopted(ctx context.Context) error {
	var err error
	if r.adopted, err = packs.AdoptedAt(ctx, postgres.In(r.Tx, r.Order.Region).At(r.Revision)); err != nil {
		return err
	}
	r.Plan.NotAdopted, err = packs.DiffFromAdopted(ctx, postgres.In(r.Tx, r.Order.Region), r.Order.Pack, r.adopted)
	return err
}

// adoptFirstPack adopts the pack of a region's first run; the region's row is locked. It
// refuses where another pack was adopted while the run computed, as the finding about it
// would be wrong.
func (r *Computation) adoptFirstPack(ctx context.Context, rev int64) error {
	now, err := packs.AdoptedAt(ctx, postgres.In(r.Tx, r.Order.Region).At(rev))
	switch {
	case err != nil:
		return err
	case now != r.adopted:
		return fault.New(fault.Refused, "运行期间采用了另一个规则包（%s），本次运行没有保存，请重新运行", packs.ShortHash(now))
	case now != "":
		return nil
	}
	return packs.InsertAdoption(ctx, postgres.In(r.Tx, r.Order.Region).At(rev), r.Order.Pack.Hash, r.Order.By.Actor, "首次运行所用的规则包")
}
