package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"disburse/internal/roster"
	"disburse/internal/store/people"
)

// somebody returns the number and the dossier of the first person who meets the condition.
func (s *site) somebody(meets func(*roster.Dossier) bool) *roster.Dossier {
	s.t.Helper()
	var found *roster.Dossier
	err := people.EachDossier(s.t.Context(), s.db, siteRegion, 0, func(d *roster.Dossier) error {
		if found == nil && meets(d) {
			found = d
		}
		return nil
	})
	if err != nil || found == nil {
		s.t.Fatalf("nobody is like that: %v", err)
	}
	return found
}

// caughtUp makes everybody known findable.
func (s *site) caughtUp() {
	s.t.Helper()
	for range 100 {
		m, err := people.UpdateIndex(s.t.Context(), s.db, siteRegion, 1000)
		if err != nil {
			s.t.Fatal(err)
		}
		if m.UpToDate() {
			return
		}
	}
	s.t.Fatal("people for search are never whole")
}

func withAccount(d *roster.Dossier) bool {
	return d.Account.Number != "" && d.Died == 0 && d.Phone != ""
}

func TestPeopleAreFound(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(300)
	s.caughtUp()
	d := s.somebody(withAccount)
	m := s.as("甲经办")
	link := regexp.MustCompile(`href="/people/(\d+)"`)
	for what, q := range map[string]string{"name": d.Name, "beginning of the name": string([]rune(d.Name)[:2]), "given name": string([]rune(d.Name)[1:]),
		"initials": strings.ToUpper(roster.Initials(d.Name)), "number": d.ID, "beginning of the number": d.ID[:14], "end of the number": d.ID[12:]} {
		text := m.page("/people?" + url.Values{"q": {q}, "street": {d.Street}}.Encode())
		if !strings.Contains(text, "/people/"+number(d.Number)+`"`) {
			t.Errorf("not found by %s %q: %v", what, q, link.FindAllString(text, 5))
		}
		if strings.Contains(text, `<td class="w">`+d.ID) {
			t.Errorf("the list by %s shows a whole ID number", what)
		}
	}
	for _, q := range []string{"没有这样的人", "%", "_", "1402139", "临-ZZZZ", "'", "\a欧阳不在\x7f"} {
		if text := m.page("/people?q=" + url.QueryEscape(q)); !strings.Contains(text, "没有找到") {
			t.Errorf("%q is found", q)
		}
	}
	if status, _ := s.as("丁管理").get("/people"); status != http.StatusForbidden {
		t.Errorf("an administrator searches people: %d", status)
	}
}

// TestPeoplePages walks all pages of a street: everybody once.
func TestPeoplePages(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(300)
	s.caughtUp()
	m := s.as("戊审计")
	var want int
	if err := s.owner.QueryRow(t.Context(), `SELECT count(*) FROM person_now`).Scan(&want); err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`href="/people/(\d+)"`)
	more := regexp.MustCompile(`href="(/people\?[^"]*after=[^"]*)"`)
	seen := map[string]int{}
	for path := "/people?q=1402"; path != ""; {
		text := m.page(path)
		for _, x := range link.FindAllStringSubmatch(text, -1) {
			seen[x[1]]++
		}
		path = ""
		if next := more.FindStringSubmatch(text); next != nil {
			path = strings.ReplaceAll(next[1], "&amp;", "&")
		}
	}
	var local int
	if err := s.owner.QueryRow(t.Context(), `SELECT count(*) FROM person_now WHERE id_number LIKE '1402%' OR id_number LIKE '%1402'`).Scan(&local); err != nil {
		t.Fatal(err)
	}
	for person, times := range seen {
		if times != 1 {
			t.Errorf("person %s is listed %d times", person, times)
		}
	}
	if len(seen) != local || local < 100 || want < local {
		t.Errorf("%d people on the pages, %d are there", len(seen), local)
	}
}

func TestPersonIsMasked(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(300)
	d := s.somebody(withAccount)
	path := "/people/" + number(d.Number)
	m := s.as("甲经办")
	secret := func(text string) bool {
		return strings.Contains(text, d.ID) || strings.Contains(text, d.Account.Number) || strings.Contains(text, d.Phone)
	}
	for _, page := range []string{path, path + "/change/who", path + "/change/account"} {
		if secret(m.page(page)) {
			t.Errorf("%s shows full numbers", page)
		}
	}
	status, text := m.post(path+"/reveal", nil)
	if status != http.StatusOK || !strings.Contains(text, d.ID) || !strings.Contains(text, d.Account.Number) || !strings.Contains(text, d.Phone) {
		t.Errorf("reveal: %d", status)
	}
	if text := s.as("戊审计").page("/audit/access"); !strings.Contains(text, "身份证号、账号、电话") {
		t.Error("showing the numbers is not in the access log")
	}
	if status, _ := m.get("/people/999999"); status != http.StatusNotFound {
		t.Errorf("nobody: %d", status)
	}
	if strings.Contains(s.log.String(), d.ID) || strings.Contains(s.log.String(), d.Name) {
		t.Error("the log names a person")
	}
}

func TestPeopleInTheBrowser(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(300)
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	s.caughtUp()
	paid := s.paidBy(civil)
	w := s.openWindow("甲经办")
	w.open("/people")
	w.fill("input[name=q]", string([]rune(paid.Name)[:1]))
	w.says(paid.Name)
	w.shoot("people")
	w.open("/people/" + number(paid.Number))
	w.shoot("person")
	w.press("显示完整号码（记入访问记录）")
	w.says(paid.ID)
	w.printed("person")
	w.open("/people/" + number(paid.Number) + "/why/2026-11")
	w.shoot("why")
	w.printed("why")
	w.open("/people")
	w.press("登记新人员")
	w.says("依据的材料")
	w.shoot("person-new")
	w.open("/people/" + number(paid.Number) + "/change/number")
	w.shoot("change-number")
	w.open("/people/" + number(paid.Number) + "/change/who")
	w.shoot("change-who")
	w.open("/people/" + number(paid.Number) + "/change/fact?fact=" + url.QueryEscape("低保"))
	w.shoot("change-fact")
	w.open("/people/ending?days=90")
	w.says("止期")
	w.shoot("ending")
	w.open("/people/reaching/2026-12")
	w.shoot("reaching")
	w.open("/people/" + number(paid.Number) + "/change/account")
	w.fill("input[name=bank]", "测试银行平城支行")
	w.fill("input[name=number]", "6200000000000000017")
	w.fill("input[name=again]", "6200000000000000017")
	w.fill("input[name=reason]", "本人申请书")
	w.press("提出申请")
	w.says("要另一位复核或审批岗位的人确认")
	c := s.openWindow("乙复核")
	c.says("账户变更等待确认")
	c.open("/accounts")
	c.press("显示新账号全号，与材料核对（记入访问记录）")
	c.says("6200000000000000017")
	c.shoot("accounts")
	c.fill("input[name=number]", "6200000000000000017")
	c.press("确认变更")
	c.says("账户已变更")
}

// number is a person's number as addresses have it.
func number(n int64) string { return strconv.FormatInt(n, 10) }
