package signing_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	b := d.Draft(storetest.Line(1, "11"))
	finding(d, b, "F-1", 2, "一个账户多人使用")
	finding(d, b, "F-2", 3, "账户变更")
	finding(d, b, "F-3", 2, "年龄超过110岁")
	stranger := approval.User{Name: "别局经办", Post: approval.Clerk, Bureau: "区人社局", Active: true}
	d.AddUser(stranger)
	decide := func(finding string, release bool, reason string, u approval.User) error {
		return signing.Decide(t.Context(), d.Db, storetest.DeskRegion, finding, release, reason, u, storetest.DeskBy(storetest.DeskNow))
	}
	storetest.Refused(t, decide("F-1", true, " ", storetest.Clerk), fault.Invalid, "必须写明理由")
	storetest.Refused(t, decide("F-9", true, "已核实", storetest.Clerk), fault.NotFound, "没有编号为 F-9 的检查结果")
	storetest.Refused(t, decide("F-2", true, "已核实", storetest.Clerk), fault.Refused, "不是疑点，不需要处理（账户变更）")
	storetest.Refused(t, decide("F-1", true, "已核实", stranger), fault.Denied, "疑点 F-1 是区民政局的")
	storetest.Refused(t, decide("F-1", true, "已核实", storetest.Manager), fault.Denied, "岗位是管理，不能处理疑点")
	storetest.Refused(t, decide("F-1", true, "已核实", approval.User{Name: "无此人"}), fault.NotFound, "没有用户")
	d.JournalHolds(0)
	for _, c := range []struct {
		finding string
		release bool
		user    approval.User
	}{{"F-1", false, storetest.Clerk}, {"F-3", true, storetest.Reviewer}, {"F-1", true, storetest.Approver}} {
		if err := decide(c.finding, c.release, " 已核实 ", c.user); err != nil {
			t.Fatal(err)
		}
	}
	first := signing.Decision{Finding: "F-1", Rev: 1, Release: false, Actor: storetest.Clerk.Name, Reason: "已核实"}
	second := signing.Decision{Finding: "F-3", Rev: 2, Release: true, Actor: storetest.Reviewer.Name, Reason: "已核实"}
	third := signing.Decision{Finding: "F-1", Rev: 3, Release: true, Actor: storetest.Approver.Name, Reason: "已核实"}
	for asOf, want := range map[int64][]signing.Decision{0: {}, 1: {first}, 2: {first, second}, 3: {third, second}} {
		got, err := signing.Decisions(t.Context(), d.Db, storetest.DeskRegion, asOf)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("as of %d (-want +got), %v:\n%s", asOf, err, diff)
		}
	}
	d.JournalHolds(3)
	d.Exec(`UPDATE account_user SET active = false`)
	storetest.Refused(t, decide("F-1", false, "已核实", storetest.Clerk), fault.Denied, "已停用")
}
