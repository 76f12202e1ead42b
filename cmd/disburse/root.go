package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"disburse/internal/approval"
	"disburse/internal/embedded"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/office/admin"
	"disburse/internal/postgres"
	"disburse/migrations"
)

// usageError is a command that was written wrongly.
type usageError struct{ sentence string }

func (e usageError) Error() string { return e.sentence }

// usage is a command that was written wrongly, with how it is written.
func usage(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// app has the flags that all commands share, and what is opened for one command.
type app struct {
	terminal

	url, data    string
	ownerURL     string
	regionCode   string
	policyFile   string
	format       string
	as           string
	passwordFile string
	known        string // the user of --as, once the password was right

	*office.Office // what the command is about; nil before rules, without a database before open
	pool           *postgres.DB
	server         *embedded.Server

	packless error  // why the office has no pack; nil: it has one
	offered  string // a pack's file that the command is about, which stands in where no pack is in use yet
}

func newRoot(t terminal) *cobra.Command {
	a := &app{terminal: t}
	root := &cobra.Command{
		Use:               "disburse",
		Short:             "基本养老服务清单的资金发放",
		Long:              "disburse 按区（县）基本养老服务清单计算每位老人应享受的待遇，逐月发放：\n花名册导入 → 按清单计算 → 三人签批 → 清册与银行文件。",
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		PersistentPostRun: func(*cobra.Command, []string) { a.close() },
	}
	root.SetIn(t.stdin)
	root.SetOut(t.stdout)
	root.SetErr(t.stderr)
	flags := root.PersistentFlags()
	flags.StringVar(&a.url, "db", "", "数据库地址，如 postgres://用户@主机/库名（缺省取 DATABASE_URL；都没有则用 --data 下的单机数据库）")
	flags.StringVar(&a.ownerURL, "db-owner", "", "数据库所有者的地址，只用来建表和升级（缺省取 DATABASE_OWNER_URL；都没有则用 --db 的用户）")
	flags.StringVar(&a.data, "data", ".disburse", "单机数据库的目录")
	flags.StringVar(&a.regionCode, "region", "", "行政区划代码（库里只有一个区划时可省略）")
	flags.StringVar(&a.policyFile, "policy", "", "规则包文件（缺省用本区采用的规则包；新库缺省用内置的平城区规则包）")
	flags.StringVar(&a.format, "format", "table", "输出格式：table、csv 或 json")
	flags.StringVar(&a.as, "as", "", "以哪个用户的身份操作")
	flags.StringVar(&a.passwordFile, "password-file", "", "存有口令的文件（缺省在终端询问）")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage("命令写法有误：%s。用 %s --help 查看写法", flagWords.Replace(err.Error()), c.CommandPath())
	})
	root.AddCommand(a.rosterCommand(), a.runCommand(), a.linesCommand(), a.listsCommand(), a.checksCommand(), a.recoveryCommand(), a.openingCommand(),
		a.explainCommand(), a.letterCommand(), a.decideCommand(), a.exportCommand(), a.policyCommand(), a.userCommand(), a.verifyCommand(),
		a.auditCommand(), a.demoCommand(), a.accountsCommand())
	root.AddCommand(a.signCommands()...)
	root.AddCommand(a.afterApproval()...)
	root.AddCommand(a.backupCommand(), a.restoreCommand(), a.serveCommand())
	root.AddCommand(a.bankCommand(), a.yearCommand(), a.changesCommand(), a.jobsCommand())
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
				return usage("参数个数不对。写法：%s", c.UseLine())
			}
			return nil
		}
	}
	if c.HasSubCommands() && c.RunE == nil {
		c.RunE = func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("没有“%s”这个命令。用 %s --help 查看全部命令", args[0], c.CommandPath())
			}
			return c.Help()
		}
		c.Args = cobra.ArbitraryArgs
	}
	for _, sub := range c.Commands() {
		wrapUsage(sub)
	}
}

// upToDate migrates and lets the daily login in.
func (a *app) upToDate(ctx context.Context, owner string) error {
	if err := postgres.Migrate(ctx, owner, migrations.FS, a.tell); err != nil || owner == a.address() {
		return err
	}
	return postgres.Admit(ctx, owner, a.address(), a.server != nil)
}

