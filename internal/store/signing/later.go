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
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/people"
	"disburse/internal/store/runs"
)

// LaterReport is what became known of people in a batch after it was computed (以后的变更),
// by the revision up to which it was looked for. People are in order of number; nobody is
// among them of whom there is nothing to say.
type LaterReport struct {
	Batch    payrun.Batch
	Revision int64
	People   []payrun.LaterChange
}

// Effect is what a run would pay, hold and want back otherwise now, of all people, in 分.
func (r *LaterReport) Effect() (pays, held, owed money.Fen) {
	for i := range r.People {
		l := &r.People[i]
		pays, held, owed = pays.Add(l.PaysMore), held.Add(l.HeldMore), owed.Add(l.OwedMore)
	}
	return pays, held, owed
}

// summary is what a signature's journal entry says of it.
func (r *LaterReport) summary() string {
	if len(r.People) == 0 {
		return ""
	}
	pays, held, owed := r.Effect()
	return fmt.Sprintf("；以后的变更 %d 人，影响可发 %s 元、暂缓 %s 元、应追回 %s 元", len(r.People), Signed(pays), Signed(held), Signed(owed))
}

// Signed writes an amount with its sign, 0.00 with none.
func Signed(a money.Fen) string {
	if a > 0 {
		return "+" + a.Grouped()
	}
	return a.Grouped()
}

// refuse says no to a signature while the batch would pay somebody of whom a death, a
// 暂停发放, a refused account or a hit on a match list became known, or whom another
// region has paid the same.
func (r *LaterReport) refuse() error {
	const most = 5
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

// harmless returns what became known since the batch was computed, or refuses where
// somebody's line must not be paid for it.
func harmless(ctx context.Context, scope postgres.Scope, b payrun.Batch) (*LaterReport, error) {
	report, err := laterChanges(ctx, scope, b)
	if err != nil {
		return nil, err
	}
	return report, report.refuse()
}

// LaterChanges returns what became known of people in the bureau's latest batch of the
// month since it was computed. Errors: fault.NotFound (no batch), fault.Refused (the batch
// was carried over or voided: nothing of it is paid).
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

// laterChanges computes the people of whom something became known after the batch's
// revision, up to rev, once more. Only they are read, however many are in the batch.
func laterChanges(ctx context.Context, scope postgres.Scope, b payrun.Batch) (*LaterReport, error) {
	report := &LaterReport{Batch: b, Revision: scope.Rev}
	there, others, err := runs.ElsewhereSince(ctx, scope, b)
	if err != nil {
		return nil, err
	}
	if scope.Rev <= b.Revision && len(others) == 0 {
		return report, nil
	}
	news, err := findNews(ctx, scope, b, others)
	if err != nil || len(news) == 0 {
		return report, err
	}
	w := &lookback{Scope: scope, batch: b, news: news, there: there, report: report}
	if err := w.prepare(ctx); err != nil {
		return nil, err
	}
	people := sortedPeople(news)
	for part := range slices.Chunk(people, runs.ChunkPeople) {
		if err := w.look(ctx, part); err != nil {
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

// lookback looks at a batch's people again, by what is known now.
type lookback struct {
	postgres.Scope
	batch  payrun.Batch
	news   map[int64][]string           // by person
	there  map[int64][]payrun.Elsewhere // by person, what other regions have paid by now
	report *LaterReport

	run       *runs.Computation
	computer  *payrun.Computer
	now, then *runs.Chunk
	lines     map[int64][]payrun.Line
	debts     map[int64][]payrun.Debt
}

// prepare lays down the plan of a run of the batch's bureau and month at the present
// revision, with the batch's own pack.
func (w *lookback) prepare(ctx context.Context) error {
	var body string
	err := w.Tx.QueryRow(ctx, `SELECT body FROM pack WHERE region = $1 AND hash = $2`, w.Region, w.batch.Pack).Scan(&body)
	if err != nil {
		return fmt.Errorf("read pack %s: %w", w.batch.Pack, err)
	}
	pack, err := policy.LoadStored([]byte(body))
	if err != nil {
		return err
	}
	bureau := payrun.BureauPlan{Bureau: w.batch.Bureau, Batch: w.batch.Number, N: w.batch.N, From: w.batch.Opening}
	if bureau.Before, err = w.before(ctx); err != nil {
		return err
	}
	w.run = &runs.Computation{Tx: w.Tx, Order: runs.Order{Region: w.Region, Month: w.batch.Month, Pack: pack}, Revision: w.Rev,
		Plan: &payrun.Plan{Region: w.Region, Pack: pack, Month: w.batch.Month, Opening: w.batch.Opening, Bureaus: []payrun.BureauPlan{bureau}}}
	w.now, w.then = runs.NewChunk(), runs.NewChunk()
	return w.knowledge(ctx)
}

// before is the batch whose held lines a run would pay now: the last approved one.
func (w *lookback) before(ctx context.Context) (*payrun.Batch, error) {
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

// knowledge reads what the plan of a run has, as far as it is about single people: of
// shared numbers and namesakes only those of the people at hand.
func (w *lookback) knowledge(ctx context.Context) error {
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
	plan.Elsewhere = w.there
	if plan.Hits, err = p.Hits(ctx); err != nil {
		return err
	}
	if err := p.Decisions(ctx); err != nil {
		return err
	}
	if err := p.Approvals(ctx); err != nil {
		return err
	}
	accounts, namesakes, err := w.sharable(ctx)
	if err != nil {
		return err
	}
	if plan.Shared, err = runs.SharedOf(ctx, w.Scope, "account", accounts); err != nil {
		return err
	}
	if plan.Alike, err = runs.Alike(ctx, w.Scope, w.batch.Month, namesakes); err != nil {
		return err
	}
	w.computer = payrun.NewComputer(plan)
	return nil
}

// sharable lists the accounts of the people at hand, and their names and birth dates.
func (w *lookback) sharable(ctx context.Context) (accounts, namesakes []string, err error) {
	for part := range slices.Chunk(sortedPeople(w.news), runs.ChunkPeople) {
		if err := w.now.ReadOf(ctx, w.Tx.Conn(), w.Region, w.Rev, part); err != nil {
			return nil, nil, err
		}
		for i := range w.now.Dossiers {
			d := &w.now.Dossiers[i]
			if d.Account.Number != "" {
				accounts = append(accounts, strings.Clone(d.Account.Number))
			}
			namesakes = append(namesakes, string(runs.AlikeKey(nil, d.Birth, []byte(d.Name))))
		}
	}
	slices.Sort(accounts)
	slices.Sort(namesakes)
	return slices.Compact(accounts), slices.Compact(namesakes), nil
}

// look computes some of the people.
func (w *lookback) look(ctx context.Context, people []int64) error {
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
		lc := payrun.LaterCase{Then: then, Lines: w.lines[then.Number], Debts: w.debts[then.Number], News: w.news[then.Number],
			Paid: w.batch.State == payrun.Approved}
		if at, ok := slices.BinarySearchFunc(w.now.Dossiers, then.Number, func(d roster.Dossier, n int64) int { return cmp.Compare(d.Number, n) }); ok {
			lc.Case = payrun.Case{Dossier: &w.now.Dossiers[at], Touched: true, Settled: w.now.Settled[then.Number],
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

// batchLines reads what the batch has of the people.
func (w *lookback) batchLines(ctx context.Context, people []int64) error {
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
