package export

import (
	"context"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/month"
	"disburse/internal/office/monthly"
)

var listColumns = []kit.Column{kit.TextColumn("id_number", "身份证号"), kit.TextColumn("name", "姓名"), kit.TextColumn("item", "项目"), kit.TextColumn("bureau", "单位"),
	kit.TextColumn("street", "街道"), kit.TextColumn("community", "社区"), kit.TextColumn("detail", "详情"), kit.TextColumn("change", "变动")}

// ListsCommand is lists.
func ListsCommand(a *kit.App) *cobra.Command {
	var item string
	c := a.Command("lists YYYY-MM", "一个月的服务名册", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		m, err := kit.ParseMonth(args[0])
		if err != nil {
			return err
		}
		return lists(ctx, a, m, item)
	})
	c.Flags().StringVar(&item, "item", "", "只看一个项目，如 20")
	return c
}

func lists(ctx context.Context, a *kit.App, m month.Month, only string) error {
	by, err := a.By(ctx, "")
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
	return a.PrintRows(listColumns, rows)
}
