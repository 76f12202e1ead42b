package policies

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/month"
	"disburse/internal/office/policies"
	"disburse/internal/policy/diff"
	"disburse/internal/store/rules"
)

// adoptFlags are the flags of `policy adopt`.
type adoptFlags struct {
	reason      string
	retroactive bool
	dryRun      bool
	confirm     int
	list        string
}

func policyAdoptCommand(a *kit.App) *cobra.Command {
	var f adoptFlags
	c := a.Beginning("adopt [FILE]", "采用另一个规则包：先测算对已结算月份的影响", cobra.MaximumNArgs(1), func(ctx context.Context, args []string) error {
		switch {
		case a.PolicyFile != "":
			return kit.Usage("policy adopt 不用 --policy：要采用的规则包写在命令后面，与在用的规则包比较")
		case f.confirm != 0 && (len(args) > 0 || f.retroactive || f.dryRun):
			return kit.Usage("--confirm 只确认已经提出的申请，不能再写文件、--retroactive 或 --dry-run")
		case f.confirm != 0:
			return confirmPack(ctx, a, &f)
		case len(args) == 0:
			return kit.Usage("请写明要采用的规则包文件，或用 --confirm 写明要确认的申请编号")
		}
		return adopt(ctx, a, args[0], &f)
	})
	c.Long = "采用一个规则包：以后不写 --policy 的命令都用它。采用前按真实的计算过程测算它对已经结算的月份有什么影响（人数、补发、扣回，按项目和月份）。\n" +
		"没有影响的当场采用；有影响的要加 --retroactive，并由另一名审批岗位用 --confirm 编号 确认后才采用，下次运行时自动补发、扣回。\n" +
		"管理要求（关账、第二个审批、生存认证、检查的阈值、补发期限、银行文件等）与在用的不同的，不论有没有影响，也要另一名审批岗位确认，不用 --retroactive。"
	c.PreRun = func(_ *cobra.Command, args []string) {
		if len(args) == 1 {
			a.Offered = args[0] // a region that has run nothing yet is entered under it
		}
	}
	c.Flags().StringVar(&f.reason, "reason", "", "理由，如文件名称和文号（必填）")
	c.Flags().BoolVar(&f.retroactive, "retroactive", false, "同意改变已经结算的月份（还须另一人确认）")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "只测算，不采用")
	c.Flags().IntVar(&f.confirm, "confirm", 0, "确认第几号采用申请（审批岗位，不能是提出的人）")
	c.Flags().StringVar(&f.list, "list", "", "把受影响的人逐行写进这个工作簿（.xlsx）")
	return c
}

// adopt shows the effect of a pack, and adopts or proposes it.
func adopt(ctx context.Context, a *kit.App, file string, f *adoptFlags) error {
	pack, err := namedPack(ctx, a, file)
	if err != nil {
		return err
	}
	if !f.dryRun && a.As == "" {
		return kit.Usage("采用规则包要用 --as 写明用户名")
	}
	by, err := a.By(ctx, f.reason)
	if err != nil {
		return err
	}
	effect, err := policies.Measure(ctx, a.Office, pack, f.list, by)
	if err != nil {
		return err
	}
	if err := printEffect(a, effect); err != nil {
		return err
	}
	printControlChanges(a, effect.Controls)
	if f.dryRun {
		return nil
	}
	n, err := policies.Adopt(ctx, a.Office, effect, f.retroactive, by)
	switch {
	case err != nil:
		return err
	case n == 0:
		a.Printf("已采用规则包 %s，以后的命令都用它\n", pack.Hash[:12])
		return nil
	}
	a.Printf("已登记为第 %d 号采用申请，尚未生效。请另一名审批人员核对以后执行：disburse policy adopt --confirm %d --as 用户名\n", n, n)
	return nil
}

// printControlChanges says which controls differ, and so why two people are needed.
func printControlChanges(a *kit.App, found []diff.Difference) {
	if len(found) == 0 {
		return
	}
	a.Printf("其中 %d 处是管理要求，不论放宽还是收紧，都须两人办理：\n", len(found))
	printDifferences(a, found)
}

