package signing

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/people"
	"disburse/internal/store/runs"
)

// LaterReport is what became known of people in a batch after it was computed (以后的变更), as
// of Revision. People are in order of number; those without a change that matters are left out.
type LaterReport struct {
	Batch    payrun.Batch
	Revision int64
	People   []engine.LaterChange
}

// Effect sums over all people by how much a run would pay, hold and claim back more (or less,
// negative) now, in 分.
func (r *LaterReport) Effect() (pays, held, owed money.Fen) {
	for i := range r.People {
		l := &r.People[i]
		pays, held, owed = pays.Add(l.PaysMore), held.Add(l.HeldMore), owed.Add(l.OwedMore)
	}
	return pays, held, owed
}

// summary is the part of a signature's journal entry about later changes; empty without any.
func (r *LaterReport) summary() string {
	if len(r.People) == 0 {
		return ""
	}
	pays, held, owed := r.Effect()
	return fmt.Sprintf("；以后的变更 %d 人，影响可发 %s 元、暂缓 %s 元、应追回 %s 元", len(r.People), Signed(pays), Signed(held), Signed(owed))
}

// Signed formats an amount in 元 with its sign; 0.00 has none.
func Signed(a money.Fen) string {
	if a > 0 {
		return "+" + a.Grouped()
	}
	return a.Grouped()
}

// refusal refuses a signature while the batch would pay somebody for whom a death, a 暂停发放,
// a refused account or a hit on a match list became known, or whom another region has paid
// the same (docs/rules.md §6.5). It returns nil where nobody is affected.
func (r *LaterReport) refusal() error {
	const most = 5 // people named in the sentence
	var named []string
	n := 0
	for i := range r.People {
		l := &r.People[i]
		if len(l.Grave) == 0 {
			continue
		}
		if n++; n <= most {
			named = append(named, fmt.Sprintf("%s（%s）%s", l.Name, roster.MaskID(l.ID), strings.Join(l.Grave, "、")))
		}
	}
	if n == 0 {
		return nil
	}
	more := ""
	if n > most {
		more = fmt.Sprintf("，另有 %d 人", n-most)
	}
	return fault.Command(fault.New(fault.Refused, "%s算出以后，得知 %d 人不应照发：%s%s；请%s重新运行",
		approval.Title(r.Batch), n, strings.Join(named, "；"), more, batches.ReturnFirst(r.Batch)), "disburse changes 可看全部变更")
}

// checkLaterChanges returns what became known since the batch was computed, or refuses where somebody's
// line must not be paid any more.
func checkLaterChanges(ctx context.Context, scope postgres.Scope, b payrun.Batch) (*LaterReport, error) {
	report, err := laterChanges(ctx, scope, b)
	if err != nil {
		return nil, err
	}
	return report, report.refusal()
}

// LaterChanges returns what became known, since it was computed, of people in the bureau's
// latest batch of the month. Errors: fault.NotFound (no batch), fault.Refused (the batch was
// carried over or voided: nothing of it is paid).
func LaterChanges(ctx context.Context, db *postgres.DB, region int32, m month.Month, bureau string) (*LaterReport, error) {
	var report *LaterReport
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		b, err := batches.LatestIn(ctx, scope, m, bureau)
		if err != nil {
			return err
		}
		if b.State == payrun.CarriedOver || b.State == payrun.Voided {
			return fault.New(fault.Refused, "%s%s，没有以后的变更可列，请看以后的批次", approval.Title(b), b.State.Chinese())
		}
		head, err := postgres.ReadHead(ctx, scope.Tx, region, "")
		if err != nil {
			return err
		}
		report, err = laterChanges(ctx, scope.At(head.Rev), b)
		return err
	})
	return report, err
}

// laterChanges recomputes the people of whom something became known after the batch's revision,
// up to the scope's. Only they are read, so the time does not depend on the batch's size.
func laterChanges(ctx context.Context, scope postgres.Scope, b payrun.Batch) (*LaterReport, error) {
	report := &LaterReport{Batch: b, Revision: scope.Rev}
	there, others, err := runs.ElsewhereSince(ctx, scope, b)
	if err != nil {
		return nil, err
	}
	if scope.Rev <= b.Revision && len(others) == 0 {
		return report, nil
	}
	news, err := findChanged(ctx, scope, b, others)
	if err != nil || len(news) == 0 {
		return report, err
	}
	w := &recomputation{Scope: scope, batch: b, changes: news, elsewhere: there, report: report}
	if err := w.prepare(ctx); err != nil {
		return nil, err
	}
	people := sortedPeople(news)
	for part := range slices.Chunk(people, runs.ChunkPeople) {
		if err := w.recompute(ctx, part); err != nil {
			return nil, err
		}
	}
	return report, nil
}

