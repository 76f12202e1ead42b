package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"disburse/internal/approval"
)

func (a *app) userCommand() *cobra.Command {
	c := &cobra.Command{Use: "user", Short: "用户和岗位"}
	var post, bureau string
	add := a.beginning("add NAME", "增加用户（--password-file 是新用户的口令）", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		p, err := approval.ParsePost(post)
		if err != nil {
			return err
		}
		if bureau != "" {
			if _, err := a.Pack.Bureau(bureau); err != nil {
				return err
			}
		}
		password, err := a.password("用户“" + args[0] + "”的新口令：")
		if err != nil {
			return err
		}
		by, err := a.operator(ctx)
		if err != nil {
			return err
		}
		if err := a.DB.AddUser(ctx, a.Region, approval.User{Name: args[0], Post: p, Bureau: bureau, Active: true}, password, by); err != nil {
			return err
		}
		fmt.Printf("已增加用户 %s（%s %s）\n", args[0], bureau, p)
		return nil
	})
	add.Flags().StringVar(&post, "post", "", "岗位：经办、复核、审批、管理或审计")
	add.Flags().StringVar(&bureau, "bureau", "", "单位全称")
	passwd := a.command("passwd NAME", "更换口令（--password-file 是新口令）", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		password, err := a.password("用户“" + args[0] + "”的新口令：")
		if err != nil {
			return err
		}
		by, err := a.operator(ctx)
		if err != nil {
			return err
		}
		if err := a.DB.SetPassword(ctx, a.Region, args[0], password, by); err != nil {
			return err
		}
		fmt.Printf("已更换 %s 的口令\n", args[0])
		return nil
	})
	list := a.command("list", "列出用户", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		users, err := a.DB.ListUsers(ctx, a.Region)
		if err != nil {
			return err
		}
		var rows [][]string
		for _, u := range users {
			state := "在用"
			if !u.Active {
				state = "停用"
			}
			rows = append(rows, []string{u.Name, string(u.Post), u.Bureau, state})
		}
		return a.print([]column{{"name", "用户", false}, {"post", "岗位", false}, {"bureau", "单位", false}, {"state", "状态", false}}, rows)
	})
	c.AddCommand(add, passwd, list)
	return c
}
