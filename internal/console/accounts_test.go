package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"disburse/internal/office/admin"
	"disburse/internal/roster"
)

// paidPerson is a site with an approved batch, and a person paid by it: a change of that
// person's account needs a second person.
func paidPerson(t *testing.T) (*site, *roster.Dossier) {
	t.Helper()
	s := openAudited(t)
	s.people(100)
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	return s, s.paidBy(civil)
}

// requestAccount requests a change of a person's account on their page and returns the form.
func (m *member) requestAccount(person, account string) url.Values {
	m.s.t.Helper()
	form := url.Values{"bank": {"测试银行"}, "number": {account}, "again": {account}, "reason": {"申请书"}}
	if status, text := m.post(person+"/change/account", form); status != http.StatusSeeOther {
		m.s.t.Fatalf("account request: %d %s", status, text)
	}
	return form
}

// TestAccountsTakeTwo: an account request takes effect only when a second person has typed the
// number from the document, too.
func TestAccountsTakeTwo(t *testing.T) {
	t.Parallel()
	s, d := paidPerson(t)
	m := s.as("甲经办")
	person := "/people/" + number(d.Number)
	path := person + "/change/account"
	form := url.Values{"bank": {"测试银行"}, "number": {"6200 0000 0000 0000 017"}, "again": {"6200000000000000018"}, "reason": {"申请书"}}
	if status, text := m.post(path, form); status != http.StatusUnprocessableEntity || !strings.Contains(text, "不一样") {
		t.Errorf("two numbers that differ: %d", status)
	}
	form = m.requestAccount(person, "6200 0000 0000 0000 017")
	if status, _ := m.post(path, form); status != http.StatusConflict {
		t.Errorf("asked twice: %d", status)
	}
	account := func() roster.Account {
		return s.somebody(func(x *roster.Dossier) bool { return x.Number == d.Number }).Account
	}
	if account() != d.Account {
		t.Error("asking changes the account")
	}
	for _, name := range []string{"甲经办", "戊审计", "丁管理"} {
		if status, _ := s.as(name).post("/accounts/1", url.Values{"answer": {"grant"}, "number": {"6200 0000 0000 0000 017"}}); status != http.StatusForbidden {
			t.Errorf("%s confirms: %d", name, status)
		}
	}
	r := s.as("乙复核")
	if text := r.page("/"); !strings.Contains(text, "1 件账户变更等待确认") {
		t.Error("本月 does not say that an account change waits")
	}
	if text := r.page("/accounts"); strings.Contains(text, "6200000000000000017") {
		t.Error("the list shows a whole account")
	}
	if _, text := r.post("/accounts/1/reveal", nil); !strings.Contains(text, "6200000000000000017") {
		t.Error("the new account is not shown when asked for")
	}
	for _, typed := range []string{"", "6200000000000000018"} {
		if status, _ := r.post("/accounts/1", url.Values{"answer": {"grant"}, "number": {typed}}); status != http.StatusUnprocessableEntity {
			t.Errorf("confirmed with %q in place of the document's number: %d", typed, status)
		}
	}
	if status, _ := r.post("/accounts/1", url.Values{"answer": {"refuse"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("refused without a reason: %d", status)
	}
	if status, text := r.post("/accounts/1", url.Values{"answer": {"grant"}, "number": {"6200 0000 0000 0000 017"}}); status != http.StatusSeeOther {
		t.Fatalf("grant: %d %s", status, text)
	}
	if got := account(); got.Number != "6200000000000000017" || got.Bank != "测试银行" || got.Holder != "" {
		t.Errorf("the account is %+v", got)
	}
	if status, _ := s.as("丙审批").post("/accounts/1", url.Values{"answer": {"grant"}, "number": {"6200 0000 0000 0000 017"}}); status != http.StatusConflict {
		t.Errorf("answered twice: %d", status)
	}
	m.requestAccount(person, "6200000000000000025")
	m.requestAccount(person, "6200000000000000033") // replaces the pending one
	if text := r.page("/accounts"); !strings.Contains(text, "第 3 号") || strings.Contains(text, "第 2 号") || !strings.Contains(text, "已被更新的变更取代") {
		t.Errorf("the newer request does not take the place of the older: %s", text)
	}
	s.exec(`UPDATE account_user SET post = '复核' WHERE name = '甲经办'`)
	if status, text := m.post("/accounts/3", url.Values{"answer": {"grant"}, "number": {"6200000000000000033"}}); status != http.StatusForbidden || !strings.Contains(text, "必须由另一个人答复") {
		t.Errorf("who asked, now 复核, confirms: %d", status)
	}
	s.exec(`UPDATE account_user SET post = '经办' WHERE name = '甲经办'`) // a post changed past the program is found
	report, err := admin.Audit(t.Context(), s.office, nil, func(int64, int64) {})
	if err != nil || len(report.Problems) > 0 {
		t.Errorf("audit: %v %v", err, report)
	}
}
