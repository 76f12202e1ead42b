package approval

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/policy/packfile"
)

var byApprover = sign(1, Approver, "丙")

func TestApproving(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		state  payrun.State
		second bool
		want   Action
	}{
		{payrun.Reviewed, false, Approve}, {payrun.Reviewed, true, Endorse},
		{payrun.Endorsed, true, Finalize}, {payrun.Endorsed, false, Finalize}, // a pack that is gone must not let one signature do
		{payrun.Submitted, true, Approve}, {payrun.Approved, true, Approve},
	} {
		if got := Approving(batch(c.state, 1), c.second); got != c.want {
			t.Errorf("%s, %v: %q, want %q", c.state, c.second, string(got), string(c.want))
		}
	}
}

func TestSecondApproval(t *testing.T) {
	t.Parallel()
	changed := byApprover
	changed.Digest = "d0"
	three := []Signature{byClerk, byReviewer, byApprover}
	for _, c := range []struct {
		name   string
		action Action
		user   User
		state  payrun.State
		signed []Signature
		says   string // empty: allowed
	}{
		{"the first of two", Endorse, user("丙", Approver), payrun.Reviewed, three[:2], ""},
		{"the second", Finalize, user("丁", Approver), payrun.Endorsed, three, ""},
		{"the same again", Finalize, user("丙", Approver), payrun.Endorsed, three, "经办、复核和两位审批必须是不同的人"},
		{"the clerk, by now an approver", Finalize, user("甲", Approver), payrun.Endorsed, three, "已作为经办签过"},
		{"a reviewer", Finalize, user("丁", Reviewer), payrun.Endorsed, three, "终审只能由审批岗位办理"},
		{"a reviewer as the first", Endorse, user("丁", Reviewer), payrun.Reviewed, three[:2], "岗位是复核，不能审批；审批只能由审批岗位办理"},
		{"without the first", Finalize, user("丁", Approver), payrun.Endorsed, three[:2], "缺少审批的签字"},
		{"the first saw something else", Finalize, user("丁", Approver), payrun.Endorsed, []Signature{byClerk, byReviewer, changed}, "内容不一致"},
		{"alone", Approve, user("丁", Approver), payrun.Endorsed, three, "现在是“待终审”，不能审批；请由另一位审批岗位终审或退回"},
		{"nothing to finalize", Finalize, user("丁", Approver), payrun.Reviewed, three[:2], "现在是“待审批”，不能终审"},
		{"submitting", Submit, user("甲", Clerk), payrun.Endorsed, three, "待终审"},
		{"return by the reviewer", Return, user("乙", Reviewer), payrun.Endorsed, three, ""},
		{"return by the other approver", Return, user("丁", Approver), payrun.Endorsed, three, ""},
	} {
		err := c.action.Check(c.user, batch(c.state, 1), c.signed, "金额有疑问")
		if (err == nil) != (c.says == "") || (err != nil && !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.says)
		}
	}
}

// TestFourPeopleInAnyOrder: whatever anybody tries, a batch that takes two 审批 is
// approved with four signatures by four people, in order.
func TestFourPeopleInAnyOrder(t *testing.T) {
	t.Parallel()
	approvals := 0
	rapid.Check(t, func(t *rapid.T) {
		b, signed := batch(payrun.Open, 1), []Signature(nil)
		for range rapid.IntRange(30, 120).Draw(t, "steps") {
			a := rapid.SampledFrom([]Action{Submit, Review, Approve, Approve, Return}).Draw(t, "action")
			if a == Approve {
				a = Approving(b, true)
			}
			u := user(rapid.StringMatching(`[甲乙丙丁戊]`).Draw(t, "name"), rapid.SampledFrom(append(rules[a].posts, rules[a].posts[0])).Draw(t, "post"))
			if a == Return && rapid.IntRange(0, 9).Draw(t, "returns") > 0 || a.Check(u, b, signed, "原因") != nil {
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
		if lacks := Unsigned(b, signed, true); len(lacks) > 0 {
			t.Fatalf("%v: %+v", lacks, signed)
		}
		last, people := signed[len(signed)-4:], map[string]bool{}
		for i, s := range last {
			people[s.Actor] = true
			if want := []Post{Clerk, Reviewer, Approver, Final}[i]; s.Post != want || s.Round != b.Round {
				t.Fatalf("signature %d of the last round is %+v", i, s)
			}
		}
		if len(people) != 4 {
			t.Fatalf("approved by %d people: %+v", len(people), last)
		}
	})
	if approvals == 0 {
		t.Error("no sequence ended in an approval: nothing was tested")
	}
}

func TestUnsigned(t *testing.T) {
	t.Parallel()
	b := batch(payrun.Approved, 2)
	all := []Signature{sign(1, Clerk, "甲"), sign(1, Returned, "乙"), sign(2, Clerk, "甲"), sign(2, Reviewer, "乙"), sign(2, Approver, "丙"), sign(2, Final, "丁")}
	with := func(at int, change func(*Signature)) []Signature {
		changed := append([]Signature(nil), all...)
		change(&changed[at])
		return changed
	}
	for name, c := range map[string]struct {
		signed []Signature
		second bool
		want   []string
	}{
		"in order":       {all, true, nil},
		"three will do":  {all[:5], false, nil},
		"no second":      {all[:5], true, []string{"缺少终审的签字"}},
		"an old round":   {all[:2], false, []string{"缺少经办的签字", "缺少复核的签字", "缺少审批的签字"}},
		"one person":     {with(5, func(s *Signature) { s.Actor = "丙" }), true, []string{"“丙”既签了审批又签了终审"}},
		"another digest": {with(4, func(s *Signature) { s.Digest = "d0" }), true, []string{"审批“丙”签字时的摘要与批次的不一致"}},
	} {
		if diff := cmp.Diff(c.want, Unsigned(b, c.signed, c.second)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestCheckFreeze: a day begins and ends in Shanghai, wherever the moment was noted down.
func TestCheckFreeze(t *testing.T) {
	t.Parallel()
	file, err := packfile.Parse([]byte("freezes: [{from: 2026-12-25, to: 2026-12-31, why: 年终关账}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	for at, frozen := range map[string]bool{
		"2026-12-24T15:59:59Z": false, "2026-12-24T16:00:00Z": true, "2026-12-31T23:59:59+08:00": true,
		"2026-12-31T15:59:59Z": true, "2026-12-31T16:00:00Z": false, "2026-12-24T12:00:00-05:00": true,
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		switch err := CheckFreeze(file, moment, "登记收回"); {
		case (err != nil) != frozen:
			t.Errorf("%s: %v", at, err)
		case frozen && (!fault.Is(err, fault.Refused) || err.Error() != "现在不能登记收回：年终关账，2026-12-25 至 2026-12-31（含）冻结，请在冻结期过后办理"):
			t.Errorf("%s: %v", at, err)
		}
	}
	if err := CheckFreeze(nil, time.Unix(0, 0), "提交"); err != nil {
		t.Errorf("no pack: %v", err)
	}
}
