package finance

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/bank"
	"disburse/internal/month"
	"disburse/internal/office/finance"
	"disburse/internal/store/payments"
)

// BankCommand is what the banks answer: result, status, unknown, reconcile.
func BankCommand(a *kit.App) *cobra.Command {
	c := &cobra.Command{Use: "bank", Short: "银行回盘：登记、进度、未知的付款、对账"}
	var bureau string
	result := a.Command("result FILE", "登记银行回盘（xlsx、csv 或 txt）", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return bankResult(ctx, a, args[0], bureau)
	})
	result.Flags().StringVar(&bureau, "bureau", "", "只收这个单位的文件（缺省不限）")
	status := a.Command("status YYYY-MM", "每个银行文件付到哪一步", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		m, err := kit.ParseMonth(args[0])
		if err != nil {
			return err
		}
		return bankStatus(ctx, a, m)
	})
	unknown := a.Command("unknown [YYYY-MM]", "已送银行、还不知道付没付成的款项", cobra.MaximumNArgs(1), func(ctx context.Context, args []string) error {
		var m month.Month
		if len(args) > 0 {
			var err error
			if m, err = kit.ParseMonth(args[0]); err != nil {
				return err
			}
		}
		return bankUnknown(ctx, a, m)
	})
	c.AddCommand(result, status, unknown, reconcileCommand(a))
	return c
}

// bankResult takes in a result file, each row under the pack that is in use now.
func bankResult(ctx context.Context, a *kit.App, file, bureau string) error {
	by, err := a.By(ctx, "")
	if err != nil {
		return err
	}
	r, err := finance.BankResult(ctx, a.Office, file, bureau, by)
	if r == nil {
		return err
	}
	printResultRows(a, "没有登记", r.Refused)
	printResultRows(a, "按未知登记", r.Codes)
	printResultRows(a, "重复", r.Repeated)
	word := "已登记"
	if r.Rev == 0 {
		word = "没有新的结果"
	}
	a.Printf("%s：", word)
	for _, o := range []bank.Outcome{bank.Paid, bank.Failed, bank.Unknown} {
		a.Printf("%s付款 %d 笔 %s 元；", o, r.Taken[o].Payments, r.Taken[o].Amount.Grouped())
	}
	a.Printf("重复 %d 行；退回 %d 行\n", len(r.Repeated), len(r.Refused))
	if failed := r.Taken[bank.Failed].Payments; failed > 0 {
		a.Printf("失败的付款 %d 笔，所含明细 %d 条已退回待发；请更新账户，下次运行时一并重发\n", failed, r.Undone)
	}
	return err
}

func printResultRows(a *kit.App, kind string, rows []bank.ResultProblem) {
	for i, p := range rows {
		if i == kit.ShownProblems {
			a.Printf("…… %s共 %d 行\n", kind, len(rows))
			return
		}
		at := ""
		if p.Row > 0 {
			at = fmt.Sprintf("第 %d 行", p.Row)
		}
		if p.Sheet != "" {
			at = "“" + p.Sheet + "”" + at
		}
		if p.Column != "" {
			at += "“" + p.Column + "”"
		}
		if p.Value != "" {
			at += "（" + p.Value + "）"
		}
		a.Println(kind + " " + at + "：" + p.Reason)
	}
}

func bankStatus(ctx context.Context, a *kit.App, m month.Month) error {
	files, err := finance.BankFiles(ctx, a.Office, m)
	if err != nil {
		return err
	}
	columns := []kit.Column{kit.TextColumn("bureau", "单位"), kit.TextColumn("file", "文件编号"), kit.TextColumn("bank", "银行"), kit.TextColumn("sent", "送银行"),
		kit.NumberColumn("rows", "付款笔数"), kit.NumberColumn("amount", "金额"), kit.NumberColumn("paid_rows", "成功"), kit.NumberColumn("paid", "成功金额"), kit.NumberColumn("failed_rows", "失败"),
		kit.NumberColumn("failed", "失败金额"), kit.NumberColumn("unknown_rows", "未知"), kit.NumberColumn("unknown", "未知金额"), kit.NumberColumn("unanswered_rows", "未答复"), kit.NumberColumn("unanswered", "未答复金额")}
	rows := [][]string{}
	for _, f := range files {
		sent := "未送"
		if f.Sent {
			sent = "已送"
		}
		row := []string{f.Bureau, f.Number, f.Bank, sent}
		for _, s := range []payments.Sum{f.All, f.Paid, f.Failed, f.Unknown, f.None} {
			row = append(row, strconv.Itoa(s.Payments), amountText(a, s))
		}
		rows = append(rows, row)
	}
	return a.PrintRows(columns, rows)
}

// amountText is written for people with thousands separators, for programs without.
func amountText(a *kit.App, s payments.Sum) string {
	if a.Format == "table" {
		return s.Amount.Grouped()
	}
	return s.Amount.String()
}

func bankUnknown(ctx context.Context, a *kit.App, m month.Month) error {
	by, err := a.By(ctx, "")
	if err != nil {
		return err
	}
	open, err := finance.OpenPayments(ctx, a.Office, m, by)
	if err != nil {
		return err
	}
	columns := []kit.Column{kit.TextColumn("month", "月份"), kit.TextColumn("bureau", "单位"), kit.TextColumn("file", "文件编号"), kit.NumberColumn("seq", "序号"), kit.TextColumn("holder", "户名"),
		kit.TextColumn("account", "账号"), kit.TextColumn("item", "项目"), kit.NumberColumn("amount", "金额"), kit.TextColumn("answer", "答复"), kit.TextColumn("code", "结果码"), kit.TextColumn("reason", "原因")}
	rows := [][]string{}
	for _, p := range open {
		answer := "未答复"
		if p.Answer == bank.Unknown {
			answer = bank.Unknown.String()
		}
		rows = append(rows, []string{p.Month.String(), p.Bureau, p.Number, strconv.Itoa(p.Seq), p.Holder, p.Account, p.Item, p.Amount.String(),
			answer, p.Code, p.Reason})
	}
	return a.PrintRows(columns, rows)
}
