package calendar_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/backup"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/backups"
	"disburse/internal/store/calendar"
	"disburse/internal/store/people"
	"disburse/internal/store/storetest"
)

// Who reaches an age is counted among those who live here and are one person.
func TestReaching(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	today := storetest.Day(2026, 5, 25)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1946), "").Person(storetest.Resident(1926), "").Person(storetest.Resident(1947), ""))
	count := func(age int) int64 {
		n, err := calendar.CountReachingAge(t.Context(), d.Db, storetest.DeskRegion, month.Of(2026, 6), today, age)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if a, b, c := count(80), count(100), count(90); a != 1 || b != 1 || c != 0 {
		t.Errorf("reaching 80, 100, 90: %d %d %d", a, b, c)
	}
	d.Learn(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1946, storetest.DiedOn(storetest.Day(2026, 5, 20))), ""))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1926, func(p *roster.Person) { p.MovedOut = today.Add(5) }), ""))
	if a, b := count(80), count(100); a != 0 || b != 1 {
		t.Errorf("the dead and those who leave later: %d %d", a, b)
	}
}

// A fact ends where its last known history says so and goes on under no other value.
func TestEndingFacts(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	from, to := storetest.Day(2026, 11, 10), storetest.Day(2026, 12, 31)
	ends := storetest.Day(2026, 11, 30)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).
		Person(storetest.Resident(1944), "").Fact(storetest.IdIn(1944), "残疾等级", storetest.Since("一级", storetest.LongAgo, ends)).
		Person(storetest.Resident(1943), "").Fact(storetest.IdIn(1943), "残疾等级", storetest.Since("二级", storetest.LongAgo, ends), storetest.Since("一级", ends.Add(1))).
		Person(storetest.Resident(1942), "").Fact(storetest.IdIn(1942), "残疾等级", storetest.Since("一级", storetest.LongAgo, from.Add(-1))).
		Person(storetest.Resident(1941), "").Fact(storetest.IdIn(1941), "残疾等级", storetest.Since("一级", storetest.LongAgo, ends)).Fact(storetest.IdIn(1941), "低保", storetest.Since("是", storetest.LongAgo, to)).
		Person(storetest.Resident(1940, storetest.DiedOn(from)), "").Fact(storetest.IdIn(1940), "残疾等级", storetest.Since("一级", storetest.LongAgo, ends)))
	read := func() []calendar.EndingFact {
		all, err := calendar.EndingFacts(t.Context(), d.Db, storetest.DeskRegion, from, to)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if diff := cmp.Diff([]calendar.EndingFact{{Fact: "低保", People: 1}, {Fact: "残疾等级", People: 2}}, read()); diff != "" {
		t.Errorf("ending (-want +got):\n%s", diff)
	}
	named := func(fact string) (all []string) {
		if _, err := people.UpdateIndex(t.Context(), d.Db, storetest.DeskRegion, 1000); err != nil {
			t.Fatal(err)
		}
		q := people.EndingQuery{From: from, To: to, Fact: fact, Limit: 1}
		for {
			found, err := people.EndingPeople(t.Context(), d.Db, storetest.DeskRegion, q)
			if err != nil {
				t.Fatal(err)
			}
			if len(found) == 0 {
				return all
			}
			q.After = found[0]
			all = append(all, fmt.Sprintf("%s %s %s %s", found[0].Until, found[0].ID, found[0].Fact, found[0].Value))
		}
	}
	if diff := cmp.Diff([]string{"2026-11-30 " + storetest.IdIn(1944) + " 残疾等级 一级", "2026-11-30 " + storetest.IdIn(1941) + " 残疾等级 一级", "2026-12-31 " + storetest.IdIn(1941) + " 低保 是"}, named("")); diff != "" {
		t.Errorf("whose facts end (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"2026-12-31 " + storetest.IdIn(1941) + " 低保 是"}, named("低保")); diff != "" {
		t.Errorf("whose 低保 ends (-want +got):\n%s", diff)
	}
	d.Learn(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1944), "").Fact(storetest.IdIn(1944), "残疾等级", storetest.Since("一级", storetest.LongAgo)))
	if diff := cmp.Diff([]calendar.EndingFact{{Fact: "低保", People: 1}, {Fact: "残疾等级", People: 1}}, read()); diff != "" {
		t.Errorf("after one was prolonged (-want +got):\n%s", diff)
	}
	if n := len(named("残疾等级")); n != 1 {
		t.Errorf("%d named after one was prolonged", n)
	}
}

