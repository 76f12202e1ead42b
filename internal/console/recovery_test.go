package console_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"disburse/internal/approval"
)

// openingBook is a workbook of opening entries: people with a subsidy of item 11, whom the
// old system paid too much in two months, and a row that nobody can take in.
func (s *site) openingBook(people int) []byte {
	s.t.Helper()
	rows, err := s.owner.Query(s.t.Context(), `
		SELECT DISTINCT id_number FROM draft_line WHERE item = '11' AND payee = '本人' AND hold = 0 ORDER BY id_number LIMIT $1`, people)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	if err := f.SetSheetName("Sheet1", "期初"); err != nil {
		s.t.Fatal(err)
	}
	all := [][]any{{"身份证号", "项目", "收款人", "所属月份", "金额", "依据"}}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			s.t.Fatal(err)
		}
		for _, m := range []string{"2026-08", "2026-09"} {
			all = append(all, []any{id, "11", "", m, "600", "老系统台账 1 号"})
		}
	}
	all = append(all, []any{"140213193501010010", "11", "", "2026-09", "70", "老系统台账 2 号"})
	for i, row := range all {
		if err := f.SetSheetRow("期初", fmt.Sprintf("A%d", i+1), &row); err != nil {
			s.t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		s.t.Fatal(err)
	}
	return b.Bytes()
}

// owing is a site where people owe money back.
func owing(t *testing.T, people, debtors int) (*site, *member) {
	s := openOffice(t)
	s.addUser(approval.User{Name: "庚审批", Post: approval.Approver, Bureau: civil, Active: true})
	s.people(people)
	s.run(november)
	m := s.as("甲经办")
	_, where := m.sendFile("/recovery/opening", "期初.xlsx", s.openingBook(debtors), nil)
	path, _ := m.ledTo(where)
	_, where = m.post(path, nil)
	m.finish(where)
	s.run(november)
	return s, m
}

func TestOpeningEntries(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(150)
	m := s.as("甲经办")
	if status, _ := m.sendFile("/recovery/opening", "期初.xlsx", []byte("x"), nil); status != http.StatusUnprocessableEntity {
		t.Errorf("without a first month: %d", status)
	}
	s.run(november)
	if status, name, content := m.takeFile("/recovery/opening/template"); status != http.StatusOK || name != "期初.xlsx" || len(content) < 1000 {
		t.Errorf("template: %d %s", status, name)
	}
	status, where := m.sendFile("/recovery/opening", "期初.xlsx", s.openingBook(3), nil)
	if status != http.StatusSeeOther {
		t.Fatalf("upload: %d %s", status, where)
	}
	path, text := m.ledTo(where)
	for _, want := range []string{"还没有导入", "花名册里没有这个人", "3,600.00", "下载退回的行"} {
		if !strings.Contains(text, want) {
			t.Errorf("the trial lacks %s", want)
		}
	}
	if strings.Contains(text, "140213193501010010") {
		t.Error("the trial shows an ID number in full")
	}
	if status, name, content := m.takeFile(path + "/errors"); status != http.StatusOK || name != "退回-期初.xlsx" || len(content) < 1000 {
		t.Errorf("errors: %d %s", status, name)
	}
	if n := s.accessed("导出", "期初退回的行"); n != 1 {
		t.Errorf("%d workbooks of errors are recorded", n)
	}
	_, where = m.post(path, nil)
	if text = m.finish(where); !strings.Contains(text, "变更 6 行") {
		t.Errorf("taken: %s", text[strings.Index(text, "<main"):])
	}
	if text = m.page(path); strings.Contains(text, "没有要改动的") || !strings.Contains(text, ">已导入<") || !strings.Contains(text, "变更 6 行") {
		t.Error("the page does not say what was taken in")
	}
	other := s.as("人社经办")
	_, where = other.sendFile("/recovery/opening", "期初.xlsx", s.openingBook(3), nil)
	if _, text = other.ledTo(where); !strings.Contains(text, "这个项目由区民政局发放") || !strings.Contains(text, "没有要改动的") {
		t.Error("another bureau states what is not its own")
	}
	if status, _ := s.as("戊审计").get("/recovery/opening"); status != http.StatusForbidden {
		t.Errorf("an auditor imports: %d", status)
	}
}

