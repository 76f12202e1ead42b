package audit

import (
	"context"
	"fmt"

	"disburse/internal/postgres"
)

// auditPart is one thing that an audit looks at; table is where a problem shows that keeps
// it from being looked at.
type auditPart struct {
	table string
	look  func(context.Context) error
}

func (a *audit) each(ctx context.Context, parts []auditPart) error {
	for _, p := range parts {
		if err := a.part(ctx, p.table, p.look); err != nil {
			return err
		}
	}
	return nil
}

// part looks at one thing behind a savepoint, so that what is broken in it (a table that is
// gone, a column of another type, a value nobody could have written) is a problem of that
// table and keeps nothing else from being looked at. An error of part is the audit's own.
func (a *audit) part(ctx context.Context, table string, look func(context.Context) error) error {
	outer := a.Tx
	tx, err := outer.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin part of audit: %w", err)
	}
	a.Tx = tx
	failed := guarded(ctx, look)
	a.Tx = outer
	if err := tx.Rollback(ctx); err != nil { // it has written nothing
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
		a.found(p)
	}
	return nil
}

// has reports whether the problem is named already: what keeps one revision's rows from
// being read keeps every revision's.
func (a *audit) has(p Problem) bool {
	for _, q := range a.report.Problems {
		if q == p {
			return true
		}
	}
	return false
}

// guarded turns a panic into an error. No value of the database should cause one; but
// whoever finds one that does must not be able to stop an audit with it.
func guarded(ctx context.Context, look func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return look(ctx)
}

// unreadableStates say why something cannot be looked at. The server's own text is not
// passed on: it may quote what is in the row.
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
