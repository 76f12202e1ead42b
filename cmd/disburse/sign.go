package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"disburse/internal/approval"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// signCommands are submit, review, approve and return.
func (a *app) signCommands() []*cobra.Command {
	var bureau, reason string
	var acknowledge bool
	make := func(use, short string, sign func(ctx context.Context, s postgres.Signing) (payrun.Batch, error)) *cobra.Command {
		c := a.command(use+" YYYY-MM", short, cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
			m, err := parseMonth(args[0])
			if err != nil {
				return err
			}
			s, err := a.signing(ctx, m, bureau, reason)
			if err != nil {
				return err
			}
			var later *postgres.LaterReport
			s.Later = func(r *postgres.LaterReport) { later = r }
			b, err := sign(ctx, s)
			if err != nil {
				return err
			}
			fmt.Printf("%s：%s，%d 人，可发 %s 元（%s）\n", approval.Title(b), b.State.Chinese(), b.Heads, b.Pays.Grouped(), b.Pays.Chinese())
			if later != nil {
				a.tellLater(later)
			}
			return nil
		})
		c.Flags().StringVar(&bureau, "bureau", "", "单位全称，如 区民政局")
		c.Flags().StringVar(&reason, "reason", "", "理由")
		return c
	}
	submit := make("submit", "提交（经办）", func(ctx context.Context, s postgres.Signing) (payrun.Batch, error) {
		return a.submit(ctx, s, acknowledge)
	})
	submit.Flags().BoolVar(&acknowledge, "acknowledge-all", false, "确认全部须确认的检查结果（须写 --reason）")
	review := make("review", "复核", func(ctx context.Context, s postgres.Signing) (payrun.Batch, error) { return a.db.Review(ctx, s) })
	approve := make("approve", "审批（规则包要求两位审批的，第二位也用它终审）", a.approve)
	back := make("return", "退回经办（须写 --reason）", func(ctx context.Context, s postgres.Signing) (payrun.Batch, error) { return a.db.Return(ctx, s) })
	return []*cobra.Command{submit, review, approve, back}
}

func (a *app) signing(ctx context.Context, m month.Month, bureau, reason string) (postgres.Signing, error) {
	if bureau == "" {
		return postgres.Signing{}, usage("请用 --bureau 写明单位，如 --bureau 区民政局")
	}
	if _, err := a.pack.Bureau(bureau); err != nil {
		return postgres.Signing{}, err
	}
	by, err := a.by(ctx, reason)
	if err != nil {
		return postgres.Signing{}, err
	}
	if a.as == "" {
		return postgres.Signing{}, usage("签批要用 --as 写明用户名")
	}
	return postgres.Signing{Region: a.region, Month: m, Bureau: bureau, User: approval.User{Name: by.Actor}, By: by}, nil
}

// submit runs the second computation over the whole batch before it is signed.
func (a *app) submit(ctx context.Context, s postgres.Signing, acknowledge bool) (payrun.Batch, error) {
	return a.db.Submit(ctx, s, postgres.Submission{
		AcknowledgeAll: acknowledge,
		Judge: func(ctx context.Context, batch int32) ([]string, error) {
			bar := newProgress("独立复算 人")
			defer bar.end()
			return a.judge(ctx, batch, func(done int) { bar.show(int64(done), 0) })
		},
	})
}

// judge compares a batch with the second computation, under the batch's own pack, and
// returns a sentence a difference.
func (a *app) judge(ctx context.Context, batch int32, progress func(int)) ([]string, error) {
	b, err := a.db.Batch(ctx, a.region, batch)
	if err != nil {
		return nil, err
	}
	pack, err := a.packOf(ctx, b.Pack)
	if err != nil {
		return nil, err
	}
	differences, err := a.db.Judge(ctx, a.region, batch, pack.File, progress)
	var sentences []string
	for i := range differences {
		sentences = append(sentences, differences[i].Sentence())
	}
	return sentences, err
}

func (a *app) approve(ctx context.Context, s postgres.Signing) (payrun.Batch, error) {
	order, err := a.payOrder(ctx, s)
	if err != nil {
		return payrun.Batch{}, err
	}
	return a.db.Approve(ctx, s, order)
}

// payOrder is what bank files take from the pack of the batch: names and numbers have
// been checked against its shapes.
func (a *app) payOrder(ctx context.Context, s postgres.Signing) (postgres.PayOrder, error) {
	pack := a.pack
	batches, err := a.monthBatches(ctx, s.Month, true)
	if err != nil {
		return postgres.PayOrder{}, err
	}
	for i := range batches {
		if batches[i].Bureau != s.Bureau || batches[i].N == 0 {
			continue
		}
		if pack, err = a.packOf(ctx, batches[i].Pack); err != nil {
			return postgres.PayOrder{}, err
		}
	}
	b, err := pack.Bureau(s.Bureau)
	if err != nil {
		return postgres.PayOrder{}, err
	}
	order := postgres.PayOrder{Code: b.Code.Value, Banks: postgres.PayBanks(pack.File)}
	for _, it := range pack.Items() {
		order.Items = append(order.Items, it.Code.Value)
	}
	for _, s := range pack.File.Streets {
		order.Streets = append(order.Streets, s.Value)
	}
	return order, nil
}
