// Package approval has who may sign what: posts and users, passwords, the states
// a batch goes through from 经办 to 审批, what a signature is on, and the payments
// that an approval makes.
package approval

import (
	"slices"
	"strings"

	"disburse/internal/fault"
)

// Post is what somebody is there for (岗位). A user has one.
type Post string

// The posts. The first three sign batches, in this order; the others never do.
const (
	Clerk    Post = "经办"
	Reviewer Post = "复核"
	Approver Post = "审批"
	Manager  Post = "管理"
	Auditor  Post = "审计"
)

var posts = []Post{Clerk, Reviewer, Approver, Manager, Auditor}

// Signs reports whether the post signs batches and decides 疑点.
func (p Post) Signs() bool { return p == Clerk || p == Reviewer || p == Approver }

// ParsePost reads a post as staff write it. It fails with fault.Invalid.
func ParsePost(s string) (Post, error) {
	if p := Post(strings.TrimSpace(s)); slices.Contains(posts, p) {
		return p, nil
	}
	return "", fault.New(fault.Invalid, "没有“%s”这个岗位，请写经办、复核、审批、管理或审计", s)
}

// User is an account of the program.
type User struct {
	Name   string
	Post   Post
	Bureau string // empty for 管理 and 审计 of the whole region
	Active bool
}

// Validate refuses what cannot be a user (fault.Invalid).
func (u User) Validate() error {
	if err := validateName(u.Name); err != nil {
		return err
	}
	switch {
	case !slices.Contains(posts, u.Post):
		_, err := ParsePost(string(u.Post))
		return err
	case u.Post.Signs() && u.Bureau == "":
		return fault.New(fault.Invalid, "%s岗位必须属于一个部门，请为用户“%s”指明部门", u.Post, u.Name)
	}
	return nil
}