func sortedPeople(news map[int64][]string) []int64 {
	people := make([]int64, 0, len(news))
	for p := range news {
		people = append(people, p)
	}
	slices.Sort(people)
	return people
}

// recomputation recomputes some of a batch's people as of the present revision and compares the
// outcome with the batch's lines and debts.
type recomputation struct {
	postgres.Scope
	batch     payrun.Batch
	changes   map[int64][]string           // by person
	elsewhere map[int64][]engine.Elsewhere // by person, what other regions have paid by now
	report    *LaterReport

	run       *runs.Computation
	computer  *engine.Computer
	now, then *runs.Chunk
	lines     map[int64][]payrun.Line
	debts     map[int64][]payrun.Debt
}

// prepare makes the plan that a run of the batch's bureau and month would have at the present
// revision, but with the batch's own pack: only changes in people's records are to be found.
func (w *recomputation) prepare(ctx context.Context) error {
	var body string
	err := w.Tx.QueryRow(ctx, `SELECT body FROM pack WHERE region = $1 AND hash = $2`, w.Region, w.batch.Pack).Scan(&body)
	if err != nil {
		return fmt.Errorf("read pack %s: %w", w.batch.Pack, err)
	}
	pack, err := policy.LoadStored([]byte(body))
	if err != nil {
		return err
	}
	bureau := engine.BureauPlan{Bureau: w.batch.Bureau, Batch: w.batch.Number, N: w.batch.N, From: w.batch.Opening}
	if bureau.Before, err = w.lastApproved(ctx); err != nil {
		return err
	}
	w.run = &runs.Computation{Tx: w.Tx, Order: runs.Order{Region: w.Region, Month: w.batch.Month, Pack: pack}, Revision: w.Rev,
		Plan: &engine.Plan{Region: w.Region, Pack: pack, Month: w.batch.Month, Opening: w.batch.Opening, Bureaus: []engine.BureauPlan{bureau}}}
	w.now, w.then = runs.NewChunk(), runs.NewChunk()
	return w.readKnowledge(ctx)
}

