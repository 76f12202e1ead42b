package bank

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"disburse/internal/bank"
	"disburse/internal/console/web"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/office/finance"
	"disburse/internal/roster"
	"disburse/internal/store/payments"
	"disburse/internal/store/work"
)

// resultKind is the upload kind of bank result files.
const resultKind = "回盘"

// bankResult stores an uploaded result file and starts a dry run.
func bankResult(v *web.Visit) error {
	u, err := v.SaveUpload("file", resultKind, "银行给的回盘文件", nil)
	if err != nil {
		return err
	}
	t := newResultTrial(v, u)
	page := fmt.Sprintf("/bank/results/%d", u.Number)
	return v.DropIfFailed(u, v.Start(web.Task{Title: "核对回盘文件", Bureau: v.User.Bureau, Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("逐行核对")
		if _, err := t.try(ctx); err != nil {
			return web.FailedFile(ctx, t.office, u, err, page, "/bank")
		}
		return "已逐行核对，还没有登记。", page, nil
	}}))
}

// resultTrial is a dry run of a result file. It copies what it needs from the request, as it
// runs in the background.
type resultTrial struct {
	s      *web.Server
	office *office.Office
	bureau string
	by     journal.By
	upload work.Upload
}

func newResultTrial(v *web.Visit, u work.Upload) resultTrial {
	return resultTrial{v.Server, v.Office, v.User.Bureau, v.By(""), u}
}

// triedResult is the result of a dry run.
type triedResult struct {
	File   *bank.Results
	Report *payments.ResultReport
}

// try does the dry run; its result is cached for the present revision. It uses the server's
// context: others wait for the same result, and the one who asked first may leave.
func (t resultTrial) try(ctx context.Context) (triedResult, error) {
	rev, _, err := t.office.DB.Head(ctx, t.office.Region)
	if err != nil {
		return triedResult{}, err
	}
	return web.GetLatest(resultCache.Of(t.s), fmt.Sprint(t.upload.Number), fmt.Sprint(rev), func() (x triedResult, err error) {
		err = t.s.WithUploadFile(t.s.Context, t.upload, func(path string) error {
			x.File, x.Report, err = finance.TryBankResult(t.s.Context, t.office, path, t.bureau, t.by)
			return err
		})
		return x, err
	})
}

// trialData is the data of the page of a result file.
type trialData struct {
	Upload work.Upload
	triedResult
	Before []payments.ImportedResult // imports of a file with the same content
	Files  []trialFile               // bank files that it has results for
	Months []month.Month             // months of Files with failed payments
	Lists  []problemList
	Ready  bool                     // it has new results
	Done   *payments.ImportedResult // its import, if it has no new results; nil: it has
}

type trialFile struct {
	payments.AnsweredFile
	Bureau string
}

// Answers are the results that were imported, or would be.
func (d trialData) Answers() map[bank.Outcome]payments.Sum {
	if d.Done != nil {
		return d.Done.Taken
	}
	return d.Report.Taken
}

// problemList are the first refused or doubtful rows of one kind.
type problemList struct {
	Name string
	Tone string
	Rows []bank.ResultProblem
	More int
}

// bankTrial shows a dry run: which rows would be imported, which not and why. After the import
// the same page shows what was imported.
func bankTrial(v *web.Visit) error {
	u, err := v.OwnUpload(resultKind)
	if err != nil {
		return err
	}
	d := trialData{Upload: u}
	if d.triedResult, err = newResultTrial(v, u).try(v.R.Context()); err != nil {
		return err
	}
	r := d.Report
	d.Ready = r.Taken[bank.Paid].Payments+r.Taken[bank.Failed].Payments+r.Taken[bank.Unknown].Payments > 0
	if d.Before, err = payments.ImportedResults(v.R.Context(), v.Office.DB, v.Office.Region, v.User.Bureau, d.File.SHA256); err != nil {
		return err
	}
	d.add("没有登记的行", "bad", r.Refused)
	d.add("结果码不认识、按未知登记的行", "warn", r.Codes)
	if !d.Ready && len(d.Before) > 0 {
		d.Done = &d.Before[0]
	} else {
		d.add("重复的行", "", r.Repeated)
	}
	if err := addTrialFiles(v, &d); err != nil {
		return err
	}
	return v.Page("bankresult", "回盘 "+u.Name, d)
}

