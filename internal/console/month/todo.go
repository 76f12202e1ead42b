package month

import (
	"cmp"
	"fmt"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/console/batch"
	"disburse/internal/console/recovery"
	"disburse/internal/console/system"
	"disburse/internal/console/web"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/requests"
	"disburse/internal/store/rules"
	"disburse/internal/store/signing"
)

// accountTodo asks 复核 and 审批 to answer account changes that others asked for.
func accountTodo(v *web.Visit) ([]web.Todo, error) {
	if !slices.Contains(web.Checkers, v.User.Post) {
		return nil, nil
	}
	open, own, err := requests.CountOpen(v.R.Context(), v.Office.DB, v.Office.Region, v.User.Name)
	if err != nil || open == own {
		return nil, err
	}
	return []web.Todo{{What: fmt.Sprintf("%d 件账户变更等待确认", open-own), Name: "去确认", Path: "/accounts"}}, nil
}

// packTodo asks 审批 to confirm packs that others proposed.
func packTodo(v *web.Visit) ([]web.Todo, error) {
	if v.User.Post != approval.Approver {
		return nil, nil
	}
	proposals, err := rules.Proposals(v.R.Context(), v.Office.DB, v.Office.Region)
	var all []web.Todo
	for _, p := range proposals {
		if !p.Done && p.Base == v.Office.Pack.Hash && p.Actor != v.User.Name {
			all = append(all, web.Todo{What: fmt.Sprintf("规则包采用申请第 %d 号（%s）等确认", p.N, p.Actor), Name: "去确认", Path: fmt.Sprintf("/packs/proposal/%d", p.N)})
		}
	}
	return all, err
}

// otherMonths are how many months before the one that is shown may ask for something, too.
const otherMonths = 6

// todos are what the user can do today: with batches, the most urgent first, then what
// waits for a second person.
func todos(v *web.Visit, d *homeData) ([]web.Todo, error) {
	all, err := allBatchTodos(v, d)
	for _, more := range []func(*web.Visit) ([]web.Todo, error){accountTodo, packTodo, recovery.WaiverTodos, system.UserTodo} {
		if err != nil {
			return nil, err
		}
		var found []web.Todo
		found, err = more(v)
		all = append(all, found...)
	}
	slices.SortStableFunc(all, func(a, b web.Todo) int { // what was returned first
		return cmp.Compare(min(1, len(b.Note)), min(1, len(a.Note)))
	})
	return all, err
}

