package second

import (
	"context"
	"fmt"
	"slices"
	"time"

	"disburse/internal/judge"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// Inputs of the judge where an item limits its 补发 (docs/rules.md §5.6): when the bureau
// approved which month, and what was known of people when. Here the database evaluates what held
// as of each revision; the engine (package runs) reads all rows and does it in memory. The two
// ways must stay different.

// approved reads the bureau's approvals up to the batch's revision.
func (s *session) approved(ctx context.Context) ([]judge.Approval, error) {
	if !judge.LimitsArrears(s.pack) {
		return nil, nil
	}
	var all []judge.Approval
	var a judge.Approval
	var of time.Time
	err := s.each(ctx, "approvals", `
		SELECT month, approved_rev, coalesce((
		    SELECT max(v.rev) FROM void_signature v WHERE v.region = b.region AND v.batch = b.batch AND v.n = 2 AND v.rev < $3), 0)
		FROM batch b WHERE region = $1 AND bureau = $2 AND approved_rev < $3`,
		[]any{s.Region, s.batch.Bureau, s.batch.Revision + 1}, []any{&of, &a.Rev, &a.Voided},
		func() {
			a.Month = postgres.NullableMonth(&of)
			all = append(all, a)
		})
	s.approvals = all
	return all, err
}

// mergeLink is the merge of a record into another one at a revision.
type mergeLink struct{ kept, rev int64 }

// readStages reads, for people whose record changed after the first approval, what was known as of
// each revision of their record and of those merged into it.
func (s *session) readStages(ctx context.Context, from, to int64, people map[int64]*judge.Case) error {
	if len(s.approvals) == 0 {
		return nil
	}
	first := s.approvals[0].Rev
	for _, a := range s.approvals {
		first = min(first, a.Rev)
	}
	late, became, err := s.lateRecords(ctx, from, to, first)
	if err != nil || len(late) == 0 {
		return err
	}
	members := withMerged(late, became)
	known, err := s.readVersions(ctx, members)
	if err != nil {
		return err
	}
	for number, records := range bySurvivor(members, became) {
		// Only people who are late themselves: if the survivor's own record is unchanged, everything
		// counts as known in time, even if a late record was merged into it.
		if c := people[number]; c != nil && slices.Contains(late, number) {
			c.Known = joinVersions(records, known, became)
		}
	}
	return nil
}

// lateRecords reads the records of a range that changed after revision first, and all merges up
// to the batch's revision.
func (s *session) lateRecords(ctx context.Context, from, to, first int64) (late []int64, became map[int64]mergeLink, err error) {
	var number int64
	err = s.each(ctx, "late knowledge", `
		SELECT DISTINCT person FROM (
		    SELECT person, rev FROM person WHERE region = $1 UNION ALL SELECT person, rev FROM fact WHERE region = $1
		    UNION ALL SELECT person, rev FROM award WHERE region = $1) told
		WHERE person >= $2 AND person < $3 AND rev > $4 AND rev <= $5`,
		[]any{s.Region, from, to, first, s.batch.Revision}, []any{&number}, func() { late = append(late, number) })
	if err != nil {
		return nil, nil, err
	}
	became = map[int64]mergeLink{}
	var link mergeLink
	err = s.each(ctx, "merges", `SELECT gone, kept, rev FROM merge WHERE region = $1 AND rev <= $2`,
		[]any{s.Region, s.batch.Revision}, []any{&number, &link.kept, &link.rev}, func() { became[number] = link })
	return late, became, err
}

// withMerged adds to records those that were merged into them, directly or through others.
func withMerged(late []int64, became map[int64]mergeLink) []int64 {
	members := slices.Clone(late)
	for grown := true; grown; {
		grown = false
		for gone, link := range became {
			if slices.Contains(members, link.kept) && !slices.Contains(members, gone) {
				members, grown = append(members, gone), true
			}
		}
	}
	return members
}

// bySurvivor groups records by the person whose they are after all merges.
func bySurvivor(members []int64, became map[int64]mergeLink) map[int64][]int64 {
	of := map[int64][]int64{}
	for _, record := range members {
		person := record
		for link, gone := became[person]; gone; link, gone = became[person] {
			person = link.kept
		}
		of[person] = append(of[person], record)
	}
	return of
}

// revisionsCTE is a CTE of the records $2 and the revisions, up to $3, that changed them.
const revisionsCTE = `WITH told AS (
	    SELECT person, rev FROM person WHERE region = $1 AND person = ANY($2) AND rev <= $3
	    UNION SELECT person, rev FROM fact WHERE region = $1 AND person = ANY($2) AND rev <= $3
	    UNION SELECT person, rev FROM award WHERE region = $1 AND person = ANY($2) AND rev <= $3) `

// readVersions reads each record as of each of its revisions: by person number, then revision.
func (s *session) readVersions(ctx context.Context, members []int64) (map[int64]map[int64]*judge.Case, error) {
	all := map[int64]map[int64]*judge.Case{}
	var p roster.Person
	var rev int64
	var birth time.Time
	var in, out, died *time.Time
	args := []any{s.Region, members, s.batch.Revision}
	err := s.each(ctx, "people as they were known", revisionsCTE+`
		SELECT t.person, t.rev, p.id_number, p.name, p.street, p.community, p.birth, p.moved_in, p.moved_out, p.died
		FROM told t JOIN person p ON p.region = $1 AND p.person = t.person AND p.rev = (
		    SELECT max(q.rev) FROM person q WHERE q.region = $1 AND q.person = t.person AND q.rev <= t.rev)`,
		args, []any{&p.Number, &rev, &p.ID, &p.Name, &p.Street, &p.Community, &birth, &in, &out, &died},
		func() {
			p.Birth, p.MovedIn, p.MovedOut, p.Died = postgres.NullableDate(&birth), postgres.NullableDate(in), postgres.NullableDate(out), postgres.NullableDate(died)
			if all[p.Number] == nil {
				all[p.Number] = map[int64]*judge.Case{}
			}
			all[p.Number][rev] = &judge.Case{Person: p}
		})
	if err != nil {
		return nil, err
	}
	return all, s.readVersionHistories(ctx, args, all)
}

// readVersionHistories adds facts and 核定金额 as of each revision.
func (s *session) readVersionHistories(ctx context.Context, args []any, all map[int64]map[int64]*judge.Case) error {
	var person, rev int64
	var from, to *time.Time
	var f roster.Fact
	err := s.each(ctx, "facts as they were known", revisionsCTE+`
		SELECT t.person, t.rev, f.fact, f.since, f.until, f.value
		FROM told t JOIN fact f ON f.region = $1 AND f.person = t.person AND f.n > 0 AND f.rev = (
		    SELECT max(g.rev) FROM fact g WHERE g.region = $1 AND g.person = t.person AND g.fact = f.fact AND g.rev <= t.rev)`,
		args, []any{&person, &rev, &f.Name, &from, &to, &f.Value},
		func() {
			f.Since, f.Until = postgres.NullableDate(from), postgres.NullableDate(to)
			if c := all[person][rev]; c != nil {
				c.Facts = append(c.Facts, f)
			}
		})
	if err != nil {
		return err
	}
	var a roster.Award
	return s.each(ctx, "核定金额 as they were known", revisionsCTE+`
		SELECT t.person, t.rev, a.item, a.amount, a.first_month, a.last_month, a.payee
		FROM told t JOIN award a ON a.region = $1 AND a.person = t.person AND a.n > 0 AND a.rev = (
		    SELECT max(b.rev) FROM award b WHERE b.region = $1 AND b.person = t.person AND b.item = a.item AND b.rev <= t.rev)`,
		args, []any{&person, &rev, &a.Item, &a.Amount, &from, &to, &a.Payee},
		func() {
			a.First, a.Last = postgres.NullableMonth(from), postgres.NullableMonth(to)
			if c := all[person][rev]; c != nil {
				c.Awards = append(c.Awards, a)
			}
		})
}

// joinVersions combines the versions of a person's records by revision. A record counts from its
// first revision until it was merged into another one.
func joinVersions(records []int64, known map[int64]map[int64]*judge.Case, became map[int64]mergeLink) []judge.Knowledge {
	revisions := map[int64]bool{}
	for _, record := range records {
		for rev := range known[record] {
			revisions[rev] = true
		}
		if link, gone := became[record]; gone {
			revisions[link.rev] = true
		}
	}
	var all []judge.Knowledge
	for rev := range revisions {
		k := judge.Knowledge{Rev: rev}
		for _, record := range records {
			link, gone := became[record]
			if gone && link.rev <= rev {
				continue
			}
			newest := int64(0)
			for at := range known[record] {
				if at <= rev {
					newest = max(newest, at)
				}
			}
			if newest > 0 {
				k.Records = append(k.Records, known[record][newest])
			}
		}
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b judge.Knowledge) int { return int(a.Rev - b.Rev) })
	return all
}

