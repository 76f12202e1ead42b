package rosters

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/office/rosters"
	"disburse/internal/roster"
	"disburse/internal/store/merging"
)

// mergeCommand is roster merge.
func mergeCommand(a *kit.App) *cobra.Command {
	var reason string
	var dryRun bool
	c := a.Command("merge 保留的身份证号 并入的身份证号", "合并同一个人的两条记录（第二条并入第一条）", cobra.ExactArgs(2), func(ctx context.Context, args []string) error {
		kept, err := a.PersonArgument(args[0])
		if err != nil {
			return err
		}
		gone, err := a.PersonArgument(args[1])
		if err != nil {
			return err
		}
		return merge(ctx, a, kept, gone, dryRun, reason)
	})
	c.Long = "合并同一个人的两条记录：并入的记录从这个修订起不再参加计算，它的号码成为保留记录的旧号码，它名下已发的钱转到保留记录，\n" +
		"两条都发过的月份算多付，以后照规定扣回；它的分期还款约定也转过去，保留记录自己有约定的以自己的为准。并入记录独有的情况不会带过去，需要的请导入到保留的号码名下。先用 --dry-run 看结果。"
	c.Flags().StringVar(&reason, "reason", "", "理由和依据")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "只看结果，不保存")
	return c
}

func merge(ctx context.Context, a *kit.App, kept, gone string, dryRun bool, reason string) error {
	if a.As == "" {
		return kit.Usage("合并人员要用 --as 写明用户名")
	}
	if strings.TrimSpace(reason) == "" {
		return kit.Usage("合并人员要用 --reason 写明理由和依据")
	}
	by, err := a.By(ctx, reason)
	if err != nil {
		return err
	}
	report, err := rosters.Merge(ctx, a.Office, kept, gone, dryRun, by)
	if err != nil {
		return err
	}
	printMerge(a, report, dryRun)
	return nil
}

func printMerge(a *kit.App, r *merging.Report, dryRun bool) {
	word := "已合并"
	if dryRun {
		word = "合并结果（未保存）"
	}
	a.Printf("%s：%s 并入 %s\n", word, mergedName(&r.Gone), mergedName(&r.Kept))
	a.Printf("转到保留记录：已发 %d 项 %s 元，核销 %s 元；%s\n", r.Entries, r.Settled.Grouped(), r.Waived.Grouped(), rosters.PaidTwice(r))
	if r.Waits > 0 {
		a.Printf("并入记录还有 %d 行没有回盘，银行退回的归保留记录\n", r.Waits)
	}
	if r.Closed > 0 {
		a.Printf("并入记录等待确认的变更 %d 件随之了结，需要的请在保留记录上重新申请\n", r.Closed)
	}
	if r.Asked > 0 {
		a.Println("此前只有并入记录发放过：仍按它的账户发放，保留记录的账户等第二人确认（disburse accounts list）")
	}
	for _, p := range r.Plans {
		a.Println(p.Sentence())
	}
	for _, s := range rosters.OnlyGone(&r.Kept, &r.Gone) {
		a.Printf("提示：%s\n", s)
	}
	if !dryRun {
		a.Printf("修订号 %d，请重新运行没有提交的批次\n", r.Rev)
	}
}

func mergedName(d *roster.Dossier) string {
	return fmt.Sprintf("%s（%s，%s）", d.Name, roster.MaskID(d.ID), d.Street)
}
