package second

import (
	"context"
	"fmt"

	"disburse/internal/fault"
	"disburse/internal/judge"
	"disburse/internal/payrun"
	"disburse/internal/policy/packfile"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
)

const (
	rangeSize      = 4096 // person numbers read at a time: it bounds the memory
	maxDifferences = 1000 // one is enough to block; nobody reads more
)

// Judge computes a whole batch a second time, with the judge's own code and queries, and returns
// every difference from what the engine stored: lines, debts and control totals. Everybody known
// at the batch's revision is computed, for every month from the opening month to the batch's.
// pack must be the one whose hash the batch has. It stops after maxDifferences. It writes
// nothing. progress, which may be nil, is called with how many people are done.
//
// Errors: fault.NotFound where there is no such batch; an internal error where the pack or the
// data hold something that no rule allows.
func Judge(ctx context.Context, db *postgres.DB, region, batch int32, pack *packfile.File, progress func(done int)) ([]judge.Difference, error) {
	var found []judge.Difference
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		s := session{Scope: scope, pack: pack, progress: progress}
		if err := s.open(ctx, batch); err != nil {
			return err
		}
		err := s.judgeEverybody(ctx)
		found = s.found
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// session is the state of judging one batch, in one snapshot.
type session struct {
	postgres.Scope
	pack     *packfile.File
	progress func(done int)

	batch     payrun.Batch
	table     string // where the batch's lines are
	judge     *judge.Judge
	shared    map[string]bool           // account numbers of several people
	namesakes map[int64]bool            // people who share name and birth date with others
	decided   map[int64]map[string]bool // kinds of 疑点 that are decided, by person: true to release
	conflicts map[int64]map[string]bool // ids of findings about conflicts that are decided, by person: true to release
	approvals []judge.Approval          // the bureau's, where an item limits its 补发
	totals    judge.Totals              // by the judge's count
	done      int
	found     []judge.Difference
}

// open reads the batch and what concerns several or all of its people.
func (s *session) open(ctx context.Context, number int32) error {
	var exists bool
	err := s.Tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM batch WHERE region = $1 AND batch = $2)`, s.Region, number).Scan(&exists)
	if err != nil {
		return fmt.Errorf("look for batch: %w", err)
	}
	if !exists {
		return fault.New(fault.NotFound, "没有编号为 %d 的批次，请核对", number)
	}
	if s.batch, err = batches.ByNumber(ctx, s.Scope, number); err != nil {
		return err
	}
	s.table = "draft_line"
	if s.batch.State == payrun.Approved || s.batch.State == payrun.Voided {
		s.table = "line"
	}
	w := judge.World{File: s.pack, Bureau: s.batch.Bureau, Month: s.batch.Month, Opening: s.batch.Opening}
	if w.Payees, err = s.payees(ctx); err != nil {
		return err
	}
	if err := s.refused(ctx, &w); err != nil {
		return err
	}
	if w.OneReason, err = s.oneReason(ctx); err != nil {
		return err
	}
	if w.Approvals, err = s.approved(ctx); err != nil {
		return err
	}
	if s.shared, err = s.sharedAccounts(ctx); err != nil {
		return err
	}
	if err := s.readNamesakes(ctx); err != nil {
		return err
	}
	if err := s.readDecided(ctx); err != nil {
		return err
	}
	if err := s.readDecidedElsewhere(ctx); err != nil {
		return err
	}
	s.judge, err = judge.New(w)
	return err
}

// judgeEverybody judges all person numbers that have a person, a line or a debt, range by range.
func (s *session) judgeEverybody(ctx context.Context) error {
	first, last, err := s.bounds(ctx)
	if err != nil {
		return err
	}
	for from := first; from <= last; from += rangeSize {
		if err := s.judgeRange(ctx, from, from+rangeSize); err != nil {
			return err
		}
		if s.progress != nil {
			s.progress(s.done)
		}
		if len(s.found) >= maxDifferences {
			s.found = s.found[:maxDifferences]
			return nil
		}
	}
	stored, err := s.storedTotals(ctx)
	if err != nil {
		return err
	}
	s.found = append(s.found, judge.CompareTotals(stored, s.totals)...)
	return nil
}

// judgeRange judges the numbers from ≤ n < to.
func (s *session) judgeRange(ctx context.Context, from, to int64) error {
	cases, err := s.cases(ctx, from, to)
	if err != nil {
		return err
	}
	lines, err := s.lines(ctx, from, to)
	if err != nil {
		return err
	}
	debts, err := s.debts(ctx, from, to)
	if err != nil {
		return err
	}
	for _, c := range cases {
		number := c.Person.Number
		if err := s.judgePerson(c, lines[number], debts[number]); err != nil {
			return err
		}
		delete(lines, number)
		delete(debts, number)
	}
	// Lines and debts left over belong to people whom the judge does not know.
	for _, stray := range lines {
		s.found = append(s.found, judge.Compare(stray, nil)...)
	}
	for _, stray := range debts {
		s.found = append(s.found, judge.CompareDebts(stray, nil)...)
	}
	return nil
}

// judgePerson compares one person's lines and debts with the judge's.
func (s *session) judgePerson(c *judge.Case, lines []payrun.Line, debts []payrun.Debt) error {
	mine, owed, err := s.judge.Lines(c)
	if err != nil {
		return err
	}
	s.totals.Add(mine)
	s.found = append(s.found, judge.CompareBirth(&c.Person)...)
	s.found = append(s.found, judge.Compare(lines, mine)...)
	s.found = append(s.found, judge.CompareDebts(debts, owed)...)
	s.done++
	return nil
}
