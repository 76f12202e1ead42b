package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"disburse/internal/office/admin"
	"disburse/internal/roster"
	"disburse/internal/roster/write"
)

// accountsBook writes a roster workbook of people and institutions.
func (s *site) accountsBook(payees []roster.Payee, people ...*roster.Dossier) []byte {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "a.xlsx")
	w, err := write.NewRoster(path, s.office.Pack.Vocabulary())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, d := range people {
		if err := w.Person(d); err != nil {
			s.t.Fatal(err)
		}
	}
	for i := range payees {
		if err := w.Payee(&payees[i]); err != nil {
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

// TestTrialShowsAccounts: whose account a workbook changes is listed before it comes in,
// old and new, with their middle hidden; who is new is not among them.
func TestTrialShowsAccounts(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	m := s.as("甲经办")
	home := roster.Payee{Name: "某某养老院", Account: roster.Account{Bank: "工商银行", Number: "6222020000000011111", Holder: "某某养老院"}}
	trial := func(payees []roster.Payee, people ...*roster.Dossier) (page, text string) {
		t.Helper()
		_, where := m.send("/imports", "账户.xlsx", s.accountsBook(payees, people...))
		page = m.leadsTo(where)
		return page, m.page(page)
	}
	page, text := trial([]roster.Payee{home})
	if !strings.Contains(text, "收款单位变更") || strings.Contains(text, ">账户变更（") {
		t.Errorf("a new institution: %s", text)
	}
	_, where := m.post("/imports/roster/"+strings.TrimPrefix(page, "/imports/")+"/commit", nil)
	m.finish(where)
	home.Account.Number = "6222020000000022222"
	_, text = trial([]roster.Payee{home})
	for _, want := range []string{">账户变更（1 个）</h2>", "会改 1 个账户", "某某养老院", "6222****1111", "6222****2222", "等第二人确认", "变更 1 件等待第二人确认", `<span class="name">收款单位变更</span><span class="value">0</span>`} {
		if !strings.Contains(text, want) {
			t.Errorf("an institution's account changes, the trial lacks %s: %s", want, text)
		}
	}
	d := s.somebody(withAccount)
	old := d.Account.Number
	d.Account.Number = old[:5] + map[bool]string{true: "1", false: "2"}[old[5] == '2'] + old[6:]
	_, text = trial(nil, d, newcomer(5))
	for _, want := range []string{">账户变更（1 个）</h2>", "会改 1 个账户", d.Name, roster.MaskAccount(old), "隐去的几位不同", `<span class="name">账户变更</span><span class="value">1</span>`} {
		if !strings.Contains(text, want) {
			t.Errorf("a person's account changes, the trial lacks %s: %s", want, text)
		}
	}
	if strings.Contains(text, old) || strings.Contains(text, d.Account.Number) {
		t.Error("the trial shows an account in full")
	}
}

// TestAccountsAnsweredInBulk: what a workbook changes of those who were paid waits on the
// page, old beside new, and is confirmed or refused many at a time by somebody who did not
// bring it; the batch page names it until then.
func TestAccountsAnsweredInBulk(t *testing.T) {
	t.Parallel()
	s := openAudited(t)
	s.people(200)
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	var people []*roster.Dossier
	for _, n := range s.paidPeople(3) {
		d := s.somebody(func(x *roster.Dossier) bool { return x.Number == n })
		d.Account.Number = fmt.Sprintf("622202000000999%04d", n)
		people = append(people, d)
	}
	m, r := s.as("甲经办"), s.as("乙复核")
	_, where := m.send("/imports", "账户.xlsx", s.accountsBook(nil, people...))
	page := m.leadsTo(where)
	_, where = m.post("/imports/roster/"+strings.TrimPrefix(page, "/imports/")+"/commit", nil)
	if text := m.finish(where); !strings.Contains(text, "变更 3 件等待第二人确认") {
		t.Errorf("the import does not say that accounts wait: %s", text)
	}
	text := r.page("/accounts")
	for _, d := range people {
		if !strings.Contains(text, d.Name) || !strings.Contains(text, roster.MaskAccount(d.Account.Number)) || strings.Contains(text, d.Account.Number) {
			t.Errorf("the page does not list %s, old and new, masked", d.Name)
		}
	}
	account := func(d *roster.Dossier) string {
		return s.somebody(func(x *roster.Dossier) bool { return x.Number == d.Number }).Account.Number
	}
	s.run(november + 1)
	_, batch := s.batchOf(november+1, civil)
	if text := m.page(batch); !strings.Contains(text, "等待第二人确认的变更 3 件") || !strings.Contains(text, people[0].Name) {
		t.Error("the batch does not name who waits")
	}
	for name, c := range map[string]struct {
		who    *member
		form   url.Values
		status int
	}{
		"who brought them": {m, url.Values{"answer": {"grant"}, "n": {"1"}}, http.StatusForbidden},
		"nothing chosen":   {r, url.Values{"answer": {"grant"}}, http.StatusUnprocessableEntity},
		"no such request":  {r, url.Values{"answer": {"grant"}, "n": {"1", "99"}}, http.StatusNotFound},
		"no reason":        {r, url.Values{"answer": {"refuse"}, "n": {"1"}}, http.StatusUnprocessableEntity},
		"no number":        {r, url.Values{"answer": {"grant"}, "n": {"一"}}, http.StatusUnprocessableEntity},
	} {
		if status, _ := c.who.post("/accounts", c.form); status != c.status || account(people[0]) == people[0].Account.Number {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, text := r.post("/accounts", url.Values{"answer": {"grant"}, "n": {"1", "2"}}); status != http.StatusSeeOther {
		t.Fatalf("confirm: %d %s", status, text)
	}
	if status, text := r.post("/accounts", url.Values{"answer": {"refuse"}, "n": {"3"}, "reason": {"与存折不符"}}); status != http.StatusSeeOther {
		t.Fatalf("refuse: %d %s", status, text)
	}
	for i, d := range people {
		if (account(d) == d.Account.Number) != (i < 2) {
			t.Errorf("%s is paid to %s", d.Name, account(d))
		}
	}
	report, err := admin.Audit(t.Context(), s.office, nil, func(int64, int64) {})
	if err != nil || len(report.Problems) > 0 {
		t.Errorf("audit: %v %v", err, report)
	}
}

// paidPeople are the first few who were paid to their own accounts.
func (s *site) paidPeople(n int) []int64 {
	s.t.Helper()
	rows, err := s.owner.Query(s.t.Context(), `SELECT DISTINCT person FROM line WHERE hold = 0 AND payee = '本人' ORDER BY person LIMIT $1`, n)
	if err != nil {
		s.t.Fatal(err)
	}
	people, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(people) != n {
		s.t.Fatal(people, err)
	}
	return people
}
