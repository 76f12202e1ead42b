package office

import (
	"context"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
	"disburse/internal/store/recovery"
	"disburse/internal/store/users"
	"disburse/reports"
)

// ExportOrder asks for the files of a month: 清册, 名册, bank files and what goes with them.
type ExportOrder struct {
	Month     month.Month
	Dir       string // the files go to Dir/2026-11
	Bureau    string // empty: all
	Batch     int    // 0: each bureau's latest
	Letters   books.Letters
	FullLists bool   // everybody on the lists of changes, too
	Password  string // encrypts every workbook; empty: none
	By        journal.By
}

func (x *ExportOrder) options() reports.Options {
	return reports.Options{FullLists: x.FullLists, Letters: x.Letters != books.NoLetters, AllPeople: x.Letters == books.AllLetters, Password: x.Password}
}

func (x *ExportOrder) wants(b payrun.Batch) bool {
	return (x.Bureau == "" || b.Bureau == x.Bureau) && (x.Batch == 0 || b.N == x.Batch)
}

// Exported are the files that were written, paths within Folder.
type Exported struct {
	Folder string
	Files  []reports.File // without the manifest
}

// Export writes the files of the month's batches and the manifest.
func (o *Office) Export(ctx context.Context, x *ExportOrder) (*Exported, error) {
	if err := o.knownBureau(x.Bureau); err != nil {
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
	done := &Exported{Folder: filepath.Join(x.Dir, x.Month.String())}
	unlock, err := reports.Lock(done.Folder)
	if err != nil {
		return nil, err
	}
	defer unlock()
	manifest, err := reports.ReadManifest(done.Folder)
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
		is, src, err := o.issue(ctx, b, x.Letters, deathsAt)
		if err != nil {
			return nil, err
		}
		if i == 0 { // nothing was handed out so far
			if err := o.LogAccess(ctx, x.By, journal.Exported, "清册和银行文件", 0, x.Month.String(), x.Bureau, batchWord(x.Batch)); err != nil {
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
	return done, reports.WriteManifest(done.Folder, manifest)
}

func batchWord(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("第%d批", n)
}

// issue gathers everything that the files of a batch say; letters go to the family of
// whoever is known to be dead at the revision deathsAt.
func (o *Office) issue(ctx context.Context, b payrun.Batch, letters books.Letters, deathsAt int64) (*reports.Issue, reports.Source, error) {
	is, pack, err := o.batchIssue(ctx, b)
	if err != nil {
		return nil, nil, err
	}
	q, err := o.monthOrder(ctx, is, pack)
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
func (o *Office) batchIssue(ctx context.Context, b payrun.Batch) (*reports.Issue, *policy.Pack, error) {
	pack, err := o.PackOf(ctx, b.Pack)
	if err != nil {
		return nil, nil, err
	}
	is := &reports.Issue{Pack: pack.File, PackHash: pack.Hash, Batch: b}
	if err := o.addSignatures(ctx, is); err != nil {
		return nil, nil, err
	}
	if is.Totals, err = o.totals(ctx, pack, b.Number); err != nil {
		return nil, nil, err
	}
	if is.Files, err = batches.PaymentFiles(ctx, o.DB, o.Region, b.Number); err != nil {
		return nil, nil, err
	}
	if is.Previous, err = batches.LastApproved(ctx, o.DB, o.Region, b.Bureau, b.Month, b.N, true); err != nil {
		return nil, nil, err
	}
	if is.Previous != nil {
		if is.PreviousTotals, err = o.totals(ctx, pack, is.Previous.Number); err != nil {
			return nil, nil, err
		}
	}
	return is, pack, nil
}

// addSignatures adds those of the present round, and the chain's head they stand under.
func (o *Office) addSignatures(ctx context.Context, is *reports.Issue) error {
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
			is.Signatures = append(is.Signatures, reports.Signature{Signature: s, Unconfirmed: unconfirmed[s.Rev]})
			is.ChainRev = s.Rev
		}
	}
	hash, err := batches.ChainHash(ctx, o.DB, o.Region, is.ChainRev)
	is.ChainHead = hex.EncodeToString(hash)
	return err
}

func (o *Office) totals(ctx context.Context, pack *policy.Pack, batch int32) ([]payrun.ItemTotal, error) {
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
func (o *Office) monthOrder(ctx context.Context, is *reports.Issue, pack *policy.Pack) (books.MonthOrder, error) {
	q := books.MonthOrder{Region: o.Region, Batch: is.Batch, Pack: pack, Previous: is.Previous, Money: pack.Pays(is.Batch.Bureau)}
	err := o.addBefore(ctx, &q, is.Batch.Bureau)
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
