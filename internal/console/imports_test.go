package console_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/roster/read"
	"disburse/internal/roster/write"
)

// send is sendFile with fields as pairs.
func (m *member) send(path, name string, file []byte, fields ...string) (int, string) {
	m.s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return m.sendFile(path, name, file, form)
}

// leadsTo is where work leads when it has ended well.
func (m *member) leadsTo(where string) string {
	m.s.t.Helper()
	text := m.finish(where)
	_, after, ok := strings.Cut(text, `<a class="button main" href="`)
	if !ok {
		m.s.t.Fatalf("the work leads nowhere: %s", text)
	}
	path, _, _ := strings.Cut(after, `"`)
	return path
}

// rosterBook writes a roster workbook of people.
func (s *site) rosterBook(people ...*roster.Dossier) []byte {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "r.xlsx")
	w, err := write.NewRoster(path, s.office.Pack.Vocabulary())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, d := range people {
		if err := w.Person(d); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		s.t.Fatal(err)
	}
	body, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	return body
}

func newcomer(serial int) *roster.Dossier {
	id := roster.MakeID("140213", month.DateOf(1944, 3, 5), serial)
	return &roster.Dossier{Person: roster.Person{ID: id, Name: "测试新人", Street: "古城", Phone: "13900000000",
		Account: roster.Account{Bank: "测试银行", Number: "6200000000000000" + number(int64(100+serial))}}}
}

