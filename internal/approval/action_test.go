package approval

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
)

const digest = "d1"

func batch(state payrun.State, round int) payrun.Batch {
	return payrun.Batch{Month: month.Of(2026, 11), Bureau: "区民政局", N: 1, State: state, Round: round, Digest: digest}
}

func user(name string, p Post) User {
	return User{Name: name, Post: p, Bureau: "区民政局", Active: true}
}

func sign(round int, p Post, actor string) Signature {
	return Signature{Round: round, Post: p, Actor: actor, Digest: digest}
}

var (
	byClerk    = sign(1, Clerk, "甲")
	byReviewer = sign(1, Reviewer, "乙")
)

func TestActionCheck(t *testing.T) {
	t.Parallel()
	other, closed := user("丁", Clerk), user("戊", Clerk)
	other.Bureau, closed.Active = "区人社局", false
	changed := byClerk
	changed.Digest = "d0"
	for _, c := range []struct {
		name   string
		action Action
		user   User
		batch  payrun.Batch
		signed []Signature
		reason string
		code   fault.Code // empty: allowed
		says   string
	}{
		{name: "submit", action: Submit, user: user("甲", Clerk), batch: batch(payrun.Open, 1)},
		{name: "review", action: Review, user: user("乙", Reviewer), batch: batch(payrun.Submitted, 1), signed: []Signature{byClerk}},
		{name: "approve", action: Approve, user: user("丙", Approver), batch: batch(payrun.Reviewed, 1), signed: []Signature{byClerk, byReviewer}},
		{name: "return by reviewer", action: Return, user: user("乙", Reviewer), batch: batch(payrun.Submitted, 1),
			signed: []Signature{byClerk}, reason: "金额有疑问"},
		{name: "return by approver", action: Return, user: user("丙", Approver), batch: batch(payrun.Reviewed, 1),
			signed: []Signature{byClerk, byReviewer}, reason: "金额有疑问"},
		{name: "return of a batch that was tampered with", action: Return, user: user("丙", Approver), batch: batch(payrun.Reviewed, 1),
			signed: []Signature{changed}, reason: "明细被改"},
		{name: "submit again", action: Submit, user: user("甲", Clerk), batch: batch(payrun.Returned, 1),
			signed: []Signature{byClerk, sign(1, Returned, "乙")}},

		{name: "closed account", action: Submit, user: closed, batch: batch(payrun.Open, 1), code: fault.Denied, says: "已停用"},
		{name: "wrong post", action: Review, user: user("甲", Clerk), batch: batch(payrun.Submitted, 1), signed: []Signature{byClerk},
			code: fault.Denied, says: "岗位是经办，不能复核；复核只能由复核岗位办理"},
		{name: "manager cannot stand in", action: Approve, user: user("己", Manager), batch: batch(payrun.Reviewed, 1),
			signed: []Signature{byClerk, byReviewer}, code: fault.Denied, says: "其他岗位不能代替"},
		{name: "clerk cannot return", action: Return, user: user("甲", Clerk), batch: batch(payrun.Submitted, 1), reason: "x",
			code: fault.Denied, says: "复核或审批"},
		{name: "wrong bureau", action: Submit, user: other, batch: batch(payrun.Open, 1), code: fault.Denied, says: "属于区人社局"},
		{name: "skipping review", action: Approve, user: user("丙", Approver), batch: batch(payrun.Submitted, 1), signed: []Signature{byClerk},
			code: fault.Refused, says: "现在是“待复核”，不能审批"},
		{name: "skipping review by a forged state", action: Approve, user: user("丙", Approver), batch: batch(payrun.Reviewed, 1),
			signed: []Signature{byClerk}, code: fault.Refused, says: "缺少复核的签字"},
		{name: "signatures of an earlier round do not count", action: Review, user: user("乙", Reviewer), batch: batch(payrun.Submitted, 2),
			signed: []Signature{byClerk}, code: fault.Refused, says: "缺少经办的签字"},
		{name: "twice", action: Submit, user: user("甲", Clerk), batch: batch(payrun.Submitted, 1), code: fault.Refused, says: "区民政局2026年11月第1批"},
		{name: "approved stays", action: Return, user: user("丙", Approver), batch: batch(payrun.Approved, 1), reason: "x",
			code: fault.Refused, says: "不再改动"},
		{name: "carried over", action: Submit, user: user("甲", Clerk), batch: batch(payrun.CarriedOver, 1), code: fault.Refused, says: "已结转"},
		{name: "same person, other post by now", action: Review, user: user("甲", Reviewer), batch: batch(payrun.Submitted, 1),
			signed: []Signature{byClerk}, code: fault.Denied, says: "已作为经办签过"},
		{name: "changed since it was signed", action: Review, user: user("乙", Reviewer), batch: batch(payrun.Submitted, 1),
			signed: []Signature{changed}, code: fault.Refused, says: "内容不一致"},
		{name: "no reason", action: Return, user: user("乙", Reviewer), batch: batch(payrun.Submitted, 1), reason: "  ",
			code: fault.Invalid, says: "必须写明原因"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := c.action.Check(c.user, c.batch, c.signed, c.reason)
			if c.code == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			if !fault.Is(err, c.code) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v (%s), want %s saying %q", err, fault.CodeOf(err), c.code, c.says)
			}
		})
	}
}

