package imports

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/office/rosters"
	"disburse/internal/roster"
	"disburse/internal/roster/read"
	"disburse/internal/store/imports"
	"disburse/internal/store/signing"
	"disburse/internal/store/work"
)

// rosterFile is the upload kind of rosters.
const rosterFile = "花名册"

// importsData is the data of the upload page: the form and the list of past imports.
type importsData struct {
	Clerk bool
	Past  []imports.PastImport
	Next  string
}

func importsPage(v *web.Visit) error {
	past, err := imports.ListImports(v.R.Context(), v.Office.DB, v.Office.Region, v.CursorBefore(), web.PageRows)
	if err != nil {
		return err
	}
	d := importsData{Clerk: v.User.Post == web.Clerk[0], Past: past}
	if len(past) == web.PageRows {
		d.Next = "/imports?before=" + strconv.FormatInt(past[len(past)-1].Rev, 10)
	}
	return v.Page("imports", "导入花名册", d)
}

// takeRoster stores an uploaded roster and starts a trial import.
func takeRoster(v *web.Visit) error {
	u, err := v.SaveUpload("file", rosterFile, "一个 .xlsx 工作簿", read.CheckRoster)
	if err != nil {
		return err
	}
	return v.DropIfFailed(u, tryRoster(v, u))
}

// retryRoster repeats the trial, after changes or when its result was evicted.
func retryRoster(v *web.Visit) error {
	u, err := v.OwnUpload(rosterFile)
	if err != nil {
		return err
	}
	return tryRoster(v, u)
}

// trialKey is the cache key of a trial of a kind.
func trialKey(v *web.Visit, kind string, upload int64) string {
	return fmt.Sprintf("%s/%d/%d", kind, v.Office.Region, upload)
}

// tryRoster does a dry run of an import in the background.
func tryRoster(v *web.Visit, u work.Upload) error {
	of, by, s, key := v.Office, v.By(""), v.Server, trialKey(v, "import", u.Number)
	return v.Start(web.Task{Kind: "import", Title: "试导入 " + u.Name, Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("读工作簿")
		var trial *signing.RosterTrial
		err := s.WithUploadFile(ctx, u, func(path string) (err error) {
			trial, err = rosters.TryImport(ctx, of, &rosters.Order{File: path, SentIn: true, By: by, Rows: func(n int) { p.Show(int64(n), 0) }, Tell: p.Step})
			return err
		})
		if err != nil {
			return web.FailedFile(ctx, of, u, err, "/imports", "/imports")
		}
		web.PutTrial(s, key, &triedRoster{RosterTrial: trial})
		return "试导入完成，什么都还没有改动，请看结果", fmt.Sprintf("/imports/%d", u.Number), nil
	}})
}

// triedRoster is the result of a trial. Done: it was imported since, with refused rows.
type triedRoster struct {
	*signing.RosterTrial
	Done bool
}

// importData is the data of the page of a trial.
type importData struct {
	Upload   work.Upload
	Trial    *triedRoster     // nil: none or evicted, it must be repeated
	Stale    bool             // the roster has changed since the trial
	Problems []roster.Problem // the first of them
	Warnings []roster.Problem
	Effects  []signing.ImportEffect // on batches that the user may see
	Nothing  bool                   // it would change nothing
}

func importPage(v *web.Visit) error {
	u, err := v.OwnUpload(rosterFile)
	if err != nil {
		return err
	}
	d := importData{Upload: u}
	if trial, ok := web.GetTrial[*triedRoster](v.Server, trialKey(v, "import", u.Number)); ok {
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
	d.Problems = trial.Problems[:min(web.ListedProblems, len(trial.Problems))]
	d.Warnings = trial.Warnings[:min(web.ListedProblems, len(trial.Warnings))]
	for _, e := range trial.Effects {
		if v.Sees(e.Batch.Bureau) {
			d.Effects = append(d.Effects, e)
		}
	}
	return nil
}

// commitRoster imports the stored file whose trial was shown, so that what is imported is what
// was reviewed.
func commitRoster(v *web.Visit) error {
	u, err := v.OwnUpload(rosterFile)
	if err != nil {
		return err
	}
	of, by, s, key := v.Office, v.By(v.Typed("reason")), v.Server, trialKey(v, "import", u.Number)
	return v.Start(web.Task{Kind: "import", Title: "导入 " + u.Name, Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("读工作簿")
		var report *rosters.Imported
		err := s.WithUploadFile(ctx, u, func(path string) (err error) {
			report, err = rosters.Import(ctx, of, &rosters.Order{File: path, SentIn: true, By: by, Rows: func(n int) { p.Show(int64(n), 0) }, Tell: p.Step})
			return err
		})
		page := fmt.Sprintf("/imports/%d", u.Number)
		if err != nil {
			return "", page, err
		}
		if report.Report.Refused > 0 { // the file stays: the workbook of errors is made from it
			done := &triedRoster{RosterTrial: &signing.RosterTrial{Report: report.Report}, Done: true}
			web.PutTrial(s, key, done)
			return importSentence(report.Report), page, nil
		}
		return importSentence(report.Report), "/imports", work.DeleteUpload(ctx, of.DB, of.Region, u.Number)
	}})
}

// importSentence sums up an import.
func importSentence(r *roster.Report) string {
	if r.Rev == 0 {
		sentence := "表里说的都已登记，什么都没有改动"
		if waits := rosters.ImportWaits(r); waits != "" {
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
	if waits := rosters.ImportWaits(r); waits != "" {
		parts = append(parts, waits+"（见“账户变更”）")
	}
	if closes := rosters.ImportCloses(r); closes != "" {
		parts = append(parts, closes)
	}
	return fmt.Sprintf("已导入（修订 %d）：%s", r.Rev, strings.Join(parts, "，"))
}

// dropRoster deletes an upload that is not to be imported.
func dropRoster(v *web.Visit) error {
	u, err := v.OwnUpload(rosterFile)
	if err != nil {
		return err
	}
	if err := work.DeleteUpload(v.R.Context(), v.Office.DB, v.Office.Region, u.Number); err != nil {
		return err
	}
	return v.Redirect("/imports", "已放弃“"+u.Name+"”，什么都没有改动，文件已删除")
}

// errorsFile sends the refused rows with their reasons as a workbook to correct and import.
// The access is logged.
func errorsFile(v *web.Visit) error {
	u, err := v.OwnUpload(rosterFile)
	if err != nil {
		return err
	}
	trial, ok := web.GetTrial[*triedRoster](v.Server, trialKey(v, "import", u.Number))
	if !ok {
		return fault.New(fault.Refused, "试导入的结果已经不在了，请再试导入一次")
	}
	if len(trial.Problems) == 0 {
		return fault.New(fault.NotFound, "“%s”没有退回的行", u.Name)
	}
	name := "退回的行-" + strings.TrimSuffix(u.Name, filepath.Ext(u.Name)) + ".xlsx"
	return v.SendWritten(name, func(out string) error {
		return v.Server.WithUploadFile(v.R.Context(), u, func(in string) error {
			return rosters.RefusedRows(v.R.Context(), v.Office, out, in, trial.Problems, v.By(""))
		})
	})
}

// Weight estimates the memory of the trial in bytes.
func (x *triedRoster) Weight() int64 {
	return web.ProblemTexts*(web.SizeOf(x.Problems)+web.SizeOf(x.Warnings)) + web.SizeOf(x.Effects) + web.SizeOf(x.Changes)
}
