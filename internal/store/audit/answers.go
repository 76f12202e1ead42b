package audit

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/store/payments"
)

// checkAnswerSums compares the stored sums of bank results by file (a cache, which the program's role
// may update) with the results themselves.
func (a *audit) checkAnswerSums(ctx context.Context) error {
	rows, err := a.Tx.Query(ctx, `
		WITH again (region, batch, file, n1, a1, n2, a2, n3, a3) AS (`+fmt.Sprintf(payments.SumAnswersSQL, "")+`),
		kept AS (SELECT * FROM answer_sum WHERE region = $1)
		SELECT batch, file, n1 IS NULL, paid IS NULL FROM again FULL JOIN kept USING (region, batch, file)
		WHERE (n1, a1, n2, a2, n3, a3) IS DISTINCT FROM (paid, paid_amount, failed, failed_amount, unknown, unknown_amount) ORDER BY batch, file`, a.Region)
	if err != nil {
		return fmt.Errorf("add up answers: %w", err)
	}
	var batch, file int32
	var more, missing bool
	_, err = pgx.ForEachRow(rows, []any{&batch, &file, &more, &missing}, func() error {
		p := Problem{Table: "answer_sum", Key: fmt.Sprintf("批次 %d，文件 %d", batch, file), What: "被改动：与银行回盘加起来的不符"}
		switch {
		case more:
			p.What = "多出：银行没有答复这个文件"
		case missing:
			p.What = "缺失：银行已答复这个文件"
		}
		a.add(p)
		return nil
	})
	if err != nil {
		return fmt.Errorf("add up answers: %w", err)
	}
	return nil
}
