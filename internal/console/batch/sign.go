package batch

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/office/monthly"
	"disburse/internal/office/rosters"
	"disburse/internal/payrun"
	"disburse/internal/store/requests"
	"disburse/internal/store/signing"
)

// signPanel is what the user's post can do with a batch, and what they must read before.
type signPanel struct {
	Actions   []signAction
	Why       string               // why the user cannot sign although their post is next
	Later     *signing.LaterReport // changes since the computation; nil: none, or nothing is to be signed
	LaterText string               // sums up the later changes
	Grave     bool                 // the later changes forbid signing
	Notices   []signing.FindingRow // to be acknowledged on submitting
	More      int                  // of the notices that are not listed
	Rerun     bool                 // the user can start another run
	Waiting   string               // names the changes that are pending for a second person; empty: none
}

// signAction is one form of the panel.
type signAction struct {
	Name    string
	Path    string
	Reason  string // label of the mandatory field for the reason; empty: no such field
	Notices int    // number of findings that it acknowledges
	Danger  bool
	Confirm string
	Stopped bool // disabled while the later changes forbid signing
}

// panelRows limits the lists on the panel; the linked pages have all.
const panelRows = 100

func panelOf(v *web.Visit, p *batchPage, d *overviewData) (*signPanel, error) {
	panel := &signPanel{}
	if !p.People {
		return panel, nil
	}
	if p.Draft && p.Latest {
		if err := addLater(v, p.Batch, panel); err != nil {
			return nil, err
		}
		waiting, err := requests.Pending(v.R.Context(), v.Office.DB, v.Office.Region, p.Batch)
		if err != nil {
			return nil, err
		}
		panel.Waiting = rosters.WaitingSentence(waiting)
	}
	if !p.Signs {
		return panel, nil
	}
	second := false
	if p.Batch.State == payrun.Reviewed {
		var err error
		if second, err = monthly.NeedsSecond(v.R.Context(), v.Office, p.Batch); err != nil {
			return nil, err
		}
	}
	panel.Rerun = v.User.Post == approval.Clerk && p.Batch.State.Unsigned() && p.Latest
	if p.Latest {
		addSigning(v, p, d, panel, second)
	}
	addAfterApproval(v, p, d, panel)
	if v.User.Post == approval.Clerk && p.Batch.State.Unsigned() && p.Status.Notices > 0 {
		var err error
		panel.Notices, err = signing.FindingsAt(v.R.Context(), v.Office.DB, v.Office.Region, p.Batch.Number, payrun.Acknowledge, panelRows)
		panel.More = p.Status.Notices - len(panel.Notices)
		return panel, err
	}
	return panel, nil
}

// addLater adds changes that were registered after the batch was computed, with their effect
// on its people.
func addLater(v *web.Visit, b payrun.Batch, panel *signPanel) error {
	head, _, err := v.Office.DB.Head(v.R.Context(), v.Office.Region)
	if err != nil {
		return err
	}
	report, err := laterCache.Of(v.Server).Get(fmt.Sprintf("%d %s %d", b.Number, b.State, head), func() (*signing.LaterReport, error) {
		return monthly.Changes(v.Server.Context, v.Office, b.Month, b.Bureau)
	})
	if err != nil || len(report.People) == 0 {
		return err
	}
	panel.Later, panel.LaterText = report, monthly.ChangesSentence(report)
	panel.Grave = len(report.People[0].Grave) > 0 // grave ones are sorted first
	return nil
}

