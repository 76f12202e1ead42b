package runs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/bank/shape"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/packs"
	"disburse/internal/store/people"
	"disburse/internal/store/requests"
)

// adopted reads which pack the region has adopted, and says so where the run's is another.
func (r *Computation) readAdopted(ctx context.Context) error {
	var err error
	if r.adopted, err = packs.AdoptedAt(ctx, postgres.In(r.Tx, r.Order.Region).At(r.Revision)); err != nil {
		return err
	}
	r.Plan.NotAdopted, err = packs.DiffFromAdopted(ctx, postgres.In(r.Tx, r.Order.Region), r.Order.Pack, r.adopted)
	return err
}

// keepAdopted adopts the pack of a region's first run, under the region's lock. It
// refuses where another pack was adopted while the run computed.
func (r *Computation) keepAdopted(ctx context.Context, rev int64) error {
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

// Hits reads what the newest list of each kind says, by person. What it said of a record
// that was merged since, it says of the survivor.
func (p *Planner) Hits(ctx context.Context) (map[int64][]payrun.Hit, error) {
	rows, err := p.Tx.Query(ctx, `
		WITH newest AS (
		    SELECT DISTINCT ON (kind) kind, rev FROM match_list WHERE region = $1 AND rev <= $2 ORDER BY kind, rev DESC)
		SELECT h.person, h.kind, h.how, h.id_number, h.name, h.birth, h.dated, h.street, h.note
		FROM match_hit h JOIN newest USING (kind, rev) WHERE h.region = $1 ORDER BY h.kind, h.person, h.n`, p.Order.Region, p.Revision)
	if err != nil {
		return nil, fmt.Errorf("read hits: %w", err)
	}
	all := map[int64][]payrun.Hit{}
	var person int64
	var h payrun.Hit
	var birth, dated *time.Time
	_, err = pgx.ForEachRow(rows, []any{&person, &h.List, &h.How, &h.ID, &h.Name, &birth, &dated, &h.Street, &h.Note}, func() error {
		h.Birth, h.Date = postgres.NullableDate(birth), postgres.NullableDate(dated)
		who := p.Merged.Survivor(person)
		if !slices.Contains(all[who], h) { // one row may have matched both records of a person
			all[who] = append(all[who], h)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read hits: %w", err)
	}
	return all, nil
}

// missing reads the rows of the newest lists of whom the roster had nobody, and still has
// nobody: somebody may have been put down since.
func (p *Planner) missing(ctx context.Context) ([]payrun.Missing, error) {
	rows, err := p.Tx.Query(ctx, `
		WITH newest AS (
		    SELECT DISTINCT ON (kind) kind, rev FROM match_list WHERE region = $1 AND rev <= $2 ORDER BY kind, rev DESC),
		absent AS (
		    SELECT m.* FROM match_missing m JOIN newest USING (kind, rev) WHERE m.region = $1 AND (m.id_number = '' OR NOT EXISTS (
		        SELECT FROM person p WHERE p.region = m.region AND p.id_number = m.id_number AND p.rev <= $2)))
		SELECT kind, id_number, name, birth, street FROM absent m WHERE m.id_number <> '' OR NOT EXISTS (
		    SELECT FROM person p WHERE p.region = m.region AND p.name = m.name AND p.birth = m.birth AND p.rev > m.rev AND p.rev <= $2)
		ORDER BY kind, rev, n`, p.Order.Region, p.Revision)
	if err != nil {
		return nil, fmt.Errorf("read people who are not on the roster: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payrun.Missing, error) {
		var m payrun.Missing
		var birth time.Time
		err := row.Scan(&m.List, &m.ID, &m.Name, &birth, &m.Street)
		m.Birth = month.FromTime(birth)
		return m, err
	})
	if err != nil {
		return nil, fmt.Errorf("read people who are not on the roster: %w", err)
	}
	return all, nil
}

// Planner lays down what a run must look at.
type Planner struct {
	*Computation
}

// Region reads where the region stands: its revision, opening month and people.
//
// The batches are read first: whatever is approved or voided between the two reads is not
// in p.stood then, so the end of the run finds that it moved. The other way round it would
// be in p.stood and not in the revision, and what it settled would be found due again.
func (p *Planner) Region(ctx context.Context) error {
	var opening *time.Time
	var err error
	o := p.Order
	if p.stood, err = AllBatches(ctx, postgres.In(p.Tx, o.Region)); err != nil {
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
		if p.Computation.reopened, err = p.reopens(ctx, month.FromTime(*opening).Month()); err != nil {
			return err
		}
	}
	if opening != nil && !p.Computation.reopened {
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
	p.Plan = &payrun.Plan{Region: o.Region, Pack: o.Pack, Month: o.Month, Opening: first, Unwritable: shape.Unwritable(o.Pack.File)}
	p.report = &Report{Revision: p.Revision, Opening: first}
	return p.readAdopted(ctx)
}

// bureaus decides, bureau by bureau, which batch the run makes.
func (p *Planner) bureaus(ctx context.Context) error {
	if err := p.discardLater(ctx); err != nil {
		return err
	}
	next := int32(1)
	for _, b := range p.stood {
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
	return p.notAllLater()
}

// notAllLater refuses a month after which every bureau has already run another.
func (p *Planner) notAllLater() error {
	if len(p.Plan.Bureaus) > 0 || len(p.report.Bureaus) == 0 {
		return nil
	}
	for _, b := range p.report.Bureaus {
		if b.Batch.Month <= p.Order.Month {
			return nil
		}
	}
	b := &p.report.Bureaus[0]
	return b.Offering(fault.New(fault.Refused, "%s", b.Reason))
}

// bureau adds a bureau to the plan, or says why it is left alone.
func (p *Planner) bureau(name string, next int32) *BureauRun {
	plan := payrun.BureauPlan{Bureau: name, Batch: next, N: 1, From: p.Plan.Opening}
	var latest *payrun.Batch
	for i := range p.stood {
		b := &p.stood[i]
		if b.Bureau != name || p.discards(b.Number) {
			continue
		}
		if b.Month > p.Order.Month {
			if b.State == payrun.CarriedOver { // into a later one, or discarded with it
				continue
			}
			return &BureauRun{Bureau: name, Outcome: Blocked, Batch: *b, Reason: p.alreadyLater(b), Discardable: b.State.Unsigned()}
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
		case latest.State.Unsigned(), latest.State == payrun.CarriedOver: // into a run that was discarded
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

// Knowledge reads what holds for everybody, and finds who is touched.
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
	if err := p.findMoved(ctx); err != nil {
		return err
	}
	p.Computation.spread = payrun.NewSpread(p.Plan)
	p.chunks = ChunksOf(p.nextPerson)
	p.report.People = p.nextPerson - 1
	return nil
}

// waiting reads the account changes that wait for a second person.
func (p *Planner) waiting(ctx context.Context) (map[payrun.AccountOwner]int, error) {
	open, err := requests.ListOpen(ctx, postgres.In(p.Tx, p.Order.Region))
	if err != nil {
		return nil, err
	}
	waits := map[payrun.AccountOwner]int{}
	for i := range open {
		switch q := &open[i]; q.About {
		case requests.PersonAccount:
			waits[payrun.AccountOwner{Person: q.Person}] = q.N
		case requests.PayeeAccount:
			waits[payrun.AccountOwner{Payee: q.Name}] = q.N
		}
	}
	return waits, nil
}

func (p *Planner) Payees(ctx context.Context) (map[string]roster.Account, error) {
	rows, err := p.Tx.Query(ctx, `
		SELECT DISTINCT ON (name) name, bank, account, holder FROM payee
		WHERE region = $1 AND rev <= $2 ORDER BY name, rev DESC`, p.Order.Region, p.Revision)
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
func lastPaidPayees(ctx context.Context, scope postgres.Scope) (map[string]roster.Account, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT DISTINCT ON (payee) payee, bank, account, holder FROM payment p
		WHERE region = $1 AND person IS NULL
		  AND NOT EXISTS (SELECT FROM batch v WHERE v.region = p.region AND v.batch = p.batch AND v.state = 'voided')
		ORDER BY payee, batch DESC`, scope.Region)
	if err != nil {
		return nil, fmt.Errorf("read last payments of payees: %w", err)
	}
	return collectAccounts(rows)
}

// RefusedAccounts lists the accounts that a bank refused, as they were paid to, with the
// last payment that failed.
func (p *Planner) RefusedAccounts(ctx context.Context) (map[roster.Account]payrun.Refusal, error) {
	rows, err := p.Tx.Query(ctx, `
		SELECT p.bank, p.account, p.holder, f.number || '/' || p.seq, trim(r.code || ' ' || r.reason)
		FROM payment_result r JOIN payment p USING (region, batch, file, seq) JOIN payment_file f USING (region, batch, file)
		WHERE r.region = $1 AND r.outcome = 2 AND r.rev <= $2
		ORDER BY r.rev, r.batch, r.file, r.seq`, p.Order.Region, p.Revision)
	if err != nil {
		return nil, fmt.Errorf("read refused accounts: %w", err)
	}
	refused := map[roster.Account]payrun.Refusal{}
	var a roster.Account
	var last payrun.Refusal
	_, err = pgx.ForEachRow(rows, []any{&a.Bank, &a.Number, &a.Holder, &last.Payment, &last.Reason}, func() error {
		a.Bank = p.Plan.Pack.File.BankName(a.Bank) // by today's names, as what it is compared with
		refused[a] = last                          // the later one takes its place
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read refused accounts: %w", err)
	}
	return refused, nil
}

func (p *Planner) Decisions(ctx context.Context) error {
	rows, err := p.Tx.Query(ctx, `
		SELECT DISTINCT ON (id) id, release FROM decision
		WHERE region = $1 AND rev <= $2 ORDER BY id, rev DESC`, p.Order.Region, p.Revision)
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
	p.Plan.Released = func(id string) bool { return released[id] }
	p.Plan.Kept = func(id string) bool { release, decided := released[id]; return decided && !release }
	return nil
}
