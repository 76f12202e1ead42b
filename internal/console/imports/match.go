package imports

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/office/rosters"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster/read"
	"disburse/internal/store/work"
)

// matchFile is the upload kind of match lists.
const matchFile = "比对名单"

// matchData is the data of the upload page and of the result page.
type matchData struct {
	Kinds  []packfile.MatchList
	Upload work.Upload
	Match  *matched // nil: none or evicted, it must be repeated
}

// matched is the result of matching a list. Done: its hits were registered.
type matched struct {
	*rosters.Matched
	Done bool
}

func matchPage(v *web.Visit) error {
	return v.Page("match", "比对名单", matchData{Kinds: v.Office.Pack.File.MatchLists})
}

// takeMatch stores an uploaded list and starts a dry run of matching it.
func takeMatch(v *web.Visit) error {
	kind := ""
	u, err := v.SaveUpload("file", matchFile, "一个 .xlsx 工作簿或 CSV 文件", func(path string) error {
		kind = v.Form("kind")
		if _, err := v.Office.Pack.MatchList(kind); err != nil {
			return err
		}
		if strings.EqualFold(filepath.Ext(path), ".csv") {
			return nil // a CSV file is checked row by row when it is read
		}
		return read.CheckWorkbook(path)
	})
	if err != nil {
		return err
	}
	return v.DropIfFailed(u, match(v, u, kind, true))
}

// match matches a list in the background; try: a dry run.
func match(v *web.Visit, u work.Upload, kind string, try bool) error {
	of, by, s, key := v.Office, v.By(""), v.Server, trialKey(v, "match", u.Number)
	title := "比对 "
	if try {
		title = "试比对 "
	}
	return v.Start(web.Task{Kind: "import", Title: title + u.Name, Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("比对")
		var m *rosters.Matched
		err := s.WithUploadFile(ctx, u, func(path string) (err error) {
			m, err = rosters.Match(ctx, of, &rosters.MatchOrder{File: path, Kind: kind, DryRun: try, By: by, Rows: func(n int) { p.Show(int64(n), 0) }})
			return err
		})
		if err != nil {
			return web.FailedFile(ctx, of, u, err, "/imports/match", "/imports/match")
		}
		page := fmt.Sprintf("/imports/match/%d", u.Number)
		web.PutTrial(s, key, &matched{m, !try})
		if try {
			return "试比对完成，什么都还没有改动，请看结果", page, nil
		}
		if m.Found.Rev == 0 {
			return "这份名单与上次的说法相同，没有改动", page, nil
		}
		return fmt.Sprintf("名单已登记（修订 %d）：命中 %s 人，下次计算时按规则包处理", m.Found.Rev, web.Grouped(len(m.Found.Matches))), page, nil
	}})
}

func matchedPage(v *web.Visit) error {
	u, err := v.OwnUpload(matchFile)
	if err != nil {
		return err
	}
	d := matchData{Kinds: v.Office.Pack.File.MatchLists, Upload: u}
	d.Match, _ = web.GetTrial[*matched](v.Server, trialKey(v, "match", u.Number))
	return v.Page("match", "比对 "+u.Name, d)
}

// commitMatch registers the hits of the stored file whose trial was shown.
func commitMatch(v *web.Visit) error {
	u, err := v.OwnUpload(matchFile)
	if err != nil {
		return err
	}
	return match(v, u, v.Form("kind"), false)
}

// matchReport sends the report of both directions (hits, and people on the list who are not
// registered). The access is logged.
func matchReport(v *web.Visit) error {
	u, err := v.OwnUpload(matchFile)
	if err != nil {
		return err
	}
	m, ok := web.GetTrial[*matched](v.Server, trialKey(v, "match", u.Number))
	if !ok {
		return fault.New(fault.Refused, "比对的结果已经不在了，请重新上传名单")
	}
	return v.SendWritten("比对报告-"+m.Kind.Name.Value+".xlsx", func(out string) error {
		return v.Server.WithUploadFile(v.R.Context(), u, func(in string) error {
			_, err := rosters.Match(v.R.Context(), v.Office, &rosters.MatchOrder{File: in, Kind: m.Kind.Name.Value, DryRun: true, Report: out, By: v.By("")})
			return err
		})
	})
}

// Weight estimates the memory of a matched list with its report, in bytes. Rows of the report
// share their texts with those of the list, so texts are counted once.
func (m *matched) Weight() int64 {
	w := web.RowTexts*web.SizeOf(m.List.Rows) + web.ProblemTexts*(web.SizeOf(m.List.Problems)+web.SizeOf(m.List.Warnings))
	if m.Found != nil {
		w += web.RowTexts*web.SizeOf(m.Found.Matches) + web.SizeOf(m.Found.Unmatched)
	}
	if r := m.Report; r != nil {
		w += web.RowTexts*(web.SizeOf(r.Hits)+web.SizeOf(r.Missing)) + web.SizeOf(r.Unmatched)
	}
	return w
}
