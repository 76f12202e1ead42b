package audit

import (
	"context"
	"fmt"

	"disburse/internal/postgres"
)

// check is one check of an audit; table is reported as unreadable where the check itself fails.
type check struct {
	table string
	run   func(context.Context) error
}

func (a *audit) runChecks(ctx context.Context, parts []check) error {
	for _, p := range parts {
		if err := a.runCheck(ctx, p.table, p.run); err != nil {
			return err
		}
	}
	return nil
}

// runCheck runs one check in a savepoint. Whatever breaks it (a dropped table, a column of another
// type, a value that the program never writes) becomes a problem of that table and does not stop
// the other checks: a manipulated table must not hide what was done to others. An error means that
// the audit itself cannot go on.
func (a *audit) runCheck(ctx context.Context, table string, look func(context.Context) error) error {
	outer := a.Tx
	tx, err := outer.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin part of audit: %w", err)
	}
	a.Tx = tx
	failed := recovered(ctx, look)
	a.Tx = outer
	if err := tx.Rollback(ctx); err != nil { // checks write nothing
		return fmt.Errorf("end part of audit: %w", err)
	}
	if failed == nil {
		return nil
	}
	if ctx.Err() != nil || postgres.ConnectionLost(failed) {
		return failed
	}
	p := Problem{Table: table, What: "无法核对：" + unreadable(failed)}
	if !a.has(p) {
		a.add(p)
	}
	return nil
}

// has reports whether the problem was reported already: a table that is unreadable is so for
// every revision.
func (a *audit) has(p Problem) bool {
	for _, q := range a.report.Problems {
		if q == p {
			return true
		}
	}
	return false
}

// recovered runs a check and turns a panic into an error. No value should cause one, but whoever
// finds a value that does must not be able to stop an audit with it.
func recovered(ctx context.Context, look func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return look(ctx)
}

// unreadableStates maps SQLSTATEs to reasons why something cannot be read. The server's message is
// not shown: it may quote the row's contents.
var unreadableStates = map[string]string{
	"42P01": "表不见了",
	"42703": "少了一栏",
	"42883": "有一栏的类型被改动",
	"42804": "有一栏的类型被改动",
	"22003": "有数值超出范围",
	"22008": "有日期超出范围",
	"22021": "有文字的编码损坏",
	"42501": "数据库登录用户无权读取",
	"XX001": "数据文件损坏",
	"XX002": "索引损坏",
}

func unreadable(err error) string {
	state := postgres.SQLState(err)
	if word := unreadableStates[state]; word != "" {
		return word
	}
	if state != "" {
		return "数据库不能读出（" + state + "）"
	}
	return "有内容不是本程序会写的（空值、类型或取值不对）"
}