// addSigning adds the actions on a batch that is not approved yet.
func addSigning(v *web.Visit, p *batchPage, d *overviewData, panel *signPanel, second bool) {
	approving := approval.Approving(p.Batch, second)
	forms := []struct {
		action approval.Action
		form   signAction
	}{
		{approval.Submit, signAction{Name: "提交", Path: "submit", Reason: "确认这些检查结果的理由", Notices: p.Status.Notices}},
		{approval.Review, signAction{Name: "复核通过", Path: "review"}},
		{approving, signAction{Name: approving.String() + "通过", Path: "approve"}},
		{approval.Return, signAction{Name: "退回", Path: "return", Reason: "退回原因", Danger: true}},
	}
	for _, f := range forms {
		err := f.action.Check(v.User, p.Batch, d.Signatures, "理由")
		switch {
		case err == nil && f.action == approval.Submit && p.Status.Blocking > 0:
			panel.Why = fmt.Sprintf("有 %d 项检查结果必须先改正，再重新计算，才能提交。", p.Status.Blocking)
		case err == nil:
			if f.form.Notices == 0 && f.action == approval.Submit {
				f.form.Reason = ""
			}
			f.form.Stopped = panel.Grave && f.action != approval.Return
			panel.Actions = append(panel.Actions, f.form)
		case fault.Is(err, fault.Denied) && f.action == approving && p.Batch.State == payrun.Endorsed && v.User.Post == approval.Approver:
			panel.Why = err.Error()
		}
	}
}

// addAfterApproval adds the actions on an approved batch.
func addAfterApproval(v *web.Visit, p *batchPage, d *overviewData, panel *signPanel) {
	sent := !p.Status.SentAt.IsZero()
	if approval.CheckSent(v.User, p.Batch, sent, d.Voids, "理由") == nil && p.Status.Payments.All.Payments > 0 {
		send := signAction{Name: "登记送银行", Path: "sent", Confirm: "银行文件确实已经送到银行了吗？登记以后，这一批不能再作废。"}
		if len(d.Voids) > 0 {
			send.Reason, send.Danger = "不等作废、已送银行的理由", true
			send.Confirm = d.Voids[0].Actor + "申请作废这一批（" + d.Voids[0].Reason + "）。登记送银行以后申请失效，这一批不能再作废。银行文件确实已经送到银行了吗？"
		}
		panel.Actions = append(panel.Actions, send)
	}
	switch err := approval.CheckVoid(v.User, p.Batch, sent, d.Voids, "理由"); {
	case err == nil && len(d.Voids) == 0:
		panel.Actions = append(panel.Actions, signAction{Name: "申请作废", Path: "void", Reason: "作废理由", Danger: true})
	case err == nil:
		panel.Actions = append(panel.Actions, signAction{Name: "确认作废", Path: "void", Reason: "作废理由", Danger: true,
			Confirm: "确认以后，这一批的款项全部从台账冲回，不能撤销。"})
	case fault.Is(err, fault.Denied) && len(d.Voids) == 1 && slices.Contains(web.Checkers, v.User.Post):
		panel.Why = err.Error()
	}
}

// startSigning starts a signature as a task. The form carries the digest of the batch that the
// user has seen: signing what was computed again since is refused.
func startSigning(v *web.Visit, verb string, act func(context.Context, monthly.Signing, *web.Progress) (*monthly.Signed, error)) error {
	b, err := v.Batch()
	if err != nil {
		return err
	}
	if v.Form("digest") != b.Digest {
		return fault.New(fault.Refused, "您打开页面以后，%s重新计算过，请重新打开，看过新的结果再办", approval.Title(b))
	}
	s := monthly.Signing{Month: b.Month, Bureau: b.Bureau, By: v.By(v.Form("reason")), Digest: b.Digest}
	path := fmt.Sprintf("/batch/%d", b.Number)
	return v.Start(web.Task{Kind: fmt.Sprintf("sign %d", b.Number), Title: verb + " " + approval.Title(b), Bureau: b.Bureau,
		Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
			signed, err := act(ctx, s, p)
			if err != nil {
				return "", path, err
			}
			return signedSentence(verb, signed), path, nil
		}})
}

