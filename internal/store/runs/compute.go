package runs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"runtime"
	"sync"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
)

// part is one bureau's batch as it is being written.
type part struct {
	digest hash.Hash
	lines  int64
}

// computed is what came of one range of people, encoded for COPY.
type computed struct {
	lines    postgres.RowWriter
	ends     []lineEnd // where each line ends in lines, and whose batch it is
	debts    postgres.RowWriter
	findings postgres.RowWriter
	people   int64
	err      error
}

type lineEnd struct {
	bureau int
	end    int
}

// task is a range on its way through a worker.
type task struct {
	at   batches.ChunkRange
	done chan *computed
}

// Compute sends all people through the workers and writes their lines in the order
// of person numbers, whatever order the workers finish in: the primary key then grows
// at its end only, and the digest needs no sorting.
func (r *Computation) Compute(ctx context.Context) error {
	if len(r.Plan.Bureaus) == 0 {
		return nil
	}
	if err := r.clearDrafts(ctx); err != nil {
		return err
	}
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	r.parts = make([]part, len(r.Plan.Bureaus))
	for i := range r.parts {
		b := &r.Plan.Bureaus[i]
		r.parts[i].digest = sha256.New()
		io.WriteString(r.parts[i].digest, approval.DigestHeader(r.Order.Region, r.Order.Month, b.Bureau, b.N, r.Revision, r.Order.Pack.Hash))
	}
	tasks := r.startWorkers(working)
	var debts, findings postgres.RowWriter
	n, err := postgres.CopyInFunc(ctx, r.Tx.Conn().PgConn(), copyDraftLines, func(w io.Writer) error {
		return r.collect(w, tasks, &debts, &findings)
	})
	r.report.Touched = min(r.report.Touched, r.report.People)
	cancel()
	for t := range tasks { // let the workers go, which see that there is no more to do
		<-t.done
	}
	if err != nil {
		return fmt.Errorf("write lines: %w", err)
	}
	return r.writeRest(ctx, n, &debts, &findings)
}

const (
	copyDraftLines = `COPY draft_line (region, batch, person, item, payee, month, against, kind, amount, hold,
		id_number, name, street, community, bank, account, holder) FROM STDIN (FORMAT binary)`
	copyDebts    = `COPY debt (region, batch, person, item, payee, month, amount, id_number, name, street) FROM STDIN (FORMAT binary)`
	copyFindings = `COPY finding (region, batch, id, person, level, kind, item, sentence) FROM STDIN (FORMAT binary)`
)

// clearDrafts takes away what batches that are made again had.
func (r *Computation) clearDrafts(ctx context.Context) error {
	for _, table := range []string{"draft_line", "debt", "finding", "batch_item"} {
		_, err := r.Tx.Exec(ctx, "DELETE FROM "+table+" WHERE region = $1 AND batch = ANY($2)", r.Order.Region, r.Batches())
		if err != nil {
			return fmt.Errorf("clear %s: %w", table, err)
		}
	}
	return nil
}

// startWorkers hands out ranges to one worker a processor, or one fewer. The channel it returns
// carries tasks in the order of ranges and is closed after the last.
func (r *Computation) startWorkers(ctx context.Context) <-chan *task {
	workers := max(2, runtime.GOMAXPROCS(0))
	if r.Order.Gentle {
		workers = max(1, runtime.GOMAXPROCS(0)-1)
	}
	ordered, todo := make(chan *task, 2*workers), make(chan *task)
	go func() {
		defer close(ordered)
		defer close(todo)
		for _, at := range r.chunks {
			t := &task{at, make(chan *computed, 1)}
			select {
			case ordered <- t:
			case <-ctx.Done():
				return
			}
			todo <- t
		}
	}()
	var mu sync.Mutex
	for range workers {
		go r.work(ctx, todo, &mu)
	}
	return ordered
}

// work computes ranges until there are none, then adds its counts to the run's.
func (r *Computation) work(ctx context.Context, todo <-chan *task, mu *sync.Mutex) {
	computer := payrun.NewComputer(r.Plan)
	c := NewChunk()
	for t := range todo {
		out := &computed{}
		if ctx.Err() != nil {
			out.err = ctx.Err()
		} else {
			out.err = r.Db.WithConn(ctx, func(conn *pgx.Conn) error { return r.computeChunk(ctx, conn, computer, c, t.at, out) })
		}
		// Counted before the result is handed on: whoever has all results has all counts.
		mu.Lock()
		r.spread.Merge(computer.TakeSpread())
		mu.Unlock()
		t.done <- out
	}
}

