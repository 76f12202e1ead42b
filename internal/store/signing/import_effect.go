package signing

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/journal"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/imports"
	"disburse/internal/store/people"
	"disburse/internal/store/runs"
)

// ImportEffect is what an import would change in a bureau's latest batch: by how much a new
// run would pay, hold and claim back more or less, in 分.
type ImportEffect struct {
	Batch            payrun.Batch
	People           int // whose lines would differ
	Pays, Held, Owed money.Fen
	Grave            int // who must not be paid any more: death, 暂停发放, refused account
	New              int // who have no line in the batch and would be granted something of the month
	NewPays          money.Fen
}

// RosterTrial is the result of a dry run of an import.
type RosterTrial struct {
	*roster.Report
	Head     int64 // the head revision before the import
	Effects  []ImportEffect
	Accounts int                     // of people and institutions known before whose account changes
	Changes  []imports.AccountChange // the first of those, people before institutions
}

// TryRoster imports a roster as ImportRoster does, computes what would change in each bureau's
// latest batch, and rolls it all back. Only people whom the import changes are computed again.
// progress, which may be nil, gets the current step in Chinese. Errors as ImportRoster.
func TryRoster(ctx context.Context, db *postgres.DB, region int32, in *roster.Import, pack *policy.Pack, by journal.By, progress func(string)) (*RosterTrial, error) {
	if progress == nil {
		progress = func(string) {}
	}
	var trial *RosterTrial
	_, err := db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		m, err := imports.NewImporter(ctx, scope, in, by)
		if err != nil {
			return journal.Entry{}, err
		}
		m.Progress = progress
		if err := m.Run(ctx); err != nil {
			return journal.Entry{}, err
		}
		trial = &RosterTrial{Report: m.Finish(), Head: scope.Rev - 1, Accounts: m.Accounts.Count, Changes: m.Accounts.First}
		if trial.Rev != 0 {
			progress("计算对本月的影响")
			if err := trial.addEffects(ctx, scope, pack); err != nil {
				return journal.Entry{}, err
			}
		}
		return journal.Entry{}, postgres.ErrDryRun
	})
	if err != nil && !errors.Is(err, postgres.ErrDryRun) {
		return nil, err
	}
	return trial, nil
}

// addEffects computes, for each batch, its later changes with the import and without it; the
// difference of the two is the import's effect.
func (t *RosterTrial) addEffects(ctx context.Context, scope postgres.Scope, pack *policy.Pack) error {
	batches, err := readLatestBatches(ctx, scope)
	if err != nil {
		return err
	}
	for _, b := range batches {
		if !pack.Pays(b.Bureau) {
			continue
		}
		before, err := laterChanges(ctx, scope.At(scope.Rev-1), b)
		if err != nil {
			return err
		}
		after, err := laterChanges(ctx, scope, b)
		if err != nil {
			return err
		}
		t.Effects = append(t.Effects, effectOf(b, before, after))
	}
	if len(t.Effects) == 0 {
		return nil
	}
	return t.addNewlyGranted(ctx, scope, pack)
}

// addNewlyGranted adds what the rules grant for the batches' month to people whom the import
// changes and who have no line in them. Arrears of earlier months are not estimated: only a
// run computes them.
func (t *RosterTrial) addNewlyGranted(ctx context.Context, scope postgres.Scope, pack *policy.Pack) error {
	rows, err := scope.Tx.Query(ctx, `
		SELECT person FROM person WHERE region = $1 AND rev = $2 UNION SELECT person FROM fact WHERE region = $1 AND rev = $2
		UNION SELECT person FROM award WHERE region = $1 AND rev = $2 ORDER BY 1`, scope.Region, scope.Rev)
	if err != nil {
		return fmt.Errorf("read people of an import: %w", err)
	}
	persons, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("read people of an import: %w", err)
	}
	for part := range slices.Chunk(persons, runs.ChunkPeople) {
		dossiers, err := people.ReadDossiers(ctx, scope, people.Among(part))
		if err != nil {
			return err
		}
		for i := range t.Effects {
			if err := t.Effects[i].addGranted(ctx, scope, pack, dossiers); err != nil {
				return err
			}
		}
	}
	return nil
}

// addGranted adds those of the people who have no line in the batch.
func (e *ImportEffect) addGranted(ctx context.Context, scope postgres.Scope, pack *policy.Pack, dossiers []*roster.Dossier) error {
	var numbers []int64
	for _, d := range dossiers {
		numbers = append(numbers, d.Number)
	}
	rows, err := scope.Tx.Query(ctx, `SELECT DISTINCT person FROM `+batches.LineTable(e.Batch)+` WHERE region = $1 AND batch = $2 AND person = ANY ($3)`,
		scope.Region, e.Batch.Number, numbers)
	if err != nil {
		return fmt.Errorf("read who is in a batch: %w", err)
	}
	in, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("read who is in a batch: %w", err)
	}
	there := make(map[int64]bool, len(in))
	for _, n := range in {
		there[n] = true
	}
	for _, d := range dossiers {
		if there[d.Number] {
			continue
		}
		outcome, err := pack.Grant(d, e.Batch.Month)
		if err != nil {
			return err
		}
		var sum money.Fen
		for _, g := range outcome.Grants {
			if pack.Payer(g.Item) == e.Batch.Bureau {
				sum = sum.Add(g.Amount)
			}
		}
		if sum > 0 {
			e.New, e.NewPays = e.New+1, e.NewPays.Add(sum)
		}
	}
	return nil
}

func effectOf(b payrun.Batch, before, after *LaterReport) ImportEffect {
	e := ImportEffect{Batch: b}
	was := map[int64]*engine.LaterChange{}
	for i := range before.People {
		was[before.People[i].Person] = &before.People[i]
	}
	none := &engine.LaterChange{}
	for i := range after.People {
		now, then := &after.People[i], was[after.People[i].Person]
		delete(was, now.Person)
		if then == nil {
			then = none
		}
		e.add(now, then)
	}
	for _, then := range was {
		e.add(none, then)
	}
	return e
}

func (e *ImportEffect) add(now, then *engine.LaterChange) {
	pays, held, owed := now.PaysMore.Sub(then.PaysMore), now.HeldMore.Sub(then.HeldMore), now.OwedMore.Sub(then.OwedMore)
	if pays == 0 && held == 0 && owed == 0 && len(now.Grave) <= len(then.Grave) {
		return
	}
	e.People++
	e.Pays, e.Held, e.Owed = e.Pays.Add(pays), e.Held.Add(held), e.Owed.Add(owed)
	if len(now.Grave) > len(then.Grave) {
		e.Grave++
	}
}

// readLatestBatches are the bureaus' latest batches of the newest month that was run.
func readLatestBatches(ctx context.Context, scope postgres.Scope) ([]payrun.Batch, error) {
	rows, err := scope.Tx.Query(ctx, batches.SelectBatch+`AND b.batch IN (
		SELECT DISTINCT ON (bureau) batch FROM batch WHERE region = $1 AND state NOT IN ('carried', 'voided')
		AND month = (SELECT max(month) FROM batch WHERE region = $1 AND `+batches.NotWithdrawn+`) ORDER BY bureau, n DESC) ORDER BY b.batch`, scope.Region)
	if err != nil {
		return nil, fmt.Errorf("read latest batches: %w", err)
	}
	all, err := pgx.CollectRows(rows, batches.ScanBatch)
	if err != nil {
		return nil, fmt.Errorf("read latest batches: %w", err)
	}
	return all, nil
}
