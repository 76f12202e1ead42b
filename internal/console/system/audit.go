package system

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office/admin"
	"disburse/internal/office/monthly"
	"disburse/internal/store/audit"
	"disburse/internal/store/books"
)

// auditData is the data of a page of the journal or of the access log.
type auditData struct {
	Words  string
	Links  []journal.Link
	Access []accessRow
	Next   string // address of the next page; empty: this is the last
	Rev    int64
	Head   string
	Months []month.Month
	Paper  paperHead
}

// paperHead is the head of the chain as typed from a printed check sheet.
type paperHead struct{ Rev, Anchor string }

type accessRow struct {
	journal.Access
	Who string
}

// auditJournal shows the journal, its head and the forms for verifying it.
func auditJournal(v *web.Visit) error { return showJournal(v, paperHead{}, nil) }

// showJournal shows the page; wrong, which may be nil, is the error of the typed head.
func showJournal(v *web.Visit, paper paperHead, wrong error) error {
	ctx, db, region := v.R.Context(), v.Office.DB, v.Office.Region
	d := auditData{Words: v.SearchTerm("q"), Paper: paper}
	rev, hash, err := db.Head(ctx, region)
	if err != nil {
		return err
	}
	d.Rev, d.Head = rev, hex.EncodeToString(hash)
	if d.Links, err = audit.JournalPage(ctx, db, region, v.CursorBefore(), d.Words, web.PageRows); err != nil {
		return err
	}
	if n := len(d.Links); n == web.PageRows {
		d.Next = pageAfter(v, "/audit", d.Words, d.Links[n-1].Rev)
	}
	if d.Months, err = books.RunMonths(ctx, db, region); err != nil {
		return err
	}
	if wrong != nil {
		return v.Refuse(wrong, "verify", "audit", "审计", d)
	}
	return v.Page("audit", "审计", d)
}

// auditAccess shows the access log: who has seen or exported personal data.
func auditAccess(v *web.Visit) error {
	ctx, db, region := v.R.Context(), v.Office.DB, v.Office.Region
	d := auditData{Words: v.SearchTerm("q")}
	rows, err := audit.AccessPage(ctx, db, region, v.CursorBefore(), d.Words, web.PageRows)
	if err != nil {
		return err
	}
	var people []int64
	for _, a := range rows {
		people = append(people, a.Person)
	}
	called, err := audit.NamesAndMaskedIDs(ctx, db, region, people)
	if err != nil {
		return err
	}
	for _, a := range rows {
		d.Access = append(d.Access, accessRow{a, called[a.Person]})
	}
	if n := len(rows); n == web.PageRows {
		d.Next = pageAfter(v, "/audit/access", d.Words, rows[n-1].N)
	}
	return v.Page("access", "访问记录", d)
}

// pageAfter is the address of the page after a row.
func pageAfter(v *web.Visit, path, words string, last int64) string {
	return v.Address(path, url.Values{"q": {words}, "before": {fmt.Sprint(last)}})
}

// auditVerify starts a task that verifies the whole hash chain and the rows it covers and, if
// given, compares the chain with a printed head: a chain that was rewritten as a whole is
// consistent and only differs from the paper.
func auditVerify(v *web.Visit) error {
	anchor, err := anchor(v)
	if fault.Is(err, fault.Invalid) {
		return showJournal(v, paperHead{v.Form("rev"), v.Form("anchor")}, err)
	}
	if err != nil {
		return err
	}
	of := v.Office
	return v.Start(web.Task{Kind: "audit", Title: "核对审计链", Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("核对修订")
		report, err := admin.Audit(ctx, of, anchor, p.Show)
		if report != nil && len(report.Problems) > 0 {
			return "", "/audit", fault.New(fault.Refused, "%s", auditProblems(report))
		}
		if err != nil {
			return "", "/audit", err
		}
		said := fmt.Sprintf("审计链完好：%s 条修订、%s 行数据逐一核对，链头 %.16s", web.Grouped(report.Entries), web.Grouped(report.Rows), hex.EncodeToString(report.Head))
		if s := admin.PowersWarning(report.Powers); s != "" {
			said += "。" + s
		}
		return said, "/audit", nil
	}})
}

// anchor parses the typed head, at least 16 of its digits; nil: none was given. Errors:
// fault.Invalid.
func anchor(v *web.Visit) (*audit.Anchor, error) {
	text := strings.ToLower(v.Form("anchor"))
	if text == "" {
		return nil, nil
	}
	if len(text) < 16 || strings.Trim(text, "0123456789abcdef") != "" {
		return nil, web.BadInput("anchor", "纸上的链头", "链头“%s”不对，请照签字页抄写至少 16 位（数字和 a 到 f）", text)
	}
	a := &audit.Anchor{Hash: text}
	if s := v.Form("rev"); s != "" {
		rev, err := strconv.ParseInt(s, 10, 64)
		if err != nil || rev <= 0 {
			return nil, web.BadInput("rev", "修订号", "修订号“%s”不是数字，请照签字页抄写", s)
		}
		a.Rev = rev
	}
	return a, nil
}

// auditProblems lists the first problems in a sentence.
func auditProblems(r *audit.Report) string {
	lines := []string{fmt.Sprintf("审计核对发现 %d 处问题，请保留现场，与签字页上的链头核对：", int64(len(r.Problems))+r.More)}
	for i := range r.Problems {
		if i == 20 {
			lines = append(lines, "……其余请用命令 disburse audit verify 查看")
			break
		}
		lines = append(lines, r.Problems[i].String())
	}
	return strings.Join(lines, "\n")
}

// auditMonth starts a task that computes the approved batches of a month again, as of their
// revisions, and compares them line by line.
func auditMonth(v *web.Visit) error {
	m, err := month.Parse(v.Form("month"))
	if err != nil {
		return err
	}
	of := v.Office
	return v.Start(web.Task{Kind: "verify", Title: "重算核对 " + m.Chinese(), Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("重新计算")
		all, err := monthly.Verify(ctx, of, m, func(done int) { p.Show(int64(done), 0) })
		var lines []string
		for _, x := range all {
			for _, s := range x.Differences {
				lines = append(lines, approval.Title(x.Batch)+"："+s)
			}
		}
		if len(lines) > 0 {
			return "", "/audit", fault.New(fault.Refused, "重算与签批不一致：\n%s", strings.Join(lines[:min(20, len(lines))], "\n"))
		}
		if err != nil {
			return "", "/audit", err
		}
		return fmt.Sprintf("%s已审批的 %d 个批次按当时所知重新计算，逐行一致", m.Chinese(), len(all)), "/audit", nil
	}})
}
