package postgres

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
	"disburse/internal/roster"
)

// planner lays down what a run must look at.
type planner struct {
	*run
}

// region reads where the region stands: its revision, opening month and people.
//
// The batches are read first: whatever is approved or voided between the two reads is not
// in p.stood then, so the end of the run finds that it moved. The other way round it would
// be in p.stood and not in the revision, and what it settled would be found due again.
func (p *planner) region(ctx context.Context) error {
	var opening *time.Time
	var err error
	o := p.order
	if p.stood, err = allBatches(ctx, p.tx, o.Region); err != nil {
		return err
	}
	err = p.tx.QueryRow(ctx, `SELECT head, opening_month, next_person FROM region WHERE region = $1`, o.Region).
		Scan(&p.revision, &opening, &p.nextPerson)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.New(fault.NotFound, "数据库里没有区划 %d，请先导入花名册", o.Region)
	}
	if err != nil {
		return fmt.Errorf("read region: %w", err)
	}
	first := o.Opening
	if opening != nil {
		if p.run.reopened, err = p.reopens(ctx, month.FromTime(*opening).Month()); err != nil {
			return err
		}
	}
	if opening != nil && !p.run.reopened {
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
	p.plan = &payrun.Plan{Region: o.Region, Pack: o.Pack, Month: o.Month, Opening: first, Unwritable: shape.Unwritable(o.Pack.File)}
	p.report = &RunReport{Revision: p.revision, Opening: first}
	return p.readAdopted(ctx)
}

// bureaus decides, bureau by bureau, which batch the run makes.
func (p *planner) bureaus(ctx context.Context) error {
	if err := p.discardLater(ctx); err != nil {
		return err
	}
	next := int32(1)
	for _, b := range p.stood {
		next = max(next, b.Number+1)
	}
	for _, bureau := range p.order.Pack.File.Bureaus {
		done := p.bureau(bureau.Name.Value, next)
		if done == nil {
			next = max(next, p.plan.Bureaus[len(p.plan.Bureaus)-1].Batch+1)
			continue
		}
		p.report.Bureaus = append(p.report.Bureaus, *done)
	}
	return p.notAllLater()
}

// notAllLater refuses a month after which every bureau has already run another.
func (p *planner) notAllLater() error {
	if len(p.plan.Bureaus) > 0 || len(p.report.Bureaus) == 0 {
		return nil
	}
	for _, b := range p.report.Bureaus {
		if b.Batch.Month <= p.order.Month {
			return nil
		}
	}
	b := &p.report.Bureaus[0]
	return b.Offering(fault.New(fault.Refused, "%s", b.Reason))
}

// bureau adds a bureau to the plan, or says why it is left alone.
func (p *planner) bureau(name string, next int32) *BureauRun {
	plan := payrun.BureauPlan{Bureau: name, Batch: next, N: 1, From: p.plan.Opening}
	var latest *payrun.Batch
	for i := range p.stood {
		b := &p.stood[i]
		if b.Bureau != name || p.discards(b.Number) {
			continue
		}
		if b.Month > p.order.Month {
			if b.State == payrun.CarriedOver { // into a later one, or discarded with it
				continue
			}
			return &BureauRun{Bureau: name, Outcome: Blocked, Batch: *b, Reason: p.alreadyLater(b), Discardable: b.State.Unsigned()}
		}
		if b.State.InSigning() && b.Month < p.order.Month {
			return &BureauRun{Bureau: name, Outcome: Blocked, Batch: *b,
				Reason: fmt.Sprintf("%s正在签批，请先审批通过或退回，再运行 %s", approval.Title(*b), p.order.Month)}
		}
		if b.State == payrun.Approved {
			if plan.Before == nil || plan.Before.Month != b.Month {
				plan.LastMonth = b
			}
			plan.Before, plan.From = b, b.Month+1
		}
		if b.Month == p.order.Month {
			latest = b
		}
	}
	if latest != nil {
		switch {
		case latest.State.InSigning():
			return &BureauRun{Bureau: name, Outcome: Untouched, Batch: *latest, Reason: fmt.Sprintf("%s%s，没有改动", approval.Title(*latest), latest.State.Chinese())}
		case latest.State.Unsigned(), latest.State == payrun.CarriedOver: // into a run that was discarded
			plan.Batch, plan.N = latest.Number, latest.N
			p.remade[latest.Number] = true
		default:
			plan.N = latest.N + 1
		}
	}
	plan.Extra = plan.Before != nil && plan.Before.Month == p.order.Month
	p.plan.Bureaus = append(p.plan.Bureaus, plan)
	return nil
}

