package audit

import (
	"context"
	"fmt"
)

// Power is what a daily login can do that it should not be able to: whoever has its
// password then can do more than the program's role, and only paper proves the chain.
type Power string

// The powers, the greatest first.
const (
	Superuser   Power = "是超级用户"
	OwnsTables  Power = "拥有程序的表（或可以成为表的所有者）"
	OwnsSchema  Power = "拥有表所在的模式或库"
	MakesLogins Power = "可以建立和授予角色"
)

// powers looks at what the login of the audit's connection may do, whatever role it works
// under at the moment.
func (a *audit) powers(ctx context.Context) error {
	var has [4]bool
	// From 16 on membership alone does not let a login become the other role.
	err := a.Tx.QueryRow(ctx, `
		WITH how AS (SELECT CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END AS way)
		SELECT u.rolsuper,
		       EXISTS (SELECT FROM pg_class c, how WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND pg_has_role(session_user, c.relowner, way)),
		       (SELECT pg_has_role(session_user, n.nspowner, way) FROM pg_namespace n, how WHERE n.oid = current_schema()::regnamespace),
		       u.rolcreaterole
		FROM pg_roles u WHERE u.rolname = session_user`).Scan(&has[0], &has[1], &has[2], &has[3])
	if err != nil {
		return fmt.Errorf("look at login: %w", err)
	}
	for i, p := range []Power{Superuser, OwnsTables, OwnsSchema, MakesLogins} {
		if has[i] {
			a.report.Powers = append(a.report.Powers, p)
		}
	}
	if has[0] { // says all
		a.report.Powers = a.report.Powers[:1]
	}
	return nil
}
