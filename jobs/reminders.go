package jobs

import (
	"context"
	"fmt"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/payrun"
	"disburse/internal/store/calendar"
)

// whoActs says who must do what with a batch in a state.
var whoActs = map[payrun.State]struct {
	post approval.Post
	what string
}{
	payrun.Open:        {approval.Clerk, "请核对后提交"},
	payrun.Returned:    {approval.Clerk, "请改正后重新提交"},
	payrun.Submitted:   {approval.Reviewer, "请复核"},
	payrun.Reviewed:    {approval.Approver, "请审批"},
	payrun.Endorsed:    {approval.Approver, "请另一位审批人终审"},
	payrun.Voided:      {approval.Clerk, "已作废，请重新计算该月"},
	payrun.CarriedOver: {approval.Clerk, "已结转到以后的月份"},
}

// remindPayDay tells each bureau's next person where its batch stands.
func (c *Calendar) remindPayDay(ctx context.Context, t *Task) error {
	all, err := calendar.BatchStatuses(ctx, c.DB, c.Region, t.Month)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		t.Say("%s还没有计算", t.Month.Chinese())
		t.Notify(calendar.Notice{Kind: t.Job, Title: t.Month.Chinese() + "还没有计算", Body: "发放日临近，请先计算该月。", Link: "/"})
		return nil
	}
	for _, b := range all {
		do, post := whoActs[b.State].what, whoActs[b.State].post
		if b.State == payrun.Approved {
			if b.Sent {
				t.Say("%s：已送银行", approval.Title(b.Batch))
				continue
			}
			do, post = "请导出银行文件并送银行", approval.Clerk
		}
		line := fmt.Sprintf("%s：%s，%d 人，可发 %s 元，%s", approval.Title(b.Batch), b.State.Chinese(), b.Heads, b.Pays.Grouped(), do)
		t.Say("%s", line)
		t.Notify(calendar.Notice{Kind: t.Job, Bureau: b.Bureau, Post: post, Title: "发放日临近：" + approval.Title(b.Batch) + b.State.Chinese(), Body: line + "。", Link: "/"})
	}
	return nil
}

// countReaching says how many people reach certain ages next month.
func (c *Calendar) countReaching(ctx context.Context, t *Task) error {
	wanted, err := ages(t.Parameters[Ages])
	if err != nil {
		return err
	}
	next := t.Month.Add(1)
	var words []string
	for _, age := range wanted {
		people, err := calendar.CountReachingAge(ctx, c.DB, c.Region, next, t.Today, age)
		if err != nil {
			return err
		}
		words = append(words, fmt.Sprintf("满 %d 周岁 %d 人", age, people))
	}
	text := next.Chinese() + strings.Join(words, "，")
	t.Say("%s", text)
	t.Notify(calendar.Notice{Kind: t.Job, Post: approval.Clerk, Title: text, Body: "请核对他们的账户和情况；名单见满龄人员页。", Link: "/people/reaching/" + next.String()})
	return nil
}

// countEnding says how many people have facts that end soon, fact by fact.
func (c *Calendar) countEnding(ctx context.Context, t *Task) error {
	ahead, err := t.Number(Days)
	if err != nil {
		return err
	}
	until := t.Today.Add(ahead)
	all, err := calendar.EndingFacts(ctx, c.DB, c.Region, t.Today, until)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		t.Say("到 %s 没有情况到期", until)
		return nil
	}
	var words []string
	for _, f := range all {
		words = append(words, fmt.Sprintf("%s %d 人", f.Fact, f.People))
	}
	text := fmt.Sprintf("到 %s 到期：%s", until, strings.Join(words, "，"))
	t.Say("%s", text)
	t.Notify(calendar.Notice{Kind: t.Job, Post: approval.Clerk, Title: "有情况即将到期", Body: text + "。请核实是否续期，并更新花名册。", Link: "/people/ending"})
	return nil
}

// countUnanswered says what banks have not answered.
func (c *Calendar) countUnanswered(ctx context.Context, t *Task) error {
	waited, err := t.Number(Days)
	if err != nil {
		return err
	}
	all, err := calendar.UnansweredPayments(ctx, c.DB, c.Region, t.Now.AddDate(0, 0, -waited))
	if err != nil {
		return err
	}
	if len(all) == 0 {
		t.Say("交给银行满 %d 天的付款都有结果", waited)
	}
	for _, u := range all {
		text := fmt.Sprintf("%s%s：付款 %d 笔 %s 元交给银行满 %d 天还没有结果", u.Bureau, u.Month.Chinese(), u.Payments, u.Amount.Grouped(), waited)
		t.Say("%s", text)
		t.Notify(calendar.Notice{Kind: t.Job, Bureau: u.Bureau, Post: approval.Clerk, Title: "银行没有回盘：" + u.Bureau + u.Month.Chinese(),
			Body: text + "。请向银行催要回盘，导入后再对账。", Link: "/bank"})
	}
	return nil
}
