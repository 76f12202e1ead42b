package console_test

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"disburse/internal/office/monthly"
)

// ledTo is the page that work leads to, and its address.
func (m *member) ledTo(where string) (path, text string) {
	m.s.t.Helper()
	text = m.finish(where)
	link := regexp.MustCompile(`href="(/(?:bank|recovery|made)/[^"]*)"`).FindAllStringSubmatch(text[strings.Index(text, "<main"):], -1)
	if len(link) == 0 {
		m.s.t.Fatalf("%s leads nowhere: %s", where, text[strings.Index(text, "<main"):])
	}
	path = strings.ReplaceAll(link[0][1], "&amp;", "&")
	return path, m.page(path)
}

// takeFile downloads.
func (m *member) takeFile(path string) (status int, name string, content []byte) {
	m.s.t.Helper()
	resp, err := m.client.Get(m.s.http.URL + path)
	if err != nil {
		m.s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if content, err = io.ReadAll(resp.Body); err != nil {
		m.s.t.Fatal(err)
	}
	_, params, _ := mime.ParseMediaType(resp.Header.Get("Content-Disposition"))
	return resp.StatusCode, params["filename"], content
}

// linkOf is the status of a page and where it leads.
func (m *member) linkOf(path string) (int, string) {
	m.s.t.Helper()
	resp, err := m.client.Get(m.s.http.URL + path)
	if err != nil {
		m.s.t.Fatal(err)
	}
	_ = body(m.s.t, resp)
	return resp.StatusCode, resp.Header.Get("Location")
}

// answered counts the answers of an outcome.
func (s *site) answered(outcome int) (n int) {
	s.t.Helper()
	if err := s.owner.QueryRow(s.t.Context(), `SELECT count(*) FROM payment_result WHERE outcome = $1`, outcome).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// accessed counts the entries of the access log about a subject.
func (s *site) accessed(action, subject string) (n int) {
	s.t.Helper()
	if err := s.owner.QueryRow(s.t.Context(), `SELECT count(*) FROM access_log WHERE action = $1 AND subject = $2`, action, subject).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// paidMonth is November signed by 区民政局, and handed to the banks.
func paidMonth(t *testing.T, people int) *site {
	s := openOffice(t)
	s.people(people)
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	return s
}

func (s *site) sent() {
	s.t.Helper()
	if _, err := monthly.Sent(s.t.Context(), s.office, monthly.Signing{Month: november, Bureau: civil, By: s.by("甲经办")}, 1); err != nil {
		s.t.Fatal(err)
	}
}

// answers writes a bank's result of the payments of 区民政局, in order, as long as code
// gives one.
func (s *site) answers(code func(i int) string) []byte {
	s.t.Helper()
	rows, err := s.owner.Query(s.t.Context(), `
		SELECT f.number, p.seq, p.account, p.holder, p.amount FROM payment p JOIN payment_file f USING (region, batch, file) JOIN batch b USING (region, batch)
		WHERE b.bureau = $1 ORDER BY p.batch, p.file, p.seq`, civil)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	var b strings.Builder
	b.WriteString("批次号,序号,账号,户名,金额,结果码,原因\n")
	for i := 0; rows.Next(); i++ {
		var number, account, holder string
		var seq, amount int
		if err := rows.Scan(&number, &seq, &account, &holder, &amount); err != nil {
			s.t.Fatal(err)
		}
		if c := code(i); c != "" {
			fmt.Fprintf(&b, "%s,%d,%s,%s,%d.%02d,%s\n", number, seq, account, holder, amount/100, amount%100, c)
		}
	}
	return []byte(b.String())
}

// mixed is the answer of a bank to most of the payments: two failed, one it does not know.
func mixed(i int) string {
	switch i {
	case 0, 1:
		return "失败,户名不符"
	case 2:
		return "未知,处理中"
	case 3, 4, 5:
		return ""
	}
	return "成功,"
}

// takeAnswers takes in what a bank answers, after its trial.
func (m *member) takeAnswers(code func(i int) string) {
	m.s.t.Helper()
	_, where := m.sendFile("/bank/results", "回盘.csv", m.s.answers(code), nil)
	path, _ := m.ledTo(where)
	_, where = m.post(path, nil)
	m.finish(where)
}

func TestBankFiles(t *testing.T) {
	t.Parallel()
	s := paidMonth(t, 200)
	m := s.as("甲经办")
	text := m.page("/bank")
	for _, want := range []string{"没有送银行", "140213-202611-MZ-1-001", "登记送银行", "导入银行回盘"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	file := regexp.MustCompile(`/bank/file/\d+/1"`).FindString(text)
	file = strings.TrimSuffix(file, `"`)
	status, name, content := m.takeFile(file)
	if status != http.StatusOK || name != "140213-202611-MZ-1-001.xlsx" || !bytes.HasPrefix(content, []byte("PK")) {
		t.Errorf("download: %d %s, %d bytes", status, name, len(content))
	}
	if n := s.accessed("导出", "银行文件"); n != 1 {
		t.Errorf("%d downloads are recorded", n)
	}
	if status, _, _ := m.takeFile(file[:len(file)-1] + "99"); status != http.StatusNotFound {
		t.Errorf("a file that is not there: %d", status)
	}
	send := strings.Replace(strings.TrimSuffix(file, "/1"), "/file/", "/sent/", 1)
	for name, want := range map[string]int{"人社经办": http.StatusForbidden, "丁管理": http.StatusForbidden, "戊审计": http.StatusOK, "丙审批": http.StatusOK} {
		if status, _, _ := s.as(name).takeFile(file); status != want {
			t.Errorf("%s takes the file: %d", name, status)
		}
		if name == "丙审批" {
			continue // may, as every post that signs
		}
		if status, _ := s.as(name).post(send, nil); status != http.StatusForbidden {
			t.Errorf("%s hands it over: %d", name, status)
		}
	}
	s.later(2 * time.Minute) // so many log-ins from one place are too many at once
	for name, may := range map[string]bool{"乙复核": true, "丙审批": true, "戊审计": false} {
		if got := strings.Contains(s.as(name).page("/bank/month/2026-11"), `action="`+send+`"`); got != may {
			t.Errorf("%s is offered to note it: %v", name, got)
		}
	}
	if text := s.as("人社经办").page("/bank/month/2026-11"); strings.Contains(text, "MZ-1-001") || strings.Contains(text, civil) {
		t.Error("another bureau's files are shown")
	}
	if status, where := m.post(send, nil); status != http.StatusSeeOther || where != "/bank/month/2026-11" {
		t.Fatalf("sent: %d %s", status, where)
	}
	if text := m.page("/bank/month/2026-11"); !strings.Contains(text, "等银行答复") || !strings.Contains(text, "不能再作废") {
		t.Error("the page does not say that the files went")
	}
	if status, _ := s.as("丙审批").post(send, nil); status != http.StatusConflict {
		t.Errorf("sent twice, by another post: %d", status)
	}
}

func TestBankResults(t *testing.T) {
	t.Parallel()
	s := paidMonth(t, 200)
	s.sent()
	m := s.as("甲经办")
	result := append(s.answers(mixed), []byte("140213-202611-MZ-1-001,999999,6222000000000000001,某某,1.00,成功,\n")...)
	status, where := m.sendFile("/bank/results", `C:\回盘 十一月.csv`, result, nil)
	if status != http.StatusSeeOther {
		t.Fatalf("upload: %d %s", status, where)
	}
	path, text := m.ledTo(where)
	for _, want := range []string{"回盘 十一月.csv", "还没有登记", "没有登记的行（1 行）", "140213-202611-MZ-1-001"} {
		if !strings.Contains(text, want) {
			t.Errorf("the trial lacks %s", want)
		}
	}
	if strings.Contains(text, "6222000000000000001") {
		t.Error("the trial shows an account in full")
	}
	var n int
	if err := s.owner.QueryRow(t.Context(), `SELECT count(*) FROM payment_result`).Scan(&n); err != nil || n != 0 {
		t.Fatalf("the trial left %d answers: %v", n, err)
	}
	for _, name := range []string{"人社经办", "乙复核", "戊审计"} {
		if status, _ := s.as(name).get(path); status == http.StatusOK {
			t.Errorf("%s sees somebody else's file", name)
		}
	}
	_, where = m.post(path, nil)
	if text = m.finish(where); !strings.Contains(text, "失败付款 2 笔") || !strings.Contains(text, "不能登记 1 行") {
		t.Errorf("taken: %s", text[strings.Index(text, "<main"):])
	}
	if text = mainTag.FindString(m.page(path)); strings.Contains(text, "没有新的结果") || strings.Contains(text, "重复") ||
		!strings.Contains(text, "由甲经办登记过") || !strings.Contains(text, ">已登记<") || !strings.Contains(text, "/bank/month/2026-11/failed") {
		t.Errorf("the page does not say that the file was taken in: %s", text)
	}
	// What it shows is what came in, not what would come in now.
	for name, want := range map[string]int{"成功": -1, "失败": 2, "未知": 1} {
		n := s.answered(map[string]int{"成功": 1, "失败": 2, "未知": 3}[name])
		if want >= 0 && n != want || n == 0 {
			t.Errorf("%s: %d answers", name, n)
		}
		if !regexp.MustCompile(name + `（元）</span><span class="value">[^<]*[1-9][^<]*</span><span class="note">付款 ` + strconv.Itoa(n) + ` 笔`).MatchString(text) {
			t.Errorf("the page does not show %d of %s: %s", n, name, text)
		}
	}
	_, where = m.sendFile("/bank/results", "又一次.csv", result, nil)
	if _, text = m.ledTo(where); !strings.Contains(text, "由甲经办登记过") || strings.Contains(text, `<button class="main">登记`) {
		t.Error("the same file again is not told")
	}
	_, where = m.sendFile("/bank/results", "空.csv", []byte("甲,乙\n1,2\n"), nil)
	if text = m.finish(where); !strings.Contains(text, "空.csv") || strings.Contains(text, os.TempDir()) {
		t.Errorf("a file of something else: %s", text[strings.Index(text, "<main"):])
	}
	if status, _ := m.sendFile("/bank/results", "空.csv", nil, nil); status != http.StatusUnprocessableEntity {
		t.Errorf("an empty file: %d", status)
	}
	if status, _ := s.as("乙复核").sendFile("/bank/results", "x.csv", result, nil); status != http.StatusForbidden {
		t.Errorf("a reviewer sends results in: %d", status)
	}
	s.afterResults()
}

// afterResults looks at what the pages say after mixed answers.
func (s *site) afterResults() {
	t := s.t
	t.Helper()
	s.later(9 * 24 * time.Hour)
	m := s.as("甲经办")
	elsewhere, manager, auditor := s.as("人社经办"), s.as("丁管理"), s.as("戊审计")
	for path, want := range map[string][]string{
		"/bank/month/2026-11":           {"失败的付款", "未知和未答复"},
		"/bank/month/2026-11/failed":    {"户名不符", "还没有重新计算", "请登记新账户"},
		"/bank/month/2026-11/open":      {"处理中", "没有答复", `class="n bad">9<`},
		"/bank/open":                    {"处理中", "所有月份"},
		"/bank/month/2026-11/reconcile": {"未回齐", "名单 ＝ 拨付", "失败退回的去向", "各资金来源", "跨资金转入", "跨项目抵扣"},
	} {
		text := m.page(path)
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s lacks %s", path, w)
			}
		}
		if full := regexp.MustCompile(`[^0-9a-f][0-9]{16,19}[^0-9a-f]`).FindString(text); full != "" {
			t.Errorf("%s shows a number in full: %s", path, full)
		}
		if other := elsewhere.page(path); strings.Contains(other, "户名不符") || strings.Contains(other, "处理中") || strings.Contains(other, civil) {
			t.Errorf("%s shows another bureau's payments", path)
		}
		if status, _ := manager.get(path); status != http.StatusForbidden {
			t.Errorf("an administrator reads %s: %d", path, status)
		}
		if status, _ := auditor.get(path); status != http.StatusOK {
			t.Errorf("an auditor cannot read %s: %d", path, status)
		}
	}
	book := "/bank/month/2026-11/reconcile/" + url.PathEscape(civil)
	if status, name, content := m.takeFile(book); status != http.StatusOK || name != civil+"2026-11对账表.xlsx" || len(content) < 1000 {
		t.Errorf("workbook: %d %s", status, name)
	}
	if n := s.accessed("导出", "对账表"); n != 1 {
		t.Errorf("%d workbooks are recorded", n)
	}
	if status, _, _ := elsewhere.takeFile(book); status != http.StatusNotFound {
		t.Errorf("another bureau's workbook: %d", status)
	}
}

// TestUnansweredByPages: every payment is on one page of the list, and large months are
// reconciled as work.
func TestUnansweredByPages(t *testing.T) {
	t.Parallel()
	s := paidMonth(t, 250)
	s.sent()
	m := s.as("戊审计")
	row := regexp.MustCompile(`140213-202611-MZ-1-\d+　第 \d+ 号`)
	seen := map[string]bool{}
	path, pages := "/bank/month/2026-11/open", 0
	for ; path != ""; pages++ {
		text := m.page(path)
		for _, r := range row.FindAllString(text, -1) {
			if seen[r] {
				t.Errorf("%s comes twice", r)
			}
			seen[r] = true
		}
		next := regexp.MustCompile(`class="more"><a class="button" href="([^"]+)"`).FindStringSubmatch(text)
		path = ""
		if next != nil {
			path = next[1]
		}
	}
	var all int
	if err := s.owner.QueryRow(t.Context(), `SELECT count(*) FROM payment JOIN batch USING (region, batch) WHERE bureau = $1`, civil).Scan(&all); err != nil {
		t.Fatal(err)
	}
	if len(seen) != all || pages < 2 || all <= 50 {
		t.Errorf("%d of %d payments on %d pages", len(seen), all, pages)
	}
	_, where := m.post("/bank/month/2026-11/reconcile", nil)
	if _, text := m.ledTo(where); !strings.Contains(text, "未回齐") {
		t.Error("reconciled as work, nothing is shown")
	}
	if text := m.page("/bank/month/2031-01"); !strings.Contains(text, "还没有审批通过的银行文件") {
		t.Error("a month without files does not say so")
	}
}

// TestTriedAgain: a refused account is tried again once somebody says so.
func TestTriedAgain(t *testing.T) {
	t.Parallel()
	s := paidMonth(t, 200)
	s.sent()
	m := s.as("甲经办")
	m.takeAnswers(mixed)
	s.run(november + 1)
	text := m.page("/bank/month/2026-11/failed")
	id := regexp.MustCompile(`name="finding" value="([^"]+)"`).FindStringSubmatch(text)
	if id == nil || !strings.Contains(text, "仍暂缓") {
		t.Fatalf("nothing is asked about the account: %s", text[strings.Index(text, "<main"):])
	}
	if text := s.as("丙审批").page("/bank/month/2026-11/failed"); strings.Contains(text, `name="finding"`) {
		t.Error("somebody else is asked, too")
	}
	retry := "/bank/month/2026-11/retry"
	if status, _ := m.post(retry, url.Values{"finding": {id[1]}}); status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", status)
	}
	if status, _ := s.as("人社经办").post(retry, url.Values{"finding": {id[1]}, "reason": {"试试"}}); status != http.StatusForbidden {
		t.Errorf("another bureau decides: %d", status)
	}
	if status, _ := m.post(retry, url.Values{"finding": {id[1]}, "reason": {"本人已解除挂失"}}); status != http.StatusSeeOther {
		t.Errorf("decide: %d", status)
	}
	if text = m.page("/bank/month/2026-11/failed"); !strings.Contains(text, "已决定再试原账户，重新计算后进入下一批") {
		t.Error("the page does not say what was decided")
	}
	s.run(november + 1)
	if text = m.page("/bank/month/2026-11/failed"); !strings.Contains(text, "在待签批的批次里") {
		t.Errorf("after the run: %s", text[strings.Index(text, "<main"):])
	}
}

func TestBankInTheBrowser(t *testing.T) {
	t.Parallel()
	s := paidMonth(t, 300)
	w := s.openWindow("甲经办")
	w.open("/bank")
	w.shoot("bank-unsent")
	s.sent()
	file := filepath.Join(t.TempDir(), "工行回盘1125.csv")
	bad := []byte("140213-202611-MZ-1-001,7,6222000000000000001,某某,1.00,成功,\n140213-202611-MZ-1-001,888888,6222000000000000001,某某,1.00,成功,\n")
	if err := os.WriteFile(file, append(s.answers(mixed), bad...), 0o600); err != nil {
		t.Fatal(err)
	}
	w.open("/bank")
	w.file("input[type=file]", file)
	w.press("核对")
	w.follow("涉及的银行文件")
	w.says("还没有登记")
	w.shoot("bank-trial")
	w.press("登记")
	w.follow("由甲经办登记过")
	w.says("已登记")
	w.shoot("bank-taken")
	s.run(november + 1)
	w.open("/bank/month/2026-11")
	w.shoot("bank")
	w.open("/bank/month/2026-11/failed")
	w.shoot("bank-failed")
	w.open("/bank/month/2026-11/open")
	w.shoot("bank-open")
	w.open("/bank/month/2026-11/reconcile")
	w.shoot("bank-reconcile")
	if name, content := w.download(".panel a.button"); !strings.HasSuffix(name, "对账表.xlsx") || len(content) < 1000 {
		t.Errorf("download: %s, %d bytes", name, len(content))
	}
	w.printed("bank-reconcile")
}