func TestRecoveryRegister(t *testing.T) {
	t.Parallel()
	s, m := owing(t, 260, 30)
	text := m.page("/recovery")
	for _, want := range []string{"30 人，60 条", "2026年11月第1批", "截至第", "下一页", "下载追缴通知书"} {
		if !strings.Contains(text, want) {
			t.Errorf("the register lacks %s", want)
		}
	}
	rows := regexp.MustCompile(`/recovery/person/\d+"`)
	next := regexp.MustCompile(`class="more"><a class="button" href="([^"]+)"`).FindStringSubmatch(text)
	if n := len(rows.FindAllString(text, -1)); n != 50 || next == nil {
		t.Fatalf("%d rows on the first page", n)
	}
	second := m.page(strings.ReplaceAll(next[1], "&amp;", "&"))
	if n := len(rows.FindAllString(second, -1)); n != 10 {
		t.Errorf("%d rows on the second page", n)
	}
	for _, r := range rows.FindAllString(second, -1) {
		if strings.Contains(text, r) {
			t.Errorf("%s is on both pages", r)
		}
	}
	street := regexp.MustCompile(`<option value="([^"]+)"`).FindStringSubmatch(text[strings.Index(text, `name="street"`):])
	if street == nil {
		t.Fatal("no streets to choose from")
	}
	if text = m.page("/recovery?street=" + url.QueryEscape(street[1])); strings.Contains(text, "30 人") || !strings.Contains(text, street[1]) {
		t.Error("the street does not narrow the register")
	}
	status, name, content := m.takeFile("/recovery/notices?street=" + url.QueryEscape(street[1]))
	if status != http.StatusOK || name != "追缴通知书-"+civil+"-"+street[1]+".xlsx" || len(content) < 1000 {
		t.Errorf("notices: %d %s", status, name)
	}
	if n := s.accessed("导出", "追缴通知书"); n != 1 {
		t.Errorf("%d notices are recorded", n)
	}
	status, where := m.linkOf("/recovery/notices")
	if status != http.StatusSeeOther {
		t.Fatalf("all notices: %d %s", status, where)
	}
	wait, text := m.ledTo(where)
	if status, name, content = m.takeFile(wait + "/file"); status != http.StatusOK || name != "追缴通知书-"+civil+".xlsx" || len(content) < 1000 {
		t.Errorf("all notices: %d %s", status, name)
	}
	if status, _ := s.as("乙复核").get(wait + "/file"); status != http.StatusNotFound || !strings.Contains(text, "只有您能取") {
		t.Errorf("somebody else takes them: %d", status)
	}
	if text = m.page("/recovery?status=overdue"); !strings.Contains(text, "没有符合的款项") {
		t.Error("something is overdue without an agreement")
	}
	person := strings.TrimSuffix(rows.FindString(second), `"`)
	other := s.as("人社经办")
	if text := other.page("/recovery"); strings.Contains(text, "30 人") || rows.MatchString(text) {
		t.Error("another bureau's debts are shown")
	}
	for _, path := range []string{person, person + "/notice"} {
		if status, _ := other.get(path); status != http.StatusNotFound {
			t.Errorf("%s for another bureau: %d", path, status)
		}
	}
	if status, _, _ := other.takeFile("/recovery/notices"); status != http.StatusNotFound {
		t.Errorf("notices for a bureau to which nobody owes: %d", status)
	}
	if status, _ := s.as("丁管理").get("/recovery"); status != http.StatusForbidden {
		t.Errorf("an administrator reads the register: %d", status)
	}
	auditor := s.as("戊审计")
	if text := auditor.page(person); strings.Contains(text, "登记收回</button>") || regexp.MustCompile(`[^0-9a-f][0-9]{16,17}[0-9X][^0-9a-f]`).MatchString(text) {
		t.Error("an auditor acts, or sees a number in full")
	}
}

func TestDebtsOfAPerson(t *testing.T) {
	t.Parallel()
	s, m := owing(t, 150, 2)
	path := strings.TrimSuffix(regexp.MustCompile(`/recovery/person/\d+"`).FindString(m.page("/recovery")), `"`)
	text := m.page(path)
	open := regexp.MustCompile(`没有收回（元）</span><span class="value">([0-9.,]+)<`).FindStringSubmatch(text)
	debt := regexp.MustCompile(`<option value="(11\|2026-09\|本人)"`).FindStringSubmatch(text)
	if open == nil || debt == nil {
		t.Fatalf("no debt is shown: %s", text[strings.Index(text, "<main"):])
	}
	collect := url.Values{"amount": {"100"}, "day": {"2026-11-10"}, "basis": {"现金收据 0012345"}}
	for field, bad := range map[string]string{"amount": "9999", "day": "2026-12-10", "basis": ""} {
		form := url.Values{}
		for k, x := range collect {
			form[k] = x
		}
		form.Set(field, bad)
		if status, page := m.post(path+"/collect", form); status < 400 || !strings.Contains(page, "flash bad") || !strings.Contains(page, `<option value="11|2026-09|本人"`) {
			t.Errorf("collect with %s %q: %d", field, bad, status)
		}
	}
	if status, _ := m.post(path+"/collect", collect); status != http.StatusSeeOther {
		t.Errorf("collect: %d", status)
	}
	if text = m.page(path); !strings.Contains(text, "已登记收回 100.00 元（壹佰元整）") || !strings.Contains(text, "2026-11-10 收到，现金收据 0012345") {
		t.Errorf("collected: %s", text[strings.Index(text, "<main"):])
	}
	plan := url.Values{"amount": {"200"}, "first": {"2026-12"}, "months": {"4"}, "why": {"分期还款协议书"}}
	if status, _ := m.post(path+"/plan", plan); status != http.StatusSeeOther {
		t.Errorf("plan: %d", status)
	}
	if text = m.page(path); !strings.Contains(text, "2026-12 起 4 期，每期 50.00 元") || !strings.Contains(text, "终止分期") {
		t.Error("the agreement is not shown")
	}
	if text = m.page("/recovery?status=plan"); !strings.Contains(text, "1 人，1 条") {
		t.Error("the register does not find the agreement")
	}
	if status, _ := m.post(path+"/endplan", url.Values{"why": {"本人一次还清"}}); status != http.StatusSeeOther {
		t.Errorf("end: %d", status)
	}
	if status, name, content := m.takeFile(path + "/notice"); status != http.StatusOK || !strings.HasPrefix(name, "追缴通知书-") || len(content) < 1000 {
		t.Errorf("notice: %d %s", status, name)
	}
	for _, name := range []string{"乙复核", "戊审计", "丁管理"} {
		if status, _ := s.as(name).post(path+"/collect", collect); status != http.StatusForbidden {
			t.Errorf("%s collects: %d", name, status)
		}
	}
	s.waive(m, path, debt[1])
}

