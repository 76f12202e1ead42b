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
	"disburse/internal/roster"
	"disburse/internal/store/payments"
	"disburse/internal/store/work"
)

const resultKind = "回盘"

// bankResult takes a result file in, and works out what it would do.
func bankResult(v *web.Visit) error {
	u, err := v.SentIn("file", resultKind, "银行给的回盘文件", nil)
	if err != nil {
		return err
	}
	t := newTrier(v, u)
	page := fmt.Sprintf("/bank/results/%d", u.Number)
	return v.OrForget(u, v.Start(web.Job{Title: "核对回盘文件", Bureau: v.User.Bureau, Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("逐行核对")
		if _, err := t.try(ctx); err != nil {
			return web.FailedFile(ctx, t.office, u, err, page, "/bank")
		}
		return "已逐行核对，还没有登记。", page, nil
	}}))
}

// trier tries a result file.
type trier struct {
	s      *web.Server
	office *office.Office
	bureau string
	by     journal.By
	upload work.Upload
}

func newTrier(v *web.Visit, u work.Upload) trier {
	return trier{v.Server, v.Office, v.User.Bureau, v.By(""), u}
}

// triedResult is what a result file would do now.
type triedResult struct {
	File   *bank.Results
	Report *payments.ResultReport
}

// try works it out once for each revision. That outlives the request, whose ctx ends when
// its visitor leaves: others wait for the same one.
func (t trier) try(ctx context.Context) (triedResult, error) {
	rev, _, err := t.office.DB.Head(ctx, t.office.Region)
	if err != nil {
		return triedResult{}, err
	}
	return web.Newest(resultCache.Of(t.s), fmt.Sprint(t.upload.Number), fmt.Sprint(rev), func() (x triedResult, err error) {
		err = t.s.AsFile(t.s.Life, t.upload, func(path string) error {
			x.File, x.Report, err = t.office.TryBankResult(t.s.Life, path, t.bureau, t.by)
			return err
		})
		return x, err
	})
}

// trialData is the page of a result file.
type trialData struct {
	Upload work.Upload
	triedResult
	Before []payments.ImportedResult // when the very file was taken in
	Files  []trialFile               // that it answers
	Months []month.Month             // of these with failed payments
	Lists  []problemList
	Ready  bool                     // something new stands in it
	Done   *payments.ImportedResult // it was taken in, and says nothing new; nil: not so
}

type trialFile struct {
	payments.AnsweredFile
	Bureau string
}

// Answers are those that were taken in, or would be.
func (d trialData) Answers() map[bank.Outcome]payments.Sum {
	if d.Done != nil {
		return d.Done.Taken
	}
	return d.Report.Taken
}

// problemList are rows of one kind, the first of them.
type problemList struct {
	Name string
	Tone string
	Rows []bank.ResultProblem
	More int
}

// bankTrial shows what a file would do: what goes in, what does not and why. The same
// page afterwards shows what went in.
func bankTrial(v *web.Visit) error {
	u, err := v.KeptFile(resultKind)
	if err != nil {
		return err
	}
	d := trialData{Upload: u}
	if d.triedResult, err = newTrier(v, u).try(v.R.Context()); err != nil {
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
	l := problemList{Name: fmt.Sprintf("%s（%s 行）", name, web.Grouped(len(rows))), Tone: tone, More: max(0, len(rows)-web.ListedRows)}
	for _, p := range rows[:len(rows)-l.More] {
		p.Value, p.Reason = roster.MaskNumbers(p.Value), roster.MaskNumbers(p.Reason)
		l.Rows = append(l.Rows, p)
	}
	d.Lists = append(d.Lists, l)
}

// addTrialFiles adds the bank files of the user that the result file names.
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

// bankTake takes the file's answers in.
func bankTake(v *web.Visit) error {
	u, err := v.KeptFile(resultKind)
	if err != nil {
		return err
	}
	link := fmt.Sprintf("/bank/results/%d", u.Number)
	t := newTrier(v, u)
	return v.Start(web.Job{Kind: "result", Title: "登记回盘", Bureau: v.User.Bureau, Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("登记")
		var r *payments.ResultReport
		err := t.s.AsFile(ctx, t.upload, func(path string) error {
			var err error
			r, err = t.office.BankResult(ctx, path, t.bureau, t.by)
			return err
		})
		if err != nil {
			return "", link, err
		}
		return resultSentence(r), link, nil
	}})
}

// resultSentence says what was taken in.
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

// bankDrop gives a file up.
func bankDrop(v *web.Visit) error {
	u, err := v.KeptFile(resultKind)
	if err != nil {
		return err
	}
	if err := work.DropUpload(v.R.Context(), v.Office.DB, v.Office.Region, u.Number); err != nil {
		return err
	}
	return v.GoTo("/bank", "已放弃“"+u.Name+"”，没有登记。")
}

var resultCache = web.NewKind(web.LargeRoom, func(x web.Last[triedResult]) int64 { return x.Value.weight() })

// weight is what a trial takes, in bytes.
func (x triedResult) weight() int64 {
	if x.File == nil || x.Report == nil {
		return 0
	}
	return web.SizeOf(x.File.Rows) + 2*(web.SizeOf(x.Report.Refused)+web.SizeOf(x.Report.Repeated)+web.SizeOf(x.Report.Codes))
}
