package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/money"
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/roster"
)

// Whatever is imported, undoing it leaves what was known before, and importing it once
// more what was known after it; and the chain says so in digests.
func TestUndoOfAnyImport(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	db, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	owner := connect(t, url)
	region, undone := int32(100000), 0
	rapid.Check(t, func(rt *rapid.T) {
		region++
		in := &rolls{TB: t, db: db, region: region, clock: time.Date(2026, 11, 3, 8, 0, 0, 0, time.UTC)}
		in.ensure()
		if _, err := owner.Exec(t.Context(), `INSERT INTO account_user (region, name, post, bureau, password) VALUES ($1, $2, $3, $4, 'x')`,
			region, clerk.Name, string(clerk.Post), clerk.Bureau); err != nil {
			rt.Fatal(err)
		}
		var last *sheet
		var rev int64
		for range rapid.IntRange(1, 4).Draw(rt, "files") {
			s := drawFile(rt)
			if report := in.load(s); report.Rev > 0 {
				last, rev = s, report.Rev
			}
		}
		if last == nil {
			return
		}
		undone++
		var before []*roster.Dossier
		if rev > 1 {
			before = in.all(rev - 1)
		}
		after := in.all(rev)
		order := postgres.UndoOrder{Region: region, Rev: rev, User: clerk, By: journal.By{Reason: "导错了文件", At: in.clock}}
		order.DryRun = true
		tried, err := db.UndoImport(t.Context(), order)
		if err != nil || in.head() != rev {
			rt.Fatalf("dry run: %v, head %d", err, in.head())
		}
		order.DryRun = false
		report, err := db.UndoImport(t.Context(), order)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(tried, report); diff != "" {
			rt.Fatalf("dry run and undoing differ: %s", diff)
		}
		alike(rt, in.all(0), before)
		alike(rt, in.all(rev), after)
		digests := func(rev int64) (d [2]string) {
			if err := owner.QueryRow(t.Context(), `SELECT before_digest, after_digest FROM journal WHERE region = $1 AND rev = $2`, region, rev).Scan(&d[0], &d[1]); err != nil {
				rt.Fatal(err)
			}
			return d
		}
		was, is := digests(rev), digests(report.Rev)
		if report.Newcomers == 0 && (was[0] != is[1] || was[1] != is[0]) {
			rt.Fatalf("digests of before and after: import %v, undoing %v", was, is)
		}
		if again := in.load(last); again.Rev == 0 {
			rt.Fatal("the undone file says nothing new")
		}
		alike(rt, in.all(0), after)
		if a, err := db.AuditVerify(t.Context(), region, nil, nil); err != nil || len(opened(a).Problems) > 0 {
			rt.Fatalf("%v %v", err, a.Problems)
		}
	})
	if undone < 10 {
		t.Errorf("only %d imports were undone", undone)
	}
}

// alike insists that people are the same but for surrogates and revisions.
func alike(t *rapid.T, got, want []*roster.Dossier) {
	options := cmp.Options{cmpopts.IgnoreFields(roster.Person{}, "Number", "Rev"), cmpopts.IgnoreFields(roster.Fact{}, "Rev"),
		cmpopts.IgnoreFields(roster.Award{}, "Rev"), cmpopts.EquateEmpty()}
	if diff := cmp.Diff(want, got, options); diff != "" {
		t.Fatalf("people (-want +got):\n%s", diff)
	}
}

// A month that is run after an import was undone pays what it pays without both.
func TestUndoLeavesTheMoney(t *testing.T) {
	t.Parallel()
	base := func(t *testing.T) *district {
		d := openDistrict(t)
		d.learn(newSheet(everyColumn).person(resident(1944), "").person(resident(1935), "").fact(idIn(1935), "残疾等级", since("一级", longAgo)).
			award(idIn(1944), "15", roster.Award{Amount: 60000, First: at(10), Payee: "甲院"}).payee(house("甲院", "2001")))
		d.run(at(10))
		d.approve(at(10))
		return d
	}
	for name, s := range map[string]func() *sheet{
		"death": func() *sheet { return newSheet(everyColumn).person(resident(1935, diedOn(day(2026, 9, 1))), "") },
		"newcomer": func() *sheet {
			return newSheet(everyColumn).person(resident(1930), "").fact(idIn(1930), "低保", since("是", longAgo))
		},
		"fact": func() *sheet {
			return newSheet(roster.Columns{}).fact(idIn(1944), "残疾等级", since("二级", longAgo))
		},
		"withdrawn": func() *sheet { return newSheet(roster.Columns{}).fact(idIn(1935), "残疾等级") },
		"award":     func() *sheet { return newSheet(roster.Columns{}).award(idIn(1944), "15") },
		"number": func() *sheet {
			return newSheet(roster.Columns{Name: true, Street: true}).person(named(somebody(1936, ""), "某1935"), idIn(1935))
		},
		"house": func() *sheet {
			return newSheet(everyColumn).payee(house("甲院", "9999")).payee(house("乙院", "3003"))
		},
		"everything": func() *sheet {
			return newSheet(everyColumn).person(resident(1935, without), "").person(resident(1944, paidTo("6299")), "").payee(house("甲院", ""))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plain, undone := base(t), base(t)
			rev := undone.imports(&s().in).Rev         // accounts of those who were paid still wait
			if name == "death" || name == "newcomer" { // a run in between, that nobody submits
				undone.run(at(11))
			}
			undone.undo(rev)
			undone.run(at(11))
			plain.run(at(11))
			undone.want("lines", undone.lines(undone.batch(at(11))), plain.lines(plain.batch(at(11)))...)
			undone.want("register", undone.register(), plain.register()...)
			undone.clean()
		})
	}
}