// reach returns the address of the database's owner: --db-owner, or where that is not given
// --db itself; where neither is, it starts the private server.
func (a *app) reach(ctx context.Context) (string, error) {
	owner := cmp.Or(a.ownerURL, a.getenv("DATABASE_OWNER_URL"))
	if daily := a.given(); daily != "" {
		return cmp.Or(owner, daily), nil
	}
	if owner != "" {
		return "", usage("写了 --db-owner（或 DATABASE_OWNER_URL），还要用 --db（或 DATABASE_URL）写明日常登录用户的地址")
	}
	server, err := embedded.Open(ctx, a.data, embedded.Options{Log: a.tell})
	if err != nil {
		return "", err
	}
	a.server = server
	return server.URL(), nil
}

// given is the address of the database that was named; empty: the private one.
func (a *app) given() string { return cmp.Or(a.url, a.getenv("DATABASE_URL")) }

// address is the address for daily work of the database that was reached.
func (a *app) address() string {
	if a.server != nil {
		return a.server.DailyURL()
	}
	return a.given()
}

// close gives back what the command has opened.
func (a *app) close() {
	if a.pool != nil {
		a.pool.Close()
		a.pool, a.Office = nil, nil
	}
	if a.server != nil {
		if err := a.server.Close(); err != nil {
			a.tell(err.Error())
		}
		a.server = nil
	}
}

// command makes a command whose work is in one region and under its pack.
func (a *app) command(use, short string, args cobra.PositionalArgs, work func(ctx context.Context, args []string) error) *cobra.Command {
	return a.commandIn(isThere, use, short, args, work)
}

// beginning makes a command that may be a region's first.
func (a *app) beginning(use, short string, args cobra.PositionalArgs, work func(ctx context.Context, args []string) error) *cobra.Command {
	return a.commandIn(mayBegin, use, short, args, work)
}

func (a *app) commandIn(p presence, use, short string, args cobra.PositionalArgs, work func(ctx context.Context, args []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: args,
		RunE: func(c *cobra.Command, args []string) error {
			defer a.close()
			if err := a.open(c.Context(), p); err != nil {
				return err
			}
			return work(c.Context(), args)
		},
	}
}

// by says who does something: the user of --as once the password is right, else the
// user of the operating system.
func (a *app) by(ctx context.Context, reason string) (journal.By, error) {
	by := journal.By{Actor: "os:" + osUser(), Origin: hostname(), At: now(), Reason: reason}
	if a.as == "" {
		return by, nil
	}
	if a.known == "" { // asked for once a command
		u, err := a.login(ctx, by)
		if err != nil {
			return by, err
		}
		a.known = u.Name
	}
	by.Actor = a.known
	return by, nil
}

// login authenticates the user of --as, whose password must be their own: what somebody
// else has set opens nothing but the way to change it.
func (a *app) login(ctx context.Context, by journal.By) (approval.User, error) {
	return a.authenticateWith(ctx, true, by)
}

// authenticate asks for the password of the user of --as.
func (a *app) authenticate(ctx context.Context, by journal.By) (approval.User, error) {
	return a.authenticateWith(ctx, false, by)
}

// authenticateWith asks for the password of --as; own: it must be the user's own one.
func (a *app) authenticateWith(ctx context.Context, own bool, by journal.By) (approval.User, error) {
	if a.as == "" {
		return approval.User{}, usage("请用 --as 写明用户名")
	}
	password, err := a.password("用户“" + a.as + "”的口令：")
	if err != nil {
		return approval.User{}, err
	}
	return admin.Authenticate(ctx, a.Office, a.as, password, own, by)
}

// password reads --password-file, or asks on the terminal.
func (a *app) password(prompt string) (string, error) {
	return a.secret(prompt, a.passwordFile, "--password-file")
}

// osUser is who the operating system says runs the program.
func osUser() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return strconv.Itoa(os.Getuid())
}

// hostname is where the program runs.
func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "未知主机"
	}
	return name
}

// now is the time in China, by the one clock of the program.
func now() time.Time { return clock().In(month.Shanghai) }

// parseMonth reads a month of the command line.
func parseMonth(s string) (month.Month, error) {
	m, err := month.Parse(s)
	if err != nil {
		return 0, usage("%s", err.Error())
	}
	return m, nil
}
