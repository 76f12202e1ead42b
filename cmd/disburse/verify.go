package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
)

func (a *app) verifyCommand() *cobra.Command {
	var files string
	c := a.command("verify YYYY-MM", "按当时所知重算已审批的批次，逐行核对；加 --files 也核对写出的文件", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		m, err := parseMonth(args[0])
		if err != nil {
			return err
		}
		if err := a.verify(ctx, m); err != nil || files == "" {
			return err
		}
		return a.verifyFiles(ctx, m, files)
	})
	c.Flags().StringVar(&files, "files", "", "export 写文件的目录（--out）：逐个核对 SHA-256，再与现在重新写出的比较")
	return c
}

// verify recomputes every approved batch of the month from its own revision and pack.
func (a *app) verify(ctx context.Context, m month.Month) error {
	batches, err := a.monthBatches(ctx, m, false)
	if err != nil {
		return err
	}
	checked, wrong := 0, 0
	for _, b := range batches {
		if b.State != payrun.Approved {
			continue
		}
		checked++
		bar := newProgress("复算 人")
		differences, err := a.judge(ctx, b.Number, func(done int) { bar.show(int64(done), 0) })
		bar.end()
		if err != nil {
			return err
		}
		digest, err := a.db.StoredDigest(ctx, a.region, b)
		if err != nil {
			return err
		}
		if digest != b.Digest {
			differences = append(differences, "明细与签字时的摘要不一致")
		}
		lacks, err := a.unsigned(ctx, b)
		if err != nil {
			return err
		}
		differences = append(differences, lacks...)
		wrong += len(differences)
		fmt.Printf("%s：%d 行，可发 %s 元，不一致 %d 处\n", approval.Title(b), b.Lines, b.Pays.Grouped(), len(differences))
		for _, d := range differences {
			fmt.Println("  " + d)
		}
	}
	switch {
	case checked == 0:
		return fault.New(fault.NotFound, "%s 没有已审批的批次，不必核对", m)
	case wrong > 0:
		return fault.New(fault.Refused, "%s 有 %d 处不一致，请查明原因", m, wrong)
	}
	return nil
}

// unsigned says what an approved batch's signatures lack by its own pack.
func (a *app) unsigned(ctx context.Context, b payrun.Batch) ([]string, error) {
	signed, err := a.db.Signatures(ctx, a.region, b.Number)
	if err != nil {
		return nil, err
	}
	second, err := a.db.NeedsSecond(ctx, a.region, b)
	return approval.Unsigned(b, signed, second), err
}