// confirmPack adopts a proposed pack after the second person has seen its effect.
func confirmPack(ctx context.Context, a *kit.App, f *adoptFlags) error {
	if a.As == "" {
		return kit.Usage("确认采用规则包要用 --as 写明用户名")
	}
	by, err := a.By(ctx, f.reason)
	if err != nil {
		return err
	}
	p, effect, err := policies.Proposed(ctx, a.Office, f.confirm, f.list, by)
	if err != nil {
		return err
	}
	a.Printf("第 %d 号申请：%s提出，理由：%s\n", p.N, p.Actor, p.Reason)
	if err := printEffect(a, effect); err != nil {
		return err
	}
	printControlChanges(a, effect.Controls)
	if err := policies.Confirm(ctx, a.Office, p.N, effect, by); err != nil {
		return err
	}
	if effect.Settled.None() {
		a.Printf("已采用规则包 %s，以后的命令都用它\n", effect.Pack.Hash[:12])
		return nil
	}
	a.Printf("已采用规则包 %s；下次运行时按它补发和扣回\n", effect.Pack.Hash[:12])
	return nil
}

// printEffect prints what a pack changes, in words and in settled months.
func printEffect(a *kit.App, e *policies.Effect) error {
	a.Printf("与在用的规则包（%s）比较，%d 处不同\n", e.Present.Hash[:12], len(e.Differences))
	printDifferences(a, e.Differences)
	switch m := e.Settled.Month; {
	case m == 0:
		a.Println("还没有已经结算的月份，不受影响")
		return nil
	case e.Settled.None():
		a.Printf("对已经结算的月份（到 %s）没有影响\n", m.Chinese())
		return nil
	default:
		a.Printf("对已经结算的月份（到 %s）：%s\n", m.Chinese(), e.Settled.Sentence())
	}
	if err := printSettled(a, e); err != nil {
		return err
	}
	if e.List != "" {
		a.Printf("逐人清单：%s\n", e.List)
	}
	return nil
}

// printSettled prints the sums by item and by month.
func printSettled(a *kit.App, effect *policies.Effect) error {
	e := effect.Settled
	rest := []kit.Column{kit.NumberColumn("heads", "人数"), kit.NumberColumn("more", "补发"), kit.NumberColumn("less", "扣回"), kit.NumberColumn("net", "净额")}
	sums := func(p *rules.EffectPart) []string {
		return []string{fmt.Sprint(p.Heads), p.More.Grouped(), (-p.Less).Grouped(), p.More.Add(p.Less).Grouped()}
	}
	var items, months [][]string
	for i := range e.Items {
		p := &e.Items[i]
		items = append(items, append([]string{p.Item + " " + policies.ItemName(p.Item, effect.Pack, effect.Present), monthRange(p.First, p.Last)}, sums(p)...))
	}
	for i := range e.Months {
		p := &e.Months[i]
		months = append(months, append([]string{p.First.String()}, sums(p)...))
	}
	a.Println("\n按项目")
	if err := a.PrintTable(append([]kit.Column{kit.TextColumn("item", "项目"), kit.TextColumn("months", "月份")}, rest...), items); err != nil {
		return err
	}
	a.Println("\n按月份")
	if err := a.PrintTable(append([]kit.Column{kit.TextColumn("month", "月份")}, rest...), months); err != nil {
		return err
	}
	a.Println()
	return nil
}

func monthRange(first, last month.Month) string {
	if first == last {
		return first.String()
	}
	return first.String() + " 至 " + last.String()
}

func policyListCommand(a *kit.App) *cobra.Command {
	return a.Command("list", "列出用过、采用过和待确认的规则包", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return listPacks(ctx, a)
	})
}

func listPacks(ctx context.Context, a *kit.App) error {
	packs, err := policies.List(ctx, a.Office)
	if err != nil {
		return err
	}
	columns := []kit.Column{kit.TextColumn("hash", "规则包"), kit.TextColumn("title", "名称"), kit.TextColumn("state", "状态"), kit.NumberColumn("revision", "修订"), kit.TextColumn("at", "时间"),
		kit.NumberColumn("batches", "批次"), kit.TextColumn("months", "月份"), kit.TextColumn("actor", "经手"), kit.TextColumn("approver", "确认"), kit.TextColumn("reason", "理由")}
	var rows [][]string
	for i := range packs {
		p := &packs[i]
		row := []string{fmt.Sprintf("%.12s", p.Hash), p.Title, p.State, fmt.Sprint(p.Rev), kit.Stamp(p.At), fmt.Sprint(p.Batches), "", "", "", ""}
		if p.Batches > 0 {
			row[6] = monthRange(p.First, p.Last)
		}
		switch x, w := p.Adoption, p.Proposal; {
		case x != nil && (w == nil || p.State == policies.PackInUse):
			row[3], row[4], row[7], row[8], row[9] = fmt.Sprint(x.Rev), kit.Stamp(x.At), x.Actor, x.Approver, x.Reason
		case w != nil:
			row[7], row[9] = w.Actor, w.Reason
		}
		rows = append(rows, row)
	}
	return a.PrintRows(columns, rows)
}
