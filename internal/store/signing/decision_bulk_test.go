package signing_test

import (
	"fmt"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

// TestDecideAll: many decisions are one revision with one entry, all or none, and the
// same ones again change nothing.
func TestDecideAll(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	b := d.Draft(storetest.Line(1, "11"))
	for i := range 5 {
		finding(d, b, fmt.Sprintf("F-%d", i), 2, "一个账户多人使用")
	}
	finding(d, b, "F-8", 3, "账户变更")
	all := func(u approval.User, rulings ...signing.Ruling) (signing.BulkResult, error) {
		return signing.DecideAll(t.Context(), d.Db, storetest.DeskRegion, "疑点.xlsx", rulings, u, storetest.DeskBy(storetest.DeskNow))
	}
	pay := func(id string) signing.Ruling {
		return signing.Ruling{Finding: id, Release: true, Reason: "已核实"}
	}
	hold := func(id string) signing.Ruling { return signing.Ruling{Finding: id, Reason: "再查"} }

	done, err := all(storetest.Clerk, pay("F-1"), pay("F-8"), pay("F-9"), hold("F-1"), pay("F-2"))
	if err != nil || len(done.Wrong) != 3 {
		t.Fatalf("got %+v, %v", done, err)
	}
	storetest.Refused(t, done.Wrong[1], fault.Refused, "不是疑点")
	storetest.Refused(t, done.Wrong[2], fault.NotFound, "没有编号为 F-9")
	storetest.Refused(t, done.Wrong[3], fault.Invalid, "写了两次")
	_, err = all(storetest.Manager, pay("F-1"))
	storetest.Refused(t, err, fault.Denied, "岗位是管理")
	d.JournalHolds(0)
	if n := d.Number(`SELECT count(*) FROM decision`); n != 0 {
		t.Errorf("%d decisions of wrong rulings", n)
	}

	done, err = all(storetest.Clerk, pay("F-1"), hold("F-2"), pay("F-3"), pay("F-3"))
	if err != nil || done.Released != 2 || done.Held != 1 || len(done.Wrong) > 0 {
		t.Fatalf("got %+v, %v", done, err)
	}
	d.JournalHolds(1)
	if n := d.Number(`SELECT count(*) FROM decision WHERE rev = 1`); n != 3 {
		t.Errorf("%d decisions of three", n)
	}
	if done, err = all(storetest.Reviewer, pay("F-1"), hold("F-2"), pay("F-3")); err != nil || done.Same != 3 || done.Released+done.Held > 0 {
		t.Errorf("again: %+v, %v", done, err)
	}
	d.JournalHolds(1)
	if done, err = all(storetest.Reviewer, pay("F-1"), pay("F-2")); err != nil || done.Same != 1 || done.Released != 1 {
		t.Errorf("one of them otherwise: %+v, %v", done, err)
	}
	d.JournalHolds(2)
}

// TestDecideKind settles what is undecided of one kind and leaves the rest.
func TestDecideKind(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	kind := func(kind, reason string, u approval.User) (signing.BulkResult, error) {
		return signing.DecideKind(t.Context(), d.Db, storetest.DeskRegion, storetest.DeskMonth, kind, true, reason, u, storetest.DeskBy(storetest.DeskNow))
	}
	_, err := kind("试", "已核实", storetest.Clerk)
	storetest.Refused(t, err, fault.NotFound, "还没有批次")
	b := d.Draft(storetest.Line(1, "11"))
	_, err = kind("试", "已核实", storetest.Clerk)
	storetest.Refused(t, err, fault.Refused, "没有未决的疑点")
	for i := range 4 {
		finding(d, b, fmt.Sprintf("F-%d", i), 2, "一个账户多人使用")
	}
	d.Exec(`UPDATE finding SET kind = '别' WHERE id = 'F-3'`)
	d.Exec(`INSERT INTO finding (region, batch, id, person, level, kind, item, sentence) SELECT region, batch, id, 7, level, kind, item, sentence FROM finding WHERE id = 'F-2'`)
	if err := signing.Decide(t.Context(), d.Db, storetest.DeskRegion, "F-1", false, "再查", storetest.Clerk, storetest.DeskBy(storetest.DeskNow)); err != nil {
		t.Fatal(err)
	}
	_, err = kind("试", " ", storetest.Clerk)
	storetest.Refused(t, err, fault.Invalid, "理由")
	_, err = kind("无此类", "已核实", storetest.Clerk)
	storetest.Refused(t, err, fault.Refused, "未决的有：别、试")
	if done, err := kind("试", "已核实", storetest.Clerk); err != nil || done.Released != 2 {
		t.Errorf("got %+v, %v", done, err)
	}
	d.JournalHolds(2)
	_, err = kind("试", "已核实", storetest.Clerk)
	storetest.Refused(t, err, fault.Refused, "未决的有：别")
	if n := d.Number(`SELECT count(*) FROM decision WHERE release AND id IN ('F-0', 'F-2')`); n != 2 {
		t.Errorf("%d decisions", n)
	}
	if n := d.Number(`SELECT count(*) FROM decision WHERE id = 'F-1'`); n != 1 {
		t.Errorf("what stands was decided %d times", n)
	}
}
