package console

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// signPanel is what the user can do with a batch by their post, and what must be seen
// before.
type signPanel struct {
	Actions []signAction
	Why     string                // why the user cannot sign although it is their post's turn
	Later   *postgres.LaterReport // nil: nothing became known, or nothing is to be signed
	Said    string                // what the later changes come to
	Grave   bool                  // they forbid signing
	Notices []postgres.FindingRow // to be acknowledged with 提交
	More    int                   // of them that are not listed
	Rerun   bool                  // the user can have the month computed again
	Waiting string                // names the changes that wait for a second person; empty: none
}

// signAction is one form of the panel.
type signAction struct {
	Name    string
	Path    string
	Reason  string // what the field for the reason, which must be given, is called; empty: there is none
	Notices int    // findings that it acknowledges
	Danger  bool
	Confirm string
	Stopped bool // cannot be done while the later changes are grave
}

// Lists on the panel end here; the rest is on the page that is linked.
const panelRows = 100

func (v *visit) signPanel(p *batchPage, d *overviewData) (*signPanel, error) {
	panel := &signPanel{}
	if !p.People {
		return panel, nil
	}
	if p.Draft && p.Latest {
		if err := v.addLater(p.Batch, panel); err != nil {
			return nil, err
		}
		waiting, err := v.office.DB.WaitingIn(v.r.Context(), v.office.Region, p.Batch)
		if err != nil {
			return nil, err
		}
		panel.Waiting = office.WaitingSentence(waiting)
	}
	if !p.Signs {
		return panel, nil
	}
	second := false
	if p.Batch.State == payrun.Reviewed {
		var err error
		if second, err = v.office.NeedsSecond(v.r.Context(), p.Batch); err != nil {
			return nil, err
		}
	}
	panel.Rerun = v.user.Post == approval.Clerk && p.Batch.State.Unsigned() && p.Latest
	if p.Latest {
		v.addSigning(p, d, panel, second)
	}
	v.addAfterwards(p, d, panel)
	if v.user.Post == approval.Clerk && p.Batch.State.Unsigned() && p.Stand.Notices > 0 {
		var err error
		panel.Notices, err = v.office.DB.FindingsAt(v.r.Context(), v.office.Region, p.Batch.Number, payrun.Acknowledge, panelRows)
		panel.More = p.Stand.Notices - len(panel.Notices)
		return panel, err
	}
	return panel, nil
}

// addLater adds what became known of people in the batch, with its effect.
func (v *visit) addLater(b payrun.Batch, panel *signPanel) error {
	head, _, err := v.office.DB.Head(v.r.Context(), v.office.Region)
	if err != nil {
		return err
	}
	report, err := laterCache.of(v.Server).get(fmt.Sprintf("%d %s %d", b.Number, b.State, head), func() (*postgres.LaterReport, error) {
		return v.office.Changes(v.life, b.Month, b.Bureau)
	})
	if err != nil || len(report.People) == 0 {
		return err
	}
	panel.Later, panel.Said = report, office.ChangesSentence(report)
	panel.Grave = len(report.People[0].Grave) > 0 // those come first
	return nil
}

// addSigning adds what can be done with a batch on its way to approval.
func (v *visit) addSigning(p *batchPage, d *overviewData, panel *signPanel, second bool) {
	approving := approval.Approving(p.Batch, second)
	forms := []struct {
		action approval.Action
		form   signAction
	}{
		{approval.Submit, signAction{Name: "提交", Path: "submit", Reason: "确认这些检查结果的理由", Notices: p.Stand.Notices}},
		{approval.Review, signAction{Name: "复核通过", Path: "review"}},
		{approving, signAction{Name: approving.String() + "通过", Path: "approve"}},
		{approval.Return, signAction{Name: "退回", Path: "return", Reason: "退回原因", Danger: true}},
	}
	for _, f := range forms {
		err := f.action.Check(v.user, p.Batch, d.Signatures, "理由")
		switch {
		case err == nil && f.action == approval.Submit && p.Stand.Blocking > 0:
			panel.Why = fmt.Sprintf("有 %d 项检查结果必须先改正，再重新计算，才能提交。", p.Stand.Blocking)
		case err == nil:
			if f.form.Notices == 0 && f.action == approval.Submit {
				f.form.Reason = ""
			}
			f.form.Stopped = panel.Grave && f.action != approval.Return
			panel.Actions = append(panel.Actions, f.form)
		case fault.Is(err, fault.Denied) && f.action == approving && p.Batch.State == payrun.Endorsed && v.user.Post == approval.Approver:
			panel.Why = err.Error()
		}
	}
}

// addAfterwards adds what can be done with an approved batch.
func (v *visit) addAfterwards(p *batchPage, d *overviewData, panel *signPanel) {
	sent := !p.Stand.SentAt.IsZero()
	if approval.CheckSent(v.user, p.Batch, sent, d.Voids, "理由") == nil && p.Stand.Payments.All.Payments > 0 {
		send := signAction{Name: "登记送银行", Path: "sent", Confirm: "银行文件确实已经送到银行了吗？登记以后，这一批不能再作废。"}
		if len(d.Voids) > 0 {
			send.Reason, send.Danger = "不等作废、已送银行的理由", true
			send.Confirm = d.Voids[0].Actor + "申请作废这一批（" + d.Voids[0].Reason + "）。登记送银行以后申请失效，这一批不能再作废。银行文件确实已经送到银行了吗？"
		}
		panel.Actions = append(panel.Actions, send)
	}
	switch err := approval.CheckVoid(v.user, p.Batch, sent, d.Voids, "理由"); {
	case err == nil && len(d.Voids) == 0:
		panel.Actions = append(panel.Actions, signAction{Name: "申请作废", Path: "void", Reason: "作废理由", Danger: true})
	case err == nil:
		panel.Actions = append(panel.Actions, signAction{Name: "确认作废", Path: "void", Reason: "作废理由", Danger: true,
			Confirm: "确认以后，这一批的款项全部从台账冲回，不能撤销。"})
	case fault.Is(err, fault.Denied) && len(d.Voids) == 1 && slices.Contains(checkers, v.user.Post):
		panel.Why = err.Error()
	}
}

