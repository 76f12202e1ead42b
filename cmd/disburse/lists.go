package main

import (
	"context"

	"github.com/spf13/cobra"

	"disburse/internal/month"
	"disburse/internal/office/monthly"
)

var listColumns = []column{textColumn("id_number", "身份证号"), textColumn("name", "姓名"), textColumn("item", "项目"), textColumn("bureau", "单位"),
	textColumn("street", "街道"), textColumn("community", "社区"), textColumn("detail", "详情"), textColumn("change", "变动")}

// listsCommand is lists.
func (a *app) listsCommand() *cobra.Command {
	var item string
	c := a.command("lists YYYY-MM", "一个月的服务名册", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		m, err := parseMonth(args[0])
		if err != nil {
			return err
		}
		return a.lists(ctx, m, item)
	})
	c.Flags().StringVar(&item, "item", "", "只看一个项目，如 20")
	return c
}

func (a *app) lists(ctx context.Context, m month.Month, only string) error {
	by, err := a.by(ctx, "")
	if err != nil {
		return err
	}
	list, err := monthly.Lists(ctx, a.Office, m, only, by)
	if err != nil {
		return err
	}
	var rows [][]string
	for i := range list {
		r := &list[i]
		rows = append(rows, []string{r.ID, r.Name, r.Item, r.Bureaus, r.Street, r.Community, r.Detail, r.Change})
	}
	return a.print(listColumns, rows)
}
