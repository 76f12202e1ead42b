package console

import (
	"slices"

	"disburse/internal/approval"
)

// route is one page or action.
type route struct {
	pattern string          // of net/http: method and path
	open    bool            // for anybody, without a session
	posts   []approval.Post // who may; the pages themselves look at the bureau
	long    bool            // takes files: larger requests are let in
	own     bool            // is where users set a password of their own
	search  bool            // is searched by a form: what that sends must not stand in the address
	live    bool            // answers a search with its part as one types
	do      func(*visit) error
}

// Who may use what. 管理 keeps accounts, rules and the calendar and sees no people; 审计
// sees everything and, but for confirming accounts, changes nothing.
var (
	clerk    = []approval.Post{approval.Clerk}
	signers  = []approval.Post{approval.Clerk, approval.Reviewer, approval.Approver}
	checkers = []approval.Post{approval.Reviewer, approval.Approver}
	approver = []approval.Post{approval.Approver}
	manager  = []approval.Post{approval.Manager}
	auditor  = []approval.Post{approval.Auditor}
	readers  = []approval.Post{approval.Clerk, approval.Reviewer, approval.Approver, approval.Auditor}
	everyone = []approval.Post{approval.Clerk, approval.Reviewer, approval.Approver, approval.Manager, approval.Auditor}
	adopters = []approval.Post{approval.Clerk, approval.Reviewer, approval.Approver, approval.Manager}
	overseen = []approval.Post{approval.Manager, approval.Auditor}
)

// may reports whether a post may use the route.
func (r *route) may(p approval.Post) bool { return r.open || slices.Contains(r.posts, p) }