func named(p roster.Person, name string) roster.Person {
	p.Name = name
	return p
}

func (d *district) tryUndo(rev int64, with ...func(*postgres.UndoOrder)) (*postgres.UndoReport, error) {
	o := postgres.UndoOrder{Region: deskRegion, Rev: rev, User: clerk, By: journal.By{Origin: "主机", At: deskNow, Reason: "导错了文件"}}
	for _, f := range with {
		f(&o)
	}
	return d.db.UndoImport(d.t.Context(), o)
}

func (d *district) undo(rev int64) *postgres.UndoReport {
	d.t.Helper()
	report, err := d.tryUndo(rev)
	if err != nil {
		d.t.Fatal(err)
	}
	return report
}

func TestUndoRefused(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	first := d.learn(newSheet(everyColumn).person(resident(1944), "").person(resident(1935), "").payee(house("甲院", "2001")))
	second := d.learn(newSheet(roster.Columns{Name: true, Street: true}).person(named(somebody(1936, ""), "某1935"), idIn(1935)).fact(idIn(1944), "低保", since("是", longAgo)))
	d.learn(newSheet(roster.Columns{}).fact(idIn(1944), "低保", since("是", day(2021, 1, 1))))
	d.run(at(10))
	run := d.number(`SELECT max(rev) FROM journal`)
	refuse := func(rev int64, code fault.Code, words []string, with ...func(*postgres.UndoOrder)) {
		t.Helper()
		before := d.snapshot()
		_, err := d.tryUndo(rev, with...)
		saying(t, err, code, words...)
		d.unchanged(before)
	}
	refuse(second, fault.Refused, []string{"某1944", "情况后来又有变动", roster.MaskID(idIn(1944))})
	refuse(first, fault.Refused, []string{"某1935", "人员信息后来又有变动"})
	refuse(run, fault.Refused, []string{"不是导入花名册"})
	refuse(run+9, fault.NotFound, []string{"没有修订"})
	refuse(second, fault.Invalid, []string{"理由"}, func(o *postgres.UndoOrder) { o.By.Reason = " " })
	refuse(second, fault.NotFound, []string{"没有用户"}, func(o *postgres.UndoOrder) { o.User.Name = "某某" })

	brought := d.learn(newSheet(everyColumn).person(resident(1930), "").person(resident(1931), ""))
	d.run(at(10))
	d.signTo(at(10), deskBureau, "submitted")
	refuse(brought, fault.Refused, []string{"某1930", "正在签批"})
	d.returnBatch(at(10))
	d.approve(at(10))
	refuse(brought, fault.Refused, []string{"某1930", "迁出"})

	free := d.learn(newSheet(everyColumn).person(resident(1929), ""))
	d.undo(free)
	refuse(free, fault.Refused, []string{"已经由修订"})
	if _, err := d.db.FindDossier(t.Context(), deskRegion, idIn(1929), 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("the one who was brought is still there: %v", err)
	}
	// Their number is free again; then the same import cannot come back for a third time.
	again := d.learn(newSheet(everyColumn).person(resident(1929), ""))
	d.learn(newSheet(roster.Columns{}).fact(idIn(1929), "低保", since("是", longAgo)))
	refuse(again, fault.Refused, []string{"某1929", "后来又登记了情况"})
	// A number that was given up and taken by somebody else cannot come back.
	moved := d.learn(newSheet(roster.Columns{Name: true, Street: true}).person(named(somebody(1950, ""), "某1944"), idIn(1944)))
	d.clean()
	if _, err := d.tryUndo(moved); err != nil {
		t.Error(err)
	}
	if n := money.Fen(d.number(`SELECT count(*) FROM roster_undo`)); n != 2 {
		t.Errorf("%d undone", n)
	}
}

// The access log counts without a gap however many write at once, never holds a full
// number, and is sealed once.
func TestAccessLog(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).person(resident(1944), ""))
	const writers, each = 6, 5
	done := make(chan error, writers)
	for range writers {
		go func() {
			for range each {
				err := d.db.LogAccess(t.Context(), deskRegion, runBy, journal.Access{Action: journal.Exported, Subject: "告知书", Person: 1, Scope: "2026-11 " + idIn(1944) + ".xlsx"})
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range writers {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if n := d.number(`SELECT max(n) FROM access_log`); n != writers*each {
		t.Errorf("last entry %d", n)
	}
	if n := d.audit(nil).Unsealed; n != writers*each {
		t.Errorf("%d unsealed", n)
	}
	for want, sealed := range []int64{1: 0, 0: writers * each} {
		if _, count, err := d.db.SealAccess(t.Context(), deskRegion, runBy); err != nil || count != sealed {
			t.Errorf("seal %d: %d, %v", want, count, err)
		}
	}
	err := d.db.AccessLog(t.Context(), deskRegion, time.Time{}, time.Time{}, func(a journal.Access) error {
		if strings.Contains(a.Scope, idIn(1944)) || a.Sealed == 0 || a.Actor != runBy.Actor || a.Origin != runBy.Origin {
			t.Errorf("%+v", a)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// One that is gone before it was sealed leaves a gap.
	for range 3 {
		if err := d.db.LogAccess(t.Context(), deskRegion, runBy, journal.Access{Action: journal.Viewed, Subject: "待遇说明"}); err != nil {
			t.Fatal(err)
		}
	}
	d.exec(`DELETE FROM access_log WHERE n = $1`, writers*each+2)
	if p := d.audit(nil).Problems; len(p) != 1 || !strings.Contains(p[0].String(), "序号 32") {
		t.Errorf("%v", p)
	}
	if err := d.db.LogAccess(t.Context(), 999999, runBy, journal.Access{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown region: %v", err)
	}
}
