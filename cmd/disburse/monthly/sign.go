package monthly

import (
	"context"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/approval"
	"disburse/internal/month"
	"disburse/internal/office/monthly"
	"disburse/internal/office/rosters"
	"disburse/internal/payrun"
)

// AfterApproval are sent and void: what is done to an approved batch.
func AfterApproval(a *kit.App) []*cobra.Command {
	var bureau, reason string
	var number int
	build := func(use, short string, do func(ctx context.Context, s monthly.Signing) error) *cobra.Command {
		c := a.Command(use+" YYYY-MM", short, cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
			m, err := kit.ParseMonth(args[0])
			if err != nil {
				return err
			}
			if number < 0 {
				return kit.Usage("--batch 应为从 1 起的批次号")
			}
			s, err := signingOf(ctx, a, m, bureau, reason)
			if err != nil {
				return err
			}
			return do(ctx, s)
		})
		c.Flags().StringVar(&bureau, "bureau", "", "单位全称，如 区民政局")
		c.Flags().IntVar(&number, "batch", 0, "第几批（缺省为最后一个已审批的批次）")
		return c
	}
	sent := build("sent", "登记银行文件已送银行", func(ctx context.Context, s monthly.Signing) error {
		signed, err := monthly.Sent(ctx, a.Office, s, number)
		if err == nil {
			b := &signed.Batch
			a.Printf("%s：已登记送银行，可发 %s 元；不能再作废，请等银行回盘（disburse bank result）\n", approval.Title(*b), b.Pays.Grouped())
		}
		return err
	})
	void := build("void", "作废已审批、未送银行的批次（两人，须写 --reason）", func(ctx context.Context, s monthly.Signing) error {
		signed, err := monthly.Void(ctx, a.Office, s, number)
		if err != nil {
			return err
		}
		b := &signed.Batch
		switch {
		case b.State != payrun.Voided:
			a.Printf("%s：已申请作废，请由另一位复核或审批岗位的人再执行一次 disburse void 确认\n", approval.Title(*b))
		default:
			a.Printf("%s：已作废，%s 元退回待发；请重新运行 disburse run %s\n", approval.Title(*b), b.Pays.Grouped(), s.Month)
		}
		return nil
	})
	void.Flags().StringVar(&reason, "reason", "", "理由（必填）")
	return []*cobra.Command{sent, void}
}

// SignCommands are submit, review, approve and return.
func SignCommands(a *kit.App) []*cobra.Command {
	var bureau, reason string
	var acknowledge bool
	make := func(use, short string, sign func(ctx context.Context, s monthly.Signing) (*monthly.Signed, error)) *cobra.Command {
		c := a.Command(use+" YYYY-MM", short, cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
			m, err := kit.ParseMonth(args[0])
			if err != nil {
				return err
			}
			s, err := signingOf(ctx, a, m, bureau, reason)
			if err != nil {
				return err
			}
			signed, err := sign(ctx, s)
			if err != nil {
				return err
			}
			b := &signed.Batch
			a.Printf("%s：%s，%d 人，可发 %s 元（%s）\n", approval.Title(*b), b.State.Chinese(), b.Heads, b.Pays.Grouped(), b.Pays.Chinese())
			if signed.Later != nil {
				tellLater(a, signed.Later)
			}
			if waits := rosters.WaitingSentence(signed.Waiting); waits != "" {
				a.Println(waits + "。用 disburse accounts list 查看")
			}
			return nil
		})
		c.Flags().StringVar(&bureau, "bureau", "", "单位全称，如 区民政局")
		c.Flags().StringVar(&reason, "reason", "", "理由")
		return c
	}
	submit := make("submit", "提交（经办）", func(ctx context.Context, s monthly.Signing) (*monthly.Signed, error) {
		return submit(ctx, a, s, acknowledge)
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

func signingOf(ctx context.Context, a *kit.App, m month.Month, bureau, reason string) (monthly.Signing, error) {
	if bureau == "" {
		return monthly.Signing{}, kit.Usage("请用 --bureau 写明单位，如 --bureau 区民政局")
	}
	if _, err := a.Pack.Bureau(bureau); err != nil {
		return monthly.Signing{}, err
	}
	by, err := a.By(ctx, reason)
	if err != nil {
		return monthly.Signing{}, err
	}
	if a.As == "" {
		return monthly.Signing{}, kit.Usage("签批要用 --as 写明用户名")
	}
	return monthly.Signing{Month: m, Bureau: bureau, By: by}, nil
}

// submit shows how far the second computation is.
func submit(ctx context.Context, a *kit.App, s monthly.Signing, acknowledge bool) (*monthly.Signed, error) {
	bar := a.Progress("独立复算 人")
	defer bar.End()
	return monthly.Submit(ctx, a.Office, s, monthly.Submission{AcknowledgeAll: acknowledge, Progress: func(done int) { bar.Show(int64(done), 0) }})
}
