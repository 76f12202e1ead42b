package console

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/reports"
)

// ruling reads what a form decides.
func (v *visit) ruling() (form decisionForm, release bool, err error) {
	form = decisionForm{Ruling: v.form("ruling"), Reason: v.form("reason"), Chosen: map[string]bool{}}
	for _, id := range v.r.Form["finding"] {
		form.Chosen[id] = true
	}
	switch form.Ruling {
	case "release":
		release = true
	case "hold":
	default:
		return form, false, badInput("ruling", "发放或暂缓", "没有选“发放”或“暂缓”，请选一个")
	}
	if form.Reason == "" {
		err = badInput("reason", "理由", "处理疑点必须写明理由，请补上理由")
	}
	return form, release, err
}

// backToChecks is the list that a form was sent from.
func (v *visit) backToChecks(b payrun.Batch, kind string) string {
	q := url.Values{}
	for _, name := range []string{"open", "after"} {
		if x := v.form(name); x != "" {
			q.Set(name, x)
		}
	}
	q.Set("kind", kind)
	return fmt.Sprintf("/batch/%d/checks?%s", b.Number, q.Encode())
}

// decideChecks decides about the chosen findings, one or many, all or none.
func (v *visit) decideChecks() error {
	p, err := v.batchPage("checks")
	if err != nil {
		return err
	}
	form, release, err := v.ruling()
	chosen := v.r.Form["finding"]
	switch {
	case err != nil:
	case len(chosen) == 0:
		err = badInput("finding", "要处理的行", "没有选中任何一项，请先勾选要处理的行")
	case len(chosen) == 1:
		err = v.office.Decide(v.r.Context(), chosen[0], release, v.by(form.Reason))
	default:
		err = v.decideMany(p.Batch, chosen, release, form.Reason)
	}
	if err != nil {
		return v.showChecks(p, form, "decide", err)
	}
	return v.goTo(v.backToChecks(p.Batch, v.form("kind")), fmt.Sprintf("已决定 %d 项：%s。下一次计算起生效。", len(chosen), rulingWord(release)))
}

func rulingWord(release bool) string {
	if release {
		return "发放"
	}
	return "暂缓"
}

func (v *visit) decideMany(b payrun.Batch, ids []string, release bool, reason string) error {
	var rulings []postgres.Ruling
	for _, id := range ids {
		rulings = append(rulings, postgres.Ruling{Finding: id, Release: release, Reason: reason})
	}
	done, err := v.office.DecideAll(v.r.Context(), approval.Title(b)+" 选中的疑点", rulings, v.by(reason))
	if err != nil {
		return err
	}
	for i := range rulings { // the first that stands in the way; nothing was decided
		if wrong := done.Wrong[i]; wrong != nil {
			return wrong
		}
	}
	return nil
}

// lastBatch is batch for what is about a month's last batch alone.
func (v *visit) lastBatch() (payrun.Batch, error) {
	b, err := v.batch()
	if err != nil {
		return b, err
	}
	last, err := v.office.DB.LatestBatch(v.r.Context(), v.office.Region, b.Month, b.Bureau)
	if err == nil && last.Number != b.Number {
		err = fault.New(fault.Refused, "%s不是本月最后一批，疑点请在%s里处理", approval.Title(b), approval.Title(last))
	}
	return b, err
}

// decideKind decides about all open findings of a kind.
func (v *visit) decideKind() error {
	if _, err := v.lastBatch(); err != nil {
		return err
	}
	p, err := v.batchPage("checks")
	if err != nil {
		return err
	}
	kind := v.form("kind")
	form, release, err := v.ruling()
	var done postgres.Decided
	if err == nil {
		done, err = v.office.DecideKind(v.r.Context(), p.Batch.Month, kind, release, v.by(form.Reason))
	}
	if err != nil {
		return v.showChecks(p, form, "decide-kind", err)
	}
	return v.goTo(v.backToChecks(p.Batch, kind), fmt.Sprintf("“%s”已决定 %d 项：%s。下一次计算起生效。", kind, done.Released+done.Held, rulingWord(release)))
}

// checksWorkbook hands out what may be decided about, as a workbook to fill in.
func (v *visit) checksWorkbook() error {
	b, err := v.lastBatch()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "disburse-checks-")
	if err != nil {
		return noRoom(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	name := fmt.Sprintf("%s%s疑点.xlsx", b.Bureau, b.Month)
	by := v.by("")
	if _, _, err := v.office.ChecksWorkbook(v.r.Context(), b.Month, b.Bureau, filepath.Join(dir, name), by); err != nil {
		return withoutFolder(err, dir)
	}
	if err := v.office.DB.LogAccess(v.r.Context(), v.office.Region, by, journal.Access{Action: journal.Exported, Subject: "疑点表", Scope: b.Month.String() + " " + b.Bureau}); err != nil {
		return err
	}
	return v.sendFile(name, filepath.Join(dir, name))
}

// rulingsKind is the kind of a workbook of decisions that was sent in.
const rulingsKind = "疑点表"

// uploadRulings takes the decisions of a workbook that was filled in, as work.
func (v *visit) uploadRulings() error {
	b, err := v.lastBatch()
	if err != nil {
		return err
	}
	u, err := v.sentIn("workbook", rulingsKind, "填写过的疑点表", nil)
	if err != nil {
		return err
	}
	by, path := v.by(""), fmt.Sprintf("/batch/%d/checks", b.Number)
	return v.orForget(u, v.start(job{kind: fmt.Sprintf("rulings %d", b.Number), title: "处理疑点 " + approval.Title(b), bureau: b.Bureau,
		do: func(ctx context.Context, p *progress) (string, string, error) {
			p.Step("读疑点表")
			sentence, err := v.takeRulings(ctx, b, u, by)
			return sentence, path, errors.Join(err, v.office.DB.DropUpload(context.WithoutCancel(ctx), v.office.Region, u.Number))
		}}))
}

// listedProblems is how many wrong rows a sentence names.
const listedProblems = 30

func (v *visit) takeRulings(ctx context.Context, b payrun.Batch, u postgres.Upload, by journal.By) (string, error) {
	var done postgres.Decided
	var problems []reports.RulingProblem
	err := v.asFile(ctx, u, func(file string) (err error) {
		done, problems, err = v.office.DecideFrom(ctx, b.Month, file, by)
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

// withoutFolder takes the server's folder out of a sentence: users know their file by name.
func withoutFolder(err error, dir string) error {
	if fault.CodeOf(err) == fault.Internal {
		return err
	}
	return fault.Wrap(err, fault.CodeOf(err), "%s", strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""))
}
