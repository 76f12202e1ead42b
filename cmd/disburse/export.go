package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/reports"
)

func (a *app) exportCommand() *cobra.Command {
	o := exportOrder{}
	var encryptWith, letters string
	c := a.command("export YYYY-MM", "写出清册、名册和银行文件", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		var err error
		if o.month, err = parseMonth(args[0]); err != nil {
			return err
		}
		if o.dir == "" {
			return usage("请用 --out 写明目录")
		}
		if encryptWith != "" {
			body, err := os.ReadFile(encryptWith)
			if err != nil {
				return fault.Wrap(err, fault.NotFound, "读不到口令文件“%s”，请核对 --encrypt-with 的路径", encryptWith)
			}
			if o.options.Password = strings.TrimRight(string(body), "\r\n"); o.options.Password == "" {
				return usage("口令文件“%s”是空的", encryptWith)
			}
		}
		if err := o.wantLetters(letters); err != nil {
			return err
		}
		files, err := a.export(ctx, &o)
		if err != nil {
			return err
		}
		fmt.Printf("已写出 %d 个文件到 %s\n", files, filepath.Join(o.dir, o.month.String()))
		return nil
	})
	c.Flags().StringVar(&o.dir, "out", "", "目录")
	c.Flags().StringVar(&o.bureau, "bureau", "", "只写一个单位")
	c.Flags().IntVar(&o.batch, "batch", 0, "第几批（缺省为最后一批）")
	c.Flags().StringVar(&encryptWith, "encrypt-with", "", "用这个文件里的口令加密工作簿")
	c.Flags().BoolVar(&o.options.FullLists, "full-lists", false, "只列变动的名册也写出全部名单")
	lettersFlag(c, &letters)
	return c
}

type exportOrder struct {
	letters postgres.Letters
	month   month.Month
	dir     string
	bureau  string // empty: all
	batch   int    // 0: the latest
	options reports.Options
}

// export writes the files of the month's batches and the manifest, and returns how
// many files there are.
func (a *app) export(ctx context.Context, o *exportOrder) (int, error) {
	if o.bureau != "" {
		if _, err := a.pack.Bureau(o.bureau); err != nil {
			return 0, err
		}
	}
	batches, err := a.monthBatches(ctx, o.month, o.batch == 0)
	if err != nil {
		return 0, err
	}
	if err := a.looksAt(ctx, journal.Exported, "清册和银行文件", 0, o.month.String(), o.bureau, batchWord(o.batch)); err != nil {
		return 0, err
	}
	folder := filepath.Join(o.dir, o.month.String())
	unlock, err := reports.Lock(folder)
	if err != nil {
		return 0, err
	}
	defer unlock()
	manifest, err := reports.ReadManifest(folder)
	if err != nil {
		return 0, err
	}
	count := 0
	for _, b := range batches {
		if (o.bureau != "" && b.Bureau != o.bureau) || (o.batch != 0 && b.N != o.batch) {
			continue
		}
		is, src, err := a.issue(ctx, b, o.letters)
		if err != nil {
			return count, err
		}
		files, err := reports.Write(ctx, o.dir, is, src, o.options)
		if err != nil {
			return count, err
		}
		manifest.Add(is, files)
		count += len(files)
	}
	if count == 0 {
		return 0, fault.New(fault.NotFound, "%s 没有符合条件的批次，请核对 --bureau 和 --batch", o.month)
	}
	return count + 1, reports.WriteManifest(folder, manifest)
}

