package approval

import (
	"slices"
	"strings"

	"disburse/internal/fault"
)

// CheckRecovery says whether a user may act on debts of a bureau: record what was
// collected (收回) or agreed, or ask for a waiver (核销). Anybody of the bureau who signs
// batches may; what names the act. Without bureau only the user is looked at. It fails
// with fault.Denied (account closed, wrong post, wrong bureau) or fault.Invalid (no reason).
func CheckRecovery(u User, bureau, what, reason string, posts ...Post) error {
	if len(posts) == 0 {
		posts = []Post{Clerk, Reviewer, Approver}
	}
	switch {
	case !u.Active:
		return fault.New(fault.Denied, "用户“%s”已停用，不能%s，请由在用的用户办理", u.Name, what)
	case !slices.Contains(posts, u.Post):
		return fault.New(fault.Denied, "用户“%s”的岗位是%s，不能%s；请由%s岗位办理", u.Name, u.Post, what, joinPosts(posts))
	case bureau != "" && u.Bureau != bureau:
		return fault.New(fault.Denied, "用户“%s”属于%s，这笔款项由%s发放，请由%s的人%s", u.Name, u.Bureau, bureau, bureau, what)
	case strings.TrimSpace(reason) == "":
		return fault.Command(fault.New(fault.Invalid, "%s必须写明理由，请补上理由", what), "--reason 理由")
	}
	return nil
}

// CheckWaiver says whether a user may confirm the waiver that somebody asked for: an
// 审批 of the bureau, and never who asked. Errors as CheckRecovery.
func CheckWaiver(u User, bureau, asked string) error {
	if err := CheckRecovery(u, bureau, "确认核销", "确认", Approver); err != nil {
		return err
	}
	if u.Name == asked {
		return fault.New(fault.Denied, "核销是用户“%s”申请的，必须由另一位审批岗位的人确认", asked)
	}
	return nil
}
