package imports_test

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
	"disburse/internal/store/audit"
	"disburse/internal/store/imports"
	"disburse/internal/store/people"
	"disburse/internal/store/storetest"
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
	owner := storetest.Connect(t, url)
	region, undone := int32(100000), 0
	rapid.Check(t, func(rt *rapid.T) {
		region++
		in := &rolls{TB: t, db: db, region: region, clock: time.Date(2026, 11, 3, 8, 0, 0, 0, time.UTC)}
		in.ensure()
		if _, err := owner.Exec(t.Context(), `INSERT INTO account_user (region, name, post, bureau, password) VALUES ($1, $2, $3, $4, 'x')`,
			region, storetest.Clerk.Name, string(storetest.Clerk.Post), storetest.Clerk.Bureau); err != nil {
			rt.Fatal(err)
		}
		var last *storetest.Sheet
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
		order := imports.UndoOrder{Region: region, Rev: rev, User: storetest.Clerk, By: journal.By{Reason: "导错了文件", At: in.clock}}
		order.DryRun = true
		tried, err := imports.UndoImport(t.Context(), db, order)
		if err != nil || in.head() != rev {
			rt.Fatalf("dry run: %v, head %d", err, in.head())
		}
		order.DryRun = false
		report, err := imports.UndoImport(t.Context(), db, order)
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
		if a, err := audit.Verify(t.Context(), db, region, nil, nil); err != nil || len(storetest.Opened(a).Problems) > 0 {
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
	base := func(t *testing.T) *storetest.District {
		d := storetest.OpenDistrict(t)
		d.Learn(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1944), "").Person(storetest.Resident(1935), "").Fact(storetest.IdIn(1935), "残疾等级", storetest.Since("一级", storetest.LongAgo)).
			Award(storetest.IdIn(1944), "15", roster.Award{Amount: 60000, First: storetest.At(10), Payee: "甲院"}).Payee(storetest.House("甲院", "2001")))
		d.Run(storetest.At(10))
		d.Approve(storetest.At(10))
		return d
	}
	for name, s := range map[string]func() *storetest.Sheet{
		"death": func() *storetest.Sheet {
			return storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1935, storetest.DiedOn(storetest.Day(2026, 9, 1))), "")
		},
		"newcomer": func() *storetest.Sheet {
			return storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1930), "").Fact(storetest.IdIn(1930), "低保", storetest.Since("是", storetest.LongAgo))
		},
		"fact": func() *storetest.Sheet {
			return storetest.NewSheet(roster.Columns{}).Fact(storetest.IdIn(1944), "残疾等级", storetest.Since("二级", storetest.LongAgo))
		},
		"withdrawn": func() *storetest.Sheet {
			return storetest.NewSheet(roster.Columns{}).Fact(storetest.IdIn(1935), "残疾等级")
		},
		"award": func() *storetest.Sheet { return storetest.NewSheet(roster.Columns{}).Award(storetest.IdIn(1944), "15") },
		"number": func() *storetest.Sheet {
			return storetest.NewSheet(roster.Columns{Name: true, Street: true}).Person(named(storetest.Somebody(1936, ""), "某1935"), storetest.IdIn(1935))
		},
		"house": func() *storetest.Sheet {
			return storetest.NewSheet(storetest.EveryColumn).Payee(storetest.House("甲院", "9999")).Payee(storetest.House("乙院", "3003"))
		},
		"everything": func() *storetest.Sheet {
			return storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1935, storetest.Without), "").Person(storetest.Resident(1944, storetest.PaidTo("6299")), "").Payee(storetest.House("甲院", ""))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plain, undone := base(t), base(t)
			rev := undone.Imports(&s().In).Rev         // accounts of those who were paid still wait
			if name == "death" || name == "newcomer" { // a run in between, that nobody submits
				undone.Run(storetest.At(11))
			}
			undone.Undo(rev)
			undone.Run(storetest.At(11))
			plain.Run(storetest.At(11))
			undone.Want("lines", undone.Lines(undone.Batch(storetest.At(11))), plain.Lines(plain.Batch(storetest.At(11)))...)
			undone.Want("register", undone.Register(), plain.Register()...)
			undone.Clean()
		})
	}
}

func named(p roster.Person, name string) roster.Person {
	p.Name = name
	return p
}

