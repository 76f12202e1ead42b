package imports

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/office"
	"disburse/internal/roster"
	"disburse/internal/store/imports"
	"disburse/internal/store/signing"
	"disburse/internal/store/work"
)

func ImportRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /imports", Posts: web.Readers, Do: importsPage},
		{Pattern: "POST /imports", Posts: web.Clerk, Long: true, Do: takeRoster},
		{Pattern: "GET /imports/{upload}", Posts: web.Clerk, Do: importPage},
		{Pattern: "POST /imports/roster/{upload}/try", Posts: web.Clerk, Do: tryAgain},
		{Pattern: "POST /imports/roster/{upload}/commit", Posts: web.Clerk, Do: commitRoster},
		{Pattern: "POST /imports/roster/{upload}/drop", Posts: web.Clerk, Do: dropRoster},
		{Pattern: "GET /imports/roster/{upload}/errors", Posts: web.Clerk, Do: errorsFile},
		{Pattern: "GET /imports/template", Posts: web.Readers, Do: rosterTemplate},
		{Pattern: "POST /imports/export", Posts: web.Readers, Do: exportRoster},
		{Pattern: "GET /imports/export/{upload}", Posts: web.Readers, Do: exportPage},
		{Pattern: "GET /imports/export/{upload}/file", Posts: web.Readers, Do: exportFile},
		{Pattern: "GET /imports/undo/{rev}", Posts: web.Clerk, Do: undoPage},
		{Pattern: "POST /imports/undo/{rev}", Posts: web.Clerk, Do: undoImport},
		{Pattern: "GET /imports/match", Posts: web.Clerk, Do: matchPage},
		{Pattern: "POST /imports/match", Posts: web.Clerk, Long: true, Do: takeMatch},
		{Pattern: "GET /imports/match/{upload}", Posts: web.Clerk, Do: matchedPage},
		{Pattern: "POST /imports/match/{upload}/commit", Posts: web.Clerk, Do: commitMatch},
		{Pattern: "GET /imports/match/{upload}/report", Posts: web.Clerk, Do: matchReport},
		{Pattern: "GET /imports/merge", Posts: web.Clerk, Do: mergePage},
		{Pattern: "POST /imports/merge", Posts: web.Clerk, Do: mergePeople},
	}
}

// rosterFile is the kind of a roster that was sent in.
const rosterFile = "花名册"

const pastImports = 50

// importsData is the page where rosters come in, with those that did.
type importsData struct {
	Clerk bool
	Past  []imports.PastImport
	Next  string
}

func importsPage(v *web.Visit) error {
	past, err := imports.ListImports(v.R.Context(), v.Office.DB, v.Office.Region, v.Before(), pastImports)
	if err != nil {
		return err
	}
	d := importsData{Clerk: v.User.Post == web.Clerk[0], Past: past}
	if len(past) == pastImports {
		d.Next = "/imports?before=" + strconv.FormatInt(past[len(past)-1].Rev, 10)
	}
	return v.Page("imports", "导入花名册", d)
}

// takeRoster keeps a roster that was sent in and tries it.
func takeRoster(v *web.Visit) error {
	u, err := v.SentIn("file", rosterFile, "一个 .xlsx 工作簿", roster.LookAtRoster)
	if err != nil {
		return err
	}
	return v.OrForget(u, try(v, u))
}

func tryAgain(v *web.Visit) error {
	u, err := v.KeptFile(rosterFile)
	if err != nil {
		return err
	}
	return try(v, u)
}

// trialKey is where what a trial found is kept. After a restart it is tried again.
func trialKey(v *web.Visit, kind string, upload int64) string {
	return fmt.Sprintf("%s/%d/%d", kind, v.Office.Region, upload)
}

// try finds out in the background what an import would do.
func try(v *web.Visit, u work.Upload) error {
	of, by, s, key := v.Office, v.By(""), v.Server, trialKey(v, "import", u.Number)
	return v.Start(web.Job{Kind: "import", Title: "试导入 " + u.Name, Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("读工作簿")
		var trial *signing.RosterTrial
		err := s.AsFile(ctx, u, func(path string) (err error) {
			trial, err = of.TryRoster(ctx, &office.RosterOrder{File: path, SentIn: true, By: by, Rows: func(n int) { p.Show(int64(n), 0) }, Tell: p.Step})
			return err
		})
		if err != nil {
			return web.FailedFile(ctx, of, u, err, "/imports", "/imports")
		}
		if err := web.Remember(s, key, &triedRoster{RosterTrial: trial}); err != nil {
			return "", "/imports", err
		}
		return "试导入完成，什么都还没有改动，请看结果", fmt.Sprintf("/imports/%d", u.Number), nil
	}})
}

// triedRoster is what a trial found; Done: it was imported since, and rows were refused.
type triedRoster struct {
	*signing.RosterTrial
	Done bool
}

// importData is what an import would do.
type importData struct {
	Upload   work.Upload
	Trial    *triedRoster     // nil: it must be tried again
	Stale    bool             // something became known since it was tried
	Problems []roster.Problem // the first of them
	Warnings []roster.Problem
	Effects  []signing.ImportEffect // on batches that the user may see
	Nothing  bool                   // it would change nothing
}

