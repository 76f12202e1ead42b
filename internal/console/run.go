package console

import (
	"context"
	"fmt"
	"strings"

	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/postgres"
)

// runJob computes a month; opening, the district's first month, counts on the first run only.
func (v *visit) runJob(m, opening month.Month) job {
	by, of := v.by(""), v.office
	return job{kind: "run", title: "计算 " + m.Chinese(), do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("计算")
		report, err := of.Run(ctx, &office.RunOrder{Month: m, Opening: opening, By: by, Progress: p.show})
		if err != nil {
			return "", "/month/" + m.String(), err
		}
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
	for _, x := range r.Carried {
		fmt.Fprintf(&b, "\n%s%s第%d批没有提交，应发已并入本次补发。", x.Bureau, x.Month.Chinese(), x.N)
	}
	return b.String()
}
