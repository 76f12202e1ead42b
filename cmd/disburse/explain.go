package main

import (
	"context"

	"github.com/spf13/cobra"

	"disburse/internal/office/explain"
)

// explainCommand is explain.
func (a *app) explainCommand() *cobra.Command {
	return a.command("explain ID-NUMBER YYYY-MM", "为什么这个人享受这些待遇；已审批的月份还说明当时与现在（身份证号写 - 则从标准输入读）", cobra.ExactArgs(2), func(ctx context.Context, args []string) error {
		id, err := a.personArgument(args[0])
		if err != nil {
			return err
		}
		m, err := parseMonth(args[1])
		if err != nil {
			return err
		}
		by, err := a.by(ctx, "")
		if err != nil {
			return err
		}
		e, err := explain.Person(ctx, a.Office, id, m, by)
		if err != nil {
			return err
		}
		if a.format == "json" {
			return a.printIndentedJSON(e)
		}
		a.printf("%s", e.Text())
		return nil
	})
}
