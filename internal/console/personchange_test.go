package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"disburse/internal/policy"
	"disburse/internal/roster"
)

// triedForm takes over what a tried form wants sent back to be done.
func triedForm(t testing.TB, text string, form url.Values) url.Values {
	t.Helper()
	tried := regexp.MustCompile(`name="tried" value="([0-9a-f]+)"`).FindStringSubmatch(text)
	if tried == nil {
		t.Fatalf("nothing was tried: %s", text)
	}
	form.Set("step", "do")
	form.Set("tried", tried[1])
	return form
}

func TestChangeByPages(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	s.run(november)
	m := s.as("甲经办")
	d := s.somebody(func(d *roster.Dossier) bool {
		_, low := factOf(d, "低保")
		return withAccount(d) && !low && strings.Contains(m.page("/people/"+number(d.Number)), "年应发")
	})
	path := "/people/" + number(d.Number) + "/change/fact?fact=" + url.QueryEscape("低保")
	form := url.Values{"value": {"是"}, "since": {"2026-12-40"}, "until": {""}, "basis": {""}, "reason": {"平民字〔2026〕31号"}, "step": {"try"}}
	if status, text := m.post(path, form); status != http.StatusUnprocessableEntity || !strings.Contains(text, "2026-12-40") {
		t.Errorf("a date that does not exist: %d", status)
	}
	form.Set("since", "2026-10-01")
	form.Set("reason", "")
	if status, _ := m.post(path, form); status != http.StatusUnprocessableEntity {
		t.Errorf("no document: %d", status)
	}
	form.Set("reason", "平民字〔2026〕31号")
	head, _, _ := s.db.Head(t.Context(), siteRegion)
	status, text := m.post(path, form)
	if status != http.StatusOK || !strings.Contains(text, "重新计算将使可发") {
		t.Fatalf("try: %d %s", status, text)
	}
	if now, _, _ := s.db.Head(t.Context(), siteRegion); now != head {
		t.Fatal("trying a change is a change")
	}
	form = triedForm(t, text, form)
	form.Set("since", "2026-11-01")
	if status, text = m.post(path, form); status != http.StatusOK || !strings.Contains(text, "登记后的变化") {
		t.Errorf("another change than the tried one is done: %d", status)
	}
	form = triedForm(t, text, form)
	opened := regexp.MustCompile(`name="known" value="([0-9a-f]+)"`).FindStringSubmatch(m.page(path))
	if status, where := m.post(path, form); status != http.StatusSeeOther || where != "/people/"+number(d.Number) {
		t.Fatalf("do: %d %s", status, where)
	}
	form.Set("known", opened[1])
	if status, text := m.post(path, form); status != http.StatusConflict || !strings.Contains(text, "又有改动") {
		t.Errorf("a form from before the change: %d", status)
	}
	after := s.somebody(func(x *roster.Dossier) bool { return x.Number == d.Number })
	if f, ok := factOf(after, "低保"); !ok || f.Since.String() != "2026-11-01" || f.Basis != "平民字〔2026〕31号" {
		t.Errorf("known now: %+v", f)
	}
	if after.Person.Account != d.Person.Account || after.Phone != d.Phone {
		t.Error("a fact changed the person")
	}
	if text := m.page("/people/" + number(d.Number)); !strings.Contains(text, "平民字〔2026〕31号") {
		t.Error("the page does not show the document")
	}
	for _, name := range []string{"乙复核", "丙审批", "戊审计", "丁管理"} {
		if status, _ := s.as(name).post(path, form); status != http.StatusForbidden {
			t.Errorf("%s changes a fact: %d", name, status)
		}
	}
}

// TestChangeThatWaits: a form says of what waits for a second person that it waits, before
// and after it is asked for, and that it does already where it is asked for once more.
func TestChangeThatWaits(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	pack, err := policy.Load([]byte(strings.Replace(string(policy.Builtin()), "language: 1\n", "language: 1\napproval: {second_for_raises: true}\n", 1)))
	if err != nil {
		t.Fatal(err)
	}
	s.office.Pack = pack
	s.people(300)
	s.run(november)
	m := s.as("甲经办")
	d := s.somebody(func(d *roster.Dossier) bool {
		_, low := factOf(d, "低保")
		_, poor := factOf(d, "特困")
		return withAccount(d) && !low && !poor && d.MovedOut == 0 && d.Birth.Time().Year() < 1945
	})
	path := "/people/" + number(d.Number) + "/change/fact?fact=" + url.QueryEscape("低保")
	form := url.Values{"value": {"是"}, "since": {"2026-11-01"}, "until": {""}, "basis": {""}, "reason": {"平民字〔2026〕31号"}, "step": {"try"}}
	status, text := m.post(path, form)
	if status != http.StatusOK || !strings.Contains(text, "变更 1 件等待第二人确认：使发放增加的情况和核定金额") || strings.Contains(text, "情况有改动") || strings.Contains(text, "<p></p>") {
		t.Fatalf("try: %d %s", status, mainTag.FindString(text))
	}
	status, where := m.post(path, triedForm(t, text, form))
	if status != http.StatusSeeOther {
		t.Fatalf("do: %d %s", status, where)
	}
	if text := m.page(where); !strings.Contains(text, "还没有生效，变更 1 件等待第二人确认") || strings.Contains(text, "下次计算时生效") {
		t.Errorf("asked for: %s", mainTag.FindString(text))
	}
	form.Set("step", "try")
	if status, text := m.post(path, form); status != http.StatusConflict || !strings.Contains(text, "同样的变更已经申请过") || strings.Contains(text, "与已经登记的相同") {
		t.Errorf("once more: %d %s", status, mainTag.FindString(text))
	}
	form.Set("step", "do") // with what was tried before
	if status, where := m.post(path, form); status != http.StatusSeeOther || !strings.Contains(m.page(where), "同样的变更已经申请过") {
		t.Errorf("done once more: %d %s", status, where)
	}
}

