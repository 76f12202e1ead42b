package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/postgres"
)

var listColumns = []column{{"id_number", "身份证号", false}, {"name", "姓名", false}, {"item", "项目", false}, {"bureau", "单位", false},
	{"street", "街道", false}, {"community", "社区", false}, {"detail", "详情", false}, {"change", "变动", false}}

func (a *app) listsCommand() *cobra.Command {
	var item string
	c := a.command("lists YYYY-MM", "一个月的服务名册", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		m, err := parseMonth(args[0])
		if err != nil {
			return err
		}
		if item != "" {
			it, err := a.pack.Item(item)
			if err != nil {
				return err
			}
			if it.List.Value == "" {
				return fault.New(fault.Invalid, "项目 %s（%s）没有名册，请用 disburse lines 查看", item, it.Name.Value)
			}
		}
		return a.lists(ctx, m, item)
	})
	c.Flags().StringVar(&item, "item", "", "只看一个项目，如 20")
	return c
}

func (a *app) lists(ctx context.Context, m month.Month, only string) error {
	byItem := map[string][]payrun.ListRow{}
	for _, bureau := range a.pack.File.Bureaus {
		var codes []string
		for _, it := range a.pack.Items() {
			if it.List.Value != "" && it.Bureaus[0].Value == bureau.Name.Value && (only == "" || it.Code.Value == only) {
				codes = append(codes, it.Code.Value)
			}
		}
		if len(codes) == 0 {
			continue
		}
		book, err := a.listBook(ctx, m, bureau.Name.Value, codes)
		if err != nil {
			return err
		}
		for code, rows := range book.Lists {
			byItem[code] = rows
		}
	}
	var rows [][]string
	for _, it := range a.pack.Items() {
		bureaus := bureauNames(&it)
		for _, r := range byItem[it.Code.Value] {
			rows = append(rows, []string{r.ID, r.Name, r.Item, bureaus, r.Street, r.Community, r.Detail, r.Change})
		}
	}
	if err := a.looksAt(ctx, journal.Viewed, "服务名册", 0, m.String(), only); err != nil {
		return err
	}
	return a.print(listColumns, rows)
}

// bureauNames joins the bureaus of an item as interface.md says.
func bureauNames(it *policy.Item) string {
	var names []string
	for _, b := range it.Bureaus {
		names = append(names, b.Value)
	}
	return strings.Join(names, "、")
}

// listBook reads the lists of one bureau: as its latest batch of the month knew
// them, or, for a month not run, as known now.
func (a *app) listBook(ctx context.Context, m month.Month, bureau string, codes []string) (*postgres.MonthBook, error) {
	o := postgres.MonthOrder{Region: a.region, Pack: a.pack, Lists: codes}
	b, err := a.db.LatestBatch(ctx, a.region, m, bureau)
	switch {
	case fault.Is(err, fault.NotFound):
		if b.Revision, _, err = a.db.Head(ctx, a.region); err != nil {
			return nil, err
		}
		b.Month, b.N = m, 1
	case err != nil:
		return nil, err
	default:
		if o.Pack, err = a.packOf(ctx, b.Pack); err != nil {
			return nil, err
		}
	}
	o.Batch = b
	if err := a.addBefore(ctx, &o, bureau); err != nil {
		return nil, err
	}
	return a.db.MonthBook(ctx, o)
}

// addBefore finds the batch that 新增 and 停止 are measured against.
func (a *app) addBefore(ctx context.Context, o *postgres.MonthOrder, bureau string) error {
	var err error
	if o.Before, err = a.db.LastApproved(ctx, a.region, bureau, o.Batch.Month, o.Batch.N, false); err != nil || o.Before == nil {
		return err
	}
	o.PackBefore, err = a.packOf(ctx, o.Before.Pack)
	return err
}

// packOf returns a pack by its hash: the one at hand, or from the database.
func (a *app) packOf(ctx context.Context, hash string) (*policy.Pack, error) {
	if hash == a.pack.Hash {
		return a.pack, nil
	}
	return a.db.Pack(ctx, a.region, hash)
}