func (d *trialData) add(name, tone string, rows []bank.ResultProblem) {
	if len(rows) == 0 {
		return
	}
	l := problemList{Name: fmt.Sprintf("%s（%s 行）", name, web.Grouped(len(rows))), Tone: tone, More: max(0, len(rows)-web.ListedProblems)}
	for _, p := range rows[:len(rows)-l.More] {
		p.Value, p.Reason = roster.MaskNumbers(p.Value), roster.MaskNumbers(p.Reason)
		l.Rows = append(l.Rows, p)
	}
	d.Lists = append(d.Lists, l)
}

// addTrialFiles adds the bank files that the user may see and the result file names.
func addTrialFiles(v *web.Visit, d *trialData) error {
	named := map[string]bool{}
	for i := range d.File.Rows {
		named[d.File.Rows[i].Number] = true
	}
	batches, err := bankBatches(v, 0)
	if err != nil {
		return err
	}
	for _, b := range batches {
		for _, f := range b.Files {
			if named[f.Number] {
				d.Files = append(d.Files, trialFile{f, b.Bureau})
				if f.Failed.Payments > 0 && !slices.Contains(d.Months, b.Month) {
					d.Months = append(d.Months, b.Month)
				}
			}
		}
	}
	slices.SortFunc(d.Files, func(x, y trialFile) int { return cmp.Or(cmp.Compare(x.Batch, y.Batch), cmp.Compare(x.File, y.File)) })
	return nil
}

// bankTake imports the stored result file as a task.
func bankTake(v *web.Visit) error {
	u, err := v.OwnUpload(resultKind)
	if err != nil {
		return err
	}
	link := fmt.Sprintf("/bank/results/%d", u.Number)
	t := newResultTrial(v, u)
	return v.Start(web.Task{Kind: "result", Title: "登记回盘", Bureau: v.User.Bureau, Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("登记")
		var r *payments.ResultReport
		err := t.s.WithUploadFile(ctx, t.upload, func(path string) error {
			var err error
			r, err = finance.BankResult(ctx, t.office, path, t.bureau, t.by)
			return err
		})
		if err != nil {
			return "", link, err
		}
		return resultSentence(r), link, nil
	}})
}

// resultSentence sums up an import.
func resultSentence(r *payments.ResultReport) string {
	if r.Rev == 0 {
		return "这个文件没有新的结果，什么都没有改动。"
	}
	s := "已登记："
	for _, o := range []bank.Outcome{bank.Paid, bank.Failed, bank.Unknown} {
		s += fmt.Sprintf("%s付款 %s 笔 %s 元；", o, web.Grouped(r.Taken[o].Payments), web.Yuan(r.Taken[o].Amount))
	}
	s += fmt.Sprintf("重复 %s 行，不能登记 %s 行。", web.Grouped(len(r.Repeated)), web.Grouped(len(r.Refused)))
	if failed := r.Taken[bank.Failed].Payments; failed > 0 {
		s += fmt.Sprintf("\n失败的付款 %s 笔，所含明细 %s 条已退回待发；请更新账户，下次计算时一并重发。", web.Grouped(failed), web.Grouped(r.Undone))
	}
	return s
}

// bankDrop deletes an uploaded result file without importing it.
func bankDrop(v *web.Visit) error {
	u, err := v.OwnUpload(resultKind)
	if err != nil {
		return err
	}
	if err := work.DeleteUpload(v.R.Context(), v.Office.DB, v.Office.Region, u.Number); err != nil {
		return err
	}
	return v.Redirect("/bank", "已放弃“"+u.Name+"”，没有登记。")
}

var resultCache = web.NewCache(web.LargeCache, func(x web.Latest[triedResult]) int64 { return x.Value.weight() })

// weight estimates the memory of a dry run in bytes; texts double the size of rows.
func (x triedResult) weight() int64 {
	if x.File == nil || x.Report == nil {
		return 0
	}
	return web.SizeOf(x.File.Rows) + 2*(web.SizeOf(x.Report.Refused)+web.SizeOf(x.Report.Repeated)+web.SizeOf(x.Report.Codes))
}
