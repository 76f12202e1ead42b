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

// accountTodo is for 复核 and 审批: account requests of others that are pending.
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

// packTodo is for 审批: proposals of others to adopt a pack.
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

// otherMonths is how many months before the one on show are searched for things to do. Older
// ones are left out so that the page stays fast.
const otherMonths = 6

// todos is the to-do list of the user: about batches, the most urgent first, then what needs
// a second person.
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
	slices.SortStableFunc(all, func(a, b web.Todo) int { // returned batches first
		return cmp.Compare(min(1, len(b.Reason)), min(1, len(a.Reason)))
	})
	return all, err
}

// allBatchTodos are of the month on show, then of the other months.
func allBatchTodos(v *web.Visit, d *homeData) ([]web.Todo, error) {
	var all []web.Todo
	if v.User.Post == approval.Clerk && d.Later == 0 && notComputed(d.Bureaus) && d.Month <= v.ThisMonth()+1 {
		all = append(all, web.Todo{What: d.Month.Chinese() + "还没有计算", Name: "计算", Path: "/month/" + d.Month.String() + "/run", Post: true})
	}
	for i := range d.Bureaus {
		b := &d.Bureaus[i]
		if b.Batch == nil || b.Bureau != v.User.Bureau {
			continue
		}
		found, err := monthTodos(v, append(slices.Clone(b.Earlier), b.batchStatus), true)
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

// otherMonth is the part of the list about a month that is not on show.
func otherMonth(v *web.Visit, m month.Month) ([]web.Todo, error) {
	batches, err := batches.OfMonth(v.R.Context(), v.Office.DB, v.Office.Region, m)
	if err != nil {
		return nil, err
	}
	var own []batchStatus
	for i := range batches {
		if batches[i].Bureau != v.User.Bureau {
			continue
		}
		s, err := readBatchStatus(v, &batches[i])
		if err != nil {
			return nil, err
		}
		own = append(own, s)
	}
	return monthTodos(v, own, false)
}

// monthTodos are about the batches of a bureau's month. Failed payments are listed only for
// the latest batch of the month on show: those of earlier ones are reissued by later batches,
// or held there, as soon as one has been computed.
func monthTodos(v *web.Visit, batches []batchStatus, shown bool) ([]web.Todo, error) {
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

// notComputed reports whether a bureau with paid items has no batch yet.
func notComputed(bureaus []bureauStatus) bool {
	for _, b := range bureaus {
		if b.Pays && b.Batch == nil {
			return true
		}
	}
	return false
}

// batchTodos are about one batch, by the user's post and by who has signed it already. failed:
// its failed payments are listed, too.
func batchTodos(v *web.Visit, b *batchStatus, failed bool) ([]web.Todo, error) {
	path := fmt.Sprintf("/batch/%d", b.Batch.Number)
	t := web.Todo{What: approval.Title(*b.Batch) + "：" + b.NextStep, Path: path}
	if v.User.Post == approval.Clerk {
		t.Reason = batch.ReturnReason(b.Batch, b.Status)
		return clerkTodos(b, t, failed), nil
	}
	action := approval.Review
	switch {
	case v.User.Post == approval.Reviewer && b.Batch.State == payrun.Submitted:
		t.Name = "去复核"
	case v.User.Post == approval.Approver && (b.Batch.State == payrun.Reviewed || b.Batch.State == payrun.Endorsed):
		action, t.Name = approval.Approving(*b.Batch, false), "去审批"
	case slices.Contains(web.Checkers, v.User.Post) && b.Status.Voiding != "" && b.Status.SentAt.IsZero():
		asked, err := signing.VoidSignatures(v.R.Context(), v.Office.DB, v.Office.Region, b.Batch.Number)
		t.Name = "去看"
		return todoIf(t, approval.CheckVoid(v.User, *b.Batch, false, asked, "理由") == nil), err
	default:
		return nil, nil
	}
	signed, err := batches.Signatures(v.R.Context(), v.Office.DB, v.Office.Region, b.Batch.Number)
	return todoIf(t, action.Check(v.User, *b.Batch, signed, "理由") == nil), err
}

// todoIf lists an entry if the condition holds.
func todoIf(t web.Todo, is bool) []web.Todo {
	if !is {
		return nil
	}
	return []web.Todo{t}
}

// clerkTodos are the entries of a batch for its 经办.
func clerkTodos(b *batchStatus, t web.Todo, failed bool) []web.Todo {
	a, path := b.Status.Payments, t.Path
	switch {
	case b.Batch.State == payrun.Open && (b.Status.Blocking > 0 || b.Status.Undecided > 0):
		t.Name, t.Path = "看检查结果", path+"/checks"
	case b.Batch.State == payrun.Returned:
		t.Name = "去改正"
	case b.Batch.State == payrun.Open:
		t.Name = "去提交"
	case b.Batch.State != payrun.Approved || a.All.Payments == 0:
		return nil
	case b.Status.SentAt.IsZero() && b.Status.Voiding != "":
		t.Name = "去看"
	case b.Status.SentAt.IsZero():
		t.Name, t.Path = "取银行文件", path+"/files"
	default:
		return resultTodos(b, t, failed)
	}
	return []web.Todo{t}
}

// resultTodos are the entries about bank results for the 经办.
func resultTodos(b *batchStatus, t web.Todo, failed bool) []web.Todo {
	a := b.Status.Payments
	var all []web.Todo
	if a.Open() > 0 {
		t.Name, t.Path = "导入回盘", "/bank/month/"+b.Batch.Month.String()
		all = append(all, t)
	}
	unmade := b.Status.Unmade
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
