package audit

import (
	"context"
	"fmt"
)

// Privilege is a privilege that the daily login should not have: with it, whoever has the login's
// password can rewrite the whole chain, and only a head printed on paper proves it.
type Privilege string

// The powers, the greatest first.
const (
	Superuser   Privilege = "是超级用户"
	OwnsTables  Privilege = "拥有程序的表（或可以成为表的所有者）"
	OwnsSchema  Privilege = "拥有表所在的模式或库"
	MakesLogins Privilege = "可以建立和授予角色"
)

// readPowers reads the privileges of the connection's login (session_user), whatever role is set.
func (a *audit) readPowers(ctx context.Context) error {
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
	for i, p := range []Privilege{Superuser, OwnsTables, OwnsSchema, MakesLogins} {
		if has[i] {
			a.report.Powers = append(a.report.Powers, p)
		}
	}
	if has[0] { // a superuser has all the others
		a.report.Powers = a.report.Powers[:1]
	}
	return nil
}