// TestDeputyWaitsWithAccount: a 代领人 named while an account change waits is not said to be
// registered, and what is registered at the same time is.
func TestDeputyWaitsWithAccount(t *testing.T) {
	t.Parallel()
	s, d := paidPerson(t)
	m := s.as("甲经办")
	person := "/people/" + number(d.Number)
	m.requestAccount(person, "6200000000000000017")
	form := url.Values{"name": {d.Name}, "street": {d.Street}, "community": {d.Community}, "address": {d.Address}, "moved_in": {d.MovedIn.String()},
		"moved_out": {d.MovedOut.String()}, "died": {d.Died.String()}, "deputy": {"某女儿"}, "relation": {"女儿"}, "deputy_reason": {"本人住院"}, "reason": {"申请书"}, "step": {"try"}}
	const waits = "代领人和已经申请的账户变更一起等待第二人确认"
	do := func() string {
		t.Helper()
		form.Set("step", "try")
		status, text := m.post(person+"/change/who", form)
		if status != http.StatusOK || !strings.Contains(text, waits) {
			t.Fatalf("try: %d %s", status, mainTag.FindString(text))
		}
		status, where := m.post(person+"/change/who", triedForm(t, text, form))
		if status != http.StatusSeeOther {
			t.Fatalf("do: %d %s", status, where)
		}
		return m.page(where)
	}
	if text := do(); !strings.Contains(text, "还没有生效，"+waits) || strings.Contains(text, "下次计算时生效") {
		t.Errorf("the 代领人 alone: %s", mainTag.FindString(text))
	}
	form.Set("address", "新址一号")
	if text := do(); !strings.Contains(text, "下次计算时生效；另有"+waits) {
		t.Errorf("with a new address: %s", mainTag.FindString(text))
	}
	if x := s.somebody(func(x *roster.Dossier) bool { return x.Number == d.Number }); x.Deputy != d.Deputy || x.Address != "新址一号" {
		t.Errorf("known now: %+v", x.Person)
	}
}

func factOf(d *roster.Dossier, name string) (roster.Fact, bool) {
	for _, f := range d.Facts {
		if f.Name == name {
			return f, true
		}
	}
	return roster.Fact{}, false
}

func TestChangeWho(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(100)
	m := s.as("人社经办")
	d := s.somebody(withAccount)
	path := "/people/" + number(d.Number) + "/change/who"
	form := url.Values{"name": {d.Name}, "street": {d.Street}, "community": {d.Community}, "address": {"新址一号"}, "phone": {""}, "moved_in": {d.MovedIn.String()},
		"moved_out": {d.MovedOut.String()}, "died": {"2026-11-03"}, "reason": {"死亡证明"}, "step": {"try"}}
	status, text := m.post(path, form)
	if status != http.StatusOK {
		t.Fatalf("try: %d %s", status, text)
	}
	if status, where := m.post(path, triedForm(t, text, form)); status != http.StatusSeeOther {
		t.Fatalf("do: %d %s", status, where)
	}
	after := s.somebody(func(x *roster.Dossier) bool { return x.Number == d.Number })
	if after.Address != "新址一号" || after.Died.String() != "2026-11-03" || after.Phone != d.Phone || after.Account != d.Account {
		t.Errorf("known now: %+v", after.Person)
	}
	form.Set("name", "")
	if status, text := m.post(path, form); status != http.StatusUnprocessableEntity {
		t.Errorf("nobody without a name: %d %s", status, text)
	}
}

// TestAwardBelongsToItsBureau: what another bureau determined is neither shown nor changed.
func TestAwardBelongsToItsBureau(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	d := s.somebody(func(d *roster.Dossier) bool { return len(d.Awards) > 0 })
	award := d.Awards[0]
	payer := s.office.Pack.Payer(award.Item)
	own, other := "甲经办", "人社经办"
	if payer != civil {
		own, other = other, own
	}
	page, change := "/people/"+number(d.Number), "/people/"+number(d.Number)+"/change/award?item="+award.Item
	if text := s.as(own).page(page); !strings.Contains(text, award.Amount.Grouped()) {
		t.Errorf("%s does not see %s", own, award.Amount)
	}
	m := s.as(other)
	if text := m.page(page); strings.Contains(text, award.Amount.Grouped()) {
		t.Errorf("%s sees what %s determined", other, payer)
	}
	if status, _ := m.get(change); status != http.StatusForbidden {
		t.Errorf("%s changes what %s determined: %d", other, payer, status)
	}
	form := url.Values{"amount": {"100"}, "first": {"2026-11"}, "last": {""}, "payee": {""}, "basis": {"复核决定"}, "reason": {"复核决定"}, "step": {"try"}}
	status, text := s.as(own).post(change, form)
	if status != http.StatusOK {
		t.Fatalf("try: %d %s", status, text)
	}
	m = s.as(own)
	if status, _ := m.post(change, triedForm(t, text, form)); status != http.StatusSeeOther {
		t.Errorf("do: %d", status)
	}
	if text := m.page(page); !strings.Contains(text, "复核决定") {
		t.Error("the new amount is not shown")
	}
}
