package batch

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/office/monthly"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/signing"
	"disburse/internal/store/work"
	"disburse/reports/worklists"
)

// ruling parses the form of a decision.
func ruling(v *web.Visit) (form decisionForm, release bool, err error) {
	form = decisionForm{Ruling: v.Form("ruling"), Reason: v.Form("reason"), Chosen: map[string]bool{}}
	for _, id := range v.R.Form["finding"] {
		form.Chosen[id] = true
	}
	switch form.Ruling {
	case "release":
		release = true
	case "hold":
	default:
		return form, false, web.BadInput("ruling", "发放或暂缓", "没有选“发放”或“暂缓”，请选一个")
	}
	if form.Reason == "" {
		err = web.BadInput("reason", "理由", "处理疑点必须写明理由，请补上理由")
	}
	return form, release, err
}

// backToChecks is the address of the list that the form was on.
func backToChecks(v *web.Visit, b payrun.Batch, kind string) string {
	q := url.Values{}
	for _, name := range []string{"open", "after"} {
		if x := v.Form(name); x != "" {
			q.Set(name, x)
		}
	}
	q.Set("kind", kind)
	return fmt.Sprintf("/batch/%d/checks?%s", b.Number, q.Encode())
}

// decideChecks decides about the selected findings: about all of them or, on an error, none.
func decideChecks(v *web.Visit) error {
	p, err := pageOf(v, "checks")
	if err != nil {
		return err
	}
	form, release, err := ruling(v)
	chosen := v.R.Form["finding"]
	switch {
	case err != nil:
	case len(chosen) == 0:
		err = web.BadInput("finding", "要处理的行", "没有选中任何一项，请先勾选要处理的行")
	case len(chosen) == 1:
		err = monthly.Decide(v.R.Context(), v.Office, chosen[0], release, v.By(form.Reason))
	default:
		err = decideMany(v, p.Batch, chosen, release, form.Reason)
	}
	if err != nil {
		return showChecks(v, p, form, "decide", err)
	}
	return v.Redirect(backToChecks(v, p.Batch, v.Form("kind")), fmt.Sprintf("已决定 %d 项：%s。下一次计算起生效。", len(chosen), rulingWord(release)))
}

// rulingWord names a ruling.
func rulingWord(release bool) string {
	if release {
		return "发放"
	}
	return "暂缓"
}

// decideMany decides about several findings in one revision.
func decideMany(v *web.Visit, b payrun.Batch, ids []string, release bool, reason string) error {
	var rulings []signing.Ruling
	for _, id := range ids {
		rulings = append(rulings, signing.Ruling{Finding: id, Release: release, Reason: reason})
	}
	done, err := monthly.DecideAll(v.R.Context(), v.Office, approval.Title(b)+" 选中的疑点", rulings, v.By(reason))
	if err != nil {
		return err
	}
	for i := range rulings { // one that cannot be decided about refuses all
		if wrong := done.Wrong[i]; wrong != nil {
			return wrong
		}
	}
	return nil
}

// lastBatch is Visit.Batch for actions that only the last batch of a month allows. Errors:
// fault.Refused for an earlier one.
func lastBatch(v *web.Visit) (payrun.Batch, error) {
	b, err := v.Batch()
	if err != nil {
		return b, err
	}
	last, err := batches.Latest(v.R.Context(), v.Office.DB, v.Office.Region, b.Month, b.Bureau)
	if err == nil && last.Number != b.Number {
		err = fault.New(fault.Refused, "%s不是本月最后一批，疑点请在%s里处理", approval.Title(b), approval.Title(last))
	}
	return b, err
}

// decideKind decides about all undecided findings of a kind.
func decideKind(v *web.Visit) error {
	if _, err := lastBatch(v); err != nil {
		return err
	}
	p, err := pageOf(v, "checks")
	if err != nil {
		return err
	}
	kind := v.Form("kind")
	form, release, err := ruling(v)
	var done signing.BulkResult
	if err == nil {
		done, err = monthly.DecideKind(v.R.Context(), v.Office, p.Batch.Month, kind, release, v.By(form.Reason))
	}
	if err != nil {
		return showChecks(v, p, form, "decide-kind", err)
	}
	return v.Redirect(backToChecks(v, p.Batch, kind), fmt.Sprintf("“%s”已决定 %d 项：%s。下一次计算起生效。", kind, done.Released+done.Held, rulingWord(release)))
}

// checksWorkbook sends the findings to decide about as a workbook to fill in. The access is
// logged.
func checksWorkbook(v *web.Visit) error {
	b, err := lastBatch(v)
	if err != nil {
		return err
	}
	by := v.By("")
	return v.SendWritten(fmt.Sprintf("%s%s疑点.xlsx", b.Bureau, b.Month), func(path string) error {
		if _, _, err := monthly.ChecksWorkbook(v.R.Context(), v.Office, b.Month, b.Bureau, path, by); err != nil {
			return err
		}
		return v.Office.LogAccess(v.R.Context(), by, journal.Exported, "疑点表", 0, b.Month.String(), b.Bureau)
	})
}

// rulingsKind is the upload kind of workbooks with decisions.
const rulingsKind = "疑点表"

// uploadRulings registers the decisions of a filled-in workbook as a task.
func uploadRulings(v *web.Visit) error {
	b, err := lastBatch(v)
	if err != nil {
		return err
	}
	u, err := v.SaveUpload("workbook", rulingsKind, "填写过的疑点表", nil)
	if err != nil {
		return err
	}
	by, path := v.By(""), fmt.Sprintf("/batch/%d/checks", b.Number)
	return v.DropIfFailed(u, v.Start(web.Task{Kind: fmt.Sprintf("rulings %d", b.Number), Title: "处理疑点 " + approval.Title(b), Bureau: b.Bureau,
		Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
			p.Step("读疑点表")
			sentence, err := takeRulings(ctx, v, b, u, by)
			return sentence, path, errors.Join(err, work.DeleteUpload(context.WithoutCancel(ctx), v.Office.DB, v.Office.Region, u.Number))
		}}))
}

// listedProblems is how many refused rows the sentence on a workbook lists.
const listedProblems = 30

// takeRulings registers the decisions of a workbook: all, or none if a row is refused.
func takeRulings(ctx context.Context, v *web.Visit, b payrun.Batch, u work.Upload, by journal.By) (string, error) {
	var done signing.BulkResult
	var problems []worklists.RulingProblem
	err := v.Server.WithUploadFile(ctx, u, func(file string) (err error) {
		done, problems, err = monthly.DecideFrom(ctx, v.Office, b.Month, file, by)
		return err
	})
	name := u.Name
	if len(problems) > 0 {
		var say strings.Builder
		fmt.Fprintf(&say, "“%s”有 %d 行不能处理，什么都没有改动，请改正后重新上传：", name, len(problems))
		for _, x := range problems[:min(len(problems), listedProblems)] {
			fmt.Fprintf(&say, "\n第 %d 行 %s“%s”：%s", x.Row, x.Column, x.Value, x.Reason)
		}
		return "", fault.New(fault.Invalid, "%s", say.String())
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("已按“%s”决定：发放 %d 项，暂缓 %d 项，没有变化 %d 项。下一次计算起生效。", name, done.Released, done.Held, done.Same), nil
}
