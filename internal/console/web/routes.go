package web

import (
	"slices"

	"disburse/internal/approval"
)

// Route is one page or action.
type Route struct {
	Pattern string          // of net/http: method and path
	Open    bool            // for anybody, without a session
	Posts   []approval.Post // who may; the pages themselves look at the bureau
	Long    bool            // takes files: larger requests are let in
	own     bool            // is where users set a password of their own
	Search  bool            // is searched by a form: what that sends must not stand in the address
	Live    bool            // answers a search with its part as one types
	Do      func(*Visit) error
}

// Who may use what. 管理 keeps accounts, rules and the calendar and sees no people; 审计
// sees everything and, but for confirming accounts, changes nothing.
var (
	Clerk    = []approval.Post{approval.Clerk}
	Signers  = []approval.Post{approval.Clerk, approval.Reviewer, approval.Approver}
	Checkers = []approval.Post{approval.Reviewer, approval.Approver}
	Approver = []approval.Post{approval.Approver}
	Manager  = []approval.Post{approval.Manager}
	Auditor  = []approval.Post{approval.Auditor}
	Readers  = []approval.Post{approval.Clerk, approval.Reviewer, approval.Approver, approval.Auditor}
	Everyone = []approval.Post{approval.Clerk, approval.Reviewer, approval.Approver, approval.Manager, approval.Auditor}
	Adopters = []approval.Post{approval.Clerk, approval.Reviewer, approval.Approver, approval.Manager}
	Overseen = []approval.Post{approval.Manager, approval.Auditor}
)

// may reports whether a post may use the route.
func (r *Route) may(p approval.Post) bool { return r.Open || slices.Contains(r.Posts, p) }
