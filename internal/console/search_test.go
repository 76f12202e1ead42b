package console_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"disburse/internal/roster"
	"disburse/internal/store/people"
)

// addressOf finds all addresses in a page: of links, forms and what htmx asks for.
var addressOf = regexp.MustCompile(`(?:href|action|src|hx-get|hx-post|hx-push-url|hx-replace-url|formaction)="([^"]*)"`)

// secrets are what no address may hold: names, and numbers or their telling ends.
func (s *site) secrets() []string {
	s.t.Helper()
	var all []string
	err := people.EachDossier(s.t.Context(), s.db, siteRegion, 0, func(d *roster.Dossier) error {
		all = append(all, d.Name, d.ID, d.ID[6:])
		if d.Account.Number != "" {
			all = append(all, d.Account.Number)
		}
		return nil
	})
	if err != nil || len(all) < 100 {
		s.t.Fatalf("%d secrets, %v", len(all), err)
	}
	return all
}

// spoken is an address with its escapes resolved.
func spoken(address string) string {
	plain := html.UnescapeString(address)
	for range 2 { // an address may have another one in it
		if once, err := url.QueryUnescape(plain); err == nil {
			plain = once
		}
	}
	return plain
}

// TestNothingPersonalInAddresses walks the console as several people, searching for names
// and numbers on every page that is searched. No address that a page, a redirect or htmx
// hands out, and no line of the log, names anybody.
func TestNothingPersonalInAddresses(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	s.caughtUp()
	s.run(november)
	_, batch := s.batchOf(november, civil)
	secrets := s.secrets()
	d := s.somebody(withAccount)
	told := map[string]string{} // address, by where it was
	check := func(where, address string) {
		told[address] = where
		for _, secret := range secrets {
			if strings.Contains(spoken(address), secret) {
				t.Errorf("%s hands out %s, which names %s", where, spoken(address), secret)
			}
		}
	}
	for _, name := range []string{"甲经办", "戊审计"} {
		m := s.as(name)
		seen := map[string]bool{}
		todo := []string{"/"}
		for _, words := range []string{d.Name, d.ID, d.ID[:10], string([]rune(d.Name)[:1])} {
			for _, page := range []string{"/people", "/recovery", batch + "/lines", batch + "/held", batch + "/past", "/audit", "/audit/access"} {
				status, where := m.post(page, url.Values{"q": {words}, "who": {words}, "street": {d.Street}})
				if status == http.StatusForbidden {
					continue
				}
				if status != http.StatusSeeOther {
					t.Fatalf("searching %s: %d %.200s", page, status, where)
				}
				check("searching "+page, where)
				todo = append(todo, where)
			}
		}
		for pages := 0; len(todo) > 0 && pages < 150; pages++ {
			path := todo[0]
			todo = todo[1:]
			if seen[path] || strings.HasPrefix(path, "/static/") {
				continue
			}
			seen[path] = true
			resp, err := m.client.Get(s.http.URL + path)
			if err != nil {
				t.Fatal(err)
			}
			text := body(t, resp)
			check(path, resp.Header.Get("Location"))
			if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
				continue
			}
			for _, a := range addressOf.FindAllStringSubmatch(text, -1) {
				check(path, a[1])
				if address := html.UnescapeString(a[1]); strings.HasPrefix(address, "/") && !strings.Contains(address, "/people/") {
					todo = append(todo, address)
				}
			}
		}
	}
	if len(told) < 60 {
		t.Errorf("only %d addresses were seen", len(told))
	}
	for _, secret := range secrets {
		if log := s.log.String(); strings.Contains(log, secret) {
			t.Errorf("the log names %s", secret)
		}
	}
}

// TestSearchTermsAreEncrypted: a search finds what was typed, its next pages too; the address of
// one session finds nothing in another, and asks nobody to log in for a name.
func TestSearchTermsAreEncrypted(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	s.caughtUp()
	d := s.somebody(withAccount)
	m := s.as("甲经办")
	_, where := m.post("/people", url.Values{"q": {d.ID}, "street": {d.Street}})
	if text := m.page(where); !strings.Contains(text, fmt.Sprintf("/people/%d", d.Number)) {
		t.Errorf("%s does not find %s", where, d.Name)
	}
	if text := s.as("戊审计").page(where); strings.Contains(text, d.Name) && strings.Contains(text, `value="`+d.ID) {
		t.Error("another session opens it")
	}
	if _, to := s.as("").get("/people"); to != "" && strings.Contains(to, d.ID) {
		t.Error("nobody is told")
	}
	resp, err := s.as("").client.Get(s.http.URL + "/people?q=" + d.ID + "&street=" + url.QueryEscape(d.Street))
	if err != nil {
		t.Fatal(err)
	}
	body(t, resp)
	if to := spoken(resp.Header.Get("Location")); strings.Contains(to, d.ID) || !strings.Contains(to, d.Street) {
		t.Errorf("led to %s", to)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.http.URL+"/people", strings.NewReader(url.Values{"q": {d.Name}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("HX-Request", "true")
	if resp, err = m.client.Do(req); err != nil {
		t.Fatal(err)
	}
	text, pushed := body(t, resp), resp.Header.Get("HX-Replace-Url")
	if resp.StatusCode != http.StatusOK || !strings.Contains(text, fmt.Sprintf("/people/%d", d.Number)) || strings.Contains(text, "<html") {
		t.Errorf("as one types: %d %.200s", resp.StatusCode, text)
	}
	if !strings.HasPrefix(pushed, "/people?s=") || !strings.Contains(m.page(pushed), fmt.Sprintf("/people/%d", d.Number)) {
		t.Errorf("the browser shows %s", pushed)
	}
	for page, asked := range map[string]string{pushed + "x": "", "/people?s=": "", "/people?s=AAAA": ""} {
		if text := m.page(page); asked == "" && !strings.Contains(text, "在上面输入姓名") {
			t.Errorf("%s finds something", page)
		}
	}
}
