package imports

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"disburse/internal/journal"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/people"
	"disburse/internal/store/requests"
)

// ImportRoster merges a roster workbook (花名册), read beforehand, into what is known:
// one change of knowledge at one new revision, in one transaction. People and facts the
// file does not mention stay; of a person only the columns that the file has change; the
// history of a fact or 核定金额 is replaced as a whole. Rows that cannot come in are
// reported with their reason and leave the others alone. The same file again changes
// nothing and takes no revision (Report.Rev 0).
//
// A dry run does the same work and rolls it back; Report.Rev is then the revision
// that the import would have taken. progress, which may be nil, is told in Chinese what
// is being done. It may be told twice (see InTx).
//
// Errors: fault.NotFound when the region does not exist.
func ImportRoster(ctx context.Context, db *postgres.DB, region int32, in *roster.Import, by journal.By,
	dryRun bool, progress func(string)) (*roster.Report, error) {
	if progress == nil {
		progress = func(string) {}
	}
	var report *roster.Report
	_, err := db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		m, err := NewRosterMerge(ctx, scope, in, by)
		if err != nil {
			return journal.Entry{}, err
		}
		m.Progress = progress
		if err := m.Run(ctx); err != nil {
			return journal.Entry{}, err
		}
		report = m.Finish()
		switch {
		case report.Rev == 0:
			return journal.Entry{}, postgres.ErrNoChange
		case dryRun:
			return journal.Entry{}, postgres.ErrDryRun
		}
		action := importAction
		if in.Page {
			action = pageAction
		}
		return journal.Entry{Action: action, Subject: in.File, Digest: in.SHA256, Summary: importSummary(report)}, nil
	})
	if err != nil && !errors.Is(err, postgres.ErrDryRun) {
		return nil, err
	}
	return report, nil
}

// rosterMerge is one import on its way, inside the region's lock.
type rosterMerge struct {
	postgres.Scope
	in       *roster.Import
	by       journal.By
	source   string // of what it asks for
	Progress func(string)
	report   roster.Report
	Accounts accountChanges
	asks     *requests.Asks
	// confirmed says that a second person has confirmed what comes in: nothing of it waits.
	confirmed bool
}

func NewRosterMerge(ctx context.Context, scope postgres.Scope, in *roster.Import, by journal.By) (*rosterMerge, error) {
	asks, err := requests.NewAsks(ctx, scope)
	if err != nil {
		return nil, err
	}
	return &rosterMerge{Scope: scope, in: in, by: by, source: requests.FromImport, Progress: func(string) {}, asks: asks}, nil
}

func (m *rosterMerge) Run(ctx context.Context) error {
	m.Progress("核对已登记的人员")
	ids, err := loadIdentities(ctx, m.Scope, mentioned(m.in))
	if err != nil {
		return err
	}
	a := admit(m.in, ids)
	m.report.Problems = a.problems
	m.report.Warnings = append(a.warnings, m.in.PeopleWarnings(func(i int) bool { return !a.entrants[i].refused })...)
	if err := m.holdAccounts(ctx, a); err != nil {
		return err
	}
	newcomer, err := m.people(ctx, a)
	if err != nil {
		return err
	}
	m.Progress("核对情况和核定金额")
	if err := m.histories(ctx, a, newcomer); err != nil {
		return err
	}
	if err := m.payees(ctx); err != nil {
		return err
	}
	return m.request(ctx)
}

// request writes what has to wait for a second person. What was confirmed closes nothing:
// its answer does.
func (m *rosterMerge) request(ctx context.Context) error {
	if m.confirmed {
		return nil
	}
	asked, waited, err := m.asks.Settle(ctx, m.Scope)
	m.report.Asked, m.report.Waiting, m.report.Closed = asked, asked+waited, len(m.asks.Made)
	for _, x := range m.asks.List {
		if x.Kind == requests.FactRequest || x.Kind == requests.AwardRequest {
			m.report.Raises++
		}
	}
	return err
}

// people writes the rows of 人员 and returns the first number given to somebody new.
func (m *rosterMerge) people(ctx context.Context, a *admission) (newcomer int64, err error) {
	newcomer, newcomers, err := a.numberNewPeople(ctx, m.Scope)
	if err != nil {
		return 0, err
	}
	changed := a.changes()
	if len(changed) > 0 {
		m.Progress(fmt.Sprintf("写入人员 %d 行", len(changed)))
	}
	m.report.NewPeople = newcomers
	m.report.ChangedPeople = len(changed) - newcomers
	for i := range a.entrants {
		if e := &a.entrants[i]; !e.refused && !e.waits && !e.changed() {
			m.report.Unchanged++
		}
	}
	return newcomer, WritePeople(ctx, m.Scope, changed)
}

