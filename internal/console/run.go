package console

import (
	"context"
	"fmt"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/postgres"
)

// runJob computes a month as ordered.
func (v *visit) runJob(order office.RunOrder) job {
	m, of, s := order.Month, v.office, v.Server
	return job{kind: "run", title: "计算 " + m.Chinese(), do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("计算")
		written := indexing{}
		order.Progress, order.Line, order.Gentle = p.show, written.add, true
		report, err := of.Run(ctx, &order)
		if err != nil {
			return "", "/month/" + m.String(), err
		}
		written.keep(s, report)
		return runSentence(m, report), "/month/" + m.String(), nil
	}}
}

// runSentence says what came of a run.
func runSentence(m month.Month, r *postgres.RunReport) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s已计算：%s 人，回看 %s 人。", m.Chinese(), grouped(r.People), grouped(r.Touched))
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