// allBatchTodos are of the month that is shown, then of the other months.
func allBatchTodos(v *web.Visit, d *homeData) ([]web.Todo, error) {
	var all []web.Todo
	if v.User.Post == approval.Clerk && d.Later == 0 && unrun(d.Bureaus) && d.Month <= v.ThisMonth()+1 {
		all = append(all, web.Todo{What: d.Month.Chinese() + "还没有计算", Name: "计算", Path: "/month/" + d.Month.String() + "/run", Post: true})
	}
	for i := range d.Bureaus {
		b := &d.Bureaus[i]
		if b.Batch == nil || b.Bureau != v.User.Bureau {
			continue
		}
		found, err := monthTodos(v, append(slices.Clone(b.Earlier), b.batchStand), true)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	for _, m := range d.Months {
		if m == d.Month || m < d.Month-otherMonths || v.User.Bureau == "" {
			continue
		}
		found, err := otherMonth(v, m)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// otherMonth is what a month that is not shown asks of the user.
func otherMonth(v *web.Visit, m month.Month) ([]web.Todo, error) {
	batches, err := batches.OfMonth(v.R.Context(), v.Office.DB, v.Office.Region, m)
	if err != nil {
		return nil, err
	}
	var own []batchStand
	for i := range batches {
		if batches[i].Bureau != v.User.Bureau {
			continue
		}
		s, err := standOfBatch(v, &batches[i])
		if err != nil {
			return nil, err
		}
		own = append(own, s)
	}
	return monthTodos(v, own, false)
}

// monthTodos are what the batches of a bureau's month ask of the user. What failed in an
// earlier one, or in a month that is not shown, is given again by a later batch, or waits
// as that one says, once one was computed.
func monthTodos(v *web.Visit, batches []batchStand, shown bool) ([]web.Todo, error) {
	var all []web.Todo
	for i := len(batches) - 1; i >= 0; i-- {
		b := &batches[i]
		last := i == len(batches)-1
		if !last && b.Batch.State != payrun.Approved {
			continue
		}
		found, err := batchTodos(v, b, last && shown)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
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

// batchTodos are what a batch asks of the user, by their post and by what they have signed
// already. failed: its failed payments are asked about, too.
func batchTodos(v *web.Visit, b *batchStand, failed bool) ([]web.Todo, error) {
	path := fmt.Sprintf("/batch/%d", b.Batch.Number)
	t := web.Todo{What: approval.Title(*b.Batch) + "：" + b.Doing, Path: path}
	if v.User.Post == approval.Clerk {
		t.Note = batch.ReturnedWhy(b.Batch, b.Stand)
		return clerkTodos(b, t, failed), nil
	}
	action := approval.Review
	switch {
	case v.User.Post == approval.Reviewer && b.Batch.State == payrun.Submitted:
		t.Name = "去复核"
	case v.User.Post == approval.Approver && (b.Batch.State == payrun.Reviewed || b.Batch.State == payrun.Endorsed):
		action, t.Name = approval.Approving(*b.Batch, false), "去审批"
	case slices.Contains(web.Checkers, v.User.Post) && b.Stand.Voiding != "" && b.Stand.SentAt.IsZero():
		asked, err := signing.VoidSignatures(v.R.Context(), v.Office.DB, v.Office.Region, b.Batch.Number)
		t.Name = "去看"
		return only(t, approval.CheckVoid(v.User, *b.Batch, false, asked, "理由") == nil), err
	default:
		return nil, nil
	}
	signed, err := batches.Signatures(v.R.Context(), v.Office.DB, v.Office.Region, b.Batch.Number)
	return only(t, action.Check(v.User, *b.Batch, signed, "理由") == nil), err
}

func only(t web.Todo, asks bool) []web.Todo {
	if !asks {
		return nil
	}
	return []web.Todo{t}
}

// clerkTodos are a batch's for its 经办.
func clerkTodos(b *batchStand, t web.Todo, failed bool) []web.Todo {
	a, path := b.Stand.Payments, t.Path
	switch {
	case b.Batch.State == payrun.Open && (b.Stand.Blocking > 0 || b.Stand.Undecided > 0):
		t.Name, t.Path = "看检查结果", path+"/checks"
	case b.Batch.State == payrun.Returned:
		t.Name = "去改正"
	case b.Batch.State == payrun.Open:
		t.Name = "去提交"
	case b.Batch.State != payrun.Approved || a.All.Payments == 0:
		return nil
	case b.Stand.SentAt.IsZero() && b.Stand.Voiding != "":
		t.Name = "去看"
	case b.Stand.SentAt.IsZero():
		t.Name, t.Path = "取银行文件", path+"/files"
	default:
		return answerTodos(b, t, failed)
	}
	return []web.Todo{t}
}

// answerTodos are what the banks' answers ask of the 经办.
func answerTodos(b *batchStand, t web.Todo, failed bool) []web.Todo {
	a := b.Stand.Payments
	var all []web.Todo
	if a.Open() > 0 {
		t.Name, t.Path = "导入回盘", "/bank/month/"+b.Batch.Month.String()
		all = append(all, t)
	}
	unmade := b.Stand.Unmade
	idle := unmade != nil && unmade.Idle > 0
	if a.Failed.Payments > 0 && (idle || failed && (unmade == nil || unmade.Payments > 0)) {
		t.What = fmt.Sprintf("%s：银行退回付款 %s 笔", approval.Title(*b.Batch), web.Grouped(a.Failed.Payments))
		if idle {
			t.What += fmt.Sprintf("，其中 %s 笔此后还没有重新计算", web.Grouped(unmade.Idle))
		}
		t.Name, t.Path = "看失败的付款", "/bank/month/"+b.Batch.Month.String()+"/failed"
		all = append(all, t)
	}
	return all
}
