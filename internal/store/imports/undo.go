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
	"disburse/internal/roster"
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

// UndoReport says what an undoing restated.
type UndoReport struct {
	Rev       int64 // of the undoing
	File      string
	People    int // that are again as they were before
	Newcomers int // that the import had brought and that are gone
	Facts     int // histories
	Awards    int
	Payees    int
	Withdrawn int // changes that waited for a second person and are not asked for any more
	Lost      int // changes that waited until the import asked for others; they must be asked for again
	Closed    int // changes that waited and are over by what is known again
	Asked     int // changes that a second person must confirm: accounts to which somebody was paid since, histories that raise
}

// UndoImport makes known again, at a new revision, what was known before an import of
// everything that the import changed: nothing is taken out, and months that were computed
// meanwhile are still computed from what was known then. People whom the import brought
// are gone as merged ones are, with their numbers free again.
//
// Errors: fault.Invalid (no reason), fault.Denied (user), fault.NotFound (revision),
// fault.Refused where the revision is no import or was undone, where something of it was
// changed since, where somebody it brought was paid, is being signed for or belongs to
// something recorded since, and where somebody else has a number that would come back:
// the sentence names up to five.
func UndoImport(ctx context.Context, db *postgres.DB, o UndoOrder) (*UndoReport, error) {
	o.By.Actor, o.By.Reason = o.User.Name, strings.TrimSpace(o.By.Reason)
	if o.By.Reason == "" {
		return nil, fault.Command(fault.New(fault.Invalid, "撤销导入要写明理由"), "--reason 理由")
	}
	var u *undoing
	_, err := db.Change(ctx, o.Region, o.By, func(scope postgres.Scope) (journal.Entry, error) {
		u = &undoing{Scope: scope, undone: o.Rev, by: o.By, report: UndoReport{Rev: scope.Rev}}
		if err := u.work(ctx, &o); err != nil {
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

// Summary says in words what was restated.
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

// undoing is one on its way, inside the region's lock.
type undoing struct {
	postgres.Scope
	undone int64
	by     journal.By
	report UndoReport
}

func (u *undoing) work(ctx context.Context, o *UndoOrder) error {
	if err := u.may(ctx, o); err != nil {
		return err
	}
	for _, check := range u.objections() {
		if err := u.refuse(ctx, check); err != nil {
			return err
		}
	}
	// First: what only this import said of an institution no longer counts below.
	_, err := u.Tx.Exec(ctx, `INSERT INTO roster_undo (region, undone, rev, actor, reason) VALUES ($1, $2, $3, $4, $5)`,
		u.Region, u.undone, u.report.Rev, o.By.Actor, o.By.Reason)
	if err != nil {
		return fmt.Errorf("insert undo: %w", err)
	}
	if err := u.restate(ctx, o); err != nil {
		return err
	}
	return u.refuse(ctx, numberTaken)
}

// may refuses users who keep no roster, and revisions that cannot be undone.
func (u *undoing) may(ctx context.Context, o *UndoOrder) error {
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

// objection finds people, or names, of whom something speaks against undoing.
type objection struct {
	sql    string // selects names and ID numbers; $1 region, $2 the import's revision
	reason string
}

// brought are the people whom the import brought: their first row is its.
const brought = `SELECT person FROM person WHERE region = $1 AND rev = $2
	AND NOT EXISTS (SELECT FROM person q WHERE q.region = person.region AND q.person = person.person AND q.rev < $2)`

// whoAmong names the people that a query selects.
func whoAmong(people string) string {
	return `SELECT DISTINCT ON (p.person) p.name, p.id_number FROM person p WHERE p.region = $1 AND p.person IN (` + people + `) ORDER BY p.person, p.rev DESC`
}

// changedSince selects people with a unit that the import stated and a later revision
// stated anew.
func changedSince(table, unit string) string {
	return whoAmong(fmt.Sprintf(`SELECT t.person FROM %[1]s t JOIN %[1]s l USING (region, %[2]s) WHERE t.region = $1 AND t.rev = $2 AND l.rev > $2`, table, unit))
}

// numberTaken are people who came to have a number that somebody else has.
var numberTaken = objection{`
	SELECT p.name, p.id_number FROM person p JOIN person q ON q.region = p.region AND q.id_number = p.id_number AND q.person <> p.person
	WHERE p.region = $1 AND p.rev > $2 AND p.person IN (SELECT person FROM person WHERE region = $1 AND rev = $2)
	  AND p.rev = (SELECT max(rev) FROM person m WHERE m.Region = p.region AND m.person = p.person)
	  AND q.rev = (SELECT max(rev) FROM person m WHERE m.Region = q.region AND m.person = q.person)
	  AND NOT EXISTS (SELECT FROM merge m WHERE m.Region = $1 AND m.gone IN (p.person, q.person))`, "原来的身份证号已经属于别人"}

func (u *undoing) objections() []objection {
	all := []objection{
		{changedSince("person", "person"), "的人员信息后来又有变动"},
		{changedSince("fact", "person, fact"), "的情况后来又有变动"},
		{changedSince("award", "person, item"), "的核定金额后来又有变动"},
		{`SELECT DISTINCT t.name, '' FROM payee t JOIN payee l USING (region, name) WHERE t.region = $1 AND t.rev = $2 AND l.rev > $2`,
			"（收款单位）后来又有变动"},
		{confirmedSince, "的变更已经由第二人确认"},
		{whoAmong(`SELECT unnest(ARRAY[gone, kept]) FROM merge WHERE region = $1 AND rev > $2 INTERSECT
			(SELECT person FROM person WHERE region = $1 AND rev = $2 UNION SELECT person FROM fact WHERE region = $1 AND rev = $2
			 UNION SELECT person FROM award WHERE region = $1 AND rev = $2)`), "后来已合并"},
		{whoAmong(`SELECT l.person FROM draft_line l JOIN batch b USING (region, batch)
			WHERE l.region = $1 AND b.state NOT IN ('open', 'returned', 'carried') AND l.person IN (` + brought + `)`),
			"是这次导入新增的，正在签批的批次里有其明细，请先审批通过或退回"},
	}
	for _, since := range []struct{ table, what string }{
		{"fact", "后来又登记了情况"}, {"award", "后来又有核定金额"}, {"ledger", "已有发放或台账记录，请改为登记迁出，或与正确的记录合并"},
		{"line", "已有审批过的明细，请改为登记迁出，或与正确的记录合并"},
	} {
		later := "AND t.rev > $2"
		if since.table == "line" {
			later = ""
		}
		all = append(all, objection{whoAmong(`SELECT t.person FROM ` + since.table + ` t WHERE t.region = $1 ` + later + ` AND t.person IN (` + brought + `)`),
			"是这次导入新增的，" + since.what})
	}
	return all
}

// refuse refuses where an objection finds anybody.
func (u *undoing) refuse(ctx context.Context, o objection) error {
	const most = 5
	rows, err := u.Tx.Query(ctx, o.sql, u.Region, u.undone)
	if err != nil {
		return fmt.Errorf("look for what speaks against undoing: %w", err)
	}
	var names []string
	var name, id string
	count := 0
	_, err = pgx.ForEachRow(rows, []any{&name, &id}, func() error {
		if count++; count > most {
			return nil
		}
		if id != "" {
			name += "（" + roster.MaskID(id) + "）"
		}
		names = append(names, name)
		return nil
	})
	if err != nil {
		return fmt.Errorf("look for what speaks against undoing: %w", err)
	}
	if count == 0 {
		return nil
	}
	who := strings.Join(names, "、")
	if count > most {
		who += fmt.Sprintf("等 %d 人", count)
	}
	return fault.New(fault.Refused, "修订 %d 的导入不能撤销：%s%s；请改用一份更正的花名册", u.undone, who, o.reason)
}

// restate writes what was known before as known from now on.
func (u *undoing) restate(ctx context.Context, o *UndoOrder) error {
	tag, err := u.Tx.Exec(ctx, `INSERT INTO merge (region, gone, kept, rev, actor, reason)
		SELECT $1, person, 0, $3, $4, $5 FROM (`+brought+`) newcomer ORDER BY person`, u.Region, u.undone, u.report.Rev, o.By.Actor, o.By.Reason)
	if err != nil {
		return fmt.Errorf("end newcomers: %w", err)
	}
	u.report.Newcomers = int(tag.RowsAffected())
	m, err := u.merge(ctx)
	if err != nil {
		return err
	}
	if err := u.accounts(ctx, m); err != nil {
		return err
	}
	if err := u.histories(ctx, m); err != nil {
		return err
	}
	u.report.Asked, _, err = m.asks.Settle(ctx, u.Scope.At(u.report.Rev))
	u.report.Closed = len(m.asks.Made)
	return err
}

// histories restates the facts and 核定金额 of the import. Those that raise wait where the
// pack asks for a second person: to undo alone what lowers would be to raise alone.
func (u *undoing) histories(ctx context.Context, m *rosterMerge) error {
	f, err := historiesBefore(ctx, u, &people.Facts)
	if err != nil {
		return err
	}
	w, err := historiesBefore(ctx, u, &people.Awards)
	if err != nil {
		return err
	}
	if err := m.holdRaises(ctx, f, w); err != nil {
		return err
	}
	if u.report.Facts, _, err = f.write(ctx, u.Tx, &people.Facts, u.Region, u.report.Rev); err != nil {
		return err
	}
	u.report.Awards, _, err = w.write(ctx, u.Tx, &people.Awards, u.Region, u.report.Rev)
	return err
}

// historiesBefore are the histories that the import stated, as they were before it, of those who
// are still there.
func historiesBefore[R comparable](ctx context.Context, u *undoing, s *people.Series[R]) (*claims[R], error) {
	rows, err := u.Tx.Query(ctx, fmt.Sprintf(`SELECT DISTINCT person, %s FROM %s WHERE region = $1 AND rev = $2
		AND person NOT IN (SELECT gone FROM merge WHERE region = $1 AND rev = $3)`, s.Name, s.Table), u.Region, u.undone, u.report.Rev)
	if err != nil {
		return nil, fmt.Errorf("read %s of an import: %w", s.Table, err)
	}
	c := &claims[R]{}
	var person int64
	var name string
	_, err = pgx.ForEachRow(rows, []any{&person, &name}, func() error {
		c.list = append(c.list, claim[R]{History: people.History[R]{Person: person, Name: name}})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %s of an import: %w", s.Table, err)
	}
	return c, c.known(ctx, u.Tx, s, u.Region, u.undone-1, math.MaxInt64, func(l *claim[R], records []R) { l.Records = slices.Clone(records) })
}

// undoneRevisions returns the imports that were undone.
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
