package approval

import (
	"slices"
	"strings"
	"time"

	"disburse/internal/fault"
	"disburse/internal/payrun"
)

// VoidSignature is one of the two signatures that void an approved batch (作废).
type VoidSignature struct {
	N      int // 1 asks, 2 confirms
	Post   Post
	Actor  string
	At     time.Time
	Rev    int64
	Digest string // the batch's digest that was signed
	Reason string
}

// CheckSent says whether a user may record that a batch's bank files have been handed
// over: anybody of its bureau who signs batches, once, after approval. While somebody has
// asked for the batch to be voided it takes a reason, and the request is over with it.
// Errors as Action.Check.
func CheckSent(u User, b payrun.Batch, sent bool, asked []VoidSignature, reason string) error {
	const what = "登记送银行"
	if err := mayHandle(u, b, what, Clerk, Reviewer, Approver); err != nil {
		return err
	}
	switch {
	case b.State != payrun.Approved:
		return fault.New(fault.Refused, "%s现在是“%s”，不能%s；只有已审批的批次才有银行文件", Title(b), b.State.Chinese(), what)
	case sent:
		return fault.New(fault.Refused, "%s已经登记过送银行，不必再登记", Title(b))
	case len(asked) > 0 && strings.TrimSpace(reason) == "":
		return fault.Command(fault.New(fault.Refused, "%s已由%s申请作废（%s），还没有人确认，没有登记；请先商量，文件确实已交给银行的，写明理由再登记，作废申请随之失效",
			Title(b), asked[0].Actor, asked[0].Reason), "--reason 理由")
	}
	return nil
}

// CheckVoid says whether a user may give the next of the two signatures that void a
// batch: a 复核 or 审批 of its bureau, on an approved batch whose bank files have not been
// handed over, and not the same person twice. Errors as Action.Check.
func CheckVoid(u User, b payrun.Batch, sent bool, signed []VoidSignature, reason string) error {
	const what = "作废"
	if err := mayHandle(u, b, what, Reviewer, Approver); err != nil {
		return err
	}
	switch {
	case b.State != payrun.Approved:
		return fault.New(fault.Refused, "%s现在是“%s”，不能作废；只有已审批、还没有送银行的批次才能作废", Title(b), b.State.Chinese())
	case sent:
		return fault.New(fault.Refused, "%s已登记送银行，不能再作废；付不出去的款项等银行回盘后会自动退回待发", Title(b))
	case strings.TrimSpace(reason) == "":
		return fault.Command(fault.New(fault.Invalid, "作废%s必须写明理由，请补上理由", Title(b)), "--reason 理由")
	}
	for _, s := range signed {
		switch {
		case s.Actor == u.Name:
			return fault.New(fault.Denied, "用户“%s”已经申请作废%s，必须由另一位复核或审批岗位的人确认", u.Name, Title(b))
		case s.Digest != b.Digest:
			return fault.New(fault.Refused, "%s与“%s”申请作废时的内容不一致，不能作废，请查明原因", Title(b), s.Actor)
		}
	}
	return nil
}

// mayHandle looks at the user alone.
func mayHandle(u User, b payrun.Batch, what string, posts ...Post) error {
	switch {
	case !u.Active:
		return fault.New(fault.Denied, "用户“%s”已停用，不能%s，请由在用的用户办理", u.Name, what)
	case !slices.Contains(posts, u.Post):
		return fault.New(fault.Denied, "用户“%s”的岗位是%s，不能%s；请由%s岗位办理", u.Name, u.Post, what, joinPosts(posts))
	case u.Bureau != b.Bureau:
		return fault.New(fault.Denied, "用户“%s”属于%s，不能%s%s，请由%s的人办理", u.Name, u.Bureau, what, Title(b), b.Bureau)
	}
	return nil
}
