package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/postgres"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	b := d.draft(line(1, "11"))
	d.finding(b, "F-1", 2, "一个账户多人使用")
	d.finding(b, "F-2", 3, "账户变更")
	d.finding(b, "F-3", 2, "年龄超过110岁")
	stranger := approval.User{Name: "别局经办", Post: approval.Clerk, Bureau: "区人社局", Active: true}
	d.addUser(stranger)
	decide := func(finding string, release bool, reason string, u approval.User) error {
		return d.db.Decide(t.Context(), deskRegion, finding, release, reason, u, deskBy(deskNow))
	}
	refused(t, decide("F-1", true, " ", clerk), fault.Invalid, "必须写明理由")
	refused(t, decide("F-9", true, "已核实", clerk), fault.NotFound, "没有编号为 F-9 的检查结果")
	refused(t, decide("F-2", true, "已核实", clerk), fault.Refused, "不是疑点，不需要处理（账户变更）")
	refused(t, decide("F-1", true, "已核实", stranger), fault.Denied, "疑点 F-1 是区民政局的")
	refused(t, decide("F-1", true, "已核实", manager), fault.Denied, "岗位是管理，不能处理疑点")
	refused(t, decide("F-1", true, "已核实", approval.User{Name: "无此人"}), fault.NotFound, "没有用户")
	d.journalHolds(0)
	for _, c := range []struct {
		finding string
		release bool
		user    approval.User
	}{{"F-1", false, clerk}, {"F-3", true, reviewer}, {"F-1", true, approver}} {
		if err := decide(c.finding, c.release, " 已核实 ", c.user); err != nil {
			t.Fatal(err)
		}
	}
	first := postgres.Decision{Finding: "F-1", Rev: 1, Release: false, Actor: clerk.Name, Reason: "已核实"}
	second := postgres.Decision{Finding: "F-3", Rev: 2, Release: true, Actor: reviewer.Name, Reason: "已核实"}
	third := postgres.Decision{Finding: "F-1", Rev: 3, Release: true, Actor: approver.Name, Reason: "已核实"}
	for asOf, want := range map[int64][]postgres.Decision{0: {}, 1: {first}, 2: {first, second}, 3: {third, second}} {
		got, err := d.db.Decisions(t.Context(), deskRegion, asOf)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("as of %d (-want +got), %v:\n%s", asOf, err, diff)
		}
	}
	d.journalHolds(3)
	d.exec(`UPDATE account_user SET active = false`)
	refused(t, decide("F-1", false, "已核实", clerk), fault.Denied, "已停用")
}
