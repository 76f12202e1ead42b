package policies

import (
	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/fault"
	"disburse/internal/office/monthly"
	"disburse/internal/policy"
)

// Command is policy and what is below it.
func Command(a *kit.App) *cobra.Command {
	c := &cobra.Command{Use: "policy", Short: "规则包：检查、查看、验证例子、比较、采用"}
	one := func(use, short string, work func(pack *policy.Pack) error) *cobra.Command {
		return &cobra.Command{Use: use + " [FILE]", Short: short + "（不写文件则用内置的）", Args: cobra.MaximumNArgs(1),
			RunE: func(_ *cobra.Command, args []string) error {
				if len(args) == 1 {
					a.PolicyFile = args[0]
				}
				if err := a.Rules(); err != nil {
					return err
				}
				return work(a.Pack)
			}}
	}
	var raw bool
	show := one("show", "列出清单和标准", func(pack *policy.Pack) error {
		if raw {
			_, err := a.Stdout.Write(pack.Body)
			return err
		}
		return showPack(a, pack)
	})
	show.Flags().BoolVar(&raw, "raw", false, "原样输出规则包文件，可另存后修改")
	c.AddCommand(policyAdoptCommand(a), policyListCommand(a), policyDiffCommand(a))
	c.AddCommand(one("check", "检查规则包，逐条报告行列", func(pack *policy.Pack) error { return checkPack(a, pack) }), show,
		one("test", "运行规则包里的例子", func(pack *policy.Pack) error { return testPack(a, pack) }))
	return c
}

func checkPack(a *kit.App, pack *policy.Pack) error {
	f := pack.File
	a.Printf("规则包正确：%s，%d 个项目，%d 个标准，%d 个事实，%d 个例子\n哈希 %s\n", f.Title.Value, len(f.Items), len(f.Rates), len(f.Facts), len(f.Examples), pack.Hash)
	return nil
}

func testPack(a *kit.App, pack *policy.Pack) error {
	failed := pack.Test()
	for _, f := range failed {
		a.Tell(f.String())
	}
	if len(pack.File.Examples) == 0 {
		return fault.New(fault.NotFound, "规则包里没有例子（examples），没有可以验证的")
	}
	a.Printf("例子 %d 个，不符 %d 个\n", len(pack.File.Examples), len(failed))
	if len(failed) > 0 {
		return fault.New(fault.Invalid, "有 %d 个例子与规则不符，请核对规则或例子", len(failed))
	}
	return nil
}

// showPack lists items and rates.
func showPack(a *kit.App, pack *policy.Pack) error {
	items := []kit.Column{kit.TextColumn("item", "项目"), kit.TextColumn("name", "名称"), kit.TextColumn("bureau", "单位"), kit.TextColumn("kind", "方式"), kit.TextColumn("conditions", "条件"),
		kit.TextColumn("who", "服务对象"), kit.TextColumn("what", "服务内容")}
	var rows [][]string
	for i := range pack.File.Items {
		it := &pack.File.Items[i]
		kind := ""
		if it.Pay != nil {
			kind = "发放"
		}
		if it.List.Value != "" {
			kind += "名册"
		}
		text := ""
		for k, c := range it.When {
			if k > 0 {
				text += "；"
			}
			text += c.Is.Value
		}
		for _, c := range it.Unless {
			text += "；不属于 " + c.Is.Value
		}
		who, what := "", ""
		if it.Public != nil {
			who, what = it.Public.Who.Value, it.Public.What.Value
		}
		rows = append(rows, []string{it.Code.Value, it.Name.Value, monthly.BureauNames(it), kind, text, who, what})
	}
	if err := a.PrintRows(items, rows); err != nil || a.Format != "table" {
		return err
	}
	a.Println()
	rates := []kit.Column{kit.TextColumn("rate", "标准"), kit.TextColumn("when", "情形"), kit.TextColumn("from", "起"), kit.NumberColumn("value", "值"), kit.TextColumn("unit", "单位"), kit.TextColumn("source", "依据"), kit.TextColumn("unconfirmed", "待核定")}
	rows = nil
	for _, r := range pack.File.Rates {
		for _, v := range r.Values {
			rows = append(rows, []string{r.Name.Value, v.When.Value, v.From.Value.String(), v.Value.Value, r.Unit.Value, v.Source.Value, v.Unconfirmed.Value})
		}
	}
	if err := a.PrintRows(rates, rows); err != nil {
		return err
	}
	for _, s := range pack.File.Conduct() {
		a.Println("\n" + s)
	}
	return nil
}
