package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"disburse/internal/month"
	"disburse/internal/roster"
)

// register fills the form of a new person.
func register(id string) url.Values {
	return url.Values{"id": {id}, "birth": {""}, "name": {"新登记"}, "street": {"古城"}, "community": {"东关社区"}, "address": {"一号"}, "phone": {"13900000000"},
		"moved_in": {""}, "moved_out": {""}, "died": {""}, "deputy": {""}, "relation": {""}, "deputy_reason": {""}, "reason": {"本人申请书"}, "step": {"try"}}
}

func TestNewPersonByPage(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(60)
	s.run(november)
	m := s.as("甲经办")
	id := roster.MakeID("140213", month.DateOf(1944, 3, 5), 7)
	wrong := id[:17] + map[bool]string{true: "1", false: "2"}[id[17] != '1']
	for _, c := range []struct{ name, value, says string }{
		{"id", wrong, "身份证号"}, {"id", "", "请填写身份证号"}, {"birth", "1950-01-01", "不一致"}, {"name", "", "姓名"}, {"reason", "", "依据"},
	} {
		form := register(id)
		form.Set(c.name, c.value)
		if status, text := m.post("/people/new", form); status != http.StatusUnprocessableEntity || !strings.Contains(text, c.says) {
			t.Errorf("%s=%q: %d", c.name, c.value, status)
		}
	}
	for _, name := range []string{"=1+1", "<b>张</b>", "@SUM"} {
		form := register(id)
		form.Set("name", name)
		if status, text := m.post("/people/new", form); status != http.StatusOK || !strings.Contains(text, "姓名一般只有文字和间隔点") {
			t.Errorf("%s is accepted without remark: %d", name, status)
		}
	}
	head, _, _ := s.db.Head(t.Context(), siteRegion)
	form := register(id)
	status, text := m.post("/people/new", form)
	if status != http.StatusOK || strings.Contains(text, "姓名一般") || !strings.Contains(text, "新增一人") || !strings.Contains(text, "重新计算将使可发") {
		t.Fatalf("try: %d %s", status, text)
	}
	if now, _, _ := s.db.Head(t.Context(), siteRegion); now != head {
		t.Fatal("trying registers")
	}
	status, where := m.post("/people/new", triedForm(t, text, form))
	if status != http.StatusSeeOther || !regexp.MustCompile(`^/people/\d+$`).MatchString(where) {
		t.Fatalf("do: %d %s", status, where)
	}
	if text := m.page(where); !strings.Contains(text, "新登记") || !strings.Contains(text, "申请变更账户") || strings.Contains(text, id) {
		t.Error("the page of the new person lacks the name, or shows the number in full")
	}
	d := s.somebody(func(d *roster.Dossier) bool { return d.ID == id })
	if d.Account.Number != "" || d.Phone != "13900000000" || d.Birth != month.DateOf(1944, 3, 5) {
		t.Errorf("known: %+v", d.Person)
	}
	if status, text := m.post("/people/new", register(id)); status != http.StatusConflict || !strings.Contains(text, "已经登记") {
		t.Errorf("registered twice: %d", status)
	}
	other := register(id)
	other.Set("name", "另一个")
	if status, text := m.post("/people/new", other); status != http.StatusConflict || !strings.Contains(text, "已经登记") {
		t.Errorf("another person under the number: %d", status)
	}
	if now := s.somebody(func(d *roster.Dossier) bool { return d.ID == id }); now.Name != "新登记" {
		t.Error("trying another name changed the person")
	}

	// Without an ID number the day of birth is needed, and the number comes later.
	temporary := register("临-0001")
	if status, text := m.post("/people/new", temporary); status != http.StatusUnprocessableEntity || !strings.Contains(text, "出生日期") {
		t.Errorf("a temporary number without a birth: %d", status)
	}
	temporary.Set("birth", "1939-01-02")
	status, text = m.post("/people/new", temporary)
	if status != http.StatusOK {
		t.Fatalf("temporary: %d %s", status, text)
	}
	if status, where = m.post("/people/new", triedForm(t, text, temporary)); status != http.StatusSeeOther {
		t.Fatalf("temporary: %d %s", status, where)
	}
	s.rightNumber(m, where, id)
}

