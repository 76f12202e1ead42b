package finance

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/office/finance"
	"disburse/internal/store/recovery"
)

var registerColumns = []kit.Column{kit.TextColumn("id_number", "身份证号"), kit.TextColumn("name", "姓名"), kit.TextColumn("item", "项目"), kit.TextColumn("payee", "收款"),
	kit.TextColumn("benefit_month", "所属月份"), kit.NumberColumn("amount", "未收回金额"), kit.TextColumn("street", "街道"), kit.TextColumn("stop_month", "应停月"),
	kit.TextColumn("last_month", "实停月"), kit.NumberColumn("collected", "已收回"), kit.NumberColumn("waived", "已核销"), kit.TextColumn("plan", "分期"), kit.NumberColumn("overdue", "逾期")}

// RecoveryCommand is recovery and what is below it.
func RecoveryCommand(a *kit.App) *cobra.Command {
	c := a.Command("recovery", "追缴台账：未收回的多发款项，收回、核销、分期", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return register(ctx, a)
	})
	c.AddCommand(collectCommand(a), waiveCommand(a), planCommand(a))
	return c
}

// register prints the recovery register as it is now.
func register(ctx context.Context, a *kit.App) error {
	by, err := a.By(ctx, "")
	if err != nil {
		return err
	}
	owed, err := finance.Register(ctx, a.Office, by)
	if err != nil {
		return err
	}
	var rows [][]string
	for i := range owed {
		o := &owed[i]
		rows = append(rows, []string{o.ID, o.Name, o.Item, o.Payee, o.Month.String(), o.Amount.String(), o.Street,
			monthText(o.Stop), monthText(o.Last), o.Collected.String(), o.Waived.String(), o.Plan.String(), o.Overdue.String()})
	}
	if err := a.PrintRows(registerColumns, rows); err != nil {
		return err
	}
	age, err := finance.RegisterAge(ctx, a.Office)
	if err == nil && age != "" {
		a.Remark("%s", age)
	}
	return err
}

func monthText(m month.Month) string {
	if m == 0 {
		return ""
	}
	return m.String()
}

// recoveryFlags are what says which debts are meant.
type recoveryFlags struct {
	item, payee, month, amount, reason string
}

func (f *recoveryFlags) on(c *cobra.Command) {
	c.Flags().StringVar(&f.item, "item", "", "只对这个项目（编号）")
	c.Flags().StringVar(&f.month, "month", "", "只对这个所属月份，YYYY-MM")
	c.Flags().StringVar(&f.payee, "payee", "", "只对付给这个收款人的（本人，或机构名称）")
	c.Flags().StringVar(&f.amount, "amount", "", "金额，元")
	c.Flags().StringVar(&f.reason, "reason", "", "理由（必填）")
}

// order reads the flags and who does it.
func (f *recoveryFlags) order(ctx context.Context, a *kit.App, id string) (*finance.RecoveryOrder, error) {
	o := &finance.RecoveryOrder{Item: strings.TrimSpace(f.item), Payee: strings.TrimSpace(f.payee)}
	var err error
	if o.ID, err = a.PersonArgument(id); err != nil {
		return o, err
	}
	if f.month != "" {
		if o.Month, err = kit.ParseMonth(f.month); err != nil {
			return o, err
		}
	}
	if f.amount != "" {
		if o.Amount, err = money.Parse(f.amount); err != nil {
			return o, kit.Usage("--amount：%s", err.Error())
		}
	}
	if a.As == "" {
		return o, kit.Usage("追缴要用 --as 写明用户名")
	}
	if o.By, err = a.By(ctx, f.reason); err != nil {
		return o, err
	}
	return o, nil
}

// asked is order where an amount is needed.
func (f *recoveryFlags) asked(ctx context.Context, a *kit.App, id string) (*finance.RecoveryOrder, error) {
	if f.amount == "" {
		return nil, kit.Usage("请用 --amount 写明金额，元")
	}
	return f.order(ctx, a, id)
}

func collectCommand(a *kit.App) *cobra.Command {
	var f recoveryFlags
	c := a.Command("collect ID-NUMBER", "登记收回的多发款项（现金或转账）", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		o, err := f.asked(ctx, a, args[0])
		if err != nil {
			return err
		}
		done, err := finance.Collect(ctx, a.Office, o)
		if err != nil {
			return err
		}
		a.Printf("已登记收回 %s %s 元（%s），冲抵：\n", done.Person.Name, o.Amount.Grouped(), o.Amount.Chinese())
		shares(a, done, "尚未收回")
		return nil
	})
	f.on(c)
	return c
}

// shares prints how a sum was shared, and what the rest is called.
func shares(a *kit.App, done *recovery.Recovered, rest string) {
	for _, s := range done.Shares {
		a.Printf("  %s %s %s %s 元\n", s.Month, s.Item, s.Payee, s.Amount.Grouped())
	}
	a.Printf("%s %s 元\n", rest, done.Left.Grouped())
	if done.Stale {
		a.Println("有尚未提交的批次，请重新运行后再提交")
	}
}

