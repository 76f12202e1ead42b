package console

import (
	"fmt"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/month"
	"disburse/internal/payrun"
)

// todo is something that the user can do today by their post.
type todo struct {
	What string
	Name string // of the button
	Path string
	Post bool // the button sends a form
}

// accountTodo asks 复核 and 审批 to answer account changes that others asked for.
func (v *visit) accountTodo() ([]todo, error) {
	if !slices.Contains(checkers, v.user.Post) {
		return nil, nil
	}
	open, own, err := v.office.DB.OpenAccountRequests(v.r.Context(), v.office.Region, v.user.Name)
	if err != nil || open == own {
		return nil, err
	}
	return []todo{{What: fmt.Sprintf("%d 件账户变更等待确认", open-own), Name: "去确认", Path: "/accounts"}}, nil
}

// todos are what a month asks of the user, the most urgent first.
func (v *visit) todos(m month.Month, bureaus []bureauStand) ([]todo, error) {
	var all []todo
	if v.user.Post == approval.Clerk && unrun(bureaus) && m <= v.thisMonth()+1 {
		all = append(all, todo{What: m.Chinese() + "还没有计算", Name: "计算", Path: "/month/" + m.String() + "/run", Post: true})
	}
	for i := range bureaus {
		b := &bureaus[i]
		if b.Batch == nil || b.Bureau != v.user.Bureau {
			continue
		}
		t, ok, err := v.batchTodo(&b.batchStand)
		if err != nil {
			return nil, err
		}
		if ok {
			all = append(all, t)
		}
		for k := range b.Earlier {
			// What failed in it is given again by the later batch, or waits as that one says.
			earlier := &b.Earlier[k]
			if a := earlier.Stand.Payments; earlier.Batch.State != payrun.Approved || a.Paid.Payments+a.Failed.Payments == a.All.Payments {
				continue
			}
			if t, ok, err := v.batchTodo(earlier); err != nil {
				return nil, err
			} else if ok {
				all = append(all, t)
			}
		}
	}
	return all, nil
}

func unrun(bureaus []bureauStand) bool {
	for _, b := range bureaus {
		if b.Pays && b.Batch == nil {
			return true
		}
	}
	return false
}

// batchTodo is what a bureau's batch asks of the user, by their post and by what they have
// signed already.
func (v *visit) batchTodo(b *batchStand) (todo, bool, error) {
	path := fmt.Sprintf("/batch/%d", b.Batch.Number)
	t := todo{What: approval.Title(*b.Batch) + "：" + b.Doing, Path: path}
	if v.user.Post == approval.Clerk {
		t, ok := clerkTodo(b, t, path)
		return t, ok, nil
	}
	action := approval.Review
	switch {
	case v.user.Post == approval.Reviewer && b.Batch.State == payrun.Submitted:
		t.Name = "去复核"
	case v.user.Post == approval.Approver && (b.Batch.State == payrun.Reviewed || b.Batch.State == payrun.Endorsed):
		action, t.Name = approval.Approving(*b.Batch, false), "去审批"
	case slices.Contains(checkers, v.user.Post) && b.Batch.State == payrun.Approved && b.Stand.SentAt.IsZero():
		return v.voidTodo(b.Batch, t)
	default:
		return t, false, nil
	}
	signed, err := v.office.DB.Signatures(v.r.Context(), v.office.Region, b.Batch.Number)
	return t, err == nil && action.Check(v.user, *b.Batch, signed, "理由") == nil, err
}

// voidTodo asks for the second word on a batch that somebody else wants voided.
func (v *visit) voidTodo(b *payrun.Batch, t todo) (todo, bool, error) {
	asked, err := v.office.DB.VoidSignatures(v.r.Context(), v.office.Region, b.Number)
	t.What, t.Name = approval.Title(*b)+"：有人申请作废，等另一个人确认", "去看"
	return t, err == nil && len(asked) == 1 && approval.CheckVoid(v.user, *b, false, asked, "理由") == nil, err
}

func clerkTodo(b *batchStand, t todo, path string) (todo, bool) {
	a := b.Stand.Payments
	switch {
	case b.Batch.State == payrun.Open && (b.Stand.Blocking > 0 || b.Stand.Undecided > 0):
		t.Name, t.Path = "看检查结果", path+"/checks"
	case b.Batch.State == payrun.Open || b.Batch.State == payrun.Returned:
		t.Name = "去提交"
	case b.Batch.State != payrun.Approved || a.All.Payments == 0:
		return t, false
	case b.Stand.SentAt.IsZero():
		t.Name, t.Path = "取银行文件", path+"/files"
	case a.None.Payments+a.Unknown.Payments > 0:
		t.Name, t.Path = "导入回盘", "/bank"
	case a.Failed.Payments > 0:
		t.Name, t.Path = "看失败的付款", "/bank/month/"+b.Batch.Month.String()+"/failed"
	default:
		return t, false
	}
	return t, true
}
