package approval_test

import (
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
)

func TestWhoMayVoidAndSend(t *testing.T) {
	t.Parallel()
	const home = "区民政局"
	of := func(p approval.Post) approval.User {
		return approval.User{Name: string(p) + "某", Post: p, Bureau: home, Active: true}
	}
	approved := payrun.Batch{Month: month.Of(2026, 11), Bureau: home, N: 1, State: payrun.Approved, Digest: "d"}
	reviewed, voided := approved, approved
	reviewed.State, voided.State = payrun.Reviewed, payrun.Voided
	closed, stranger := of(approval.Approver), of(approval.Approver)
	closed.Active, stranger.Bureau = false, "区人社局"
	asked := []approval.VoidSignature{{N: 1, Actor: of(approval.Reviewer).Name, Digest: "d"}}
	other := []approval.VoidSignature{{N: 1, Actor: "别人", Digest: "e"}}
	for name, c := range map[string]struct {
		err  error
		code fault.Code
		says string // empty: allowed
	}{
		"a reviewer asks":      {err: approval.CheckVoid(of(approval.Reviewer), approved, false, nil, "有误")},
		"an approver confirms": {err: approval.CheckVoid(of(approval.Approver), approved, false, asked, "同意")},
		"the same confirms":    {approval.CheckVoid(of(approval.Reviewer), approved, false, asked, "同意"), fault.Denied, "必须由另一位"},
		"a clerk":              {approval.CheckVoid(of(approval.Clerk), approved, false, nil, "有误"), fault.Denied, "岗位是经办"},
		"a manager":            {approval.CheckVoid(of(approval.Manager), approved, false, nil, "有误"), fault.Denied, "岗位是管理"},
		"closed":               {approval.CheckVoid(closed, approved, false, nil, "有误"), fault.Denied, "已停用"},
		"another bureau":       {approval.CheckVoid(stranger, approved, false, nil, "有误"), fault.Denied, "属于区人社局"},
		"not approved":         {approval.CheckVoid(of(approval.Approver), reviewed, false, nil, "有误"), fault.Refused, "不能作废"},
		"voided":               {approval.CheckVoid(of(approval.Approver), voided, false, nil, "有误"), fault.Refused, "不能作废"},
		"sent":                 {approval.CheckVoid(of(approval.Approver), approved, true, nil, "有误"), fault.Refused, "不能再作废"},
		"no reason":            {approval.CheckVoid(of(approval.Approver), approved, false, nil, " "), fault.Invalid, "必须写明理由"},
		"something else asked": {approval.CheckVoid(of(approval.Approver), approved, false, other, "同意"), fault.Refused, "内容不一致"},
		"a clerk sends":        {err: approval.CheckSent(of(approval.Clerk), approved, false, nil, "")},
		"an approver sends":    {err: approval.CheckSent(of(approval.Approver), approved, false, nil, "")},
		"an auditor sends":     {approval.CheckSent(of(approval.Auditor), approved, false, nil, ""), fault.Denied, "岗位是审计"},
		"sent twice":           {approval.CheckSent(of(approval.Clerk), approved, true, nil, ""), fault.Refused, "已经登记过"},
		"what is not approved": {approval.CheckSent(of(approval.Clerk), reviewed, false, nil, ""), fault.Refused, "待审批"},
		"what is void":         {approval.CheckSent(of(approval.Clerk), voided, false, nil, ""), fault.Refused, "已作废"},
		"a stranger sends":     {approval.CheckSent(stranger, approved, false, nil, ""), fault.Denied, "属于区人社局"},
		"sent while asked":     {approval.CheckSent(of(approval.Clerk), approved, false, other, " "), fault.Refused, "申请作废"},
		"sent for a reason":    {err: approval.CheckSent(of(approval.Clerk), approved, false, other, "已交给银行")},
		"somebody gone sends":  {approval.CheckSent(closed, approved, false, nil, ""), fault.Denied, "已停用"},
	} {
		switch {
		case c.says == "" && c.err != nil:
			t.Errorf("%s: %v", name, c.err)
		case c.says != "" && (!fault.Is(c.err, c.code) || !strings.Contains(c.err.Error(), c.says)):
			t.Errorf("%s: got %v, want %s saying %q", name, c.err, c.code, c.says)
		}
	}
}
