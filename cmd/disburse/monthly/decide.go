package monthly

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office/monthly"
	"disburse/internal/store/signing"
	"disburse/reports/worklists"
)

// decideFlags are the three ways of deciding: one check by its id, a workbook, a kind.
type decideFlags struct {
	reason, from, kind string
	hold, release      bool
}

// DecideCommand is decide.
func DecideCommand(a *kit.App) *cobra.Command {
	var f decideFlags
	c := a.Command("decide YYYY-MM [CHECK-ID]", "处理疑点：一个编号、一张表（--from）或一类（--kind）", cobra.RangeArgs(1, 2),
		func(ctx context.Context, args []string) error {
			m, err := kit.ParseMonth(args[0])
			if err != nil {
				return err
			}
			if err := f.check(args[1:]); err != nil {
				return err
			}
			if a.As == "" {
				return kit.Usage("处理疑点要用 --as 写明用户名")
			}
			by, err := a.By(ctx, f.reason)
			if err != nil {
				return err
			}
			return decide(ctx, a, m, args[1:], &f, by)
		})
	c.Flags().StringVar(&f.reason, "reason", "", "理由（必填；--from 的理由写在表里）")
	c.Flags().BoolVar(&f.hold, "hold", false, "继续暂缓")
	c.Flags().BoolVar(&f.release, "release", false, "发放")
	c.Flags().StringVar(&f.from, "from", "", "checks --out 写出、填好“决定”“理由”的 xlsx 文件")
	c.Flags().StringVar(&f.kind, "kind", "", "处理本单位这一类全部未决的疑点，如 账户共用")
	return c
}

// check insists on one way of deciding with what belongs to it.
func (f *decideFlags) check(ids []string) error {
	ways := len(ids)
	for _, s := range []string{f.from, f.kind} {
		if s != "" {
			ways++
		}
	}
	switch {
	case ways != 1:
		return kit.Usage("请写明处理什么：一个 CHECK-ID、--from 文件或 --kind 类别，三者取一")
	case f.from != "" && (f.hold || f.release || f.reason != ""):
		return kit.Usage("--from 的决定和理由写在表里，不要再写 --release、--hold 或 --reason")
	case f.from == "" && f.hold == f.release:
		return kit.Usage("请写 --release（发放）或 --hold（继续暂缓）中的一个")
	}
	return nil
}

func decide(ctx context.Context, a *kit.App, m month.Month, ids []string, f *decideFlags, by journal.By) error {
	var done signing.BulkResult
	var err error
	switch {
	case f.from != "":
		var problems []worklists.RulingProblem
		done, problems, err = monthly.DecideFrom(ctx, a.Office, m, f.from, by)
		printRulingProblems(a, problems)
	case f.kind != "":
		done, err = monthly.DecideKind(ctx, a.Office, m, f.kind, f.release, by)
	default:
		if err := monthly.Decide(ctx, a.Office, ids[0], f.release, by); err != nil {
			return err
		}
		a.Printf("已记录。请重新运行 disburse run %s，使决定生效\n", m)
		return nil
	}
	if err != nil {
		return err
	}
	printDecided(a, m, &done)
	return nil
}

func printRulingProblems(a *kit.App, problems []worklists.RulingProblem) {
	for _, p := range problems {
		a.Printf("第 %d 行 %s“%s”：%s\n", p.Row, p.Column, p.Value, p.Reason)
	}
}

func printDecided(a *kit.App, m month.Month, done *signing.BulkResult) {
	if done.Released+done.Held == 0 {
		a.Printf("%d 项决定都已在案，没有改动\n", done.Same)
		return
	}
	same := ""
	if done.Same > 0 {
		same = fmt.Sprintf("，另 %d 项已在案", done.Same)
	}
	a.Printf("已记录 %d 项：发放 %d 项，继续暂缓 %d 项%s。请重新运行 disburse run %s，使决定生效\n",
		done.Released+done.Held, done.Released, done.Held, same, m)
}