// signs begins a signature as work. The batch must still be what the user has seen: the
// form carries its digest.
func (v *visit) signs(verb string, act func(context.Context, office.Signing, *progress) (*office.Signed, error)) error {
	b, err := v.batch()
	if err != nil {
		return err
	}
	if v.form("digest") != b.Digest {
		return fault.New(fault.Refused, "您打开页面以后，%s重新计算过，请重新打开，看过新的结果再办", approval.Title(b))
	}
	s := office.Signing{Month: b.Month, Bureau: b.Bureau, By: v.by(v.form("reason")), Digest: b.Digest}
	path := fmt.Sprintf("/batch/%d", b.Number)
	return v.start(job{kind: fmt.Sprintf("sign %d", b.Number), title: verb + " " + approval.Title(b), bureau: b.Bureau,
		do: func(ctx context.Context, p *progress) (string, string, error) {
			signed, err := act(ctx, s, p)
			if err != nil {
				return "", path, err
			}
			return signedSentence(verb, signed), path, nil
		}})
}

// signedSentence says what a signature has made of the batch.
func signedSentence(verb string, s *office.Signed) string {
	var b strings.Builder
	if verb == voiding && s.Batch.State != payrun.Voided {
		return "已申请作废" + approval.Title(s.Batch) + "，等另一位复核或审批岗位的人确认；确认以前不要送银行。"
	}
	fmt.Fprintf(&b, "%s：%s已办理，现在是“%s”。", verb, approval.Title(s.Batch), s.Batch.State.Chinese())
	if s.Later != nil && len(s.Later.People) > 0 {
		b.WriteString("\n" + office.ChangesSentence(s.Later) + "。")
	}
	if waits := office.WaitingSentence(s.Waiting); waits != "" {
		b.WriteString("\n" + waits + "。")
	}
	return b.String()
}

func (v *visit) submitBatch() error {
	all := v.form("acknowledged") != ""
	return v.signs("提交", func(ctx context.Context, s office.Signing, p *progress) (*office.Signed, error) {
		p.Step("第二次独立计算")
		return v.office.Submit(ctx, s, office.Submission{AcknowledgeAll: all, Progress: func(done int) { p.show(int64(done), 0) }})
	})
}

func (v *visit) reviewBatch() error {
	return v.signs("复核", func(ctx context.Context, s office.Signing, p *progress) (*office.Signed, error) {
		p.Step("核对明细与摘要")
		return v.office.Review(ctx, s)
	})
}

func (v *visit) approveBatch() error {
	return v.signs("审批", func(ctx context.Context, s office.Signing, p *progress) (*office.Signed, error) {
		p.Step("核对、记入台账、生成付款")
		return v.office.Approve(ctx, s)
	})
}

func (v *visit) returnBatch() error {
	return v.signs("退回", func(ctx context.Context, s office.Signing, _ *progress) (*office.Signed, error) {
		return v.office.Return(ctx, s)
	})
}

func (v *visit) sendBatch() error {
	return v.numbered("登记送银行", v.office.Sent)
}

const voiding = "作废"

func (v *visit) voidBatch() error {
	return v.numbered(voiding, v.office.Void)
}

// numbered is signs for what is done to a batch by its number within the month, which
// need not be the last.
func (v *visit) numbered(verb string, act func(context.Context, office.Signing, int) (*office.Signed, error)) error {
	b, err := v.batch()
	if err != nil {
		return err
	}
	return v.signs(verb, func(ctx context.Context, s office.Signing, p *progress) (*office.Signed, error) {
		p.Step(verb)
		s.Digest = "" // an approved batch stays what it is
		return act(ctx, s, b.N)
	})
}

// judgeBatch has the batch computed a second time, and says what came of it.
func (v *visit) judgeBatch() error {
	b, err := v.batch()
	if err != nil {
		return err
	}
	of, path := v.office, fmt.Sprintf("/batch/%d", b.Number)
	return v.start(job{kind: fmt.Sprintf("judge %d", b.Number), title: "第二次独立计算 " + approval.Title(b), bureau: b.Bureau,
		do: func(ctx context.Context, p *progress) (string, string, error) {
			p.Step("第二次独立计算")
			differences, err := of.Judge(ctx, b.Number, func(done int) { p.show(int64(done), 0) })
			if err != nil {
				return "", path, err
			}
			if len(differences) > 0 {
				return "", path, fault.New(fault.Refused, "第二次独立计算有 %d 处不一致，请联系维护人员：\n%s", len(differences), strings.Join(differences[:min(20, len(differences))], "\n"))
			}
			return approval.Title(b) + "与第二次独立计算逐行一致。", path, nil
		}})
}

var laterCache = newKind(largeRoom, func(r *postgres.LaterReport) int64 { return 4 * sizeOf(r.People) })
