package export

import (
	"context"
	"encoding/hex"
	"path/filepath"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/office/monthly"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
	"disburse/internal/store/recovery"
	"disburse/internal/store/users"
	"disburse/reports"
	"disburse/reports/filing"
	"disburse/reports/source"
)

// Order asks for the files of a month: 清册, 名册, bank files and what goes with them.
type Order struct {
	Month     month.Month
	Dir       string // the files go to Dir/2026-11
	Bureau    string // empty: all
	Batch     int    // 0: each bureau's latest
	Letters   books.Letters
	FullLists bool   // everybody on the lists of changes, too
	Password  string // encrypts every workbook; empty: none
	By        journal.By
}

func (x *Order) options() reports.Options {
	return reports.Options{FullLists: x.FullLists, Letters: x.Letters != books.NoLetters, AllPeople: x.Letters == books.AllLetters, Password: x.Password}
}

func (x *Order) wants(b payrun.Batch) bool {
	return (x.Bureau == "" || b.Bureau == x.Bureau) && (x.Batch == 0 || b.N == x.Batch)
}

// Written are the files that were written, paths within Folder.
type Written struct {
	Folder string
	Files  []filing.File // without the manifest
}

// Write writes the files of the month's batches and the manifest.
func Write(ctx context.Context, o *office.Office, x *Order) (*Written, error) {
	if err := o.KnownBureau(x.Bureau); err != nil {
		return nil, err
	}
	batches, err := o.Batches(ctx, x.Month, x.Batch == 0)
	if err != nil {
		return nil, err
	}
	batches = slices.DeleteFunc(batches, func(b payrun.Batch) bool { return !x.wants(b) })
	if len(batches) == 0 {
		return nil, fault.New(fault.NotFound, "%s 没有符合条件的批次，请核对 --bureau 和 --batch", x.Month)
	}
	done := &Written{Folder: filepath.Join(x.Dir, x.Month.String())}
	unlock, err := filing.Lock(done.Folder)
	if err != nil {
		return nil, err
	}
	defer unlock()
	manifest, err := filing.ReadManifest(done.Folder)
	if err != nil {
		return nil, err
	}
	deathsAt := int64(0)
	if x.Letters != books.NoLetters {
		if deathsAt, _, err = o.DB.Head(ctx, o.Region); err != nil {
			return nil, err
		}
	}
	for i, b := range batches {
		is, src, err := issue(ctx, o, b, x.Letters, deathsAt)
		if err != nil {
			return nil, err
		}
		if i == 0 { // nothing was handed out so far
			if err := o.LogAccess(ctx, x.By, journal.Exported, "清册和银行文件", 0, x.Month.String(), x.Bureau, office.BatchWord(x.Batch)); err != nil {
				return nil, err
			}
		}
		files, err := reports.Write(ctx, x.Dir, is, src, x.options())
		if err != nil {
			return nil, err
		}
		manifest.Add(is, files, deathsAt)
		done.Files = append(done.Files, files...)
	}
	return done, filing.WriteManifest(done.Folder, manifest)
}

// issue gathers everything that the files of a batch say; letters go to the family of
// whoever is known to be dead at the revision deathsAt.
func issue(ctx context.Context, o *office.Office, b payrun.Batch, letters books.Letters, deathsAt int64) (*source.Issue, source.Rows, error) {
	is, pack, err := batchIssue(ctx, o, b)
	if err != nil {
		return nil, nil, err
	}
	q, err := monthOrder(ctx, o, is, pack)
	if err != nil {
		return nil, nil, err
	}
	q.Letters, q.DeathsAt = letters, deathsAt
	for _, it := range pack.Items() {
		for _, bureau := range it.Bureaus {
			if it.List.Value != "" && bureau.Value == is.Batch.Bureau {
				q.Lists = append(q.Lists, it.Code.Value)
			}
		}
	}
	book, err := books.ReadMonthBook(ctx, o.DB, q)
	if err != nil {
		return nil, nil, err
	}
	owed, err := recovery.WithStatus(ctx, o.DB, o.Region, pack, b.Revision, b.Month, q.Debts)
	if err != nil {
		return nil, nil, err
	}
	return is, newSheetSource(o, pack, book, owed, is.Files), nil
}

// batchIssue gathers what all files of a batch say, and its pack.
func batchIssue(ctx context.Context, o *office.Office, b payrun.Batch) (*source.Issue, *policy.Pack, error) {
	pack, err := o.PackOf(ctx, b.Pack)
	if err != nil {
		return nil, nil, err
	}
	is := &source.Issue{Pack: pack.File, PackHash: pack.Hash, Batch: b}
	if err := addSignatures(ctx, o, is); err != nil {
		return nil, nil, err
	}
	if is.Totals, err = totals(ctx, o, pack, b.Number); err != nil {
		return nil, nil, err
	}
	if is.Files, err = batches.PaymentFiles(ctx, o.DB, o.Region, b.Number); err != nil {
		return nil, nil, err
	}
	if is.Previous, err = batches.LastApproved(ctx, o.DB, o.Region, b.Bureau, b.Month, b.N, true); err != nil {
		return nil, nil, err
	}
	if is.Previous != nil {
		if is.PreviousTotals, err = totals(ctx, o, pack, is.Previous.Number); err != nil {
			return nil, nil, err
		}
	}
	return is, pack, nil
}

// addSignatures adds those of the present round, and the chain's head they stand under.
func addSignatures(ctx context.Context, o *office.Office, is *source.Issue) error {
	signed, err := batches.Signatures(ctx, o.DB, o.Region, is.Batch.Number)
	if err != nil {
		return err
	}
	unconfirmed, err := users.UnconfirmedAtSigning(ctx, o.DB, o.Region, signed)
	if err != nil {
		return err
	}
	is.ChainRev = is.Batch.Revision
	for _, s := range signed {
		if s.Round == is.Batch.Round && s.Post != approval.Returned && is.Batch.State != payrun.Open && is.Batch.State != payrun.Returned {
			is.Signatures = append(is.Signatures, source.Signed{Signature: s, Unconfirmed: unconfirmed[s.Rev]})
			is.ChainRev = s.Rev
		}
	}
	hash, err := batches.ChainHash(ctx, o.DB, o.Region, is.ChainRev)
	is.ChainHead = hex.EncodeToString(hash)
	return err
}

func totals(ctx context.Context, o *office.Office, pack *policy.Pack, batch int32) ([]payrun.ItemTotal, error) {
	byItem, err := batches.ItemTotals(ctx, o.DB, o.Region, batch)
	if err != nil {
		return nil, err
	}
	var totals []payrun.ItemTotal
	for _, it := range pack.Items() {
		if t, ok := byItem[it.Code.Value]; ok {
			totals = append(totals, t)
		}
	}
	return totals, nil
}

// monthOrder asks for the money of a batch, measured against the batches before it.
func monthOrder(ctx context.Context, o *office.Office, is *source.Issue, pack *policy.Pack) (books.MonthOrder, error) {
	q := books.MonthOrder{Region: o.Region, Batch: is.Batch, Pack: pack, Previous: is.Previous, Money: pack.Pays(is.Batch.Bureau)}
	err := monthly.AddBefore(ctx, o, &q, is.Batch.Bureau)
	if err != nil {
		return q, err
	}
	if q.Previous != nil {
		if q.PackPrevious, err = o.PackOf(ctx, q.Previous.Pack); err != nil {
			return q, err
		}
	}
	q.Debts, err = recovery.Debts(ctx, o.DB, o.Region, is.Batch.Number)
	return q, err
}
