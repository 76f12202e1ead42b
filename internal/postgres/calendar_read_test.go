package postgres_test

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
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// Who reaches an age is counted among those who live here and are one person.
func TestReaching(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	today := day(2026, 5, 25)
	d.learn(newSheet(everyColumn).person(resident(1946), "").person(resident(1926), "").person(resident(1947), ""))
	count := func(age int) int64 {
		n, err := d.db.Reaching(t.Context(), deskRegion, month.Of(2026, 6), today, age)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if a, b, c := count(80), count(100), count(90); a != 1 || b != 1 || c != 0 {
		t.Errorf("reaching 80, 100, 90: %d %d %d", a, b, c)
	}
	d.learn(newSheet(everyColumn).person(resident(1946, diedOn(day(2026, 5, 20))), ""))
	d.learn(newSheet(everyColumn).person(resident(1926, func(p *roster.Person) { p.MovedOut = today.Add(5) }), ""))
	if a, b := count(80), count(100); a != 0 || b != 1 {
		t.Errorf("the dead and those who leave later: %d %d", a, b)
	}
}

// A fact ends where its last known history says so and goes on under no other value.
func TestEndingFacts(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	from, to := day(2026, 11, 10), day(2026, 12, 31)
	ends := day(2026, 11, 30)
	d.learn(newSheet(everyColumn).
		person(resident(1944), "").fact(idIn(1944), "残疾等级", since("一级", longAgo, ends)).
		person(resident(1943), "").fact(idIn(1943), "残疾等级", since("二级", longAgo, ends), since("一级", ends.Add(1))).
		person(resident(1942), "").fact(idIn(1942), "残疾等级", since("一级", longAgo, from.Add(-1))).
		person(resident(1941), "").fact(idIn(1941), "残疾等级", since("一级", longAgo, ends)).fact(idIn(1941), "低保", since("是", longAgo, to)).
		person(resident(1940, diedOn(from)), "").fact(idIn(1940), "残疾等级", since("一级", longAgo, ends)))
	read := func() []postgres.EndingFact {
		all, err := d.db.EndingFacts(t.Context(), deskRegion, from, to)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if diff := cmp.Diff([]postgres.EndingFact{{Fact: "低保", People: 1}, {Fact: "残疾等级", People: 2}}, read()); diff != "" {
		t.Errorf("ending (-want +got):\n%s", diff)
	}
	named := func(fact string) (all []string) {
		if _, err := d.db.CatchUpPeople(t.Context(), deskRegion, 1000); err != nil {
			t.Fatal(err)
		}
		q := postgres.EndingQuery{From: from, To: to, Fact: fact, Limit: 1}
		for {
			found, err := d.db.EndingPeople(t.Context(), deskRegion, q)
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
	if diff := cmp.Diff([]string{"2026-11-30 " + idIn(1944) + " 残疾等级 一级", "2026-11-30 " + idIn(1941) + " 残疾等级 一级", "2026-12-31 " + idIn(1941) + " 低保 是"}, named("")); diff != "" {
		t.Errorf("whose facts end (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"2026-12-31 " + idIn(1941) + " 低保 是"}, named("低保")); diff != "" {
		t.Errorf("whose 低保 ends (-want +got):\n%s", diff)
	}
	d.learn(newSheet(everyColumn).person(resident(1944), "").fact(idIn(1944), "残疾等级", since("一级", longAgo)))
	if diff := cmp.Diff([]postgres.EndingFact{{Fact: "低保", People: 1}, {Fact: "残疾等级", People: 1}}, read()); diff != "" {
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
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).person(resident(1944), "").person(resident(1935), ""))
	d.run(at(10))
	standing := func() (all []string) {
		found, err := d.db.BatchStandings(t.Context(), deskRegion, at(10))
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range found {
			if b.Bureau == deskBureau {
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
		all, err := d.db.UnansweredPayments(t.Context(), deskRegion, before)
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
	d.approve(at(10))
	seen = append(seen, standing()...)
	if n := unanswered(deskNow.AddDate(1, 0, 0)); n != 0 {
		t.Errorf("%d unanswered before anything was handed over", n)
	}
	batch := d.send(at(10))
	seen = append(seen, standing()...)
	if diff := cmp.Diff([]string{"待提交", "已审批", "已审批 已送"}, seen); diff != "" {
		t.Errorf("standings (-want +got):\n%s", diff)
	}
	payments := d.number(`SELECT count(*) FROM payment`)
	if n := unanswered(deskNow.Add(time.Hour)); n != payments || n == 0 {
		t.Errorf("%d unanswered of %d", n, payments)
	}
	if n := unanswered(deskNow.Add(-time.Hour)); n != 0 {
		t.Errorf("%d unanswered too early", n)
	}
	last, err := d.db.LastApprovedBatches(t.Context(), deskRegion)
	if err != nil || !slices.ContainsFunc(last, func(b payrun.Batch) bool { return b.Number == batch.Number }) {
		t.Errorf("last approved %v, %v", last, err)
	}
}

// The queue's tables come and go and are not backed up; the calendar's are.
func TestBackupLeavesTheQueueOut(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).person(resident(1944), ""))
	if err := d.db.KeepCalendar(t.Context(), deskRegion, deskNow); err != nil {
		t.Fatal(err)
	}
	w, err := backup.Create(filepath.Join(t.TempDir(), "一.dbk"), "")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Discard()
	header, _, err := postgres.Backup(t.Context(), d.url, w, journal.By{Actor: "os:root", Origin: "test", At: deskNow}, "一.dbk", func(string) {})
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
