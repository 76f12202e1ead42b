package rosters

import (
	"context"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/office/rosters"
	"disburse/internal/roster"
)

var accountColumns = []kit.Column{kit.NumberColumn("request", "申请号"), kit.TextColumn("kind", "事项"), kit.TextColumn("id_number", "身份证号"), kit.TextColumn("name", "姓名或收款单位"),
	kit.TextColumn("street", "街道"), kit.TextColumn("old", "现在"), kit.TextColumn("new", "改为"), kit.TextColumn("brought_by", "经手"), kit.TextColumn("brought_at", "时间"), kit.TextColumn("reason", "依据")}

// AccountsCommand is accounts and what is below it.
func AccountsCommand(a *kit.App) *cobra.Command {
	c := &cobra.Command{Use: "accounts", Short: "账户变更：等待第二人确认的变更，确认或不同意"}
	c.Long = "已发放过的人和已有账户的收款单位，账户变更（导入、网页、撤销导入、合并人员都一样）要由没有经手的复核或审批岗位的人确认，确认以前仍按原账户发放。\n" +
		"规则包写了 second_for_raises 的，使发放增加的情况和核定金额也列在这里。"
	list := a.Command("list", "列出等待确认的变更，原来的和改为的", cobra.NoArgs, func(ctx context.Context, _ []string) error { return listAccounts(ctx, a) })
	c.AddCommand(list, answerCommand(a, true), answerCommand(a, false))
	return c
}

func listAccounts(ctx context.Context, a *kit.App) error {
	by, err := a.By(ctx, "")
	if err != nil {
		return err
	}
	full := a.Format != "table" // for comparing with the documents; a screen is looked at by many
	open, err := rosters.AccountRequests(ctx, a.Office, full, by)
	if err != nil {
		return err
	}
	slices.Reverse(open) // by number
	var rows [][]string
	for i := range open {
		q := &open[i]
		what := q.About.Chinese()
		if q.Part != "" {
			what += " " + q.Part
		}
		id := q.ID
		if !full {
			id = roster.MaskID(id)
		}
		before, after := rosters.RequestText(q, full)
		rows = append(rows, []string{strconv.Itoa(q.N), what, id, q.Name, q.Street, before, after, q.Actor, kit.Stamp(q.At), q.Reason})
	}
	if err := a.PrintRows(accountColumns, rows); err != nil {
		return err
	}
	if len(open) == 0 {
		a.Remark("没有等待确认的变更")
		return nil
	}
	a.Remark("共 %d 件。确认：disburse accounts confirm 申请号… 或 --all，加 --as 复核或审批的用户名；不同意用 refuse，须写 --reason", len(open))
	return nil
}

// answerCommand is accounts confirm, or refuse.
func answerCommand(a *kit.App, grant bool) *cobra.Command {
	use, short := "refuse [申请号…]", "不同意变更（须写 --reason）"
	if grant {
		use, short = "confirm [申请号…]", "确认变更（复核或审批，不能是经手的人）"
	}
	var all bool
	var reason string
	c := a.Command(use, short, cobra.ArbitraryArgs, func(ctx context.Context, args []string) error {
		if all == (len(args) > 0) {
			return kit.Usage("请写申请号（一个或几个），或用 --all（全部等待您确认的）")
		}
		var numbers []int
		for _, s := range args {
			n, err := strconv.Atoi(s)
			if err != nil || n < 1 {
				return kit.Usage("申请号是 disburse accounts list 里的数字，不能是“%s”", s)
			}
			numbers = append(numbers, n)
		}
		if a.As == "" {
			return kit.Usage("确认账户变更要用 --as 写明用户名")
		}
		by, err := a.By(ctx, reason)
		if err != nil {
			return err
		}
		done, err := rosters.AnswerAccounts(ctx, a.Office, numbers, all, grant, by)
		if err != nil {
			return err
		}
		for i := range done {
			q := &done[i]
			before, after := rosters.RequestText(q, false)
			a.Printf("第 %d 号%s：%s，%s → %s（%s 经手）\n", q.N, q.State.Chinese(), q.Name, before, after, q.Actor)
		}
		if grant {
			a.Printf("已变更 %d 件，请重新运行没有提交的批次，使变更生效\n", len(done))
			return nil
		}
		a.Printf("不同意 %d 件，仍按原来登记的发放\n", len(done))
		return nil
	})
	c.Flags().BoolVar(&all, "all", false, "全部等待您确认的变更（您经手的除外）")
	c.Flags().StringVar(&reason, "reason", "", "理由（不同意必填）")
	return c
}
