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

// ImportRoster imports a roster workbook (花名册), read beforehand, as an upsert at one new
// revision in one transaction. People and facts that the file does not mention stay; of a
// person only the columns that the file has change; the history of a fact or 核定金额 is
// replaced as a whole. Refused rows are reported with their reason and do not affect the
// others. It is idempotent: the same file again changes nothing and uses no revision
// (Report.Rev 0).
//
// A dry run does the same work and rolls it back; Report.Rev is then the revision that the
// import would have used. progress, which may be nil, receives progress in Chinese, again
// if the transaction is retried (see InTx).
//
// Errors: fault.NotFound when the region does not exist.
func ImportRoster(ctx context.Context, db *postgres.DB, region int32, in *roster.Import, by journal.By,
	dryRun bool, progress func(string)) (*roster.Report, error) {
	if progress == nil {
		progress = func(string) {}
	}
	var report *roster.Report
	_, err := db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		m, err := NewImporter(ctx, scope, in, by)
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

// importer is the state of one import, with the region locked.
type importer struct {
	postgres.Scope
	in       *roster.Import
	by       journal.By
	source   string // of its requests
	Progress func(string)
	report   roster.Report
	Accounts accountChanges
	requests *requests.Collector
	// confirmed: a second person has confirmed the import, so nothing of it is deferred.
	confirmed bool
}

// NewImporter makes the importer of a workbook at the scope's revision, for a Change.
func NewImporter(ctx context.Context, scope postgres.Scope, in *roster.Import, by journal.By) (*importer, error) {
	asks, err := requests.NewCollector(ctx, scope)
	if err != nil {
		return nil, err
	}
	return &importer{Scope: scope, in: in, by: by, source: requests.FromImport, Progress: func(string) {}, requests: asks}, nil
}

// Run writes the import. Finish returns its report.
func (m *importer) Run(ctx context.Context) error {
	m.Progress("核对已登记的人员")
	ids, err := loadIdentities(ctx, m.Scope, mentioned(m.in))
	if err != nil {
		return err
	}
	a := resolve(m.in, ids)
	m.report.Problems = a.problems
	m.report.Warnings = append(a.warnings, m.in.PeopleWarnings(func(i int) bool { return !a.candidates[i].refused })...)
	if err := m.deferAccounts(ctx, a); err != nil {
		return err
	}
	newcomer, err := m.writePeople(ctx, a)
	if err != nil {
		return err
	}
	m.Progress("核对情况和核定金额")
	if err := m.writeHistories(ctx, a, newcomer); err != nil {
		return err
	}
	if err := m.writePayees(ctx); err != nil {
		return err
	}
	return m.writeRequests(ctx)
}

// writeRequests stores the deferred changes. A confirmed import closes no requests: the
// answer does.
func (m *importer) writeRequests(ctx context.Context) error {
	if m.confirmed {
		return nil
	}
	asked, waited, err := m.requests.Write(ctx, m.Scope)
	m.report.Asked, m.report.Waiting, m.report.Closed = asked, asked+waited, len(m.requests.Known)
	for _, x := range m.requests.Drafts {
		if x.Kind == requests.FactHistory || x.Kind == requests.AwardHistory {
			m.report.Raises++
		}
	}
	return err
}

// writePeople writes the rows of 人员 and returns the first number assigned to a new person.
func (m *importer) writePeople(ctx context.Context, a *resolver) (newcomer int64, err error) {
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
	for i := range a.candidates {
		if e := &a.candidates[i]; !e.refused && !e.deferred && !e.changed() {
			m.report.Unchanged++
		}
	}
	return newcomer, WritePeople(ctx, m.Scope, changed)
}

// writeHistories writes facts and 核定金额, except those deferred to a second person.
func (m *importer) writeHistories(ctx context.Context, a *resolver, newcomer int64) (err error) {
	f, w := factUpdates(m.in, a), awardUpdates(m.in, a)
	m.report.Problems = slices.Concat(m.report.Problems, f.problems, w.problems)
	if err := f.markUnchanged(ctx, m.Tx, &people.Facts, m.Region, m.Rev, newcomer); err != nil {
		return err
	}
	if err := w.markUnchanged(ctx, m.Tx, &people.Awards, m.Region, m.Rev, newcomer); err != nil {
		return err
	}
	if err := m.deferRaises(ctx, f, w); err != nil {
		return err
	}
	if m.report.ChangedFacts, err = writeUpdates(ctx, m, &people.Facts, f); err != nil {
		return err
	}
	m.report.ChangedAwards, err = writeUpdates(ctx, m, &people.Awards, w)
	return err
}

func writeUpdates[R comparable](ctx context.Context, m *importer, s *people.HistoryTable[R], c *historyUpdates[R]) (int, error) {
	changed, unchanged, err := c.write(ctx, m.Tx, s, m.Region, m.Rev)
	m.report.Unchanged += unchanged
	return changed, err
}

func (m *importer) writePayees(ctx context.Context) error {
	known, err := readPayees(ctx, m.Scope)
	if err != nil {
		return err
	}
	changed := overlayPayees(m.in, known)
	m.report.Unchanged += len(m.in.Payees) - len(changed)
	if changed, err = m.deferPayees(ctx, changed, known); err != nil {
		return err
	}
	m.report.ChangedPayees = len(changed)
	return writePayees(ctx, m.Scope, changed)
}

// Finish returns the report, with the reader's problems and those of the import in the order
// of the file.
func (m *importer) Finish() *roster.Report {
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

// inFileOrder sorts problems by sheet, in the order of reading, and row.
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
