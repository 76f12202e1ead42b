package console

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/office"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// matchFile is the kind of a match list that was sent in; the list's name is behind it.
const matchFile = "比对名单"

// matchData is the page where match lists come in, and what was found.
type matchData struct {
	Kinds  []policy.MatchList
	Upload postgres.Upload
	Match  *matched // nil: it must be matched again
}

// matched is what a list found. Done: it was registered then.
type matched struct {
	*office.Match
	Done bool
}

func (v *visit) matchPage() error {
	return v.page("match", "比对名单", matchData{Kinds: v.office.Pack.File.MatchLists})
}

// takeMatch keeps a list that was sent in and matches it, with nothing stored.
func (v *visit) takeMatch() error {
	kind := ""
	u, err := v.sentIn("file", matchFile, "一个 .xlsx 工作簿或 CSV 文件", func(path string) error {
		kind = v.form("kind")
		if _, err := v.office.Pack.MatchList(kind); err != nil {
			return err
		}
		if strings.EqualFold(filepath.Ext(path), ".csv") {
			return nil // its rows are judged when they are read
		}
		return roster.LookAtWorkbook(path)
	})
	if err != nil {
		return err
	}
	return v.orForget(u, v.match(u, kind, true))
}

// match matches a list in the background.
func (v *visit) match(u postgres.Upload, kind string, try bool) error {
	of, by, s, key := v.office, v.by(""), v.Server, v.trialKey("match", u.Number)
	title := "比对 "
	if try {
		title = "试比对 "
	}
	return v.start(job{kind: "import", title: title + u.Name, do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("比对")
		var m *office.Match
		err := s.asFile(ctx, u, func(path string) (err error) {
			m, err = of.Match(ctx, &office.MatchOrder{File: path, Kind: kind, DryRun: try, By: by, Rows: func(n int) { p.show(int64(n), 0) }})
			return err
		})
		if err != nil {
			return failedFile(ctx, of, u, err, "/imports/match", "/imports/match")
		}
		page := fmt.Sprintf("/imports/match/%d", u.Number)
		if err := remember(s, key, &matched{m, !try}); err != nil {
			return "", "/imports/match", err
		}
		if try {
			return "试比对完成，什么都还没有改动，请看结果", page, nil
		}
		if m.Found.Rev == 0 {
			return "这份名单与上次的说法相同，没有改动", page, nil
		}
		return fmt.Sprintf("名单已登记（修订 %d）：命中 %s 人，下次计算时按规则包处理", m.Found.Rev, grouped(len(m.Found.Matches))), page, nil
	}})
}

func (v *visit) matchedPage() error {
	u, err := v.keptFile(matchFile)
	if err != nil {
		return err
	}
	d := matchData{Kinds: v.office.Pack.File.MatchLists, Upload: u}
	d.Match, _ = remembered[*matched](v.Server, v.trialKey("match", u.Number))
	return v.page("match", "比对 "+u.Name, d)
}

// commitMatch keeps the hits of the very file that was tried.
func (v *visit) commitMatch() error {
	u, err := v.keptFile(matchFile)
	if err != nil {
		return err
	}
	return v.match(u, v.form("kind"), false)
}

// matchReport hands out the report of both directions; it is recorded.
func (v *visit) matchReport() error {
	u, err := v.keptFile(matchFile)
	if err != nil {
		return err
	}
	m, ok := remembered[*matched](v.Server, v.trialKey("match", u.Number))
	if !ok {
		return fault.New(fault.Refused, "比对的结果已经不在了，请重新上传名单")
	}
	return v.handOver("比对报告-"+m.Kind.Name.Value+".xlsx", func(out string) error {
		return v.asFile(v.r.Context(), u, func(in string) error {
			_, err := v.office.Match(v.r.Context(), &office.MatchOrder{File: in, Kind: m.Kind.Name.Value, DryRun: true, Report: out, By: v.by("")})
			return err
		})
	})
}

// Weight is about what a matched list takes with its report, in bytes. Rows of the report
// share their texts with those of the list.
func (m *matched) Weight() int64 {
	w := rowTexts*sizeOf(m.List.Rows) + problemTexts*(sizeOf(m.List.Problems)+sizeOf(m.List.Warnings))
	if m.Found != nil {
		w += rowTexts*sizeOf(m.Found.Matches) + sizeOf(m.Found.Unmatched)
	}
	if r := m.Report; r != nil {
		w += rowTexts*(sizeOf(r.Hits)+sizeOf(r.Missing)) + sizeOf(r.Unmatched)
	}
	return w
}