func TestRosterImportByPages(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	s.run(november)
	m := s.as("甲经办")
	bad := newcomer(7)
	bad.Street, bad.Name = "", ""
	file := s.rosterBook(newcomer(5), bad)
	status, where := m.send("/imports", "新增.xlsx", file)
	if status != http.StatusSeeOther {
		t.Fatalf("send: %d %s", status, where)
	}
	page := m.leadsTo(where)
	head, _, _ := s.db.Head(t.Context(), siteRegion)
	text := m.page(page)
	for _, word := range []string{"试导入，还没有改动", "新增人员", "退回的行", "不能为空", "对已计算月份的影响", "新享受的人"} {
		if !strings.Contains(text, word) {
			t.Errorf("the trial does not say %q", word)
		}
	}
	if strings.Contains(text, bad.ID) {
		t.Error("the trial shows a whole ID number")
	}
	resp, err := m.client.Get(s.http.URL + "/imports/roster/" + strings.TrimPrefix(page, "/imports/") + "/errors")
	if err != nil {
		t.Fatal(err)
	}
	content, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK || !bytes.HasPrefix(content, []byte("PK")) {
		t.Errorf("errors workbook: %d", resp.StatusCode)
	}
	if status, _ := s.as("人社经办").get(page); status != http.StatusNotFound {
		t.Errorf("somebody else sees the file: %d", status)
	}
	_, where = m.post("/imports/roster/"+strings.TrimPrefix(page, "/imports/")+"/commit", url.Values{"reason": {"11月月报"}})
	if text := m.finish(where); !strings.Contains(text, "新增 1 人") || !strings.Contains(text, "退回 1 行") {
		t.Errorf("commit: %s", text)
	}
	now, _, _ := s.db.Head(t.Context(), siteRegion)
	if now != head+1 {
		t.Errorf("head %d after %d", now, head)
	}
	if text := m.page("/people?q=" + newcomer(5).ID); !strings.Contains(text, "测试新人") {
		t.Error("who was just imported is not found")
	}
	undo := "/imports/undo/" + number(now)
	_, where = m.post(undo, url.Values{"step": {"try"}})
	if text := m.page(m.leadsTo(where)); !strings.Contains(text, "撤去新增的人") {
		t.Errorf("undo: %s", text)
	}
	if status, _ := m.post(undo, url.Values{"step": {"do"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("undone without a reason: %d", status)
	}
	_, where = m.post(undo, url.Values{"step": {"do"}, "reason": {"导错了"}})
	if text := m.finish(where); !strings.Contains(text, "已撤销") {
		t.Errorf("undo: %s", text)
	}
	if text := m.page("/people?q=" + newcomer(5).ID); strings.Contains(text, "测试新人") {
		t.Error("who was undone is found")
	}
	if text := s.as("戊审计").page("/audit/access"); !strings.Contains(text, "花名册退回的行") {
		t.Error("the errors workbook is not in the access log")
	}
}

func TestRosterExport(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(60)
	m := s.as("乙复核")
	_, where := m.post("/imports/export", nil)
	page := m.leadsTo(where)
	if status, _ := s.as("甲经办").get(page + "/file"); status != http.StatusNotFound {
		t.Errorf("somebody else fetches the export: %d", status)
	}
	resp, err := m.client.Get(s.http.URL + page + "/file")
	if err != nil {
		t.Fatal(err)
	}
	content, _ := io.ReadAll(resp.Body)
	path := filepath.Join(t.TempDir(), "out.xlsx")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := read.Roster(t.Context(), path, s.office.Pack.Vocabulary(), month.FromTime(s.clock()), nil)
	if err != nil || len(in.People) < 50 {
		t.Fatalf("the export does not read back: %v", err)
	}
	if text := s.as("戊审计").page("/audit/access"); !strings.Contains(text, "花名册") {
		t.Error("the export is not in the access log")
	}
}

func TestMatchAndMergeByPages(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(100)
	m := s.as("甲经办")
	d := s.somebody(withAccount)
	book := excelize.NewFile()
	for i, row := range [][]string{{"姓名", "身份证号"}, {d.Name, d.ID}} {
		if err := book.SetSheetRow("Sheet1", "A"+number(int64(i+1)), &row); err != nil {
			t.Fatal(err)
		}
	}
	list, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	status, where := m.send("/imports/match", "死亡.xlsx", list.Bytes(), "kind", "死亡")
	if status != http.StatusSeeOther {
		t.Fatalf("match: %d %s", status, where)
	}
	page := m.leadsTo(where)
	text := m.page(page)
	if !strings.Contains(text, d.Name) || strings.Contains(text, d.ID) || !strings.Contains(text, "<td>身份证号相符</td>") {
		t.Errorf("match: %s", text)
	}
	_, where = m.post(page+"/commit", url.Values{"kind": {"死亡"}})
	if text := m.finish(where); !strings.Contains(text, "名单已登记") {
		t.Errorf("commit: %s", text)
	}
	if _, where = m.send("/imports/match", "死亡.csv", []byte("姓名,身份证号\n"+d.Name+","+d.ID+"\n"), "kind", "死亡"); !strings.Contains(m.page(m.leadsTo(where)), d.Name) {
		t.Error("a list as csv finds nobody")
	}
	_, where = m.send("/imports/match", "死亡.csv", []byte("姓名,身份证号\n"+d.Name+","+d.ID+"\n某某,12345\n"), "kind", "死亡")
	if text := m.page(m.leadsTo(where)); !strings.Contains(text, "<h2>读不懂的行</h2>") || !strings.Contains(text, `<td class="n">3</td><td>身份证号</td><td>12345</td>`) {
		t.Errorf("the unread row is not told: %s", text)
	}
	if status, _ := m.send("/imports/match", "死亡.csv", []byte("姓名\n"), "kind", "没有这种"); status != http.StatusUnprocessableEntity {
		t.Errorf("a kind that is not in the pack: %d", status)
	}
	gone := s.somebody(func(x *roster.Dossier) bool { return x.Number != d.Number && withAccount(x) })
	form := url.Values{"kept": {d.ID}, "gone": {gone.ID}, "reason": {"同一人重复登记"}}
	status, text = m.post("/imports/merge", form)
	if status != http.StatusOK || !strings.Contains(text, gone.Name) {
		t.Fatalf("merge trial: %d %s", status, text)
	}
	form.Set("step", "do")
	if status, where = m.post("/imports/merge", form); status != http.StatusSeeOther {
		t.Fatalf("merge: %d %s", status, where)
	}
	if text := m.page("/people?q=" + gone.ID); !strings.Contains(text, d.Name) || !strings.Contains(text, "曾用所查号码") {
		t.Error("the number of the merged record does not find the survivor")
	}
	form.Set("kept", "123")
	if status, _ := m.post("/imports/merge", form); status != http.StatusUnprocessableEntity {
		t.Errorf("merge with a wrong number: %d", status)
	}
}

func TestImportsInTheBrowser(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	s.run(november)
	bad := newcomer(7)
	bad.Name = ""
	path := filepath.Join(t.TempDir(), "花名册11月.xlsx")
	if err := os.WriteFile(path, s.rosterBook(newcomer(5), newcomer(9), bad), 0o600); err != nil {
		t.Fatal(err)
	}
	w := s.openWindow("甲经办")
	w.open("/imports")
	w.shoot("imports")
	w.file("input[type=file]", path)
	w.press("试导入")
	w.follow("试导入，还没有改动")
	w.shoot("import")
	w.printed("import")
	w.press("导入")
	w.says("已导入（修订")
	w.open("/imports")
	w.press("撤销…")
	w.press("看撤销会有什么变化")
	w.follow("撤去新增的人")
	w.shoot("undo")
	w.open("/imports/match")
	w.shoot("match")
	w.open("/imports/merge")
	w.shoot("merge")
}