func TestUndoRefused(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	first := d.Learn(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1944), "").Person(storetest.Resident(1935), "").Payee(storetest.House("甲院", "2001")))
	second := d.Learn(storetest.NewSheet(roster.Columns{Name: true, Street: true}).Person(named(storetest.Somebody(1936, ""), "某1935"), storetest.IdIn(1935)).Fact(storetest.IdIn(1944), "低保", storetest.Since("是", storetest.LongAgo)))
	d.Learn(storetest.NewSheet(roster.Columns{}).Fact(storetest.IdIn(1944), "低保", storetest.Since("是", storetest.Day(2021, 1, 1))))
	d.Run(storetest.At(10))
	run := d.Number(`SELECT max(rev) FROM journal`)
	refuse := func(rev int64, code fault.Code, words []string, with ...func(*imports.UndoOrder)) {
		t.Helper()
		before := d.Snapshot()
		_, err := d.TryUndo(rev, with...)
		storetest.Saying(t, err, code, words...)
		d.Unchanged(before)
	}
	refuse(second, fault.Refused, []string{"某1944", "情况后来又有变动", roster.MaskID(storetest.IdIn(1944))})
	refuse(first, fault.Refused, []string{"某1935", "人员信息后来又有变动"})
	refuse(run, fault.Refused, []string{"不是导入花名册"})
	refuse(run+9, fault.NotFound, []string{"没有修订"})
	refuse(second, fault.Invalid, []string{"理由"}, func(o *imports.UndoOrder) { o.By.Reason = " " })
	refuse(second, fault.NotFound, []string{"没有用户"}, func(o *imports.UndoOrder) { o.User.Name = "某某" })

	brought := d.Learn(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1930), "").Person(storetest.Resident(1931), ""))
	d.Run(storetest.At(10))
	d.SignTo(storetest.At(10), storetest.DeskBureau, "submitted")
	refuse(brought, fault.Refused, []string{"某1930", "正在签批"})
	d.ReturnBatch(storetest.At(10))
	d.Approve(storetest.At(10))
	refuse(brought, fault.Refused, []string{"某1930", "迁出"})

	free := d.Learn(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1929), ""))
	d.Undo(free)
	refuse(free, fault.Refused, []string{"已经由修订"})
	if _, err := people.FindDossier(t.Context(), d.Db, storetest.DeskRegion, storetest.IdIn(1929), 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("the one who was brought is still there: %v", err)
	}
	// Their number is free again; then the same import cannot come back for a third time.
	again := d.Learn(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1929), ""))
	d.Learn(storetest.NewSheet(roster.Columns{}).Fact(storetest.IdIn(1929), "低保", storetest.Since("是", storetest.LongAgo)))
	refuse(again, fault.Refused, []string{"某1929", "后来又登记了情况"})
	// A number that was given up and taken by somebody else cannot come back.
	moved := d.Learn(storetest.NewSheet(roster.Columns{Name: true, Street: true}).Person(named(storetest.Somebody(1950, ""), "某1944"), storetest.IdIn(1944)))
	d.Clean()
	if _, err := d.TryUndo(moved); err != nil {
		t.Error(err)
	}
	if n := money.Fen(d.Number(`SELECT count(*) FROM roster_undo`)); n != 2 {
		t.Errorf("%d undone", n)
	}
}

// The access log counts without a gap however many write at once, never holds a full
// number, and is sealed once.
func TestAccessLog(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1944), ""))
	const writers, each = 6, 5
	done := make(chan error, writers)
	for range writers {
		go func() {
			for range each {
				err := audit.LogAccess(t.Context(), d.Db, storetest.DeskRegion, storetest.RunBy, journal.Access{Action: journal.Exported, Subject: "告知书", Person: 1, Scope: "2026-11 " + storetest.IdIn(1944) + ".xlsx"})
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
	if n := d.Number(`SELECT max(n) FROM access_log`); n != writers*each {
		t.Errorf("last entry %d", n)
	}
	if n := d.Audit(nil).Unsealed; n != writers*each {
		t.Errorf("%d unsealed", n)
	}
	for want, sealed := range []int64{1: 0, 0: writers * each} {
		if _, count, err := audit.SealAccess(t.Context(), d.Db, storetest.DeskRegion, storetest.RunBy); err != nil || count != sealed {
			t.Errorf("seal %d: %d, %v", want, count, err)
		}
	}
	err := audit.AccessLog(t.Context(), d.Db, storetest.DeskRegion, time.Time{}, time.Time{}, func(a journal.Access) error {
		if strings.Contains(a.Scope, storetest.IdIn(1944)) || a.Sealed == 0 || a.Actor != storetest.RunBy.Actor || a.Origin != storetest.RunBy.Origin {
			t.Errorf("%+v", a)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// One that is gone before it was sealed leaves a gap.
	for range 3 {
		if err := audit.LogAccess(t.Context(), d.Db, storetest.DeskRegion, storetest.RunBy, journal.Access{Action: journal.Viewed, Subject: "待遇说明"}); err != nil {
			t.Fatal(err)
		}
	}
	d.Exec(`DELETE FROM access_log WHERE n = $1`, writers*each+2)
	if p := d.Audit(nil).Problems; len(p) != 1 || !strings.Contains(p[0].String(), "序号 32") {
		t.Errorf("%v", p)
	}
	if err := audit.LogAccess(t.Context(), d.Db, 999999, storetest.RunBy, journal.Access{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown region: %v", err)
	}
}
