package rosters

import (
	"context"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/office/rosters"
	"disburse/internal/policy/packfile"
	"disburse/internal/store/imports"
	"disburse/reports/worklists"
)

// matchFlags are those of roster match.
type matchFlags struct {
	kind, report, month string
	dryRun              bool
}

func matchCommand(a *kit.App) *cobra.Command {
	var f matchFlags
	c := a.Command("match FILE", "比对名单：找出花名册里在名单上的人，和名单上应享未享的人", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return match(ctx, a, args[0], f)
	})
	c.Long = "读入其他部门的名单（xlsx 或 csv，须有“姓名”“身份证号”两列，可有出生日期、日期、街道、备注），先按身份证号（含旧号码），再按姓名和出生日期比对。\n" +
		"同一种名单以最新的一份为准。花名册不会因此改动。"
	c.Flags().StringVar(&f.kind, "kind", "", "名单的种类，如 死亡、公安（规则包 match_lists 里的名称）")
	c.Flags().StringVar(&f.report, "report", "", "把命中、应享未享、未匹配写到这个工作簿")
	c.Flags().StringVar(&f.month, "month", "", "按哪个月看应享未享（缺省为本月）")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "只比对，不保存")
	return c
}

func match(ctx context.Context, a *kit.App, file string, f matchFlags) error {
	if f.kind == "" {
		return kit.Usage("请用 --kind 写明名单的种类，如 --kind 死亡")
	}
	x := &rosters.MatchOrder{File: file, Kind: f.kind, DryRun: f.dryRun, Report: f.report}
	var err error
	if f.month != "" {
		if x.Month, err = kit.ParseMonth(f.month); err != nil {
			return err
		}
	}
	if x.By, err = a.By(ctx, ""); err != nil {
		return err
	}
	bar := a.Progress("读取名单 行")
	x.Rows = func(rows int) { bar.Show(int64(rows), 0) }
	found, err := rosters.Match(ctx, a.Office, x)
	bar.End()
	if found != nil && found.List != nil {
		a.PrintProblems(found.List.Problems, found.List.Warnings)
	}
	if err != nil {
		return err
	}
	printMatch(a, found.Kind, found.Found, found.Report, f)
	return nil
}

func printMatch(a *kit.App, kind *packfile.MatchList, found *imports.MatchReport, r *worklists.Matching, f matchFlags) {
	word := "已比对"
	switch {
	case f.dryRun:
		word = "比对结果（未保存）"
	case found.Rev == 0:
		word = "与上一份名单的结果相同，没有变化"
	}
	a.Printf("%s：“%s”名单，与花名册对上 %d 行，花名册里没有的 %d 行\n", word, kind.Name.Value, len(r.Hits), len(found.Unmatched))
	if kind.Missing() {
		a.Printf("应享未享 %d 人（%s）\n", len(r.Missing), r.Month.Chinese())
		printStreets(a, r.Missing)
	} else {
		a.Printf("命中 %d 人，其中新增 %d 人；不在这份名单上而解除 %d 人\n", found.Hits, found.New, found.Cleared)
	}
	if kind.Doubt() && found.Hits > 0 && !f.dryRun {
		a.Println("下次运行（disburse run）时，命中的人列为疑点，处理以前暂缓发放；用 disburse checks 查看，用 disburse decide 处理")
	}
	if f.report != "" {
		a.Printf("比对报告：%s\n", f.report)
	}
	if found.Rev > 0 && !f.dryRun {
		a.Printf("修订号 %d\n", found.Rev)
	}
}

// printStreets counts the work list by street; it is in that order.
func printStreets(a *kit.App, missing []worklists.MissingPerson) {
	for i := 0; i < len(missing); {
		street, n := missing[i].Row.Street, 0
		for i < len(missing) && missing[i].Row.Street == street {
			n++
			i++
		}
		if street == "" {
			street = "（未写街道）"
		}
		a.Printf("  %s %d 人\n", street, n)
	}
}
