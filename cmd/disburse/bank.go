package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"disburse/internal/approval"
	"disburse/internal/bank"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/store/payments"
)

// bankCommand is what the banks answer: result, status, unknown, reconcile.
func (a *app) bankCommand() *cobra.Command {
	c := &cobra.Command{Use: "bank", Short: "银行回盘：登记、进度、未知的付款、对账"}
	var bureau string
	result := a.command("result FILE", "登记银行回盘（xlsx、csv 或 txt）", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return a.bankResult(ctx, args[0], bureau)
	})
	result.Flags().StringVar(&bureau, "bureau", "", "只收这个单位的文件（缺省不限）")
	status := a.command("status YYYY-MM", "每个银行文件付到哪一步", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		m, err := parseMonth(args[0])
		if err != nil {
			return err
		}
		return a.bankStatus(ctx, m)
	})
	unknown := a.command("unknown [YYYY-MM]", "已送银行、还不知道付没付成的款项", cobra.MaximumNArgs(1), func(ctx context.Context, args []string) error {
		var m month.Month
		if len(args) > 0 {
			var err error
			if m, err = parseMonth(args[0]); err != nil {
				return err
			}
		}
		return a.bankUnknown(ctx, m)
	})
	c.AddCommand(result, status, unknown, a.reconcileCommand())
	return c
}

// bankResult takes in a result file, each row under the pack that is in use now.
func (a *app) bankResult(ctx context.Context, file, bureau string) error {
	by, err := a.by(ctx, "")
	if err != nil {
		return err
	}
	r, err := a.BankResult(ctx, file, bureau, by)
	if r == nil {
		return err
	}
	printResultRows("没有登记", r.Refused)
	printResultRows("按未知登记", r.Codes)
	printResultRows("重复", r.Repeated)
	word := "已登记"
	if r.Rev == 0 {
		word = "没有新的结果"
	}
	fmt.Printf("%s：", word)
	for _, o := range []bank.Outcome{bank.Paid, bank.Failed, bank.Unknown} {
		fmt.Printf("%s付款 %d 笔 %s 元；", o, r.Taken[o].Payments, r.Taken[o].Amount.Grouped())
	}
	fmt.Printf("重复 %d 行；退回 %d 行\n", len(r.Repeated), len(r.Refused))
	if failed := r.Taken[bank.Failed].Payments; failed > 0 {
		fmt.Printf("失败的付款 %d 笔，所含明细 %d 条已退回待发；请更新账户，下次运行时一并重发\n", failed, r.Undone)
	}
	return err
}

func printResultRows(kind string, rows []bank.ResultProblem) {
	for i, p := range rows {
		if i == shownProblems {
			fmt.Printf("…… %s共 %d 行\n", kind, len(rows))
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
		fmt.Println(kind + " " + at + "：" + p.Reason)
	}
}

func (a *app) bankStatus(ctx context.Context, m month.Month) error {
	files, err := a.BankFiles(ctx, m)
	if err != nil {
		return err
	}
	columns := []column{{"bureau", "单位", false}, {"file", "文件编号", false}, {"bank", "银行", false}, {"sent", "送银行", false},
		{"rows", "付款笔数", true}, {"amount", "金额", true}, {"paid_rows", "成功", true}, {"paid", "成功金额", true}, {"failed_rows", "失败", true},
		{"failed", "失败金额", true}, {"unknown_rows", "未知", true}, {"unknown", "未知金额", true}, {"unanswered_rows", "未答复", true}, {"unanswered", "未答复金额", true}}
	rows := [][]string{}
	for _, f := range files {
		sent := "未送"
		if f.Sent {
			sent = "已送"
		}
		row := []string{f.Bureau, f.Number, f.Bank, sent}
		for _, s := range []payments.Sum{f.All, f.Paid, f.Failed, f.Unknown, f.None} {
			row = append(row, strconv.Itoa(s.Payments), a.amount(s))
		}
		rows = append(rows, row)
	}
	return a.print(columns, rows)
}

// amount is written for people with thousands separators, for programs without.
func (a *app) amount(s payments.Sum) string {
	if a.format == "table" {
		return s.Amount.Grouped()
	}
	return s.Amount.String()
}

func (a *app) bankUnknown(ctx context.Context, m month.Month) error {
	by, err := a.by(ctx, "")
	if err != nil {
		return err
	}
	open, err := a.OpenPayments(ctx, m, by)
	if err != nil {
		return err
	}
	columns := []column{{"month", "月份", false}, {"bureau", "单位", false}, {"file", "文件编号", false}, {"seq", "序号", true}, {"holder", "户名", false},
		{"account", "账号", false}, {"item", "项目", false}, {"amount", "金额", true}, {"answer", "答复", false}, {"code", "结果码", false}, {"reason", "原因", false}}
	rows := [][]string{}
	for _, p := range open {
		answer := "未答复"
		if p.Answer == bank.Unknown {
			answer = bank.Unknown.String()
		}
		rows = append(rows, []string{p.Month.String(), p.Bureau, p.Number, strconv.Itoa(p.Seq), p.Holder, p.Account, p.Item, p.Amount.String(),
			answer, p.Code, p.Reason})
	}
	return a.print(columns, rows)
}

// afterApproval are sent and void: what is done to an approved batch.
func (a *app) afterApproval() []*cobra.Command {
	var bureau, reason string
	var number int
	build := func(use, short string, do func(ctx context.Context, s office.Signing) error) *cobra.Command {
		c := a.command(use+" YYYY-MM", short, cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
			m, err := parseMonth(args[0])
			if err != nil {
				return err
			}
			if number < 0 {
				return usage("--batch 应为从 1 起的批次号")
			}
			s, err := a.signing(ctx, m, bureau, reason)
			if err != nil {
				return err
			}
			return do(ctx, s)
		})
		c.Flags().StringVar(&bureau, "bureau", "", "单位全称，如 区民政局")
		c.Flags().IntVar(&number, "batch", 0, "第几批（缺省为最后一个已审批的批次）")
		return c
	}
	sent := build("sent", "登记银行文件已送银行", func(ctx context.Context, s office.Signing) error {
		signed, err := a.Sent(ctx, s, number)
		if err == nil {
			b := &signed.Batch
			fmt.Printf("%s：已登记送银行，可发 %s 元；不能再作废，请等银行回盘（disburse bank result）\n", approval.Title(*b), b.Pays.Grouped())
		}
		return err
	})
	void := build("void", "作废已审批、未送银行的批次（两人，须写 --reason）", func(ctx context.Context, s office.Signing) error {
		signed, err := a.Void(ctx, s, number)
		if err != nil {
			return err
		}
		b := &signed.Batch
		switch {
		case b.State != payrun.Voided:
			fmt.Printf("%s：已申请作废，请由另一位复核或审批岗位的人再执行一次 disburse void 确认\n", approval.Title(*b))
		default:
			fmt.Printf("%s：已作废，%s 元退回待发；请重新运行 disburse run %s\n", approval.Title(*b), b.Pays.Grouped(), s.Month)
		}
		return nil
	})
	void.Flags().StringVar(&reason, "reason", "", "理由（必填）")
	return []*cobra.Command{sent, void}
}