// issue gathers everything that the files of a batch say.
func (a *app) issue(ctx context.Context, b payrun.Batch, letters postgres.Letters) (*reports.Issue, reports.Source, error) {
	is, pack, files, err := a.batchIssue(ctx, b)
	if err != nil {
		return nil, nil, err
	}
	o, err := a.monthOrder(ctx, is, pack)
	if err != nil {
		return nil, nil, err
	}
	o.Letters = letters
	for _, it := range pack.Items() {
		for _, bureau := range it.Bureaus {
			if it.List.Value != "" && bureau.Value == is.Batch.Bureau {
				o.Lists = append(o.Lists, it.Code.Value)
			}
		}
	}
	book, err := a.db.MonthBook(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	owed, err := a.db.Standings(ctx, a.region, pack, b.Revision, b.Month, o.Debts)
	if err != nil {
		return nil, nil, err
	}
	return is, newSheetSource(a, pack, book, owed, files), nil
}

// batchIssue gathers what all files of a batch say, and its pack and bank files.
func (a *app) batchIssue(ctx context.Context, b payrun.Batch) (*reports.Issue, *policy.Pack, []approval.PaymentFile, error) {
	pack, err := a.packOf(ctx, b.Pack)
	if err != nil {
		return nil, nil, nil, err
	}
	is := &reports.Issue{Pack: pack.File, PackHash: pack.Hash, Batch: b}
	if err := a.addSignatures(ctx, is); err != nil {
		return nil, nil, nil, err
	}
	if is.Totals, err = a.totals(ctx, pack, b.Number); err != nil {
		return nil, nil, nil, err
	}
	files, err := a.db.PaymentFiles(ctx, a.region, b.Number)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, f := range files {
		is.Files = append(is.Files, reports.PaymentFile{Number: f.Number, Bank: f.Bank, Rows: f.Rows, Amount: f.Amount})
	}
	if is.Previous, err = a.db.LastApproved(ctx, a.region, b.Bureau, b.Month, b.N, true); err != nil {
		return nil, nil, nil, err
	}
	if is.Previous != nil {
		if is.PreviousTotals, err = a.totals(ctx, pack, is.Previous.Number); err != nil {
			return nil, nil, nil, err
		}
	}
	return is, pack, files, nil
}

// addSignatures adds those of the present round, and the chain's head they stand under.
func (a *app) addSignatures(ctx context.Context, is *reports.Issue) error {
	signed, err := a.db.Signatures(ctx, a.region, is.Batch.Number)
	if err != nil {
		return err
	}
	is.ChainRev = is.Batch.Revision
	for _, s := range signed {
		if s.Round == is.Batch.Round && s.Post != approval.Returned && is.Batch.State != payrun.Open && is.Batch.State != payrun.Returned {
			is.Signatures = append(is.Signatures, reports.Signature{Post: string(s.Post), Name: s.Actor, At: s.At})
			is.ChainRev = s.Rev
		}
	}
	hash, err := a.db.ChainHash(ctx, a.region, is.ChainRev)
	is.ChainHead = hex.EncodeToString(hash)
	return err
}

func (a *app) totals(ctx context.Context, pack *policy.Pack, batch int32) ([]reports.ItemTotal, error) {
	byItem, err := a.db.ItemTotals(ctx, a.region, batch)
	if err != nil {
		return nil, err
	}
	var totals []reports.ItemTotal
	for _, it := range pack.Items() {
		if t, ok := byItem[it.Code.Value]; ok {
			totals = append(totals, reports.ItemTotal{Item: t.Item, Heads: t.Heads, Current: t.Current, Arrears: t.Arrears, Recovery: t.Recovery, Held: t.Held})
		}
	}
	return totals, nil
}

// monthOrder asks for the money of a batch, measured against the batches before it.
func (a *app) monthOrder(ctx context.Context, is *reports.Issue, pack *policy.Pack) (postgres.MonthOrder, error) {
	o := postgres.MonthOrder{Region: a.region, Batch: is.Batch, Pack: pack, Previous: is.Previous, Money: pack.Pays(is.Batch.Bureau)}
	err := a.addBefore(ctx, &o, is.Batch.Bureau)
	if err != nil {
		return o, err
	}
	if o.Previous != nil {
		if o.PackPrevious, err = a.packOf(ctx, o.Previous.Pack); err != nil {
			return o, err
		}
	}
	o.Debts, err = a.db.Debts(ctx, a.region, is.Batch.Number)
	return o, err
}
