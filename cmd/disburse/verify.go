package main

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/spf13/cobra"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
)

func (a *app) verifyCommand() *cobra.Command {
	return a.command("verify YYYY-MM", "按当时所知重算已审批的批次，逐行核对", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		m, err := parseMonth(args[0])
		if err != nil {
			return err
		}
		return a.verify(ctx, m)
	})
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

func (a *app) auditCommand() *cobra.Command {
	c := &cobra.Command{Use: "audit", Short: "审计"}
	c.AddCommand(a.command("verify", "逐条核对审计链", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		if err := a.db.VerifyChain(ctx, a.region); err != nil {
			return err
		}
		rev, hash, err := a.db.Head(ctx, a.region)
		if err != nil {
			return err
		}
		fmt.Printf("审计链完整：%d 条，链头 %s\n", rev, hex.EncodeToString(hash))
		return nil
	}))
	return c
}
