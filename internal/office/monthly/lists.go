package monthly

import (
	"context"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/payrun/explain"
	"disburse/internal/policy/packfile"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
)

// ListRow is one person on a list, and the bureaus whose list it is, joined with 、.
type ListRow struct {
	explain.ListRow
	Bureaus string
}

// Lists are the lists (服务名册) of a month, of one item or, only being empty, of all.
func Lists(ctx context.Context, o *office.Office, m month.Month, only string, by journal.By) ([]ListRow, error) {
	if err := keepsList(o, only); err != nil {
		return nil, err
	}
	byItem := map[string][]explain.ListRow{}
	for _, bureau := range o.Pack.File.Bureaus {
		codes := listItems(o, bureau.Name.Value, only)
		if len(codes) == 0 {
			continue
		}
		book, err := listBook(ctx, o, m, bureau.Name.Value, codes)
		if err != nil {
			return nil, err
		}
		for code, rows := range book.Lists {
			byItem[code] = rows
		}
	}
	var all []ListRow
	for _, it := range o.Pack.Items() {
		bureaus := BureauNames(&it)
		for _, r := range byItem[it.Code.Value] {
			all = append(all, ListRow{r, bureaus})
		}
	}
	return all, o.LogAccess(ctx, by, journal.Viewed, "服务名册", 0, m.String(), only)
}

// keepsList complains of an item that has no list; empty stands for all.
func keepsList(o *office.Office, item string) error {
	if item == "" {
		return nil
	}
	it, err := o.Pack.Item(item)
	if err == nil && it.List.Value == "" {
		err = fault.New(fault.Invalid, "项目 %s（%s）没有名册，请用 disburse lines 查看", item, it.Name.Value)
	}
	return err
}

// listItems are the items whose list a bureau leads.
func listItems(o *office.Office, bureau, only string) []string {
	var codes []string
	for _, it := range o.Pack.Items() {
		if it.List.Value != "" && it.Bureaus[0].Value == bureau && (only == "" || it.Code.Value == only) {
			codes = append(codes, it.Code.Value)
		}
	}
	return codes
}

// BureauNames joins the bureaus of an item, the leading one first.
func BureauNames(it *packfile.Item) string {
	var names []string
	for _, b := range it.Bureaus {
		names = append(names, b.Value)
	}
	return strings.Join(names, "、")
}

// ListHeads counts who is on each list of a month, by item.
func ListHeads(ctx context.Context, o *office.Office, m month.Month) (map[string]int, error) {
	all := map[string]int{}
	for _, bureau := range o.Pack.File.Bureaus {
		codes := listItems(o, bureau.Name.Value, "")
		if len(codes) == 0 {
			continue
		}
		q, err := listOrder(ctx, o, m, bureau.Name.Value, codes)
		if err != nil {
			return nil, err
		}
		heads, err := books.ListHeads(ctx, o.DB, q)
		if err != nil {
			return nil, err
		}
		for _, code := range codes {
			all[code] = heads[code]
		}
	}
	return all, nil
}

func listBook(ctx context.Context, o *office.Office, m month.Month, bureau string, codes []string) (*books.MonthBook, error) {
	q, err := listOrder(ctx, o, m, bureau, codes)
	if err != nil {
		return nil, err
	}
	if err := AddBefore(ctx, o, &q, bureau); err != nil {
		return nil, err
	}
	return books.ReadMonthBook(ctx, o.DB, q)
}

// listOrder asks for the lists of one bureau: as its latest batch of the month knew them,
// or, for a month not run, as known now.
func listOrder(ctx context.Context, o *office.Office, m month.Month, bureau string, codes []string) (books.MonthOrder, error) {
	q := books.MonthOrder{Region: o.Region, Pack: o.Pack, Lists: codes}
	b, err := batches.Latest(ctx, o.DB, o.Region, m, bureau)
	switch {
	case fault.Is(err, fault.NotFound):
		if b.Revision, _, err = o.DB.Head(ctx, o.Region); err != nil {
			return q, err
		}
		b.Month, b.N = m, 1
	case err != nil:
		return q, err
	default:
		if q.Pack, err = o.PackOf(ctx, b.Pack); err != nil {
			return q, err
		}
	}
	q.Batch = b
	return q, nil
}

// AddBefore finds the batch that 新增 and 停止 are measured against.
func AddBefore(ctx context.Context, o *office.Office, q *books.MonthOrder, bureau string) error {
	var err error
	if q.Before, err = batches.LastApproved(ctx, o.DB, o.Region, bureau, q.Batch.Month, q.Batch.N, false); err != nil || q.Before == nil {
		return err
	}
	q.PackBefore, err = o.PackOf(ctx, q.Before.Pack)
	return err
}
