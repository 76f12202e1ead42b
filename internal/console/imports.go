package console

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/office"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

func importRoutes() []route {
	return []route{
		{pattern: "GET /imports", posts: readers, do: (*visit).importsPage},
		{pattern: "POST /imports", posts: clerk, long: true, do: (*visit).takeRoster},
		{pattern: "GET /imports/{upload}", posts: clerk, do: (*visit).importPage},
		{pattern: "POST /imports/roster/{upload}/try", posts: clerk, do: (*visit).tryAgain},
		{pattern: "POST /imports/roster/{upload}/commit", posts: clerk, do: (*visit).commitRoster},
		{pattern: "POST /imports/roster/{upload}/drop", posts: clerk, do: (*visit).dropRoster},
		{pattern: "GET /imports/roster/{upload}/errors", posts: clerk, do: (*visit).errorsFile},
		{pattern: "GET /imports/template", posts: readers, do: (*visit).rosterTemplate},
		{pattern: "POST /imports/export", posts: readers, do: (*visit).exportRoster},
		{pattern: "GET /imports/export/{upload}", posts: readers, do: (*visit).exportPage},
		{pattern: "GET /imports/export/{upload}/file", posts: readers, do: (*visit).exportFile},
		{pattern: "GET /imports/undo/{rev}", posts: clerk, do: (*visit).undoPage},
		{pattern: "POST /imports/undo/{rev}", posts: clerk, do: (*visit).undoImport},
		{pattern: "GET /imports/match", posts: clerk, do: (*visit).matchPage},
		{pattern: "POST /imports/match", posts: clerk, long: true, do: (*visit).takeMatch},
		{pattern: "GET /imports/match/{upload}", posts: clerk, do: (*visit).matchedPage},
		{pattern: "POST /imports/match/{upload}/commit", posts: clerk, do: (*visit).commitMatch},
		{pattern: "GET /imports/match/{upload}/report", posts: clerk, do: (*visit).matchReport},
		{pattern: "GET /imports/merge", posts: clerk, do: (*visit).mergePage},
		{pattern: "POST /imports/merge", posts: clerk, do: (*visit).mergePeople},
	}
}

// rosterFile is the kind of a roster that was sent in.
const rosterFile = "花名册"

const pastImports = 50

// importsData is the page where rosters come in, with those that did.
type importsData struct {
	Clerk bool
	Past  []postgres.PastImport
	Next  string
}

func (v *visit) importsPage() error {
	past, err := v.office.DB.PastImports(v.r.Context(), v.office.Region, v.before(), pastImports)
	if err != nil {
		return err
	}
	d := importsData{Clerk: v.user.Post == clerk[0], Past: past}
	if len(past) == pastImports {
		d.Next = "/imports?before=" + strconv.FormatInt(past[len(past)-1].Rev, 10)
	}
	return v.page("imports", "导入花名册", d)
}

// takeRoster keeps a roster that was sent in and tries it.
func (v *visit) takeRoster() error {
	u, err := v.sentIn("file", rosterFile, "一个 .xlsx 工作簿", roster.LookAtRoster)
	if err != nil {
		return err
	}
	return v.orForget(u, v.try(u))
}

func (v *visit) tryAgain() error {
	u, err := v.keptFile(rosterFile)
	if err != nil {
		return err
	}
	return v.try(u)
}

// trialKey is where what a trial found is kept. After a restart it is tried again.
func (v *visit) trialKey(kind string, upload int64) string {
	return fmt.Sprintf("%s/%d/%d", kind, v.office.Region, upload)
}

// try finds out in the background what an import would do.
func (v *visit) try(u postgres.Upload) error {
	of, by, s, key := v.office, v.by(""), v.Server, v.trialKey("import", u.Number)
	return v.start(job{kind: "import", title: "试导入 " + u.Name, do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("读工作簿")
		var trial *postgres.RosterTrial
		err := s.asFile(ctx, u, func(path string) (err error) {
			trial, err = of.TryRoster(ctx, &office.RosterOrder{File: path, SentIn: true, By: by, Rows: func(n int) { p.show(int64(n), 0) }, Tell: p.Step})
			return err
		})
		if err != nil {
			return failedFile(ctx, of, u, err, "/imports", "/imports")
		}
		if err := remember(s, key, &triedRoster{RosterTrial: trial}); err != nil {
			return "", "/imports", err
		}
		return "试导入完成，什么都还没有改动，请看结果", fmt.Sprintf("/imports/%d", u.Number), nil
	}})
}

