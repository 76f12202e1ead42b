package console

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"disburse/internal/bank"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

const resultKind = "回盘"

// bankResult takes a result file in, and works out what it would do.
func (v *visit) bankResult() error {
	u, err := v.sentIn("file", resultKind, "银行给的回盘文件", nil)
	if err != nil {
		return err
	}
	t := v.trier(u)
	page := fmt.Sprintf("/bank/results/%d", u.Number)
	return v.orForget(u, v.start(job{title: "核对回盘文件", bureau: v.user.Bureau, do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("逐行核对")
		if _, err := t.try(ctx); err != nil {
			return failedFile(ctx, t.office, u, err, page, "/bank")
		}
		return "已逐行核对，还没有登记。", page, nil
	}}))
}

// trier tries a result file.
type trier struct {
	s      *Server
	office *office.Office
	bureau string
	by     journal.By
	upload postgres.Upload
}

func (v *visit) trier(u postgres.Upload) trier {
	return trier{v.Server, v.office, v.user.Bureau, v.by(""), u}
}

// triedResult is what a result file would do now.
type triedResult struct {
	File   *bank.Results
	Report *postgres.ResultReport
}

// try works it out once for each revision. That outlives the request, whose ctx ends when
// its visitor leaves: others wait for the same one.
func (t trier) try(ctx context.Context) (triedResult, error) {
	rev, _, err := t.office.DB.Head(ctx, t.office.Region)
	if err != nil {
		return triedResult{}, err
	}
	return newest(resultCache.of(t.s), fmt.Sprint(t.upload.Number), fmt.Sprint(rev), func() (x triedResult, err error) {
		err = t.s.asFile(t.s.life, t.upload, func(path string) error {
			x.File, x.Report, err = t.office.TryBankResult(t.s.life, path, t.bureau, t.by)
			return err
		})
		return x, err
	})
}

// trialData is the page of a result file.
type trialData struct {
	Upload postgres.Upload
	triedResult
	Before []postgres.TakenResult // when the very file was taken in
	Files  []trialFile            // that it answers
	Months []month.Month          // of these with failed payments
	Lists  []problemList
	Ready  bool                  // something new stands in it
	Done   *postgres.TakenResult // it was taken in, and says nothing new; nil: not so
}

type trialFile struct {
	postgres.AnsweredFile
	Bureau string
}

// Answers are those that were taken in, or would be.
func (d trialData) Answers() map[bank.Outcome]postgres.Sum {
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

const listedRows = 200

// bankTrial shows what a file would do: what goes in, what does not and why. The same
// page afterwards shows what went in.
func (v *visit) bankTrial() error {
	u, err := v.keptFile(resultKind)
	if err != nil {
		return err
	}
	d := trialData{Upload: u}
	if d.triedResult, err = v.trier(u).try(v.r.Context()); err != nil {
		return err
	}
	r := d.Report
	d.Ready = r.Taken[bank.Paid].Payments+r.Taken[bank.Failed].Payments+r.Taken[bank.Unknown].Payments > 0
	if d.Before, err = v.office.DB.TakenResults(v.r.Context(), v.office.Region, v.user.Bureau, d.File.SHA256); err != nil {
		return err
	}
	d.add("没有登记的行", "bad", r.Refused)
	d.add("结果码不认识、按未知登记的行", "warn", r.Codes)
	if !d.Ready && len(d.Before) > 0 {
		d.Done = &d.Before[0]
	} else {
		d.add("重复的行", "", r.Repeated)
	}
	if err := v.addTrialFiles(&d); err != nil {
		return err
	}
	return v.page("bankresult", "回盘 "+u.Name, d)
}

func (d *trialData) add(name, tone string, rows []bank.ResultProblem) {
	if len(rows) == 0 {
		return
	}
	l := problemList{Name: fmt.Sprintf("%s（%s 行）", name, grouped(len(rows))), Tone: tone, More: max(0, len(rows)-listedRows)}
	for _, p := range rows[:len(rows)-l.More] {
		p.Value, p.Reason = roster.MaskNumbers(p.Value), roster.MaskNumbers(p.Reason)
		l.Rows = append(l.Rows, p)
	}
	d.Lists = append(d.Lists, l)
}

// addTrialFiles adds the bank files of the user that the result file names.
func (v *visit) addTrialFiles(d *trialData) error {
	named := map[string]bool{}
	for i := range d.File.Rows {
		named[d.File.Rows[i].Number] = true
	}
	batches, err := v.bankBatches(0)
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
func (v *visit) bankTake() error {
	u, err := v.keptFile(resultKind)
	if err != nil {
		return err
	}
	link := fmt.Sprintf("/bank/results/%d", u.Number)
	t := v.trier(u)
	return v.start(job{kind: "result", title: "登记回盘", bureau: v.user.Bureau, do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("登记")
		var r *postgres.ResultReport
		err := t.s.asFile(ctx, t.upload, func(path string) error {
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
func resultSentence(r *postgres.ResultReport) string {
	if r.Rev == 0 {
		return "这个文件没有新的结果，什么都没有改动。"
	}
	s := "已登记："
	for _, o := range []bank.Outcome{bank.Paid, bank.Failed, bank.Unknown} {
		s += fmt.Sprintf("%s付款 %s 笔 %s 元；", o, grouped(r.Taken[o].Payments), yuan(r.Taken[o].Amount))
	}
	s += fmt.Sprintf("重复 %s 行，不能登记 %s 行。", grouped(len(r.Repeated)), grouped(len(r.Refused)))
	if failed := r.Taken[bank.Failed].Payments; failed > 0 {
		s += fmt.Sprintf("\n失败的付款 %s 笔，所含明细 %s 条已退回待发；请更新账户，下次计算时一并重发。", grouped(failed), grouped(r.Undone))
	}
	return s
}

// bankDrop gives a file up.
func (v *visit) bankDrop() error {
	u, err := v.keptFile(resultKind)
	if err != nil {
		return err
	}
	if err := v.office.DB.DropUpload(v.r.Context(), v.office.Region, u.Number); err != nil {
		return err
	}
	return v.goTo("/bank", "已放弃“"+u.Name+"”，没有登记。")
}

var resultCache = newKind(largeRoom, func(x last[triedResult]) int64 { return x.value.weight() })

// weight is what a trial takes, in bytes.
func (x triedResult) weight() int64 {
	if x.File == nil || x.Report == nil {
		return 0
	}
	return sizeOf(x.File.Rows) + 2*(sizeOf(x.Report.Refused)+sizeOf(x.Report.Repeated)+sizeOf(x.Report.Codes))
}