// What banks have not answered is counted once the files were handed over long enough
// ago; batches stand where they stand.
func TestUnansweredAndStandings(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1944), "").Person(storetest.Resident(1935), ""))
	d.Run(storetest.At(10))
	standing := func() (all []string) {
		found, err := calendar.BatchStatuses(t.Context(), d.Db, storetest.DeskRegion, storetest.At(10))
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range found {
			if b.Bureau == storetest.DeskBureau {
				word := b.State.Chinese()
				if b.Sent {
					word += " 已送"
				}
				all = append(all, word)
			}
		}
		return all
	}
	unanswered := func(before time.Time) int64 {
		all, err := calendar.UnansweredPayments(t.Context(), d.Db, storetest.DeskRegion, before)
		if err != nil {
			t.Fatal(err)
		}
		n := int64(0)
		for _, u := range all {
			n += u.Payments
		}
		return n
	}
	seen := standing()
	d.Approve(storetest.At(10))
	seen = append(seen, standing()...)
	if n := unanswered(storetest.DeskNow.AddDate(1, 0, 0)); n != 0 {
		t.Errorf("%d unanswered before anything was handed over", n)
	}
	batch := d.Send(storetest.At(10))
	seen = append(seen, standing()...)
	if diff := cmp.Diff([]string{"待提交", "已审批", "已审批 已送"}, seen); diff != "" {
		t.Errorf("standings (-want +got):\n%s", diff)
	}
	payments := d.Number(`SELECT count(*) FROM payment`)
	if n := unanswered(storetest.DeskNow.Add(time.Hour)); n != payments || n == 0 {
		t.Errorf("%d unanswered of %d", n, payments)
	}
	if n := unanswered(storetest.DeskNow.Add(-time.Hour)); n != 0 {
		t.Errorf("%d unanswered too early", n)
	}
	last, err := calendar.LastApprovedBatches(t.Context(), d.Db, storetest.DeskRegion)
	if err != nil || !slices.ContainsFunc(last, func(b payrun.Batch) bool { return b.Number == batch.Number }) {
		t.Errorf("last approved %v, %v", last, err)
	}
}

// The queue's tables come and go and are not backed up; the calendar's are.
func TestBackupLeavesTheQueueOut(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1944), ""))
	if err := calendar.StartCalendar(t.Context(), d.Db, storetest.DeskRegion, storetest.DeskNow); err != nil {
		t.Fatal(err)
	}
	w, err := backup.Create(filepath.Join(t.TempDir(), "一.dbk"), "")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Discard()
	header, _, err := backups.Backup(t.Context(), d.Url, w, journal.By{Actor: "os:root", Origin: "test", At: storetest.DeskNow}, "一.dbk", func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	has := func(name string) bool {
		return slices.ContainsFunc(header.Tables, func(x backup.Table) bool { return x.Name == name })
	}
	for _, name := range []string{"job_calendar", "job_setting", "job_occurrence", "holiday", "notice", "notice_read", "notice_delivery"} {
		if !has(name) {
			t.Errorf("%s is not backed up", name)
		}
	}
	for _, name := range []string{"river_job", "river_leader", "river_queue", "river_migration"} {
		if has(name) {
			t.Errorf("%s is backed up", name)
		}
	}
}
