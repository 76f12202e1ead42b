package admin

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/approval"
	"disburse/internal/journal"
	"disburse/internal/office/admin"
	"disburse/internal/store/users"
)

// userFlags are the flags of `user` beside the common ones.
type userFlags struct {
	post, bureau string
	newPassword  string // a file
	reason       string
}

// UserCommand is user and what is below it.
func UserCommand(a *kit.App) *cobra.Command {
	c := &cobra.Command{Use: "user", Short: "用户和岗位"}
	var f userFlags
	add := a.Beginning("add NAME", "增加用户（--password-file 是新用户的口令）", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return addUser(ctx, a, &f, args[0])
	})
	add.Long = "增加用户。装系统的人在本机运行时，--password-file 是新用户的口令，新用户可以马上使用；经第二人确认（user confirm）以前，他签的字在核对单上注明。\n" +
		"管理岗位的人办理时写 --as 和自己的 --password-file，新用户的口令写在 --new-password-file。"
	add.Flags().StringVar(&f.post, "post", "", "岗位：经办、复核、审批、管理或审计")
	add.Flags().StringVar(&f.bureau, "bureau", "", "单位全称")
	passwd := a.Command("passwd NAME", "更换口令", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return setPassword(ctx, a, &f, args[0])
	})
	passwd.Long = "更换口令，那个人原来的登录随之退出。\n" +
		"改自己的：--as 本人 --password-file 现在的口令 --new-password-file 新口令。\n" +
		"装系统的人在本机为别人重设：--password-file 新口令 --reason 原因；管理岗位的人重设：--as 和自己的 --password-file，另写 --new-password-file、--reason。\n" +
		"重设以后，本人要先换成自己的口令才能办理。"
	for _, x := range []*cobra.Command{add, passwd} {
		x.Flags().StringVar(&f.newPassword, "new-password-file", "", "存有新口令的文件（写了 --as 时用）")
	}
	confirm := a.Command("confirm NAME", "确认别人办的账号（管理或审计）", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return confirmUser(ctx, a, &f, args[0])
	})
	for _, x := range []*cobra.Command{add, passwd, confirm} {
		x.Flags().StringVar(&f.reason, "reason", "", "原因")
	}
	list := a.Command("list", "列出用户", cobra.NoArgs, func(ctx context.Context, _ []string) error { return listUsers(ctx, a) })
	c.AddCommand(add, passwd, confirm, list)
	return c
}

// newSecret is a password that is set, and who sets it: the operating system's user, whose
// --password-file it is, or the user of --as, whose --password-file is their own.
func newSecret(ctx context.Context, a *kit.App, f *userFlags, name string) (string, journal.By, error) {
	by := journal.By{Actor: "os:" + kit.OSUser(), Origin: kit.Hostname(), At: kit.Now(), Reason: strings.TrimSpace(f.reason)}
	prompt := "用户“" + name + "”的新口令："
	if a.As == "" {
		if f.newPassword != "" {
			return "", by, kit.Usage("没有写 --as 时，--password-file 就是新口令，不用 --new-password-file")
		}
		password, err := a.Password(prompt)
		return password, by, err
	}
	if a.PasswordFile != "" && f.newPassword == "" {
		return "", by, kit.Usage("写了 --as 时，--password-file 是“%s”自己的口令，新口令请用 --new-password-file 给出", a.As)
	}
	login := a.Login
	if approval.NormalName(name) == approval.NormalName(a.As) {
		login = a.Authenticate // the one thing that a password of somebody else's opens
	}
	u, err := login(ctx, by)
	if err != nil {
		return "", by, err
	}
	by.Actor = u.Name
	password, err := a.Secret(prompt, f.newPassword, "--new-password-file")
	return password, by, err
}

func addUser(ctx context.Context, a *kit.App, f *userFlags, name string) error {
	p, err := approval.ParsePost(f.post)
	if err != nil {
		return err
	}
	password, by, err := newSecret(ctx, a, f, name)
	if err != nil {
		return err
	}
	u := approval.User{Name: approval.NormalName(name), Post: p, Bureau: f.bureau, Active: true}
	if err := admin.AddUser(ctx, a.Office, u, password, by); err != nil {
		return err
	}
	a.Printf("已增加用户 %s（%s %s）\n", u.Name, f.bureau, p)
	return nil
}

func setPassword(ctx context.Context, a *kit.App, f *userFlags, name string) error {
	password, by, err := newSecret(ctx, a, f, name)
	if err != nil {
		return err
	}
	if name = approval.NormalName(name); name == approval.NormalName(by.Actor) {
		name = by.Actor // as it is stored
	}
	if err := admin.SetPassword(ctx, a.Office, name, password, by); err != nil {
		return err
	}
	a.Printf("已更换 %s 的口令，原来的登录已经退出\n", name)
	return nil
}

func confirmUser(ctx context.Context, a *kit.App, f *userFlags, name string) error {
	if a.As == "" {
		return kit.Usage("请用 --as 写明是哪位管理或审计确认")
	}
	_, standing, err := users.Events(ctx, a.DB, a.Region, name)
	if err != nil {
		return err
	}
	if len(standing.Pending) > 0 {
		a.Println("要确认的变动：" + pendingOf(standing))
	}
	by, err := a.By(ctx, strings.TrimSpace(f.reason))
	if err != nil {
		return err
	}
	if err := admin.ConfirmUser(ctx, a.Office, name, standing.Last, by); err != nil {
		return err
	}
	a.Printf("已确认 %s 的账号\n", name)
	return nil
}

// pendingOf says what a confirmation confirms.
func pendingOf(s approval.AccountStatus) string {
	all := make([]string, len(s.Pending))
	for i, e := range s.Pending {
		all[i] = fmt.Sprintf("%s %s（%s）", e.Actor, e.What.Chinese(), kit.Stamp(e.At))
		if e.Reason != "" {
			all[i] += "，" + e.Reason
		}
	}
	return strings.Join(all, "；")
}

// listUsers prints the users; beside a table it says who waits for a second person.
func listUsers(ctx context.Context, a *kit.App) error {
	accounts, err := users.List(ctx, a.DB, a.Region)
	if err != nil {
		return err
	}
	circle, err := users.Circle(ctx, a.DB, a.Region)
	if err != nil {
		return err
	}
	var rows [][]string
	var open []string
	for _, u := range accounts {
		s := circle.Standing(u.Name)
		rows = append(rows, []string{u.Name, string(u.Post), u.Bureau, u.State(s)})
		if len(s.Pending) > 0 {
			open = append(open, u.Name)
		}
	}
	err = a.PrintRows([]kit.Column{kit.TextColumn("name", "用户"), kit.TextColumn("post", "岗位"), kit.TextColumn("bureau", "单位"), kit.TextColumn("state", "状态")}, rows)
	if len(open) > 0 && a.Format == "table" {
		a.Tell("没有经过第二人确认的账号：" + strings.Join(open, "、") + "（disburse user confirm 用户 --as 管理或审计）")
	}
	return err
}