// triedRoster is what a trial found; Done: it was imported since, and rows were refused.
type triedRoster struct {
	*postgres.RosterTrial
	Done bool
}

// importData is what an import would do.
type importData struct {
	Upload   postgres.Upload
	Trial    *triedRoster     // nil: it must be tried again
	Stale    bool             // something became known since it was tried
	Problems []roster.Problem // the first of them
	Warnings []roster.Problem
	Effects  []postgres.ImportEffect // on batches that the user may see
	Nothing  bool                    // it would change nothing
}

// shownProblems is how many refused rows a page shows; the workbook has all.
const shownProblems = 200

func (v *visit) importPage() error {
	u, err := v.keptFile(rosterFile)
	if err != nil {
		return err
	}
	d := importData{Upload: u}
	if trial, ok := remembered[*triedRoster](v.Server, v.trialKey("import", u.Number)); ok {
		if err := v.showTrial(&d, trial); err != nil {
			return err
		}
	}
	return v.page("import", "导入 "+u.Name, d)
}

func (v *visit) showTrial(d *importData, trial *triedRoster) error {
	head, _, err := v.office.DB.Head(v.r.Context(), v.office.Region)
	if err != nil {
		return err
	}
	d.Trial, d.Stale, d.Nothing = trial, !trial.Done && head != trial.Head, trial.Rev == 0
	d.Problems = trial.Problems[:min(shownProblems, len(trial.Problems))]
	d.Warnings = trial.Warnings[:min(shownProblems, len(trial.Warnings))]
	for _, e := range trial.Effects {
		if v.sees(e.Batch.Bureau) {
			d.Effects = append(d.Effects, e)
		}
	}
	return nil
}

// commitRoster takes in the very file whose trial was shown.
func (v *visit) commitRoster() error {
	u, err := v.keptFile(rosterFile)
	if err != nil {
		return err
	}
	of, by, s, key := v.office, v.by(v.typed("reason")), v.Server, v.trialKey("import", u.Number)
	return v.start(job{kind: "import", title: "导入 " + u.Name, do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("读工作簿")
		var report *office.RosterImport
		err := s.asFile(ctx, u, func(path string) (err error) {
			report, err = of.ImportRoster(ctx, &office.RosterOrder{File: path, SentIn: true, By: by, Rows: func(n int) { p.show(int64(n), 0) }, Tell: p.Step})
			return err
		})
		page := fmt.Sprintf("/imports/%d", u.Number)
		if err != nil {
			return "", page, err
		}
		if report.Report.Refused > 0 { // the errors workbook is made from the file
			done := &triedRoster{RosterTrial: &postgres.RosterTrial{Report: report.Report}, Done: true}
			return importSentence(report.Report), page, remember(s, key, done)
		}
		return importSentence(report.Report), "/imports", of.DB.DropUpload(ctx, of.Region, u.Number)
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
			parts = append(parts, fmt.Sprintf(p.name, grouped(p.n)))
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
func (v *visit) dropRoster() error {
	u, err := v.keptFile(rosterFile)
	if err != nil {
		return err
	}
	if err := v.office.DB.DropUpload(v.r.Context(), v.office.Region, u.Number); err != nil {
		return err
	}
	return v.goTo("/imports", "已放弃“"+u.Name+"”，什么都没有改动，文件已删除")
}

// errorsFile hands out the refused rows with their reasons, to be mended; it is recorded.
func (v *visit) errorsFile() error {
	u, err := v.keptFile(rosterFile)
	if err != nil {
		return err
	}
	trial, ok := remembered[*triedRoster](v.Server, v.trialKey("import", u.Number))
	if !ok {
		return fault.New(fault.Refused, "试导入的结果已经不在了，请再试导入一次")
	}
	if len(trial.Problems) == 0 {
		return fault.New(fault.NotFound, "“%s”没有退回的行", u.Name)
	}
	name := "退回的行-" + strings.TrimSuffix(u.Name, filepath.Ext(u.Name)) + ".xlsx"
	return v.handOver(name, func(out string) error {
		return v.asFile(v.r.Context(), u, func(in string) error {
			return v.office.RefusedRows(v.r.Context(), out, in, trial.Problems, v.by(""))
		})
	})
}

// Weight is about what the trial takes, in bytes.
func (x *triedRoster) Weight() int64 {
	return problemTexts*(sizeOf(x.Problems)+sizeOf(x.Warnings)) + sizeOf(x.Effects) + sizeOf(x.Changes)
}
