package console

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/postgres"
)

func auditRoutes() []route {
	return []route{
		{pattern: "GET /audit", search: true, posts: auditor, do: (*visit).auditJournal},
		{pattern: "GET /audit/access", search: true, posts: auditor, do: (*visit).auditAccess},
		{pattern: "POST /audit/verify", posts: auditor, do: (*visit).auditVerify},
		{pattern: "POST /audit/month", posts: auditor, do: (*visit).auditMonth},
	}
}

const auditRows = 50

// auditData is a page of the journal or of the access log.
type auditData struct {
	Words  string
	Links  []journal.Link
	Access []accessRow
	Next   string // address of the next page
	Rev    int64
	Head   string
	Months []month.Month
	Paper  paperHead
}

// paperHead is the head copied from paper as it was typed.
type paperHead struct{ Rev, Anchor string }

type accessRow struct {
	journal.Access
	Who string
}

// auditJournal shows the chain, its head and what can be verified.
func (v *visit) auditJournal() error { return v.showJournal(paperHead{}, nil) }

// showJournal shows the chain; with what is wrong with the head that was copied.
func (v *visit) showJournal(paper paperHead, wrong error) error {
	ctx, db, region := v.r.Context(), v.office.DB, v.office.Region
	d := auditData{Words: v.asked("q"), Paper: paper}
	rev, hash, err := db.Head(ctx, region)
	if err != nil {
		return err
	}
	d.Rev, d.Head = rev, hex.EncodeToString(hash)
	if d.Links, err = db.JournalPage(ctx, region, v.before(), d.Words, auditRows); err != nil {
		return err
	}
	if n := len(d.Links); n == auditRows {
		d.Next = v.pageAfter("/audit", d.Words, d.Links[n-1].Rev)
	}
	if d.Months, err = db.RunMonths(ctx, region); err != nil {
		return err
	}
	if wrong != nil {
		return v.refuse(wrong, "verify", "audit", "审计", d)
	}
	return v.page("audit", "审计", d)
}

// auditAccess shows who looked at full numbers, or took them away.
func (v *visit) auditAccess() error {
	ctx, db, region := v.r.Context(), v.office.DB, v.office.Region
	d := auditData{Words: v.asked("q")}
	rows, err := db.AccessPage(ctx, region, v.before(), d.Words, auditRows)
	if err != nil {
		return err
	}
	var people []int64
	for _, a := range rows {
		people = append(people, a.Person)
	}
	called, err := db.CalledPeople(ctx, region, people)
	if err != nil {
		return err
	}
	for _, a := range rows {
		d.Access = append(d.Access, accessRow{a, called[a.Person]})
	}
	if n := len(rows); n == auditRows {
		d.Next = v.pageAfter("/audit/access", d.Words, rows[n-1].N)
	}
	return v.page("access", "访问记录", d)
}

// before is where a page of a list that goes backwards begins; 0: at the end.
func (v *visit) before() int64 {
	n, err := strconv.ParseInt(v.form("before"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (v *visit) pageAfter(path, words string, last int64) string {
	return v.address(path, url.Values{"q": {words}, "before": {fmt.Sprint(last)}})
}

// auditVerify walks the whole chain and the rows behind it, against a head on paper where
// one is given.
func (v *visit) auditVerify() error {
	anchor, err := v.anchor()
	if fault.Is(err, fault.Invalid) {
		return v.showJournal(paperHead{v.form("rev"), v.form("anchor")}, err)
	}
	if err != nil {
		return err
	}
	of := v.office
	return v.start(job{kind: "audit", title: "核对审计链", do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("核对修订")
		report, err := of.Audit(ctx, anchor, p.show)
		if report != nil && len(report.Problems) > 0 {
			return "", "/audit", fault.New(fault.Refused, "%s", auditProblems(report))
		}
		if err != nil {
			return "", "/audit", err
		}
		said := fmt.Sprintf("审计链完好：%s 条修订、%s 行数据逐一核对，链头 %.16s", grouped(report.Entries), grouped(report.Rows), hex.EncodeToString(report.Head))
		if s := office.PowersWarning(report.Powers); s != "" {
			said += "。" + s
		}
		return said, "/audit", nil
	}})
}

// anchor reads the head that was copied from paper: at least 16 digits of it.
func (v *visit) anchor() (*postgres.Anchor, error) {
	text := strings.ToLower(v.form("anchor"))
	if text == "" {
		return nil, nil
	}
	if len(text) < 16 || strings.Trim(text, "0123456789abcdef") != "" {
		return nil, badInput("anchor", "纸上的链头", "链头“%s”不对，请照签字页抄写至少 16 位（数字和 a 到 f）", text)
	}
	a := &postgres.Anchor{Hash: text}
	if s := v.form("rev"); s != "" {
		rev, err := strconv.ParseInt(s, 10, 64)
		if err != nil || rev <= 0 {
			return nil, badInput("rev", "修订号", "修订号“%s”不是数字，请照签字页抄写", s)
		}
		a.Rev = rev
	}
	return a, nil
}

func auditProblems(r *postgres.AuditReport) string {
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

// auditMonth computes an approved month again and compares it line by line.
func (v *visit) auditMonth() error {
	m, err := month.Parse(v.form("month"))
	if err != nil {
		return err
	}
	of := v.office
	return v.start(job{kind: "verify", title: "重算核对 " + m.Chinese(), do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("重新计算")
		all, err := of.Verify(ctx, m, func(done int) { p.show(int64(done), 0) })
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
