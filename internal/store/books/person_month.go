package books

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/people"
)

// PersonMonth has all inputs for the explanation of one person's month: what is known now, what
// was known when each bureau's batch of the month was computed, and what was settled for the
// month. All is read in one snapshot.
type PersonMonth struct {
	Revision int64
	Now      *roster.Dossier
	Thens    []Then        // by bureau; only where the month was settled, by whatever batch
	Since    []Learned     // what became known of the person after the first of Thens
	Entries  []MonthEntry  // of the ledger for the month, by revision
	Waivers  []MonthWaiver // 核销 for the month
	Held     []payrun.Line // of the month, in each bureau's last approved batch
	Merged   []MergedRecord
	Opening  month.Month // 0: nothing was run yet

	// Inputs of a limit on 补发 (docs/rules.md §5.6).
	Found     map[string]bool              // items that some batch, entry or waiver has for the month
	Stages    []engine.Stage               // what was known of the person as of each revision
	Approvals map[string][]engine.Approval // by bureau
}

// Then is the batch that first settled the month for a bureau: the month's first approved one,
// or, where the month was skipped, carried over or voided, that of the next approved month.
type Then struct {
	Batch    payrun.Batch
	Approved int64 // revision
	At       time.Time
	Dossier  *roster.Dossier // as the batch knew the person; nil: not on the roster yet
}

// Learned is what one revision changed in what is known of a person.
type Learned struct {
	Rev     int64
	At      time.Time
	Action  string // 导入花名册 …
	Changes []roster.Change
}

// MonthEntry is a ledger entry. Amount is 分.
type MonthEntry struct {
	ledger.Key
	Kind    ledger.Kind
	Amount  money.Fen
	Against string // the item whose payment carried it; else Item
	Rev     int64
	At      time.Time
	Batch   string // its title; empty: none
}

// MonthWaiver is a 核销. Amount is 分.
type MonthWaiver struct {
	ledger.Key
	Amount   money.Fen
	Rev      int64
	At       time.Time
	Actor    string
	Approver string
	Reason   string
}

// ReadPersonMonth reads a person's month. idNumber is normalized by roster.CleanID; former
// numbers are found too. Errors: those of FindDossier.
func ReadPersonMonth(ctx context.Context, db *postgres.DB, region int32, idNumber string, m month.Month) (*PersonMonth, error) {
	var p *PersonMonth
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		p = &PersonMonth{}
		var err error
		if p.Revision, err = people.ResolveRevision(ctx, scope.At(0)); err != nil {
			return err
		}
		if p.Now, err = people.FindDossierIn(ctx, scope, idNumber, p.Revision); err != nil {
			return err
		}
		if err := p.readOpening(ctx, scope); err != nil {
			return err
		}
		if err := p.readFirstBatches(ctx, scope, m); err != nil {
			return err
		}
		for _, read := range []func(context.Context, pgx.Tx, int32) error{p.readSince, p.readMerged, p.readStages} {
			if err := read(ctx, scope.Tx, region); err != nil {
				return err
			}
		}
		for _, read := range []func(context.Context, pgx.Tx, int32, month.Month) error{p.readEntries, p.readWaivers, p.readHeld, p.readFound} {
			if err := read(ctx, scope.Tx, region, m); err != nil {
				return err
			}
		}
		return nil
	})
	return p, err
}

