package imports

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/postgres"
	"disburse/internal/store/people"
	"disburse/internal/store/users"
)

const (
	importAction = "导入花名册"
	pageAction   = "由人员页登记"
)

// UndoOrder asks for an import to be undone (撤销导入).
type UndoOrder struct {
	Region int32
	Rev    int64 // of the import
	User   approval.User
	By     journal.By // Actor is replaced by the user's name; Reason is required
	DryRun bool       // do the work and roll it back
}

// UndoReport is what undoing an import restored.
type UndoReport struct {
	Rev       int64 // of the undo
	File      string
	People    int // restored
	Newcomers int // people added by the import and now removed
	Facts     int // histories
	Awards    int
	Payees    int
	Withdrawn int // pending requests of the import, withdrawn
	Lost      int // requests that the import had superseded; they are not restored and must be made again
	Closed    int // other pending requests, closed because their subject was restored
	Asked     int // restorations that a second person must confirm: accounts paid to since, histories that raise
}

// UndoImport restores, at a new revision, the state before an import of everything that the
// import changed. No row is deleted, so months that were computed meanwhile can still be
// recomputed as of their revision. People whom the import added are marked as merged into
// nobody (person 0), and their ID numbers are free again.
//
// Errors: fault.Invalid (no reason), fault.Denied (user), fault.NotFound (revision),
// fault.Refused where the revision is no import or was undone already, where something of it
// was changed since, where somebody it added was paid, is in a batch in signing or in later
// records, and where an ID number to be restored now belongs to somebody else: the sentence
// names up to five.
func UndoImport(ctx context.Context, db *postgres.DB, o UndoOrder) (*UndoReport, error) {
	o.By.Actor, o.By.Reason = o.User.Name, strings.TrimSpace(o.By.Reason)
	if o.By.Reason == "" {
		return nil, fault.Command(fault.New(fault.Invalid, "撤销导入要写明理由"), "--reason 理由")
	}
	var u *undo
	_, err := db.Change(ctx, o.Region, o.By, func(scope postgres.Scope) (journal.Entry, error) {
		u = &undo{Scope: scope, undone: o.Rev, by: o.By, report: UndoReport{Rev: scope.Rev}}
		if err := u.run(ctx, &o); err != nil {
			return journal.Entry{}, err
		}
		if o.DryRun {
			return journal.Entry{}, postgres.ErrDryRun
		}
		return journal.Entry{Action: "撤销导入", Subject: fmt.Sprintf("修订 %d：%s", o.Rev, u.report.File), Summary: u.report.Summary()}, nil
	})
	if err != nil && !errors.Is(err, postgres.ErrDryRun) {
		return nil, err
	}
	return &u.report, nil
}

// Summary describes in Chinese what was restored.
func (r *UndoReport) Summary() string {
	s := fmt.Sprintf("恢复 %d 人，撤去新增 %d 人，情况 %d 项，核定金额 %d 项，收款单位 %d 个", r.People, r.Newcomers, r.Facts, r.Awards, r.Payees)
	if r.Withdrawn > 0 {
		s += fmt.Sprintf("，撤去等待确认的变更 %d 件", r.Withdrawn)
	}
	if r.Lost > 0 {
		s += fmt.Sprintf("，此前被它取代的申请 %d 件不会恢复，需要的请重新申请", r.Lost)
	}
	if r.Closed > 0 {
		s += fmt.Sprintf("，另有等待确认的变更 %d 件随之了结", r.Closed)
	}
	if r.Asked > 0 {
		s += fmt.Sprintf("，另有变更 %d 件要第二人确认才恢复", r.Asked)
	}
	return s
}

// undo is the state of one UndoImport, with the region locked.
type undo struct {
	postgres.Scope
	undone int64
	by     journal.By
	report UndoReport
}

func (u *undo) run(ctx context.Context, o *UndoOrder) error {
	if err := u.checkAllowed(ctx, o); err != nil {
		return err
	}
	for _, check := range u.objections() {
		if err := u.checkObjection(ctx, check); err != nil {
			return err
		}
	}
	// Before restoring: deferPayees must see that this import is undone.
	_, err := u.Tx.Exec(ctx, `INSERT INTO roster_undo (region, undone, rev, actor, reason) VALUES ($1, $2, $3, $4, $5)`,
		u.Region, u.undone, u.report.Rev, o.By.Actor, o.By.Reason)
	if err != nil {
		return fmt.Errorf("insert undo: %w", err)
	}
	if err := u.restate(ctx, o); err != nil {
		return err
	}
	return u.checkObjection(ctx, numberTaken)
}

