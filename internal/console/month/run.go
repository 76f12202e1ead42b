package month

import (
	"context"
	"fmt"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/console/batch"
	"disburse/internal/console/web"
	"disburse/internal/month"
	"disburse/internal/office/monthly"
	"disburse/internal/store/runs"
)

// runTask computes a month as ordered.
func runTask(v *web.Visit, order monthly.RunOrder) web.Task {
	m, of, s := order.Month, v.Office, v.Server
	return web.Task{Kind: "run", Title: "计算 " + m.Chinese(), Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("计算")
		indexing := batch.Indexing{}
		order.Progress, order.Line, order.Gentle = p.Show, indexing.Add, true
		report, err := monthly.Run(ctx, of, &order)
		if err != nil {
			return "", "/month/" + m.String(), err
		}
		indexing.Store(s, report)
		return runSentence(m, report), "/month/" + m.String(), nil
	}}
}

// runSentence sums up a run.
func runSentence(m month.Month, r *runs.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s已计算：%s 人，回看 %s 人。", m.Chinese(), web.Grouped(r.People), web.Grouped(r.Touched))
	if r.Behind != "" {
		b.WriteString("\n" + r.Behind + "。")
	}
	for _, x := range r.Bureaus {
		if x.Reason != "" {
			fmt.Fprintf(&b, "\n%s：%s，%s", x.Bureau, x.Outcome, x.Reason)
		}
	}
	for i := range r.Discarded {
		b.WriteString("\n已撤销" + approval.Title(r.Discarded[i]) + "。")
	}
	for _, x := range r.Carried {
		fmt.Fprintf(&b, "\n%s%s第%d批没有提交，应发已并入本次补发。", x.Bureau, x.Month.Chinese(), x.N)
	}
	return b.String()
}