// readFirstBatches finds for each bureau the batch that first settled the month, and the person as
// of that batch's revision.
func (p *PersonMonth) readFirstBatches(ctx context.Context, scope postgres.Scope, m month.Month) error {
	if m < p.Opening {
		return nil // paid by the previous system
	}
	rows, err := scope.Tx.Query(ctx, `
		SELECT DISTINCT ON (b.bureau) b.batch, b.approved_rev, j.at FROM batch b JOIN journal j ON j.region = b.region AND j.rev = b.approved_rev
		WHERE b.region = $1 AND b.month >= $2 AND b.state = 'approved' ORDER BY b.bureau, b.month, b.n`, scope.Region, postgres.FirstDay(m))
	if err != nil {
		return fmt.Errorf("read approved batches: %w", err)
	}
	var t Then
	_, err = pgx.ForEachRow(rows, []any{&t.Batch.Number, &t.Approved, &t.At}, func() error {
		p.Thens = append(p.Thens, t)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read approved batches: %w", err)
	}
	for i := range p.Thens {
		t := &p.Thens[i]
		if t.Batch, err = batches.ByNumber(ctx, scope, t.Batch.Number); err != nil {
			return err
		}
		if t.Dossier, err = p.dossierAsOf(ctx, scope.At(t.Batch.Revision)); err != nil {
			return err
		}
	}
	return nil
}

// dossierAsOf reads the person as of the scope's revision; nil: not yet on the roster.
func (p *PersonMonth) dossierAsOf(ctx context.Context, scope postgres.Scope) (*roster.Dossier, error) {
	return dossierAt(ctx, scope, p.Now.Number)
}

func dossierAt(ctx context.Context, scope postgres.Scope, person int64) (*roster.Dossier, error) {
	found, err := people.ReadDossiers(ctx, scope, people.Among([]int64{person}))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// readSince compares the person before and after each revision since the first of Thens.
func (p *PersonMonth) readSince(ctx context.Context, tx pgx.Tx, region int32) error {
	if len(p.Thens) == 0 {
		return nil
	}
	first := slices.MinFunc(p.Thens, func(a, b Then) int { return int(a.Batch.Revision - b.Batch.Revision) })
	rows, err := tx.Query(ctx, `
		SELECT rev, at, action FROM journal WHERE region = $1 AND rev > $3 AND rev IN (
		    SELECT rev FROM person WHERE region = $1 AND person = $2
		    UNION SELECT rev FROM fact WHERE region = $1 AND person = $2
		    UNION SELECT rev FROM award WHERE region = $1 AND person = $2)
		ORDER BY rev`, region, p.Now.Number, first.Batch.Revision)
	if err != nil {
		return fmt.Errorf("read revisions of person %d: %w", p.Now.Number, err)
	}
	var l Learned
	_, err = pgx.ForEachRow(rows, []any{&l.Rev, &l.At, &l.Action}, func() error {
		p.Since = append(p.Since, l)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read revisions of person %d: %w", p.Now.Number, err)
	}
	before := first.Dossier
	for i := range p.Since {
		after, err := p.dossierAsOf(ctx, postgres.In(tx, region).At(p.Since[i].Rev))
		if err != nil {
			return err
		}
		if after == nil { // the record was merged as of this revision, in a merge that no longer counts
			continue
		}
		p.Since[i].Changes = roster.Changes(before, after)
		before = after
	}
	p.Since = slices.DeleteFunc(p.Since, func(l Learned) bool { return len(l.Changes) == 0 })
	return nil
}

func (p *PersonMonth) readEntries(ctx context.Context, tx pgx.Tx, region int32, m month.Month) error {
	rows, err := tx.Query(ctx, `
		SELECT l.item, l.payee, l.kind, l.amount, l.against, l.rev, j.at, l.batch
		FROM ledger l JOIN journal j USING (region, rev)
		WHERE l.region = $1 AND l.person = $2 AND l.month = $3 ORDER BY l.rev, l.item, l.payee, l.against`,
		region, p.Now.Number, postgres.FirstDay(m))
	if err != nil {
		return fmt.Errorf("read ledger: %w", err)
	}
	var batchList []int32
	e, batch := MonthEntry{}, int32(0)
	_, err = pgx.ForEachRow(rows, []any{&e.Item, &e.Payee, &e.Kind, &e.Amount, &e.Against, &e.Rev, &e.At, &batch}, func() error {
		e.Month = m
		p.Entries, batchList = append(p.Entries, e), append(batchList, batch)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read ledger: %w", err)
	}
	for i, number := range batchList {
		if number == 0 {
			continue
		}
		b, err := batches.ByNumber(ctx, postgres.In(tx, region), number)
		if err != nil {
			return err
		}
		p.Entries[i].Batch = approval.Title(b)
	}
	return nil
}

func (p *PersonMonth) readWaivers(ctx context.Context, tx pgx.Tx, region int32, m month.Month) error {
	rows, err := tx.Query(ctx, `
		SELECT w.item, w.payee, w.amount, w.rev, j.at, w.actor, w.approver, w.reason
		FROM waiver w JOIN journal j USING (region, rev) WHERE w.region = $1 AND w.person = $2 AND w.month = $3 ORDER BY w.rev`,
		region, p.Now.Number, postgres.FirstDay(m))
	if err != nil {
		return fmt.Errorf("read waivers: %w", err)
	}
	var w MonthWaiver
	_, err = pgx.ForEachRow(rows, []any{&w.Item, &w.Payee, &w.Amount, &w.Rev, &w.At, &w.Actor, &w.Approver, &w.Reason}, func() error {
		w.Month = m
		p.Waivers = append(p.Waivers, w)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read waivers: %w", err)
	}
	return nil
}

func (p *PersonMonth) readHeld(ctx context.Context, tx pgx.Tx, region int32, m month.Month) error {
	rows, err := tx.Query(ctx, `
		WITH last AS (
		    SELECT DISTINCT ON (bureau) batch FROM batch WHERE region = $1 AND state = 'approved' ORDER BY bureau, month DESC, n DESC)
		SELECT item, payee, amount, hold FROM line JOIN last USING (batch)
		WHERE region = $1 AND person = $2 AND month = $3 AND hold <> 0 ORDER BY item, payee`, region, p.Now.Number, postgres.FirstDay(m))
	if err != nil {
		return fmt.Errorf("read held lines: %w", err)
	}
	var l payrun.Line
	var hold int16
	_, err = pgx.ForEachRow(rows, []any{&l.Item, &l.Payee, &l.Amount, &hold}, func() error {
		l.Month, l.Hold = m, payrun.Hold(hold)
		p.Held = append(p.Held, l)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read held lines: %w", err)
	}
	return nil
}