// lastApproved returns the last approved batch, whose held lines a run would pay now; nil: none.
func (w *recomputation) lastApproved(ctx context.Context) (*payrun.Batch, error) {
	rows, err := w.Tx.Query(ctx, batches.SelectBatch+`AND b.bureau = $2 AND b.state = 'approved' ORDER BY b.month DESC, b.n DESC LIMIT 1`, w.Region, w.batch.Bureau)
	if err != nil {
		return nil, fmt.Errorf("read batches: %w", err)
	}
	found, err := pgx.CollectRows(rows, batches.ScanBatch)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// readKnowledge reads what a run's plan has, as far as it concerns single people; shared accounts
// and namesakes are looked up for these people only, because streaming everybody takes too long
// for a page.
func (w *recomputation) readKnowledge(ctx context.Context) error {
	p, plan := &runs.Planner{Computation: w.run}, w.run.Plan
	var err error
	if plan.Payees, err = p.Payees(ctx); err != nil {
		return err
	}
	if plan.Refused, err = p.RefusedAccounts(ctx); err != nil {
		return err
	}
	if w.run.Merged, err = people.ReadMerges(ctx, w.Scope); err != nil {
		return err
	}
	plan.Elsewhere = w.elsewhere
	if plan.Hits, err = p.Hits(ctx); err != nil {
		return err
	}
	if err := p.Decisions(ctx); err != nil {
		return err
	}
	if err := p.Approvals(ctx); err != nil {
		return err
	}
	accounts, namesakes, err := w.sharedCandidates(ctx)
	if err != nil {
		return err
	}
	if plan.Shared, err = runs.SharedOf(ctx, w.Scope, "account", accounts); err != nil {
		return err
	}
	if plan.Alike, err = runs.Alike(ctx, w.Scope, w.batch.Month, namesakes); err != nil {
		return err
	}
	w.computer = engine.New(plan)
	return nil
}

// sharedCandidates lists the people's account numbers and AlikeKeys, sorted and without duplicates:
// candidates for runs.SharedOf and runs.Alike.
func (w *recomputation) sharedCandidates(ctx context.Context) (accounts, namesakes []string, err error) {
	for part := range slices.Chunk(sortedPeople(w.changes), runs.ChunkPeople) {
		if err := w.now.ReadOf(ctx, w.Tx.Conn(), w.Region, w.Rev, part); err != nil {
			return nil, nil, err
		}
		for i := range w.now.Dossiers {
			d := &w.now.Dossiers[i]
			if d.Account.Number != "" {
				// Cloned, because the number is a slice of the whole row's text, which would stay in memory.
				accounts = append(accounts, strings.Clone(d.Account.Number))
			}
			namesakes = append(namesakes, string(runs.AlikeKey(nil, d.Birth, []byte(d.Name))))
		}
	}
	slices.Sort(accounts)
	slices.Sort(namesakes)
	return slices.Compact(accounts), slices.Compact(namesakes), nil
}

// recompute recomputes a part of the people and adds those who changed to the report.
func (w *recomputation) recompute(ctx context.Context, people []int64) error {
	conn := w.Tx.Conn()
	if err := w.then.ReadOf(ctx, conn, w.Region, w.batch.Revision, people); err != nil {
		return err
	}
	if err := w.now.ReadOf(ctx, conn, w.Region, w.Rev, people); err != nil {
		return err
	}
	if err := w.now.Settle(ctx, conn, w.run, people); err != nil {
		return err
	}
	if err := w.now.ReadStages(ctx, conn, w.run, people); err != nil {
		return err
	}
	if err := w.batchLines(ctx, people); err != nil {
		return err
	}
	for i := range w.then.Dossiers {
		then := &w.then.Dossiers[i]
		lc := engine.LaterCase{Then: then, Lines: w.lines[then.Number], Debts: w.debts[then.Number], News: w.changes[then.Number],
			Paid: w.batch.State == payrun.Approved}
		if at, ok := slices.BinarySearchFunc(w.now.Dossiers, then.Number, func(d roster.Dossier, n int64) int { return cmp.Compare(d.Number, n) }); ok {
			lc.Case = engine.Case{Dossier: &w.now.Dossiers[at], Touched: true, Settled: w.now.Settled[then.Number],
				Stages: w.now.Stages[then.Number]}
		}
		change, err := w.computer.Later(&lc)
		if err != nil {
			return err
		}
		if change.Matters() {
			w.report.People = append(w.report.People, change)
		}
	}
	return nil
}

// batchLines reads the batch's lines and debts of the people.
func (w *recomputation) batchLines(ctx context.Context, people []int64) error {
	w.lines, w.debts = map[int64][]payrun.Line{}, map[int64][]payrun.Debt{}
	where := fmt.Sprintf("region = %d AND batch = %d AND person = ANY (%s)", w.Region, w.batch.Number, postgres.ArrayText(people))
	err := postgres.CopyOut(ctx, w.Tx.Conn().PgConn(), fmt.Sprintf(`COPY (SELECT %s FROM %s WHERE %s ORDER BY person) TO STDOUT (FORMAT binary)`,
		batches.LineColumns, batches.LineTable(w.batch), where), func(r *postgres.RowReader) error {
		for r.Next() {
			l := batches.DecodeLine(r)
			w.lines[l.Person] = append(w.lines[l.Person], l)
		}
		return r.Err()
	})
	if err != nil {
		return fmt.Errorf("read lines of batch %d: %w", w.batch.Number, err)
	}
	rows, err := w.Tx.Query(ctx, `SELECT person, amount FROM debt WHERE `+where)
	if err != nil {
		return fmt.Errorf("read debts of batch %d: %w", w.batch.Number, err)
	}
	var d payrun.Debt
	_, err = pgx.ForEachRow(rows, []any{&d.Person, &d.Amount}, func() error {
		w.debts[d.Person] = append(w.debts[d.Person], d)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read debts of batch %d: %w", w.batch.Number, err)
	}
	return nil
}