// knowledge reads what holds for everybody, and finds who is touched.
func (p *planner) knowledge(ctx context.Context) error {
	var err error
	region := p.order.Region
	if p.merged, err = readMerges(ctx, p.tx, region, p.revision); err != nil {
		return err
	}
	if p.plan.Payees, err = p.payees(ctx); err != nil {
		return err
	}
	if p.plan.Refused, err = p.refusedAccounts(ctx); err != nil {
		return err
	}
	if p.plan.Waiting, err = p.waiting(ctx); err != nil {
		return err
	}
	var namesakes []string
	if p.plan.Shared, p.plan.Doubled, namesakes, err = sharedNumbers(ctx, p.tx, region, p.revision); err != nil {
		return err
	}
	if p.plan.Alike, err = alike(ctx, p.tx, region, p.revision, p.order.Month, namesakes); err != nil {
		return err
	}
	if err := p.names(ctx); err != nil {
		return err
	}
	if p.plan.Elsewhere, err = p.elsewhere(ctx); err != nil {
		return err
	}
	if p.plan.LastPaid, err = lastPaidPayees(ctx, p.tx, region); err != nil {
		return err
	}
	if p.plan.Hits, err = p.hits(ctx); err != nil {
		return err
	}
	if p.plan.Missing, err = p.missing(ctx); err != nil {
		return err
	}
	if err := p.decisions(ctx); err != nil {
		return err
	}
	for i := range p.plan.Bureaus {
		if b := &p.plan.Bureaus[i]; b.LastMonth != nil {
			if b.LastTotals, err = itemTotals(ctx, p.tx, region, b.LastMonth.Number); err != nil {
				return err
			}
		}
	}
	if err := p.approvals(ctx); err != nil {
		return err
	}
	if err := p.findTouched(ctx); err != nil {
		return err
	}
	if err := p.findMoved(ctx); err != nil {
		return err
	}
	p.run.spread = payrun.NewSpread(p.plan)
	p.chunks = chunksOf(p.nextPerson)
	p.report.People = p.nextPerson - 1
	return nil
}

// waiting reads the account changes that wait for a second person.
func (p *planner) waiting(ctx context.Context) (map[payrun.AccountOwner]int, error) {
	open, err := openRequests(ctx, p.tx, p.order.Region)
	if err != nil {
		return nil, err
	}
	waits := map[payrun.AccountOwner]int{}
	for i := range open {
		switch q := &open[i]; q.About {
		case PersonAccount:
			waits[payrun.AccountOwner{Person: q.Person}] = q.N
		case PayeeAccount:
			waits[payrun.AccountOwner{Payee: q.Name}] = q.N
		}
	}
	return waits, nil
}

func (p *planner) payees(ctx context.Context) (map[string]roster.Account, error) {
	rows, err := p.tx.Query(ctx, `
		SELECT DISTINCT ON (name) name, bank, account, holder FROM payee
		WHERE region = $1 AND rev <= $2 ORDER BY name, rev DESC`, p.order.Region, p.revision)
	if err != nil {
		return nil, fmt.Errorf("read payees: %w", err)
	}
	return collectAccounts(rows)
}

