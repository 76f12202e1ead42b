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
	"disburse/internal/payrun/engine"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
)

// part is one bureau's batch as it is being written.
type part struct {
	digest hash.Hash
	lines  int64
}

// chunkOutput is the result for one range of people, encoded for COPY.
type chunkOutput struct {
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

// task is a range of people for a worker; done receives the result once (buffered, so a
// worker never blocks on a collector that has given up).
type task struct {
	at   batches.ChunkRange
	done chan *chunkOutput
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
		_, _ = io.WriteString(r.parts[i].digest, approval.DigestHeader(r.Order.Region, r.Order.Month, b.Bureau, b.N, r.Revision, r.Order.Pack.Hash))
	}
	tasks := r.startWorkers(working)
	var debts, findings postgres.RowWriter
	n, err := postgres.CopyInFunc(ctx, r.Tx.Conn().PgConn(), copyDraftLines, func(w io.Writer) error {
		return r.collect(w, tasks, &debts, &findings)
	})
	r.report.Touched = min(r.report.Touched, r.report.People)
	cancel()
	// Wait for the workers, also after an error: none may still read when this returns.
	for t := range tasks {
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

// clearDrafts deletes the draft rows of batches that are computed again (and of numbers not
// used yet, where there is nothing to delete).
func (r *Computation) clearDrafts(ctx context.Context) error {
	for _, table := range []string{"draft_line", "debt", "finding", "batch_item"} {
		_, err := r.Tx.Exec(ctx, "DELETE FROM "+table+" WHERE region = $1 AND batch = ANY($2)", r.Order.Region, r.Batches())
		if err != nil {
			return fmt.Errorf("clear %s: %w", table, err)
		}
	}
	return nil
}

// startWorkers distributes ranges over one worker per processor, one fewer for a background
// run (Order.Gentle). The returned channel yields the tasks in the order of ranges, whatever
// order they finish in, and is closed after the last. Its capacity bounds the memory: that
// many results at most wait for the collector.
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
			t := &task{at, make(chan *chunkOutput, 1)}
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
	computer := engine.New(r.Plan)
	c := NewChunk()
	for t := range todo {
		out := &chunkOutput{}
		if ctx.Err() != nil {
			out.err = ctx.Err()
		} else {
			out.err = r.DB.WithConn(ctx, func(conn *pgx.Conn) error { return r.computeChunk(ctx, conn, computer, c, t.at, out) })
		}
		// Merge the counts before sending the result: the collector reads the totals as soon as
		// it has the last result.
		mu.Lock()
		r.spread.Merge(computer.TakeSpread())
		mu.Unlock()
		t.done <- out
	}
}

func (r *Computation) computeChunk(ctx context.Context, conn *pgx.Conn, computer *engine.Computer, c *Chunk, at batches.ChunkRange, out *chunkOutput) error {
	if err := c.Read(ctx, conn, r.Order.Region, r.Revision, at); err != nil {
		return err
	}
	touched := c.peopleIn(r.touched)
	if err := c.Settle(ctx, conn, r, touched); err != nil {
		return err
	}
	if err := c.ReadStages(ctx, conn, r, touched); err != nil {
		return err
	}
	if err := c.readLastPaid(ctx, conn, r.Order.Region, c.peopleIn(r.accountChanged), r.Merged); err != nil {
		return err
	}
	for i := range c.Dossiers {
		d := &c.Dossiers[i]
		cs := engine.Case{Dossier: d, Touched: r.touched.has(d.Number), Settled: c.Settled[d.Number],
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

// peopleIn returns the numbers of the chunk's people that are in the set.
func (c *Chunk) peopleIn(set *personSet) []int64 {
	var people []int64
	for i := range c.Dossiers {
		if n := c.Dossiers[i].Number; set.has(n) {
			people = append(people, n)
		}
	}
	return people
}

func (r *Computation) encode(out *chunkOutput, bureau int, res *engine.Result) {
	region, batch := r.Order.Region, r.Plan.Bureaus[bureau].Batch
	// The order of fields is that of the COPY statements above; parseLineMark and the digest
	// depend on it.
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

// lineKeyBytes is the length of the prefix of an encoded line that the digest leaves out: the
// number of fields, region and batch. The digest's header identifies the batch instead
// (approval.DigestHeader).
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
// of the COPY that checks it begins (see batches.LinesDigest).
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
				parseLineMark(encoded[start:e.end], &mark)
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
		r.report.People -= t.at.To - t.at.From - out.people // numbers without a person: merged, or their import undone
		if r.Order.Progress != nil {
			r.Order.Progress(done, r.report.People)
		}
	}
	return nil
}

// digestHex returns a batch's digest in hex.
func (p *part) digestHex() string { return hex.EncodeToString(p.digest.Sum(nil)) }
