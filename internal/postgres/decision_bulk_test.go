package postgres_test

import (
	"fmt"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/postgres"
)

// TestDecideAll: many decisions are one revision with one entry, all or none, and the
// same ones again change nothing.
func TestDecideAll(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	b := d.draft(line(1, "11"))
	for i := range 5 {
		d.finding(b, fmt.Sprintf("F-%d", i), 2, "一个账户多人使用")
	}
	d.finding(b, "F-8", 3, "账户变更")
	all := func(u approval.User, rulings ...postgres.Ruling) (postgres.Decided, error) {
		return d.db.DecideAll(t.Context(), deskRegion, "疑点.xlsx", rulings, u, deskBy(deskNow))
	}
	pay := func(id string) postgres.Ruling {
		return postgres.Ruling{Finding: id, Release: true, Reason: "已核实"}
	}
	hold := func(id string) postgres.Ruling { return postgres.Ruling{Finding: id, Reason: "再查"} }

	done, err := all(clerk, pay("F-1"), pay("F-8"), pay("F-9"), hold("F-1"), pay("F-2"))
	if err != nil || len(done.Wrong) != 3 {
		t.Fatalf("got %+v, %v", done, err)
	}
	refused(t, done.Wrong[1], fault.Refused, "不是疑点")
	refused(t, done.Wrong[2], fault.NotFound, "没有编号为 F-9")
	refused(t, done.Wrong[3], fault.Invalid, "写了两次")
	_, err = all(manager, pay("F-1"))
	refused(t, err, fault.Denied, "岗位是管理")
	d.journalHolds(0)
	if n := d.number(`SELECT count(*) FROM decision`); n != 0 {
		t.Errorf("%d decisions of wrong rulings", n)
	}

	done, err = all(clerk, pay("F-1"), hold("F-2"), pay("F-3"), pay("F-3"))
	if err != nil || done.Released != 2 || done.Held != 1 || len(done.Wrong) > 0 {
		t.Fatalf("got %+v, %v", done, err)
	}
	d.journalHolds(1)
	if n := d.number(`SELECT count(*) FROM decision WHERE rev = 1`); n != 3 {
		t.Errorf("%d decisions of three", n)
	}
	if done, err = all(reviewer, pay("F-1"), hold("F-2"), pay("F-3")); err != nil || done.Same != 3 || done.Released+done.Held > 0 {
		t.Errorf("again: %+v, %v", done, err)
	}
	d.journalHolds(1)
	if done, err = all(reviewer, pay("F-1"), pay("F-2")); err != nil || done.Same != 1 || done.Released != 1 {
		t.Errorf("one of them otherwise: %+v, %v", done, err)
	}
	d.journalHolds(2)
}

// TestDecideKind settles what is undecided of one kind and leaves the rest.
func TestDecideKind(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	kind := func(kind, reason string, u approval.User) (postgres.Decided, error) {
		return d.db.DecideKind(t.Context(), deskRegion, deskMonth, kind, true, reason, u, deskBy(deskNow))
	}
	_, err := kind("试", "已核实", clerk)
	refused(t, err, fault.NotFound, "还没有批次")
	b := d.draft(line(1, "11"))
	_, err = kind("试", "已核实", clerk)
	refused(t, err, fault.Refused, "没有未决的疑点")
	for i := range 4 {
		d.finding(b, fmt.Sprintf("F-%d", i), 2, "一个账户多人使用")
	}
	d.exec(`UPDATE finding SET kind = '别' WHERE id = 'F-3'`)
	d.exec(`INSERT INTO finding (region, batch, id, person, level, kind, item, sentence) SELECT region, batch, id, 7, level, kind, item, sentence FROM finding WHERE id = 'F-2'`)
	if err := d.db.Decide(t.Context(), deskRegion, "F-1", false, "再查", clerk, deskBy(deskNow)); err != nil {
		t.Fatal(err)
	}
	_, err = kind("试", " ", clerk)
	refused(t, err, fault.Invalid, "理由")
	_, err = kind("无此类", "已核实", clerk)
	refused(t, err, fault.Refused, "未决的有：别、试")
	if done, err := kind("试", "已核实", clerk); err != nil || done.Released != 2 {
		t.Errorf("got %+v, %v", done, err)
	}
	d.journalHolds(2)
	_, err = kind("试", "已核实", clerk)
	refused(t, err, fault.Refused, "未决的有：别")
	if n := d.number(`SELECT count(*) FROM decision WHERE release AND id IN ('F-0', 'F-2')`); n != 2 {
		t.Errorf("%d decisions", n)
	}
	if n := d.number(`SELECT count(*) FROM decision WHERE id = 'F-1'`); n != 1 {
		t.Errorf("what stands was decided %d times", n)
	}
}
