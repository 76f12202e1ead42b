package imports

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/policy/packfile"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/people"
)

// MatchOrder asks for a list (比对名单) to be matched against the roster.
type MatchOrder struct {
	Region int32
	Kind   *packfile.MatchList
	List   *roster.MatchList // read beforehand
	By     journal.By
	DryRun bool // do the work and roll it back
}

// MatchReport is what a match found.
type MatchReport struct {
	Rev       int64 // the new revision, in a dry run the one it would be; 0: the newest list of the kind says the same
	Matches   []roster.Match
	Unmatched []int // rows of the list, of whom the roster has nobody
	Hits      int   // people with hits, where the pack asks for hits
	New       int   // of them: not hit by the list before
	Cleared   int   // people whom the list before hit and this one does not
}

// MatchList matches a list against everybody on the roster and stores the hits at a new
// revision. They replace those of the previous list of the kind in later runs. It is
// idempotent: an equal list uses no revision. The roster does not change. Errors:
// fault.NotFound (region), fault.Refused (the roster is empty).
func MatchList(ctx context.Context, db *postgres.DB, o MatchOrder) (*MatchReport, error) {
	var report *MatchReport
	_, err := db.Change(ctx, o.Region, o.By, func(scope postgres.Scope) (journal.Entry, error) {
		report = &MatchReport{Rev: scope.Rev}
		m := &matchRun{Scope: scope, order: o, report: report}
		if err := m.run(ctx); err != nil {
			return journal.Entry{}, err
		}
		switch {
		case report.Rev == 0:
			return journal.Entry{}, postgres.ErrNoChange
		case o.DryRun:
			return journal.Entry{}, postgres.ErrDryRun
		}
		return journal.Entry{Action: "比对名单", Subject: o.Kind.Name.Value + "：" + o.List.File, Digest: o.List.SHA256, Summary: m.summary()}, nil
	})
	if err != nil && !errors.Is(err, postgres.ErrDryRun) {
		return nil, err
	}
	return report, nil
}

// matchRun is the state of one MatchList, with the region locked.
type matchRun struct {
	postgres.Scope
	order  MatchOrder
	report *MatchReport
}

func (m *matchRun) run(ctx context.Context) error {
	if err := m.match(ctx); err != nil {
		return err
	}
	var hits []personHit
	if !m.order.Kind.Missing() {
		hits = m.hits()
	}
	before, err := m.readPrevious(ctx)
	if err != nil {
		return err
	}
	m.compare(hits, before.people)
	digest := m.digest(hits)
	if before.exists && before.digest == digest {
		m.report.Rev = 0
		return nil
	}
	return m.write(ctx, hits, digest)
}

// match streams everybody on the roster through the matcher.
func (m *matchRun) match(ctx context.Context) error {
	var end int64
	if err := m.Tx.QueryRow(ctx, `SELECT next_person FROM region WHERE region = $1`, m.order.Region).Scan(&end); err != nil {
		return fmt.Errorf("read number of people: %w", err)
	}
	if end <= 1 {
		return fault.Command(fault.New(fault.Refused, "花名册是空的，请先导入花名册，再比对名单"), "disburse roster import 文件")
	}
	matcher := roster.NewMatcher(m.order.List.Rows)
	merged, former, err := m.formerNumbers(ctx)
	if err != nil {
		return err
	}
	var now roster.Person
	var numbers []string // of now, the oldest first
	show := func() {
		if merged.Survivor(now.Number) != now.Number {
			return
		}
		numbers = append(numbers, former[now.Number]...)
		past := slices.DeleteFunc(numbers, func(id string) bool { return id == now.ID })
		matcher.Person(&now, slices.Compact(past))
	}
	err = people.EachPersonRow(ctx, m.Scope, people.Between(1, end), func(p roster.Person) error {
		if now.Number != 0 && p.Number != now.Number {
			show()
			numbers = numbers[:0]
		}
		now, numbers = p, append(numbers, p.ID)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read people: %w", err)
	}
	if now.Number != 0 {
		show()
	}
	m.report.Matches, m.report.Unmatched = matcher.Matches()
	return nil
}

// missing returns the rows that match nobody (应享未享), if the kind is about them, but only
// those with a birth date: without one no rule can be evaluated.
func (m *matchRun) missing() []roster.Listed {
	if !m.order.Kind.Missing() {
		return nil
	}
	var all []roster.Listed
	for _, row := range m.report.Unmatched {
		if r := m.order.List.Rows[row].Listed; r.Birth != 0 {
			all = append(all, r)
		}
	}
	return all
}

// compare counts people who are newly hit and who are no longer hit.
func (m *matchRun) compare(hits []personHit, before map[int64]bool) {
	now := map[int64]bool{}
	for i := range hits {
		now[hits[i].person] = true
	}
	m.report.Hits = len(now)
	for person := range now {
		if !before[person] {
			m.report.New++
		}
	}
	for person := range before {
		if !now[person] {
			m.report.Cleared++
		}
	}
}

// digest identifies the result, hits and missing people, to recognize an equal list.
func (m *matchRun) digest(hits []personHit) string {
	h := sha256.New()
	for _, r := range m.missing() {
		fmt.Fprintf(h, "%s\x00%s\x00%s\x00%s\n", r.ID, r.Name, r.Birth, r.Street)
	}
	for i := range hits {
		x := &hits[i]
		fmt.Fprintf(h, "%d\x00%d\x00%s\x00%s\x00%s\x00%s\x00%s\x00%s\n", x.person, x.How, x.ID, x.Name, x.Birth, x.Date, x.Street, x.Note)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// previousList is the latest stored list of the kind.
type previousList struct {
	exists bool
	digest string
	people map[int64]bool // whom it hits
}

func (m *matchRun) readPrevious(ctx context.Context) (previousList, error) {
	before := previousList{people: map[int64]bool{}}
	var rev int64
	kind := m.order.Kind.Name.Value
	err := m.Tx.QueryRow(ctx, `
		SELECT rev, digest FROM match_list WHERE region = $1 AND kind = $2 ORDER BY rev DESC LIMIT 1`,
		m.order.Region, kind).Scan(&rev, &before.digest)
	if errors.Is(err, pgx.ErrNoRows) {
		return before, nil
	}
	if err != nil {
		return before, fmt.Errorf("read newest list: %w", err)
	}
	before.exists = true
	rows, err := m.Tx.Query(ctx, `SELECT DISTINCT person FROM match_hit WHERE region = $1 AND kind = $2 AND rev = $3`, m.order.Region, kind, rev)
	if err != nil {
		return before, fmt.Errorf("read hits of newest list: %w", err)
	}
	people, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return before, fmt.Errorf("read hits of newest list: %w", err)
	}
	for _, p := range people {
		before.people[p] = true
	}
	return before, nil
}

func (m *matchRun) summary() string {
	r := m.report
	if m.order.Kind.Missing() {
		return fmt.Sprintf("名单 %d 行，花名册里没有的 %d 行，退回 %d 行", len(m.order.List.Rows), len(r.Unmatched), len(m.order.List.Problems))
	}
	return fmt.Sprintf("名单 %d 行，命中 %d 人（新增 %d 人，解除 %d 人），未匹配 %d 行，退回 %d 行",
		len(m.order.List.Rows), r.Hits, r.New, r.Cleared, len(r.Unmatched), len(m.order.List.Problems))
}