func collectAccounts(rows pgx.Rows) (map[string]roster.Account, error) {
	all := map[string]roster.Account{}
	var name string
	var a roster.Account
	_, err := pgx.ForEachRow(rows, []any{&name, &a.Bank, &a.Number, &a.Holder}, func() error {
		all[name] = a
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return all, nil
}

// lastPaidPayees returns the account of each institution's last payment.
func lastPaidPayees(ctx context.Context, tx pgx.Tx, region int32) (map[string]roster.Account, error) {
	rows, err := tx.Query(ctx, `
		SELECT DISTINCT ON (payee) payee, bank, account, holder FROM payment p
		WHERE region = $1 AND person IS NULL
		  AND NOT EXISTS (SELECT FROM batch v WHERE v.region = p.region AND v.batch = p.batch AND v.state = 'voided')
		ORDER BY payee, batch DESC`, region)
	if err != nil {
		return nil, fmt.Errorf("read last payments of payees: %w", err)
	}
	return collectAccounts(rows)
}

// refusedAccounts lists the accounts that a bank refused, as they were paid to, with the
// last payment that failed.
func (p *planner) refusedAccounts(ctx context.Context) (map[roster.Account]payrun.Refusal, error) {
	rows, err := p.tx.Query(ctx, `
		SELECT p.bank, p.account, p.holder, f.number || '/' || p.seq, trim(r.code || ' ' || r.reason)
		FROM payment_result r JOIN payment p USING (region, batch, file, seq) JOIN payment_file f USING (region, batch, file)
		WHERE r.region = $1 AND r.outcome = 2 AND r.rev <= $2
		ORDER BY r.rev, r.batch, r.file, r.seq`, p.order.Region, p.revision)
	if err != nil {
		return nil, fmt.Errorf("read refused accounts: %w", err)
	}
	refused := map[roster.Account]payrun.Refusal{}
	var a roster.Account
	var last payrun.Refusal
	_, err = pgx.ForEachRow(rows, []any{&a.Bank, &a.Number, &a.Holder, &last.Payment, &last.Reason}, func() error {
		a.Bank = p.plan.Pack.File.BankName(a.Bank) // by today's names, as what it is compared with
		refused[a] = last                          // the later one takes its place
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read refused accounts: %w", err)
	}
	return refused, nil
}

func (p *planner) decisions(ctx context.Context) error {
	rows, err := p.tx.Query(ctx, `
		SELECT DISTINCT ON (id) id, release FROM decision
		WHERE region = $1 AND rev <= $2 ORDER BY id, rev DESC`, p.order.Region, p.revision)
	if err != nil {
		return fmt.Errorf("read decisions: %w", err)
	}
	released := map[string]bool{}
	var id string
	var release bool
	_, err = pgx.ForEachRow(rows, []any{&id, &release}, func() error {
		released[id] = release
		return nil
	})
	if err != nil {
		return fmt.Errorf("read decisions: %w", err)
	}
	p.plan.Released = func(id string) bool { return released[id] }
	p.plan.Kept = func(id string) bool { release, decided := released[id]; return decided && !release }
	return nil
}

// itemTotals reads a batch's control totals by item.
func itemTotals(ctx context.Context, tx pgx.Tx, region, batch int32) (map[string]payrun.ItemTotal, error) {
	rows, err := tx.Query(ctx, `
		SELECT item, heads, current, arrears, recovery, held FROM batch_item
		WHERE region = $1 AND batch = $2`, region, batch)
	if err != nil {
		return nil, fmt.Errorf("read item totals: %w", err)
	}
	totals := map[string]payrun.ItemTotal{}
	var t payrun.ItemTotal
	_, err = pgx.ForEachRow(rows, []any{&t.Item, &t.Heads, &t.Current, &t.Arrears, &t.Recovery, &t.Held}, func() error {
		totals[t.Item] = t
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read item totals: %w", err)
	}
	return totals, nil
}