// waive goes through asking and answering.
func (s *site) waive(m *member, path, debt string) {
	t := s.t
	t.Helper()
	form := url.Values{"debt": {debt}, "amount": {"50"}, "why": {"本人去世，无可供执行的财产"}}
	if status, _ := m.post(path+"/waive", url.Values{"amount": {"50"}, "why": {"x"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("a waiver of nothing in particular: %d", status)
	}
	if status, _ := m.post(path+"/waive", form); status != http.StatusSeeOther {
		t.Fatalf("ask: %d", status)
	}
	if status, page := m.post(path+"/waive", form); status != http.StatusConflict || !strings.Contains(page, "等待确认") {
		t.Errorf("asked twice: %d", status)
	}
	approver, other := s.as("丙审批"), s.as("人社经办")
	if text := approver.page("/"); !strings.Contains(text, "1 个核销申请等答复") {
		t.Error("本月 does not ask for the answer")
	}
	if text := other.page("/recovery/waivers"); strings.Contains(text, "无可供执行") {
		t.Error("another bureau reads the request")
	}
	answer := url.Values{"answer": {"grant"}}
	if status, _ := m.post("/recovery/waivers/1", answer); status != http.StatusForbidden {
		t.Errorf("who asked confirms: %d", status)
	}
	if status, _ := other.post("/recovery/waivers/1", answer); status != http.StatusNotFound {
		t.Errorf("another bureau confirms: %d", status)
	}
	if status, _ := s.as("戊审计").post("/recovery/waivers/1", answer); status != http.StatusForbidden {
		t.Errorf("an auditor confirms: %d", status)
	}
	if status, _ := m.post("/recovery/waivers/1", url.Values{"answer": {"refuse"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("withdrawn without a reason: %d", status)
	}
	if status, _ := approver.post("/recovery/waivers/1", answer); status != http.StatusSeeOther {
		t.Errorf("confirm: %d", status)
	}
	if text := approver.page("/recovery/waivers"); !strings.Contains(text, "已核销") || strings.Contains(text, "确认核销</button>") {
		t.Error("the answer is not shown")
	}
	if text := m.page(path); !strings.Contains(text, "已核销") || !strings.Contains(text, "丙审批") {
		t.Error("the person's page does not show the waiver")
	}
}

func TestRecoveryInTheBrowser(t *testing.T) {
	t.Parallel()
	s, m := owing(t, 260, 12)
	w := s.openWindow("甲经办")
	w.open("/recovery/opening")
	w.shoot("recovery-opening")
	_, where := m.sendFile("/recovery/opening", "期初-更正.xlsx", s.openingBook(14), nil)
	trial, _ := m.ledTo(where)
	w.open(trial)
	w.shoot("recovery-trial")
	w.open("/recovery")
	w.click("tbody a")
	w.says("登记收回", "申请核销")
	w.fill("form[action$=collect] input[name=amount]", "120.50")
	w.fill("form[action$=collect] input[name=basis]", "现金收据 0012345 号")
	w.press("登记收回")
	w.says("已登记收回 120.50 元")
	path := evaluate[string](w, "location.pathname")
	w.fill("form[action$=collect] input[name=amount]", "120.50")
	w.fill("form[action$=collect] input[name=basis]", "现金收据 0012345 号")
	w.expects("409")
	w.press("登记收回")
	w.says("没有再登记")
	if status, _ := m.post(path+"/plan", url.Values{"amount": {"300"}, "first": {"2026-10"}, "months": {"6"}, "why": {"分期还款协议书"}}); status != http.StatusSeeOther {
		t.Errorf("plan: %d", status)
	}
	if status, _ := m.post(path+"/waive", url.Values{"debt": {"11|2026-09|本人"}, "amount": {"50"}, "why": {"生活特别困难，街道已核实"}}); status != http.StatusSeeOther {
		t.Errorf("ask: %d", status)
	}
	w.open(path)
	w.shoot("recovery-person")
	w.open("/recovery")
	w.shoot("recovery")
	w.printed("recovery")
	a := s.openWindow("丙审批")
	a.open("/recovery/waivers")
	a.shoot("recovery-waivers")
}