// shownProblems is how many refused rows a page shows; the workbook has all.
const shownProblems = 200

func importPage(v *web.Visit) error {
	u, err := v.KeptFile(rosterFile)
	if err != nil {
		return err
	}
	d := importData{Upload: u}
	if trial, ok := web.Remembered[*triedRoster](v.Server, trialKey(v, "import", u.Number)); ok {
		if err := showTrial(v, &d, trial); err != nil {
			return err
		}
	}
	return v.Page("import", "导入 "+u.Name, d)
}

func showTrial(v *web.Visit, d *importData, trial *triedRoster) error {
	head, _, err := v.Office.DB.Head(v.R.Context(), v.Office.Region)
	if err != nil {
		return err
	}
	d.Trial, d.Stale, d.Nothing = trial, !trial.Done && head != trial.Head, trial.Rev == 0
	d.Problems = trial.Problems[:min(shownProblems, len(trial.Problems))]
	d.Warnings = trial.Warnings[:min(shownProblems, len(trial.Warnings))]
	for _, e := range trial.Effects {
		if v.Sees(e.Batch.Bureau) {
			d.Effects = append(d.Effects, e)
		}
	}
	return nil
}

// commitRoster takes in the very file whose trial was shown.
func commitRoster(v *web.Visit) error {
	u, err := v.KeptFile(rosterFile)
	if err != nil {
		return err
	}
	of, by, s, key := v.Office, v.By(v.Typed("reason")), v.Server, trialKey(v, "import", u.Number)
	return v.Start(web.Job{Kind: "import", Title: "导入 " + u.Name, Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("读工作簿")
		var report *office.RosterImport
		err := s.AsFile(ctx, u, func(path string) (err error) {
			report, err = of.ImportRoster(ctx, &office.RosterOrder{File: path, SentIn: true, By: by, Rows: func(n int) { p.Show(int64(n), 0) }, Tell: p.Step})
			return err
		})
		page := fmt.Sprintf("/imports/%d", u.Number)
		if err != nil {
			return "", page, err
		}
		if report.Report.Refused > 0 { // the errors workbook is made from the file
			done := &triedRoster{RosterTrial: &signing.RosterTrial{Report: report.Report}, Done: true}
			return importSentence(report.Report), page, web.Remember(s, key, done)
		}
		return importSentence(report.Report), "/imports", work.DropUpload(ctx, of.DB, of.Region, u.Number)
	}})
}

// importSentence says what an import did.
func importSentence(r *roster.Report) string {
	if r.Rev == 0 {
		sentence := "表里说的都已登记，什么都没有改动"
		if waits := office.ImportWaits(r); waits != "" {
			sentence += "；" + waits + "（见“账户变更”）"
		}
		return sentence
	}
	var parts []string
	for _, p := range []struct {
		n    int
		name string
	}{{r.NewPeople, "新增 %s 人"}, {r.ChangedPeople, "变更 %s 人"}, {r.ChangedFacts, "情况 %s 项"}, {r.ChangedAwards, "核定金额 %s 项"},
		{r.ChangedPayees, "收款单位 %s 个"}, {r.Refused, "退回 %s 行"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf(p.name, web.Grouped(p.n)))
		}
	}
	if waits := office.ImportWaits(r); waits != "" {
		parts = append(parts, waits+"（见“账户变更”）")
	}
	if closes := office.ImportCloses(r); closes != "" {
		parts = append(parts, closes)
	}
	return fmt.Sprintf("已导入（修订 %d）：%s", r.Rev, strings.Join(parts, "，"))
}

// dropRoster forgets a file that is not to be imported.
func dropRoster(v *web.Visit) error {
	u, err := v.KeptFile(rosterFile)
	if err != nil {
		return err
	}
	if err := work.DropUpload(v.R.Context(), v.Office.DB, v.Office.Region, u.Number); err != nil {
		return err
	}
	return v.GoTo("/imports", "已放弃“"+u.Name+"”，什么都没有改动，文件已删除")
}

// errorsFile hands out the refused rows with their reasons, to be mended; it is recorded.
func errorsFile(v *web.Visit) error {
	u, err := v.KeptFile(rosterFile)
	if err != nil {
		return err
	}
	trial, ok := web.Remembered[*triedRoster](v.Server, trialKey(v, "import", u.Number))
	if !ok {
		return fault.New(fault.Refused, "试导入的结果已经不在了，请再试导入一次")
	}
	if len(trial.Problems) == 0 {
		return fault.New(fault.NotFound, "“%s”没有退回的行", u.Name)
	}
	name := "退回的行-" + strings.TrimSuffix(u.Name, filepath.Ext(u.Name)) + ".xlsx"
	return HandOver(v, name, func(out string) error {
		return v.AsFile(v.R.Context(), u, func(in string) error {
			return v.Office.RefusedRows(v.R.Context(), out, in, trial.Problems, v.By(""))
		})
	})
}

// Weight is about what the trial takes, in bytes.
func (x *triedRoster) Weight() int64 {
	return web.ProblemTexts*(web.SizeOf(x.Problems)+web.SizeOf(x.Warnings)) + web.SizeOf(x.Effects) + web.SizeOf(x.Changes)
}
