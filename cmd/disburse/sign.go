package main

import (
	"context"

	"github.com/spf13/cobra"

	"disburse/internal/approval"
	"disburse/internal/month"
	"disburse/internal/office/monthly"
	"disburse/internal/office/rosters"
)

// signCommands are submit, review, approve and return.
func (a *app) signCommands() []*cobra.Command {
	var bureau, reason string
	var acknowledge bool
	make := func(use, short string, sign func(ctx context.Context, s monthly.Signing) (*monthly.Signed, error)) *cobra.Command {
		c := a.command(use+" YYYY-MM", short, cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
			m, err := parseMonth(args[0])
			if err != nil {
				return err
			}
			s, err := a.signing(ctx, m, bureau, reason)
			if err != nil {
				return err
			}
			signed, err := sign(ctx, s)
			if err != nil {
				return err
			}
			b := &signed.Batch
			a.printf("%s：%s，%d 人，可发 %s 元（%s）\n", approval.Title(*b), b.State.Chinese(), b.Heads, b.Pays.Grouped(), b.Pays.Chinese())
			if signed.Later != nil {
				a.tellLater(signed.Later)
			}
			if waits := rosters.WaitingSentence(signed.Waiting); waits != "" {
				a.println(waits + "。用 disburse accounts list 查看")
			}
			return nil
		})
		c.Flags().StringVar(&bureau, "bureau", "", "单位全称，如 区民政局")
		c.Flags().StringVar(&reason, "reason", "", "理由")
		return c
	}
	submit := make("submit", "提交（经办）", func(ctx context.Context, s monthly.Signing) (*monthly.Signed, error) {
		return a.submit(ctx, s, acknowledge)
	})
	submit.Flags().BoolVar(&acknowledge, "acknowledge-all", false, "确认全部须确认的检查结果（须写 --reason）")
	review := make("review", "复核", func(ctx context.Context, s monthly.Signing) (*monthly.Signed, error) {
		return monthly.Review(ctx, a.Office, s)
	})
	approve := make("approve", "审批（规则包要求两位审批的，第二位也用它终审）", func(ctx context.Context, s monthly.Signing) (*monthly.Signed, error) {
		return monthly.Approve(ctx, a.Office, s)
	})
	back := make("return", "退回经办（须写 --reason）", func(ctx context.Context, s monthly.Signing) (*monthly.Signed, error) {
		return monthly.Return(ctx, a.Office, s)
	})
	return []*cobra.Command{submit, review, approve, back}
}

func (a *app) signing(ctx context.Context, m month.Month, bureau, reason string) (monthly.Signing, error) {
	if bureau == "" {
		return monthly.Signing{}, usage("请用 --bureau 写明单位，如 --bureau 区民政局")
	}
	if _, err := a.Pack.Bureau(bureau); err != nil {
		return monthly.Signing{}, err
	}
	by, err := a.by(ctx, reason)
	if err != nil {
		return monthly.Signing{}, err
	}
	if a.as == "" {
		return monthly.Signing{}, usage("签批要用 --as 写明用户名")
	}
	return monthly.Signing{Month: m, Bureau: bureau, By: by}, nil
}

// submit shows how far the second computation is.
func (a *app) submit(ctx context.Context, s monthly.Signing, acknowledge bool) (*monthly.Signed, error) {
	bar := a.progress("独立复算 人")
	defer bar.end()
	return monthly.Submit(ctx, a.Office, s, monthly.Submission{AcknowledgeAll: acknowledge, Progress: func(done int) { bar.show(int64(done), 0) }})
}