// checkAllowed refuses users without the right, and revisions that cannot be undone.
func (u *undo) checkAllowed(ctx context.Context, o *UndoOrder) error {
	user, err := users.Current(ctx, u.Scope, o.User.Name)
	if err != nil {
		return err
	}
	if !user.Post.Signs() && user.Post != approval.Manager {
		return fault.New(fault.Denied, "用户“%s”是%s岗位，不能撤销导入，请由经办、复核、审批或管理岗位办理", user.Name, user.Post)
	}
	var action string
	err = u.Tx.QueryRow(ctx, `SELECT action, subject FROM journal WHERE region = $1 AND rev = $2`, u.Region, u.undone).Scan(&action, &u.report.File)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.New(fault.NotFound, "没有修订 %d，请用 disburse audit log 查看导入的修订号", u.undone)
	}
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	if action != importAction && action != pageAction {
		return fault.New(fault.Refused, "修订 %d 是“%s”，不是导入花名册，也不是由人员页登记，不能这样撤销", u.undone, action)
	}
	var by int64
	err = u.Tx.QueryRow(ctx, `SELECT coalesce(max(rev), 0) FROM roster_undo WHERE region = $1 AND undone = $2`, u.Region, u.undone).Scan(&by)
	if err != nil {
		return fmt.Errorf("read undone imports: %w", err)
	}
	if by > 0 {
		return fault.New(fault.Refused, "修订 %d 已经由修订 %d 撤销了；要恢复它，请再导入一次那个文件，或在人员页重新登记", u.undone, by)
	}
	return nil
}

// restate writes the state before the import as rows of the new revision.
func (u *undo) restate(ctx context.Context, o *UndoOrder) error {
	tag, err := u.Tx.Exec(ctx, `INSERT INTO merge (region, gone, kept, rev, actor, reason)
		SELECT $1, person, 0, $3, $4, $5 FROM (`+newcomersSQL+`) newcomer ORDER BY person`, u.Region, u.undone, u.report.Rev, o.By.Actor, o.By.Reason)
	if err != nil {
		return fmt.Errorf("end newcomers: %w", err)
	}
	u.report.Newcomers = int(tag.RowsAffected())
	m, err := u.importer(ctx)
	if err != nil {
		return err
	}
	if err := u.restateAccounts(ctx, m); err != nil {
		return err
	}
	if err := u.restateHistories(ctx, m); err != nil {
		return err
	}
	u.report.Asked, _, err = m.requests.Write(ctx, u.Scope.At(u.report.Rev))
	u.report.Closed = len(m.requests.Known)
	return err
}

// restateHistories restores the facts and 核定金额 of the import. Raises are deferred if the
// pack demands a second person for them: undoing a reduction is a raise, too.
func (u *undo) restateHistories(ctx context.Context, m *importer) error {
	f, err := historiesBefore(ctx, u, &people.Facts)
	if err != nil {
		return err
	}
	w, err := historiesBefore(ctx, u, &people.Awards)
	if err != nil {
		return err
	}
	if err := m.deferRaises(ctx, f, w); err != nil {
		return err
	}
	if u.report.Facts, _, err = f.write(ctx, u.Tx, &people.Facts, u.Region, u.report.Rev); err != nil {
		return err
	}
	u.report.Awards, _, err = w.write(ctx, u.Tx, &people.Awards, u.Region, u.report.Rev)
	return err
}

// historiesBefore returns the histories that the import wrote, as they were before it, without
// those of the people it added.
func historiesBefore[R comparable](ctx context.Context, u *undo, s *people.HistoryTable[R]) (*historyUpdates[R], error) {
	rows, err := u.Tx.Query(ctx, fmt.Sprintf(`SELECT DISTINCT person, %s FROM %s WHERE region = $1 AND rev = $2
		AND person NOT IN (SELECT gone FROM merge WHERE region = $1 AND rev = $3)`, s.Name, s.Table), u.Region, u.undone, u.report.Rev)
	if err != nil {
		return nil, fmt.Errorf("read %s of an import: %w", s.Table, err)
	}
	c := &historyUpdates[R]{}
	var person int64
	var name string
	_, err = pgx.ForEachRow(rows, []any{&person, &name}, func() error {
		c.list = append(c.list, historyUpdate[R]{History: people.History[R]{Person: person, Name: name}})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %s of an import: %w", s.Table, err)
	}
	return c, c.eachKnown(ctx, u.Tx, s, u.Region, u.undone-1, math.MaxInt64, func(l *historyUpdate[R], records []R) { l.Records = slices.Clone(records) })
}

// undoneRevisions returns the revisions of undone imports.
func undoneRevisions(ctx context.Context, scope postgres.Scope) (map[int64]bool, error) {
	rows, err := scope.Tx.Query(ctx, `SELECT undone FROM roster_undo WHERE region = $1`, scope.Region)
	if err != nil {
		return nil, fmt.Errorf("read undone imports: %w", err)
	}
	undone := make(map[int64]bool)
	var rev int64
	if _, err = pgx.ForEachRow(rows, []any{&rev}, func() error { undone[rev] = true; return nil }); err != nil {
		return nil, fmt.Errorf("read undone imports: %w", err)
	}
	return undone, nil
}
