package console_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"disburse/internal/roster"
)

// accountsBook writes a roster workbook of people and institutions.
func (s *site) accountsBook(payees []roster.Payee, people ...*roster.Dossier) []byte {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "a.xlsx")
	w, err := roster.NewWriter(path, s.office.Pack.Vocabulary())
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
	for _, want := range []string{">账户变更（1 个）</h2>", "会改 1 个账户", "某某养老院", "6222****1111", "6222****2222", "没有第二个人确认", `<span class="name">收款单位变更</span><span class="value">1</span>`} {
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
