package recovery

import (
	"fmt"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/office/finance"
	"disburse/internal/store/recovery"
)

// waiversData is the data of the page of requests for write-offs (核销申请).
type waiversData struct {
	Pending  []waiverRow
	Answered []waiverRow
	Next     string
}

type waiverRow struct {
	recovery.WaiverRequest
	ItemName string
	Link     string
	Grant    bool // the user may confirm it
	Refuse   bool // the user may refuse it, or withdraw it
	Own      bool
}

func waiversPage(v *web.Visit) error {
	ctx, db, region := v.R.Context(), v.Office.DB, v.Office.Region
	var d waiversData
	pending, err := recovery.PendingWaivers(ctx, db, region, v.User.Bureau)
	if err != nil {
		return err
	}
	answered, err := recovery.AnsweredWaivers(ctx, db, region, v.User.Bureau, v.CursorBefore(), web.PageRows)
	if err != nil {
		return err
	}
	for _, w := range pending {
		d.Pending = append(d.Pending, showWaiver(v, w))
	}
	for _, w := range answered {
		d.Answered = append(d.Answered, showWaiver(v, w))
	}
	if n := len(answered); n == web.PageRows {
		d.Next = fmt.Sprintf("/recovery/waivers?before=%d", answered[n-1].N)
	}
	return v.Page("waivers", "核销申请", d)
}

// showWaiver makes a row with what the user may do. Nobody confirms their own request.
func showWaiver(v *web.Visit, w recovery.WaiverRequest) waiverRow {
	r := waiverRow{WaiverRequest: w, ItemName: v.ItemTitle(w.Item), Link: personLink(w.Person), Own: w.Actor == v.User.Name}
	approves := v.User.Post == approval.Approver && v.User.Bureau == w.Bureau
	r.Grant, r.Refuse = approves && !r.Own, approves || r.Own
	return r
}

// waiverAnswer confirms, refuses or withdraws a pending request.
func waiverAnswer(v *web.Visit) error {
	n, err := v.PathNumber("n")
	if err != nil {
		return err
	}
	all, err := recovery.PendingWaivers(v.R.Context(), v.Office.DB, v.Office.Region, v.User.Bureau)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(w recovery.WaiverRequest) bool { return int64(w.N) == n }) {
		return fault.New(fault.NotFound, "您的单位没有等待答复的第 %d 号核销申请，可能已有人答复", n)
	}
	grant := v.Form("answer") == "grant"
	if !grant && v.Form("reason") == "" {
		return fault.New(fault.Invalid, "驳回或撤回核销申请必须写明理由，请返回补上")
	}
	w, err := finance.AnswerWaiver(v.R.Context(), v.Office, int(n), grant, v.By(v.Form("reason")))
	if err != nil {
		return err
	}
	return v.Redirect("/recovery/waivers", fmt.Sprintf("第 %d 号核销申请%s：%s %s 元。", w.N, w.State, w.Name, web.Yuan(w.Amount)))
}

// WaiverTodos is an entry of the to-do list: requests of others that 审批 must answer.
func WaiverTodos(v *web.Visit) ([]web.Todo, error) {
	if v.User.Post != approval.Approver {
		return nil, nil
	}
	pending, err := recovery.PendingWaivers(v.R.Context(), v.Office.DB, v.Office.Region, v.User.Bureau)
	n := 0
	for _, w := range pending {
		if w.Actor != v.User.Name {
			n++
		}
	}
	if err != nil || n == 0 {
		return nil, err
	}
	return []web.Todo{{What: fmt.Sprintf("%d 个核销申请等答复", n), Name: "去答复", Path: "/recovery/waivers"}}, nil
}