// rightNumber gives a person with a temporary number their ID number; taken is somebody else's.
func (s *site) rightNumber(m *member, person, taken string) {
	t := s.t
	t.Helper()
	right := roster.MakeID("140213", month.DateOf(1939, 1, 12), 3)
	path := person + "/change/number"
	ask := func(id, again string) (int, string, url.Values) {
		form := url.Values{"id": {id}, "again": {again}, "reason": {"户口簿"}, "step": {"try"}}
		status, text := m.post(path, form)
		return status, text, form
	}
	for _, c := range []struct{ id, again, says string }{{right, taken, "不一样"}, {"临-0002", "临-0002", "临时编号"}, {taken, taken, "另一条记录"}, {"临-0001", "临-0001", "就是现在"}} {
		if status, text, _ := ask(c.id, c.again); status != http.StatusUnprocessableEntity || !strings.Contains(text, c.says) {
			t.Errorf("%s: %d", c.says, status)
		}
	}
	was := s.somebody(func(d *roster.Dossier) bool { return d.ID == "临-0001" })
	status, text, form := ask(strings.ToLower(right), right)
	if status != http.StatusOK {
		t.Fatalf("number: %d %s", status, text)
	}
	if status, where := m.post(path, triedForm(t, text, form)); status != http.StatusSeeOther || where != person {
		t.Fatalf("number: %d %s", status, where)
	}
	now := s.somebody(func(d *roster.Dossier) bool { return d.ID == right })
	if now.Number != was.Number || now.Birth != month.DateOf(1939, 1, 12) || now.Name != was.Name || now.Phone != was.Phone {
		t.Errorf("known: %+v", now.Person)
	}
}

// TestDeputyByPage: who receives the money of somebody who died is named on a page.
func TestDeputyByPage(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(60)
	m := s.as("甲经办")
	d := s.somebody(withAccount)
	form := register("")
	form.Set("name", d.Name)
	form.Set("street", d.Street)
	form.Set("died", "2026-11-03")
	form.Set("deputy", "某女儿")
	form.Set("relation", "女儿")
	form.Set("deputy_reason", "本人已去世")
	path := "/people/" + number(d.Number) + "/change/who"
	status, text := m.post(path, form)
	if status != http.StatusOK {
		t.Fatalf("try: %d %s", status, text)
	}
	if status, where := m.post(path, triedForm(t, text, form)); status != http.StatusSeeOther {
		t.Fatalf("do: %d %s", status, where)
	}
	now := s.somebody(func(x *roster.Dossier) bool { return x.Number == d.Number })
	if now.Deputy != (roster.Deputy{Name: "某女儿", Relation: "女儿", Reason: "本人已去世"}) || now.Account != d.Account {
		t.Errorf("known: %+v", now.Person)
	}
	if text := m.page("/people/" + number(d.Number)); !strings.Contains(text, "某女儿") {
		t.Error("the page does not name who receives the money")
	}
}

// TestBirthIsHidden: beside a masked number the day of birth would give all of it away.
func TestBirthIsHidden(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(80)
	s.run(november)
	s.caughtUp()
	m := s.as("甲经办")
	d := s.somebody(withAccount)
	page := "/people/" + number(d.Number)
	for _, path := range []string{"/people?q=" + url.QueryEscape(d.Name), page, page + "/why/2026-11", "/people/reaching/" + d.Birth.Month().Add(12*80).String()} {
		text := m.page(path)
		if !strings.Contains(text, d.Name) && !strings.Contains(path, "reaching") {
			t.Errorf("%s does not name %s", path, d.Name)
		}
		if strings.Contains(text, d.Birth.String()) || strings.Contains(text, d.ID) {
			t.Errorf("%s says when %s was born", path, d.Name)
		}
	}
	if _, text := m.post(page+"/reveal", nil); !strings.Contains(text, d.Birth.String()) || !strings.Contains(text, d.ID) {
		t.Error("asked for, the day is not shown")
	}
}