func planCommand(a *kit.App) *cobra.Command {
	var f recoveryFlags
	var first string
	var months int
	var end bool
	c := a.Command("plan ID-NUMBER", "登记分期还款约定（不影响自动抵扣）", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		if end {
			return endPlan(ctx, a, &f, args[0])
		}
		o, err := f.asked(ctx, a, args[0])
		if err != nil {
			return err
		}
		var begins month.Month
		if first != "" {
			if begins, err = kit.ParseMonth(first); err != nil {
				return err
			}
		}
		p, done, err := finance.AgreePlan(ctx, a.Office, o, begins, months)
		if err != nil {
			return err
		}
		a.Printf("已登记 %s 分期还款 %s 元：%s；涉及：\n", done.Person.Name, p.Sum.Grouped(), p)
		shares(a, done, "未列入分期")
		return nil
	})
	f.on(c)
	c.Flags().StringVar(&first, "first", "", "第一期的月份，YYYY-MM（当月月底前还）")
	c.Flags().IntVar(&months, "months", 0, "期数，每月一期")
	c.Flags().BoolVar(&end, "end", false, "终止现有的分期还款约定")
	return c
}

func endPlan(ctx context.Context, a *kit.App, f *recoveryFlags, id string) error {
	o, err := f.order(ctx, a, id)
	if err != nil {
		return err
	}
	done, err := finance.EndPlan(ctx, a.Office, o)
	if err != nil {
		return err
	}
	a.Printf("已终止 %s 的分期还款约定\n", done.Person.Name)
	return nil
}

func waiveCommand(a *kit.App) *cobra.Command {
	var f recoveryFlags
	var confirm, refuse int
	var list bool
	c := a.Command("waive [ID-NUMBER]", "核销一笔多发款项：一人申请，另一位审批岗位的人用 --confirm 确认", cobra.MaximumNArgs(1), func(ctx context.Context, args []string) error {
		ways := 0
		for _, on := range []bool{len(args) == 1, confirm != 0, refuse != 0, list} {
			if on {
				ways++
			}
		}
		switch {
		case ways != 1:
			return kit.Usage("请写身份证号（申请）、--confirm 申请号（确认）、--refuse 申请号（驳回）或 --list（查看）中的一个")
		case list:
			return waivers(ctx, a)
		case len(args) == 1:
			return askWaiver(ctx, a, &f, args[0])
		}
		return answerWaiver(ctx, a, confirm+refuse, confirm != 0, f.reason)
	})
	f.on(c)
	c.Flags().IntVar(&confirm, "confirm", 0, "确认这个申请号（审批岗位，不能是申请人）")
	c.Flags().IntVar(&refuse, "refuse", 0, "驳回这个申请号（审批岗位；申请人可撤回）")
	c.Flags().BoolVar(&list, "list", false, "列出全部核销申请")
	return c
}

func askWaiver(ctx context.Context, a *kit.App, f *recoveryFlags, id string) error {
	o, err := f.asked(ctx, a, id)
	if err != nil {
		return err
	}
	w, err := finance.AskWaiver(ctx, a.Office, o)
	if err != nil {
		return err
	}
	a.Printf("已申请核销：第 %d 号，%s 项目 %s %s %s 元。请另一位审批岗位的人确认：disburse recovery waive --confirm %d --as 用户名\n",
		w.N, w.Name, w.Item, w.Month, w.Amount.Grouped(), w.N)
	return nil
}

func answerWaiver(ctx context.Context, a *kit.App, n int, grant bool, reason string) error {
	if a.As == "" {
		return kit.Usage("确认或驳回核销要用 --as 写明用户名")
	}
	by, err := a.By(ctx, reason)
	if err != nil {
		return err
	}
	w, err := finance.AnswerWaiver(ctx, a.Office, n, grant, by)
	if err != nil {
		return err
	}
	a.Printf("第 %d 号%s：%s 项目 %s %s %s 元（申请 %s，%s办理）\n", w.N, w.State, w.Name, w.Item, w.Month, w.Amount.Grouped(), w.Actor, w.Answer)
	return nil
}

var waiverColumns = []kit.Column{kit.NumberColumn("request", "申请号"), kit.TextColumn("id_number", "身份证号"), kit.TextColumn("name", "姓名"), kit.TextColumn("item", "项目"),
	kit.TextColumn("payee", "收款"), kit.TextColumn("benefit_month", "所属月份"), kit.NumberColumn("amount", "金额"), kit.TextColumn("bureau", "单位"), kit.TextColumn("asked_by", "申请人"),
	kit.TextColumn("reason", "理由"), kit.TextColumn("state", "状态"), kit.TextColumn("answered_by", "办理人"), kit.TextColumn("answer_reason", "意见")}

func waivers(ctx context.Context, a *kit.App) error {
	by, err := a.By(ctx, "")
	if err != nil {
		return err
	}
	all, err := finance.Waivers(ctx, a.Office, by)
	if err != nil {
		return err
	}
	var rows [][]string
	for _, w := range all {
		rows = append(rows, []string{fmt.Sprint(w.N), w.ID, w.Name, w.Item, w.Payee, w.Month.String(), w.Amount.String(), w.Bureau, w.Actor,
			w.Reason, w.State, w.Answer, w.Why})
	}
	return a.PrintRows(waiverColumns, rows)
}