// Whatever anybody tries in any order, an approved batch has three signatures by
// three people of the three posts in its last round, in order.
func TestFourEyesHoldInAnyOrder(t *testing.T) {
	t.Parallel()
	approvals := 0
	// Half of the time the right post, or hardly any sequence would get anywhere.
	likely := map[Action][]Post{}
	for a, r := range rules {
		likely[a] = append(slices.Repeat(r.posts, len(posts)/len(r.posts)), posts...)
	}
	rapid.Check(t, func(t *rapid.T) {
		b, signed := batch(payrun.Open, 1), []Signature(nil)
		for range rapid.IntRange(20, 80).Draw(t, "steps") {
			a := rapid.SampledFrom([]Action{Submit, Review, Approve, Return}).Draw(t, "action")
			// Posts change hands: the name says nothing of the post.
			u := user(fmt.Sprint(rapid.IntRange(1, 4).Draw(t, "name")), rapid.SampledFrom(likely[a]).Draw(t, "post"))
			if a.Check(u, b, signed, "原因") != nil {
				continue
			}
			b.Round = a.Round(b, signed)
			signed = append(signed, sign(b.Round, a.Signs(), u.Name))
			b.State = a.To()
		}
		if b.State != payrun.Approved {
			return
		}
		approvals++
		last := signed[len(signed)-3:]
		people := map[string]bool{}
		for i, s := range last {
			people[s.Actor] = true
			if s.Round != b.Round || s.Post != posts[i] {
				t.Fatalf("signature %d of the last round is %+v", i, s)
			}
		}
		if len(people) != 3 {
			t.Fatalf("approved by %d people: %+v", len(people), last)
		}
	})
	t.Logf("%d sequences ended in an approval", approvals)
	if approvals == 0 {
		t.Error("no sequence ended in an approval: nothing was tested")
	}
}

func TestUserValidate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		user User
		says string // empty: accepted
	}{
		{User{Name: "王小红", Post: Clerk, Bureau: "区民政局"}, ""},
		{User{Name: "管理员", Post: Manager}, ""},
		{User{Name: "", Post: Manager}, "不能为空"},
		{User{Name: "os:root", Post: Manager}, "U+003A"},
		{User{Name: "王 小红", Post: Manager}, "U+0020"},
		{User{Name: "王\x00", Post: Manager}, "看不见的字符"},
		{User{Name: "王\xff", Post: Manager}, "UTF-8"},
		{User{Name: strings.Repeat("王", 33), Post: Manager}, "太长"},
		{User{Name: "王小红", Post: "会计"}, "没有“会计”这个岗位"},
		{User{Name: "王小红", Post: Returned, Bureau: "区民政局"}, "没有“退回”这个岗位"},
		{User{Name: "王小红", Post: Reviewer}, "指明部门"},
	} {
		err := c.user.Validate()
		if (err == nil) != (c.says == "") || (err != nil && !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%+v: got %v, want %q", c.user, err, c.says)
		}
	}
	if p, err := ParsePost(" 审计 "); err != nil || p != Auditor {
		t.Errorf("ParsePost: %v, %v", p, err)
	}
}

func TestFileNumber(t *testing.T) {
	t.Parallel()
	m := month.Of(2026, 11)
	for file, want := range map[int]string{3: "140213-202611-MZ-1-003", 1000: "140213-202611-MZ-1-1000"} {
		if got := FileNumber(140213, m, "MZ", 1, file); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for code, want := range map[string]bool{"MZ": true, "": false, "M/Z": false, "民政": false, "ABCDEFGHI": false} {
		if ValidCode(code) != want {
			t.Errorf("ValidCode(%q) is %v", code, !want)
		}
	}
}

func TestDigestHeader(t *testing.T) {
	t.Parallel()
	got := DigestHeader(140213, month.Of(2026, 1), "区民政局", 2, 17, "ab")
	if want := "disburse-batch-v1\n140213\n2026-01\n区民政局\n2\n17\nab\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
