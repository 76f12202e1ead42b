package approval

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"disburse/internal/fault"
	"disburse/internal/payrun"
)

// Action is what a user does to a batch.
type Action string

// The actions.
const (
	Submit  Action = "提交"
	Review  Action = "复核"
	Approve Action = "审批"
	Return  Action = "退回"
	// Endorse and Finalize take the place of Approve where the batch's pack asks for two
	// 审批: the first leaves the batch 待终审, the second settles it.
	Endorse  Action = "审批（须终审）"
	Finalize Action = "终审"
)

// String is the action in sentences.
func (a Action) String() string {
	if a == Endorse {
		return string(Approve)
	}
	return string(a)
}

// Approving returns the action by which an 审批 user signs the batch: second says that
// what it pays is above the sum from which two are asked for.
func Approving(b payrun.Batch, second bool) Action {
	switch {
	case b.State == payrun.Endorsed:
		return Finalize
	case second && b.State == payrun.Reviewed:
		return Endorse
	}
	return Approve
}

// Returned stands in a signature in place of a post: it ends a round.
const Returned Post = "退回"

// Final is what the signature of the second 审批 says, where there are two.
const Final Post = "终审"

// Signature is one signature on a batch, or the return that ends a round.
type Signature struct {
	Batch  int32
	Round  int
	Post   Post // Clerk, Reviewer, Approver, Final or Returned
	Actor  string
	At     time.Time
	Rev    int64  // the journal entry it was made by
	Digest string // the batch's digest that was signed
	Reason string
}

// rule is one row of the state machine.
type rule struct {
	posts  []Post         // who may
	from   []payrun.State // when
	to     payrun.State
	after  []Post // who must have signed the round before
	signs  Post   // what the signature says
	reason bool   // a reason is required
}

// rules is the whole state machine. No post stands in for another, 管理 included.
var rules = map[Action]rule{
	Submit: {posts: []Post{Clerk}, from: []payrun.State{payrun.Open, payrun.Returned},
		to: payrun.Submitted, signs: Clerk},
	Review: {posts: []Post{Reviewer}, from: []payrun.State{payrun.Submitted},
		to: payrun.Reviewed, signs: Reviewer, after: []Post{Clerk}},
	Approve: {posts: []Post{Approver}, from: []payrun.State{payrun.Reviewed},
		to: payrun.Approved, signs: Approver, after: []Post{Clerk, Reviewer}},
	Endorse: {posts: []Post{Approver}, from: []payrun.State{payrun.Reviewed},
		to: payrun.Endorsed, signs: Approver, after: []Post{Clerk, Reviewer}},
	Finalize: {posts: []Post{Approver}, from: []payrun.State{payrun.Endorsed},
		to: payrun.Approved, signs: Final, after: []Post{Clerk, Reviewer, Approver}},
	Return: {posts: []Post{Reviewer, Approver}, from: []payrun.State{payrun.Submitted, payrun.Reviewed, payrun.Endorsed},
		to: payrun.Returned, signs: Returned, reason: true},
}

// standing says, for every state, what a batch in it waits for.
var standing = map[payrun.State]string{
	payrun.Open:        "请先由经办提交",
	payrun.Submitted:   "请由复核岗位复核或退回",
	payrun.Reviewed:    "请由审批岗位审批或退回",
	payrun.Endorsed:    "请由另一位审批岗位终审或退回",
	payrun.Approved:    "已审批的批次不再改动",
	payrun.Returned:    "请由经办改正、重新计算后再提交",
	payrun.CarriedOver: "其款项已转入以后月份，请办理以后月份的批次",
	payrun.Voided:      "已作废的批次不再办理",
}

// To returns the state the action leads to.
func (a Action) To() payrun.State { return rules[a].to }

// Signs returns what a signature made by the action says: a post, or Returned.
func (a Action) Signs() Post { return rules[a].signs }

// Check says whether a user may take the action on a batch as it stands; signed are
// the batch's signatures, of all rounds. It fails with fault.Denied (account closed,
// wrong post, wrong bureau, somebody who has signed this round already),
// fault.Refused (wrong state) or fault.Invalid (no reason given).
func (a Action) Check(u User, b payrun.Batch, signed []Signature, reason string) error {
	r := rules[a]
	switch {
	case !u.Active:
		return fault.New(fault.Denied, "用户“%s”已停用，不能%s，请由在用的用户办理", u.Name, a)
	case !slices.Contains(r.posts, u.Post):
		return fault.New(fault.Denied, "用户“%s”的岗位是%s，不能%s；%s只能由%s岗位办理，其他岗位不能代替",
			u.Name, u.Post, a, a, joinPosts(r.posts))
	case u.Bureau != b.Bureau:
		return fault.New(fault.Denied, "用户“%s”属于%s，不能%s%s，请由%s的%s岗位办理",
			u.Name, u.Bureau, a, Title(b), b.Bureau, joinPosts(r.posts))
	case !slices.Contains(r.from, b.State):
		return fault.New(fault.Refused, "%s现在是“%s”，不能%s；%s", Title(b), b.State.Chinese(), a, standing[b.State])
	case r.reason && strings.TrimSpace(reason) == "":
		return fault.New(fault.Invalid, "%s%s必须写明原因，请补上原因", a, Title(b))
	}
	return a.checkRound(u, b, signed)
}

// checkRound looks at who has signed the round that the action belongs to, and at
// what. A return is always possible, or a batch whose signatures are not in order
// could never be mended.
func (a Action) checkRound(u User, b payrun.Batch, signed []Signature) error {
	r, round, has := rules[a], a.Round(b, signed), map[Post]bool{}
	if a == Return {
		return nil
	}
	for _, s := range signed {
		if s.Round != round || s.Post == Returned {
			continue
		}
		if s.Actor == u.Name {
			return fault.New(fault.Denied, "用户“%s”已作为%s签过%s，不能再%s；%s必须是不同的人，请由另一人办理",
				u.Name, s.Post, Title(b), a, a.signers())
		}
		if s.Digest != b.Digest {
			return fault.New(fault.Refused, "%s与%s“%s”签字时的内容不一致，不能%s，请退回并查明原因", Title(b), s.Post, s.Actor, a)
		}
		has[s.Post] = true
	}
	for _, p := range r.after {
		if !has[p] {
			return fault.New(fault.Refused, "%s缺少%s的签字，不能%s，请退回后重新提交", Title(b), p, a)
		}
	}
	return nil
}

// signers names those who must be different people.
func (a Action) signers() string {
	if a == Endorse || a == Finalize {
		return "经办、复核和两位审批"
	}
	return "三个岗位"
}

// Round returns the signing round that the action belongs to. Submitting begins a
// new one: a batch that can be submitted has no round open, since only a return leads
// back there. Everything else is part of the batch's present round.
func (a Action) Round(b payrun.Batch, signed []Signature) int {
	if a != Submit {
		return b.Round
	}
	last := 0
	for _, s := range signed {
		last = max(last, s.Round)
	}
	return last + 1
}

// Title names a batch in sentences: 区民政局2026年11月第1批.
func Title(b payrun.Batch) string {
	return fmt.Sprintf("%s%s第%d批", b.Bureau, b.Month.Chinese(), b.N)
}

func joinPosts(ps []Post) string {
	names := make([]string, len(ps))
	for i, p := range ps {
		names[i] = string(p)
	}
	return strings.Join(names, "或")
}
