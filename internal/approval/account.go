package approval

import (
	"strings"

	"disburse/internal/fault"
)

// CheckAccountRequest says whether a user may ask for an account to be changed (账户变更):
// any 经办. Errors: fault.Denied, fault.Invalid (no reason).
func CheckAccountRequest(u User, reason string) error {
	switch {
	case !u.Active:
		return fault.New(fault.Denied, "用户“%s”已停用，不能申请账户变更", u.Name)
	case u.Post != Clerk:
		return fault.New(fault.Denied, "用户“%s”的岗位是%s，账户变更由经办岗位申请", u.Name, u.Post)
	case strings.TrimSpace(reason) == "":
		return fault.New(fault.Invalid, "账户变更必须写明依据的材料，请补上")
	}
	return nil
}

// CheckAccountAnswer says whether a user may confirm or refuse what somebody asked for: a
// 复核 or 审批 of any bureau, and never who asked. Errors: fault.Denied, fault.Invalid
// (refused without a reason).
func CheckAccountAnswer(u User, asked string, grant bool, reason string) error {
	switch {
	case !u.Active:
		return fault.New(fault.Denied, "用户“%s”已停用，不能答复账户变更", u.Name)
	case u.Name == asked:
		return fault.New(fault.Denied, "账户变更是用户“%s”申请的，必须由另一个人答复", asked)
	case u.Post != Reviewer && u.Post != Approver:
		return fault.New(fault.Denied, "用户“%s”的岗位是%s，账户变更由复核或审批岗位答复", u.Name, u.Post)
	case !grant && strings.TrimSpace(reason) == "":
		return fault.New(fault.Invalid, "不同意账户变更要写明理由，请补上")
	}
	return nil
}
