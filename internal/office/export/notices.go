package export

import (
	"context"
	"path/filepath"
	"slices"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/store/recovery"
	"disburse/reports/letters"
	"disburse/reports/source"
)

// NoticeOrder asks for 追缴通知书 of what is owed to a bureau by now.
type NoticeOrder struct {
	Bureau  string
	Person  int64   // of one person; 0: of all
	Street  *string // of one street; nil: of all
	Path    string
	By      journal.By
	Subject string // for the access log: 城区街道
}

// Notices writes the notices, a page each, and returns how many. They are of the bureau's
// latest batch: while that is not approved they are drafts, and say so. Errors:
// fault.NotFound where nothing is owed.
func Notices(ctx context.Context, o *office.Office, x *NoticeOrder) (int, error) {
	origin, debts, err := noticed(ctx, o, x)
	if err != nil {
		return 0, err
	}
	if len(debts) == 0 {
		return 0, fault.New(fault.NotFound, "没有未收回的多发款项，不用写追缴通知书")
	}
	is, recalls, err := recalls(ctx, o, origin, debts)
	if err != nil {
		return 0, err
	}
	if err := o.LogAccess(ctx, x.By, journal.Exported, "追缴通知书", x.Person, x.Bureau, x.Subject, filepath.Base(x.Path)); err != nil {
		return 0, err
	}
	return len(recalls), letters.WriteRecalls(ctx, x.Path, is, recalls)
}

// recalls makes the notices of debts under the batch that they are known by.
func recalls(ctx context.Context, o *office.Office, origin recovery.RegisterOrigin, debts []payrun.Debt) (*source.Issue, []explain.Recall, error) {
	is, pack, err := batchIssue(ctx, o, origin.Batch)
	if err != nil {
		return nil, nil, err
	}
	all, err := recovery.Recalls(ctx, o.DB, o.Region, pack, origin.Revision, origin.Batch.Month, debts)
	if err != nil {
		return nil, nil, err
	}
	order := payrun.Sorting{Pack: pack}
	slices.SortStableFunc(all, func(a, b explain.Recall) int { return order.Streets(a.Street, a.ID, b.Street, b.ID) })
	return is, all, nil
}

// noticed are the debts that are asked about, and the batch that they are known by.
func noticed(ctx context.Context, o *office.Office, x *NoticeOrder) (recovery.RegisterOrigin, []payrun.Debt, error) {
	origins, err := recovery.RegisterOrigins(ctx, o.DB, o.Region)
	if err != nil {
		return recovery.RegisterOrigin{}, nil, err
	}
	at := slices.IndexFunc(origins, func(r recovery.RegisterOrigin) bool { return r.Batch.Bureau == x.Bureau })
	if at < 0 {
		return recovery.RegisterOrigin{}, nil, fault.New(fault.NotFound, "%s还没有批次，没有追缴台账", x.Bureau)
	}
	debts, err := recovery.Register(ctx, o.DB, o.Region)
	return origins[at], owedTo(o, debts, x), err
}

// owedTo picks out of the register what an order asks about.
func owedTo(o *office.Office, register []payrun.Debt, x *NoticeOrder) []payrun.Debt {
	var all []payrun.Debt
	for _, d := range register {
		if o.Pack.Payer(d.Item) == x.Bureau && (x.Person == 0 || d.Person == x.Person) && (x.Street == nil || d.Street == *x.Street) {
			all = append(all, d)
		}
	}
	return all
}