func (r *Computation) computeChunk(ctx context.Context, conn *pgx.Conn, computer *payrun.Computer, c *Chunk, at batches.ChunkRange, out *computed) error {
	if err := c.Read(ctx, conn, r.Order.Region, r.Revision, at); err != nil {
		return err
	}
	touched := c.among(r.touched)
	if err := c.Settle(ctx, conn, r, touched); err != nil {
		return err
	}
	if err := c.ReadStages(ctx, conn, r, touched); err != nil {
		return err
	}
	if err := c.readLastPaid(ctx, conn, r.Order.Region, c.among(r.moved), r.Merged); err != nil {
		return err
	}
	for i := range c.Dossiers {
		d := &c.Dossiers[i]
		cs := payrun.Case{Dossier: d, Touched: r.touched.has(d.Number), Settled: c.Settled[d.Number],
			Stages: c.Stages[d.Number], LastPaid: c.lastPaid[d.Number]}
		results, err := computer.Person(&cs)
		if err != nil {
			return err
		}
		for b := range results {
			r.encode(out, b, &results[b])
		}
	}
	out.people = int64(len(c.Dossiers))
	return nil
}

// among returns the numbers of the chunk's people that are in the set.
func (c *Chunk) among(set *personSet) []int64 {
	var people []int64
	for i := range c.Dossiers {
		if n := c.Dossiers[i].Number; set.has(n) {
			people = append(people, n)
		}
	}
	return people
}

func (r *Computation) encode(out *computed, bureau int, res *payrun.Result) {
	region, batch := r.Order.Region, r.Plan.Bureaus[bureau].Batch
	for i := range res.Lines {
		encodeLine(&out.lines, region, batch, &res.Lines[i])
		out.ends = append(out.ends, lineEnd{bureau, out.lines.Len()})
	}
	for i := range res.Debts {
		encodeDebt(&out.debts, region, batch, &res.Debts[i])
	}
	for i := range res.Findings {
		encodeFinding(&out.findings, region, batch, &res.Findings[i])
	}
}

// lineKeyBytes is what stands before the digested part of an encoded line: the
// number of fields, region and batch.
const lineKeyBytes = 2 + 2*(4+4)

func encodeLine(w *postgres.RowWriter, region, batch int32, l *payrun.Line) {
	w.Row(17)
	w.Int32(region)
	w.Int32(batch)
	w.Int64(l.Person)
	w.Text(l.Item)
	w.Text(l.Payee)
	w.Month(l.Month)
	w.Text(l.Against)
	w.Int16(int16(l.Kind))
	w.Int64(int64(l.Amount))
	w.Int16(int16(l.Hold))
	w.Text(l.ID)
	w.Text(l.Name)
	w.Text(l.Street)
	w.Text(l.Community)
	w.Text(l.Account.Bank)
	w.Text(l.Account.Number)
	w.Text(l.Account.Holder)
}

func encodeDebt(w *postgres.RowWriter, region, batch int32, d *payrun.Debt) {
	w.Row(10)
	w.Int32(region)
	w.Int32(batch)
	w.Int64(d.Person)
	w.Text(d.Item)
	w.Text(d.Payee)
	w.Month(d.Month)
	w.Int64(int64(d.Amount))
	w.Text(d.ID)
	w.Text(d.Name)
	w.Text(d.Street)
}

func encodeFinding(w *postgres.RowWriter, region, batch int32, f *payrun.Finding) {
	w.Row(8)
	w.Int32(region)
	w.Int32(batch)
	w.Text(f.ID)
	w.Int64(f.Person)
	w.Int16(int16(f.Level))
	w.Text(f.Kind)
	w.Text(f.Item)
	w.Text(f.Sentence)
}

// digestedFields is the number of a line's fields that the digest covers, as a tuple
// of the COPY that checks it begins (see storedDigest).
var digestedFields = []byte{0, 15}

// collect writes the ranges' lines in order and adds them to their batches' digests.
func (r *Computation) collect(w io.Writer, tasks <-chan *task, debts, findings *postgres.RowWriter) error {
	var done int64
	var mark batches.LineSummary
	for t := range tasks {
		out := <-t.done
		if out.err != nil {
			return out.err
		}
		encoded, start := out.lines.Encoded(), 0
		for _, e := range out.ends {
			p := &r.parts[e.bureau]
			p.digest.Write(digestedFields)
			p.digest.Write(encoded[start+lineKeyBytes : e.end])
			p.lines++
			if r.Order.Line != nil {
				markOf(encoded[start:e.end], &mark)
				r.Order.Line(r.Plan.Bureaus[e.bureau].Batch, &mark)
			}
			start = e.end
		}
		if len(encoded) > 0 {
			if _, err := w.Write(encoded); err != nil {
				return err
			}
		}
		debts.Append(&out.debts)
		findings.Append(&out.findings)
		done += out.people
		r.report.People -= t.at.To - t.at.From - out.people // merged or undone
		if r.Order.Progress != nil {
			r.Order.Progress(done, r.report.People)
		}
	}
	return nil
}

// digestOf returns a batch's digest in hex.
func (p *part) digestOf() string { return hex.EncodeToString(p.digest.Sum(nil)) }
