package finance

import (
	"context"
	"strings"

	"disburse/internal/bank"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/policy/packfile"
	"disburse/internal/store/payments"
	"disburse/reports/reconcile"
)

// BankResult takes in a file of a bank's results (回盘), each row under the pack that is
// in use now; rows of other bureaus than the given one are refused, empty: none are. It
// fails with fault.Invalid when nothing new could be taken; the report says why.
func BankResult(ctx context.Context, o *office.Office, file, bureau string, by journal.By) (*payments.ResultReport, error) {
	_, r, err := bankResult(ctx, o, file, bureau, false, by)
	if err != nil {
		return nil, err
	}
	if r.Rev == 0 && len(r.Refused) > 0 && len(r.Repeated) == 0 {
		return r, fault.New(fault.Invalid, "“%s”里没有可以登记的新结果，什么都没有改动；原因见上", file)
	}
	return r, nil
}

// TryBankResult says what BankResult would do with a file, and what stands in the file.
// It changes nothing, and a file of which nothing can be taken is no fault.
func TryBankResult(ctx context.Context, o *office.Office, file, bureau string, by journal.By) (*bank.Results, *payments.ResultReport, error) {
	return bankResult(ctx, o, file, bureau, true, by)
}

func bankResult(ctx context.Context, o *office.Office, file, bureau string, try bool, by journal.By) (*bank.Results, *payments.ResultReport, error) {
	if err := o.KnownBureau(bureau); err != nil {
		return nil, nil, err
	}
	defer office.SaveMemory()()
	in, err := bank.ReadResults(file, func(number string) (int, error) { return payments.FilePayments(ctx, o.DB, o.Region, number) })
	if err != nil {
		return nil, nil, err
	}
	r, err := payments.BankResult(ctx, o.DB, payments.ResultOrder{Region: o.Region, Bureau: bureau, File: in, Codes: bank.CodesOf(o.Pack.File), By: by, DryRun: try})
	return in, r, err
}

// BankFiles says of every bank file of a month how far it is paid.
func BankFiles(ctx context.Context, o *office.Office, m month.Month) ([]payments.FileStatus, error) {
	return payments.FileStatuses(ctx, o.DB, o.Region, m)
}

// OpenPayments are those sent to a bank of which nobody knows yet whether they were paid;
// month 0: of all months.
func OpenPayments(ctx context.Context, o *office.Office, m month.Month, by journal.By) ([]payments.OpenPayment, error) {
	open, err := payments.OpenPayments(ctx, o.DB, o.Region, m)
	if err != nil {
		return nil, err
	}
	return open, o.LogAccess(ctx, by, journal.Viewed, "未答复的付款", 0, m.String())
}

// Reconcile compares 名单, 拨付 and 回单 of a month for every bureau that pays, or for one.
// With a directory it also writes each bureau's workbook there and returns their paths.
// Unbalanced says whether the bureaus' own figures agree.
func Reconcile(ctx context.Context, o *office.Office, m month.Month, bureau, dir string, by journal.By) ([]*reconcile.Report, []string, error) {
	all, err := Balance(ctx, o, m, bureau)
	if err != nil {
		return nil, nil, err
	}
	action := journal.Viewed
	if dir != "" {
		action = journal.Exported
	}
	if err := o.LogAccess(ctx, by, action, "对账表", 0, m.String(), bureau); err != nil || dir == "" {
		return all, nil, err
	}
	paths, err := reconcile.Write(ctx, dir, all)
	return all, paths, err
}

// Balance is Reconcile without a workbook, for who shows the figures alone: it is not
// recorded, so no name or number of it may be shown in full.
func Balance(ctx context.Context, o *office.Office, m month.Month, bureau string) ([]*reconcile.Report, error) {
	if err := o.KnownBureau(bureau); err != nil {
		return nil, err
	}
	found, err := payments.Reconcile(ctx, o.DB, o.Region, m, bureau)
	if err != nil {
		return nil, err
	}
	var all []*reconcile.Report
	for i := range found {
		if !o.Pack.Pays(found[i].Bureau) && len(found[i].Cells) == 0 {
			continue // it only keeps lists
		}
		r, err := reconciliation(ctx, o, m, &found[i])
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	if len(all) == 0 {
		return nil, fault.New(fault.NotFound, "%s%s没有发放资金的批次，没有可以对账的，请核对单位", bureau, m.Chinese())
	}
	return all, nil
}

// reconciliation adds the packs to what was read.
func reconciliation(ctx context.Context, o *office.Office, m month.Month, x *bank.Reconciliation) (*reconcile.Report, error) {
	r := &reconcile.Report{Reconciliation: *x, Packs: map[string]*packfile.File{}, Month: m}
	for _, b := range x.Batches {
		if b.State != payrun.Approved {
			continue
		}
		pack, err := o.PackOf(ctx, b.Pack)
		if err != nil {
			return nil, err
		}
		r.Pack, r.Packs[b.Pack] = pack.File, pack.File
	}
	return r, nil
}

// Unbalanced is a fault when some bureau's own figures do not agree (内部对账不符). That a
// bank has not answered all is none.
func Unbalanced(all []*reconcile.Report) error {
	var wrong []string
	for _, r := range all {
		if len(r.Differences()) > 0 {
			wrong = append(wrong, r.Bureau)
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return fault.New(fault.Internal, "%s内部对账不符，详见对账表“总表”；请停止送盘，并联系维护人员", strings.Join(wrong, "、"))
}