// signedSentence is the result of a signature: the new state of the batch and what to know.
func signedSentence(verb string, s *monthly.Signed) string {
	var b strings.Builder
	if verb == voiding && s.Batch.State != payrun.Voided {
		return "已申请作废" + approval.Title(s.Batch) + "，等另一位复核或审批岗位的人确认；确认以前不要送银行。"
	}
	fmt.Fprintf(&b, "%s：%s已办理，现在是“%s”。", verb, approval.Title(s.Batch), s.Batch.State.Chinese())
	if s.Later != nil && len(s.Later.People) > 0 {
		b.WriteString("\n" + monthly.ChangesSentence(s.Later) + "。")
	}
	if waits := rosters.WaitingSentence(s.Waiting); waits != "" {
		b.WriteString("\n" + waits + "。")
	}
	return b.String()
}

func submitBatch(v *web.Visit) error {
	all := v.Form("acknowledged") != ""
	return startSigning(v, "提交", func(ctx context.Context, s monthly.Signing, p *web.Progress) (*monthly.Signed, error) {
		p.Step("第二次独立计算")
		return monthly.Submit(ctx, v.Office, s, monthly.Submission{AcknowledgeAll: all, Progress: func(done int) { p.Show(int64(done), 0) }})
	})
}

func reviewBatch(v *web.Visit) error {
	return startSigning(v, "复核", func(ctx context.Context, s monthly.Signing, p *web.Progress) (*monthly.Signed, error) {
		p.Step("核对明细与摘要")
		return monthly.Review(ctx, v.Office, s)
	})
}

func approveBatch(v *web.Visit) error {
	return startSigning(v, "审批", func(ctx context.Context, s monthly.Signing, p *web.Progress) (*monthly.Signed, error) {
		p.Step("核对、记入台账、生成付款")
		return monthly.Approve(ctx, v.Office, s)
	})
}

func returnBatch(v *web.Visit) error {
	return startSigning(v, "退回", func(ctx context.Context, s monthly.Signing, _ *web.Progress) (*monthly.Signed, error) {
		return monthly.Return(ctx, v.Office, s)
	})
}

func sendBatch(v *web.Visit) error {
	return startSigningByNumber(v, "登记送银行", func(ctx context.Context, s monthly.Signing, number int) (*monthly.Signed, error) {
		return monthly.Sent(ctx, v.Office, s, number)
	})
}

const voiding = "作废"

func voidBatch(v *web.Visit) error {
	return startSigningByNumber(v, voiding, func(ctx context.Context, s monthly.Signing, number int) (*monthly.Signed, error) {
		return monthly.Void(ctx, v.Office, s, number)
	})
}

// startSigningByNumber is startSigning for actions on any batch of the month, not only its last.
func startSigningByNumber(v *web.Visit, verb string, act func(context.Context, monthly.Signing, int) (*monthly.Signed, error)) error {
	b, err := v.Batch()
	if err != nil {
		return err
	}
	return startSigning(v, verb, func(ctx context.Context, s monthly.Signing, p *web.Progress) (*monthly.Signed, error) {
		p.Step(verb)
		s.Digest = "" // an approved batch does not change
		return act(ctx, s, b.N)
	})
}

// judgeBatch starts the second, independent computation of a batch and reports differences.
func judgeBatch(v *web.Visit) error {
	b, err := v.Batch()
	if err != nil {
		return err
	}
	of, path := v.Office, fmt.Sprintf("/batch/%d", b.Number)
	return v.Start(web.Task{Kind: fmt.Sprintf("judge %d", b.Number), Title: "第二次独立计算 " + approval.Title(b), Bureau: b.Bureau,
		Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
			p.Step("第二次独立计算")
			differences, err := monthly.Judge(ctx, of, b.Number, func(done int) { p.Show(int64(done), 0) })
			if err != nil {
				return "", path, err
			}
			if len(differences) > 0 {
				return "", path, fault.New(fault.Refused, "第二次独立计算有 %d 处不一致，请联系维护人员：\n%s", len(differences), strings.Join(differences[:min(20, len(differences))], "\n"))
			}
			return approval.Title(b) + "与第二次独立计算逐行一致。", path, nil
		}})
}

var laterCache = web.NewCache(web.LargeCache, func(r *signing.LaterReport) int64 { return 4 * web.SizeOf(r.People) })