// readFoundDues reads the dues that earlier batches found, for the person's record and those
// merged into it: they never lapse (docs/rules.md §5.6).
func (s *session) readFoundDues(ctx context.Context, from, to int64, people map[int64]*judge.Case) error {
	if !judge.LimitsArrears(s.pack) {
		return nil
	}
	var number int64
	var k judge.Key
	var of time.Time
	for _, table := range []string{"line", "draft_line"} {
		err := s.each(ctx, "earlier dues", fmt.Sprintf(`
			WITH RECURSIVE mine (record, person) AS (
			    SELECT DISTINCT person, person FROM person WHERE region = $1 AND person >= $2 AND person < $3
			    UNION SELECT m.gone, mine.person FROM merge m JOIN mine ON m.kept = mine.record WHERE m.region = $1 AND m.rev <= $4)
			SELECT mine.person, l.item, l.payee, l.month
			FROM mine JOIN %s l ON l.region = $1 AND l.person = mine.record JOIN batch b ON b.region = l.region AND b.batch = l.batch
			WHERE b.revision < $4 AND b.batch <> $5`, table),
			[]any{s.Region, from, to, s.batch.Revision, s.batch.Number},
			[]any{&number, &k.Item, &k.Payee, &of},
			func() {
				k.Month = postgres.NullableMonth(&of)
				if c := people[number]; c != nil {
					c.Found = append(c.Found, k)
				}
			})
		if err != nil {
			return err
		}
	}
	return nil
}
