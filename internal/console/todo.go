package console

import (
	"cmp"
	"fmt"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// todo is something that the user can do today by their post.
type todo struct {
	What string
	Note string // what stands behind it, and comes first: why a batch was returned
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

// packTodo asks 审批 to confirm packs that others proposed.
func (v *visit) packTodo() ([]todo, error) {
	if v.user.Post != approval.Approver {
		return nil, nil
	}
	proposals, err := v.office.DB.Proposals(v.r.Context(), v.office.Region)
	var all []todo
	for _, p := range proposals {
		if !p.Done && p.Base == v.office.Pack.Hash && p.Actor != v.user.Name {
			all = append(all, todo{What: fmt.Sprintf("规则包采用申请第 %d 号（%s）等确认", p.N, p.Actor), Name: "去确认", Path: fmt.Sprintf("/packs/proposal/%d", p.N)})
		}
	}
	return all, err
}

// otherMonths are how many months before the one that is shown may ask for something, too.
const otherMonths = 6

// todos are what the user can do today: with batches, the most urgent first, then what
// waits for a second person.
func (v *visit) todos(d *homeData) ([]todo, error) {
	all, err := v.allBatchTodos(d)
	for _, more := range []func(*visit) ([]todo, error){(*visit).accountTodo, (*visit).packTodo, (*visit).waiverTodos, (*visit).userTodo} {
		if err != nil {
			return nil, err
		}
		var found []todo
		found, err = more(v)
		all = append(all, found...)
	}
	slices.SortStableFunc(all, func(a, b todo) int { // what was returned first
		return cmp.Compare(min(1, len(b.Note)), min(1, len(a.Note)))
	})
	return all, err
}

// allBatchTodos are of the month that is shown, then of the other months.
func (v *visit) allBatchTodos(d *homeData) ([]todo, error) {
	var all []todo
	if v.user.Post == approval.Clerk && d.Later == 0 && unrun(d.Bureaus) && d.Month <= v.thisMonth()+1 {
		all = append(all, todo{What: d.Month.Chinese() + "还没有计算", Name: "计算", Path: "/month/" + d.Month.String() + "/run", Post: true})
	}
	for i := range d.Bureaus {
		b := &d.Bureaus[i]
		if b.Batch == nil || b.Bureau != v.user.Bureau {
			continue
		}
		found, err := v.monthTodos(append(slices.Clone(b.Earlier), b.batchStand), true)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	for _, m := range d.Months {
		if m == d.Month || m < d.Month-otherMonths || v.user.Bureau == "" {
			continue
		}
		found, err := v.otherMonth(m)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// otherMonth is what a month that is not shown asks of the user.
func (v *visit) otherMonth(m month.Month) ([]todo, error) {
	batches, err := v.office.DB.Batches(v.r.Context(), v.office.Region, m)
	if err != nil {
		return nil, err
	}
	var own []batchStand
	for i := range batches {
		if batches[i].Bureau != v.user.Bureau {
			continue
		}
		s, err := v.batchStand(&batches[i])
		if err != nil {
			return nil, err
		}
		own = append(own, s)
	}
	return v.monthTodos(own, false)
}

// monthTodos are what the batches of a bureau's month ask of the user. What failed in an
// earlier one, or in a month that is not shown, is given again by a later batch, or waits
// as that one says, once one was computed.
func (v *visit) monthTodos(batches []batchStand, shown bool) ([]todo, error) {
	var all []todo
	for i := len(batches) - 1; i >= 0; i-- {
		b := &batches[i]
		last := i == len(batches)-1
		if !last && b.Batch.State != payrun.Approved {
			continue
		}
		found, err := v.batchTodos(b, last && shown)
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
func (v *visit) batchTodos(b *batchStand, failed bool) ([]todo, error) {
	path := fmt.Sprintf("/batch/%d", b.Batch.Number)
	t := todo{What: approval.Title(*b.Batch) + "：" + b.Doing, Path: path}
	if v.user.Post == approval.Clerk {
		t.Note = returnedWhy(b.Batch, b.Stand)
		return clerkTodos(b, t, failed), nil
	}
	action := approval.Review
	switch {
	case v.user.Post == approval.Reviewer && b.Batch.State == payrun.Submitted:
		t.Name = "去复核"
	case v.user.Post == approval.Approver && (b.Batch.State == payrun.Reviewed || b.Batch.State == payrun.Endorsed):
		action, t.Name = approval.Approving(*b.Batch, false), "去审批"
	case slices.Contains(checkers, v.user.Post) && b.Stand.Voiding != "" && b.Stand.SentAt.IsZero():
		asked, err := v.office.DB.VoidSignatures(v.r.Context(), v.office.Region, b.Batch.Number)
		t.Name = "去看"
		return only(t, approval.CheckVoid(v.user, *b.Batch, false, asked, "理由") == nil), err
	default:
		return nil, nil
	}
	signed, err := v.office.DB.Signatures(v.r.Context(), v.office.Region, b.Batch.Number)
	return only(t, action.Check(v.user, *b.Batch, signed, "理由") == nil), err
}

// returnedWhy is who returned a batch and why, until it is submitted again; empty: nobody did.
func returnedWhy(b *payrun.Batch, s postgres.Stand) string {
	if s.Return == nil || !b.State.Unsigned() {
		return ""
	}
	return fmt.Sprintf("%s退回：%s", s.Return.Actor, s.Return.Reason)
}

func only(t todo, asks bool) []todo {
	if !asks {
		return nil
	}
	return []todo{t}
}

// clerkTodos are a batch's for its 经办.
func clerkTodos(b *batchStand, t todo, failed bool) []todo {
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
	return []todo{t}
}

// answerTodos are what the banks' answers ask of the 经办.
func answerTodos(b *batchStand, t todo, failed bool) []todo {
	a := b.Stand.Payments
	var all []todo
	if a.Open() > 0 {
		t.Name, t.Path = "导入回盘", "/bank/month/"+b.Batch.Month.String()
		all = append(all, t)
	}
	unmade := b.Stand.Unmade
	idle := unmade != nil && unmade.Idle > 0
	if a.Failed.Payments > 0 && (idle || failed && (unmade == nil || unmade.Payments > 0)) {
		t.What = fmt.Sprintf("%s：银行退回付款 %s 笔", approval.Title(*b.Batch), grouped(a.Failed.Payments))
		if idle {
			t.What += fmt.Sprintf("，其中 %s 笔此后还没有重新计算", grouped(unmade.Idle))
		}
		t.Name, t.Path = "看失败的付款", "/bank/month/"+b.Batch.Month.String()+"/failed"
		all = append(all, t)
	}
	return all
}