// histories writes facts and 核定金额, those that need not wait for a second person.
func (m *rosterMerge) histories(ctx context.Context, a *admission, newcomer int64) (err error) {
	f, w := factClaims(m.in, a), awardClaims(m.in, a)
	m.report.Problems = slices.Concat(m.report.Problems, f.problems, w.problems)
	if err := f.compare(ctx, m.Tx, &people.Facts, m.Region, m.Rev, newcomer); err != nil {
		return err
	}
	if err := w.compare(ctx, m.Tx, &people.Awards, m.Region, m.Rev, newcomer); err != nil {
		return err
	}
	if err := m.holdRaises(ctx, f, w); err != nil {
		return err
	}
	if m.report.ChangedFacts, err = writeClaims(ctx, m, &people.Facts, f); err != nil {
		return err
	}
	m.report.ChangedAwards, err = writeClaims(ctx, m, &people.Awards, w)
	return err
}

func writeClaims[R comparable](ctx context.Context, m *rosterMerge, s *people.Series[R], c *claims[R]) (int, error) {
	changed, unchanged, err := c.write(ctx, m.Tx, s, m.Region, m.Rev)
	m.report.Unchanged += unchanged
	return changed, err
}

func (m *rosterMerge) payees(ctx context.Context) error {
	known, err := readPayees(ctx, m.Scope)
	if err != nil {
		return err
	}
	changed := mergePayees(m.in, known)
	m.report.Unchanged += len(m.in.Payees) - len(changed)
	if changed, err = m.holdPayees(ctx, changed, known); err != nil {
		return err
	}
	m.report.ChangedPayees = len(changed)
	return writePayees(ctx, m.Scope, changed)
}

// Finish puts the file's own problems and those of the merge into one order.
func (m *rosterMerge) Finish() *roster.Report {
	r := &m.report
	r.Problems = inFileOrder(slices.Concat(m.in.Problems, r.Problems))
	r.Warnings = inFileOrder(slices.Concat(m.in.Warnings, r.Warnings))
	refused := make(map[roster.Place]bool)
	for _, p := range r.Problems {
		if p.Place.Row > 0 {
			refused[p.Place] = true
		}
	}
	r.Refused = len(refused)
	if r.NewPeople+r.ChangedPeople+r.ChangedFacts+r.ChangedAwards+r.ChangedPayees+r.Asked > 0 {
		r.Rev = m.Rev
	}
	return r
}

// mentioned returns every number that the file mentions, once each, in order.
func mentioned(in *roster.Import) []string {
	ids := make([]string, 0, len(in.People)+len(in.Facts)+len(in.Awards))
	for _, r := range in.RefusedPeople {
		ids = append(ids, r.ID, r.Former)
	}
	for i := range in.People {
		ids = append(ids, in.People[i].Person.ID)
		if former := in.People[i].Former; former != "" {
			ids = append(ids, former)
		}
	}
	for i := range in.Facts {
		if id := in.Facts[i].ID; i == 0 || in.Facts[i-1].ID != id {
			ids = append(ids, id)
		}
	}
	for i := range in.Awards {
		ids = append(ids, in.Awards[i].ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// inFileOrder sorts by sheet, in the order in which sheets are read, and row.
func inFileOrder(problems []roster.Problem) []roster.Problem {
	slices.SortStableFunc(problems, func(a, b roster.Problem) int {
		x, y := a.Place, b.Place
		return cmp.Or(
			cmp.Compare(sheetRank(x.Sheet), sheetRank(y.Sheet)),
			cmp.Compare(len(x.Sheet), len(y.Sheet)), // 情况2 before 情况10
			cmp.Compare(x.Sheet, y.Sheet),
			cmp.Compare(x.Row, y.Row),
		)
	})
	return problems
}

func sheetRank(sheet string) int {
	for i, name := range []string{"人员", "情况", "核定金额", "收款单位"} {
		if strings.Contains(sheet, name) {
			return i + 1
		}
	}
	return 0 // the file as a whole
}

func importSummary(r *roster.Report) string {
	waits := ""
	if r.Asked > 0 {
		waits = fmt.Sprintf("；等待第二人确认 %d 件", r.Asked)
	}
	if r.Closed > 0 {
		waits += fmt.Sprintf("；此前等待确认的变更了结 %d 件", r.Closed)
	}
	return fmt.Sprintf("新增 %d 人，变更 %d 人，情况 %d 项，核定金额 %d 项，收款单位 %d 个；未变 %d 行，退回 %d 行",
		r.NewPeople, r.ChangedPeople, r.ChangedFacts, r.ChangedAwards, r.ChangedPayees, r.Unchanged, r.Refused) + waits
}
