package console

import (
	"fmt"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/postgres"
)

// waiversData is the page of waiver requests.
type waiversData struct {
	Pending  []waiverRow
	Answered []waiverRow
	Next     string
}

type waiverRow struct {
	postgres.WaiverRequest
	ItemName string
	Link     string
	Grant    bool // the user may confirm it
	Refuse   bool // the user may refuse it, or withdraw it
	Own      bool
}

func (v *visit) waiversPage() error {
	ctx, db, region := v.r.Context(), v.office.DB, v.office.Region
	var d waiversData
	pending, err := db.PendingWaivers(ctx, region, v.user.Bureau)
	if err != nil {
		return err
	}
	answered, err := db.AnsweredWaivers(ctx, region, v.user.Bureau, v.before(), auditRows)
	if err != nil {
		return err
	}
	for _, w := range pending {
		d.Pending = append(d.Pending, v.waiverRow(w))
	}
	for _, w := range answered {
		d.Answered = append(d.Answered, v.waiverRow(w))
	}
	if n := len(answered); n == auditRows {
		d.Next = fmt.Sprintf("/recovery/waivers?before=%d", answered[n-1].N)
	}
	return v.page("waivers", "核销申请", d)
}

func (v *visit) waiverRow(w postgres.WaiverRequest) waiverRow {
	r := waiverRow{WaiverRequest: w, ItemName: v.itemTitle(w.Item), Link: personLink(w.Person), Own: w.Actor == v.user.Name}
	approves := v.user.Post == approval.Approver && v.user.Bureau == w.Bureau
	r.Grant, r.Refuse = approves && !r.Own, approves || r.Own
	return r
}

// waiverTone is the colour in which the state of a request is shown.
func waiverTone(state string) string {
	switch state {
	case postgres.WaiverPending:
		return "todo"
	case postgres.WaiverGranted:
		return "good"
	}
	return "bad"
}

// waiverAnswer confirms a request, refuses it, or withdraws it.
func (v *visit) waiverAnswer() error {
	n, err := v.number("n")
	if err != nil {
		return err
	}
	all, err := v.office.DB.PendingWaivers(v.r.Context(), v.office.Region, v.user.Bureau)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(w postgres.WaiverRequest) bool { return int64(w.N) == n }) {
		return fault.New(fault.NotFound, "您的单位没有等待答复的第 %d 号核销申请，可能已有人答复", n)
	}
	grant := v.form("answer") == "grant"
	if !grant && v.form("reason") == "" {
		return fault.New(fault.Invalid, "驳回或撤回核销申请必须写明理由，请返回补上")
	}
	w, err := v.office.AnswerWaiver(v.r.Context(), int(n), grant, v.by(v.form("reason")))
	if err != nil {
		return err
	}
	return v.goTo("/recovery/waivers", fmt.Sprintf("第 %d 号核销申请%s：%s %s 元。", w.N, w.State, w.Name, yuan(w.Amount)))
}

// waiverTodos are the waiver requests that wait for the user.
func (v *visit) waiverTodos() ([]todo, error) {
	if v.user.Post != approval.Approver {
		return nil, nil
	}
	pending, err := v.office.DB.PendingWaivers(v.r.Context(), v.office.Region, v.user.Bureau)
	n := 0
	for _, w := range pending {
		if w.Actor != v.user.Name {
			n++
		}
	}
	if err != nil || n == 0 {
		return nil, err
	}
	return []todo{{What: fmt.Sprintf("%d 个核销申请等答复", n), Name: "去答复", Path: "/recovery/waivers"}}, nil
}
