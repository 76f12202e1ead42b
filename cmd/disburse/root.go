package main

import (
	"strings"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/admin"
	"disburse/cmd/disburse/demo"
	"disburse/cmd/disburse/export"
	"disburse/cmd/disburse/finance"
	"disburse/cmd/disburse/kit"
	"disburse/cmd/disburse/monthly"
	"disburse/cmd/disburse/policies"
	"disburse/cmd/disburse/rosters"
	"disburse/cmd/disburse/server"
)

func newRoot(t kit.Terminal) *cobra.Command {
	a := &kit.App{Terminal: t}
	root := &cobra.Command{
		Use:               "disburse",
		Short:             "基本养老服务清单的资金发放",
		Long:              "disburse 按区（县）基本养老服务清单计算每位老人应享受的待遇，逐月发放：\n花名册导入 → 按清单计算 → 三人签批 → 清册与银行文件。",
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		PersistentPostRun: func(*cobra.Command, []string) { a.Close() },
	}
	root.SetIn(t.Stdin)
	root.SetOut(t.Stdout)
	root.SetErr(t.Stderr)
	flags := root.PersistentFlags()
	flags.StringVar(&a.URL, "db", "", "数据库地址，如 postgres://用户@主机/库名（缺省取 DATABASE_URL；都没有则用 --data 下的单机数据库）")
	flags.StringVar(&a.OwnerURL, "db-owner", "", "数据库所有者的地址，只用来建表和升级（缺省取 DATABASE_OWNER_URL；都没有则用 --db 的用户）")
	flags.StringVar(&a.Data, "data", ".disburse", "单机数据库的目录")
	flags.StringVar(&a.RegionCode, "region", "", "行政区划代码（库里只有一个区划时可省略）")
	flags.StringVar(&a.PolicyFile, "policy", "", "规则包文件（缺省用本区采用的规则包；新库缺省用内置的平城区规则包）")
	flags.StringVar(&a.Format, "format", "table", "输出格式：table、csv 或 json")
	flags.StringVar(&a.As, "as", "", "以哪个用户的身份操作")
	flags.StringVar(&a.PasswordFile, "password-file", "", "存有口令的文件（缺省在终端询问）")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return kit.Usage("命令写法有误：%s。用 %s --help 查看写法", flagWords.Replace(err.Error()), c.CommandPath())
	})
	root.AddCommand(rosters.RosterCommand(a), monthly.RunCommand(a), monthly.LinesCommand(a), export.ListsCommand(a), monthly.ChecksCommand(a), finance.RecoveryCommand(a), rosters.OpeningCommand(a),
		export.ExplainCommand(a), export.LetterCommand(a), monthly.DecideCommand(a), export.Command(a), policies.Command(a), admin.UserCommand(a), monthly.VerifyCommand(a),
		admin.AuditCommand(a), demo.Command(a), rosters.AccountsCommand(a))
	root.AddCommand(monthly.SignCommands(a)...)
	root.AddCommand(monthly.AfterApproval(a)...)
	root.AddCommand(admin.BackupCommand(a), admin.RestoreCommand(a), server.Command(a))
	root.AddCommand(finance.BankCommand(a), export.YearCommand(a), monthly.ChangesCommand(a), admin.JobsCommand(a))
	wrapUsage(root)
	speakChinese(root)
	return root
}

// flagWords are what the library says of wrong flags.
var flagWords = strings.NewReplacer("unknown flag:", "没有选项", "unknown shorthand flag:", "没有选项", "flag needs an argument:", "选项缺少值：",
	"invalid argument", "值不对")

// speakChinese replaces the library's own English words in help texts.
func speakChinese(root *cobra.Command) {
	root.PersistentFlags().BoolP("help", "h", false, "查看用法")
	root.SetUsageTemplate(strings.NewReplacer(
		"Usage:", "用法：", "Aliases:", "别名：", "Examples:", "例子：", "Available Commands:", "命令：", "Additional Commands:", "其他命令：",
		"Global Flags:", "通用选项：", "Flags:", "选项：", "Additional help topics:", "其他说明：",
		`Use "{{.CommandPath}} [command] --help" for more information about a command.`, `用 {{.CommandPath}} 命令 --help 查看一个命令的用法。`,
	).Replace(root.UsageTemplate()))
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		if c.Name() == "help" {
			c.Use, c.Short, c.Long = "help [命令]", "查看命令的用法", "查看一个命令的用法。"
		}
	}
}

// wrapUsage turns cobra's own complaints about arguments into ours.
func wrapUsage(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return kit.Usage("参数个数不对。写法：%s", c.UseLine())
			}
			return nil
		}
	}
	if c.HasSubCommands() && c.RunE == nil {
		c.RunE = func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return kit.Usage("没有“%s”这个命令。用 %s --help 查看全部命令", args[0], c.CommandPath())
			}
			return c.Help()
		}
		c.Args = cobra.ArbitraryArgs
	}
	for _, sub := range c.Commands() {
		wrapUsage(sub)
	}
}
