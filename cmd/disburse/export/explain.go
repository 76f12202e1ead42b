package export

import (
	"context"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/office/explain"
)

// ExplainCommand is explain.
func ExplainCommand(a *kit.App) *cobra.Command {
	return a.Command("explain ID-NUMBER YYYY-MM", "为什么这个人享受这些待遇；已审批的月份还说明当时与现在（身份证号写 - 则从标准输入读）", cobra.ExactArgs(2), func(ctx context.Context, args []string) error {
		id, err := a.PersonArgument(args[0])
		if err != nil {
			return err
		}
		m, err := kit.ParseMonth(args[1])
		if err != nil {
			return err
		}
		by, err := a.By(ctx, "")
		if err != nil {
			return err
		}
		e, err := explain.Person(ctx, a.Office, id, m, by)
		if err != nil {
			return err
		}
		if a.Format == "json" {
			return a.PrintIndentedJSON(e)
		}
		a.Printf("%s", e.Text())
		return nil
	})
}
