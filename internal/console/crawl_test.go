package console_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"disburse/internal/console"
	"disburse/internal/policy"
)

// notPages are GET routes that are parts of pages, or seen only by who is logged out.
var notPages = []string{"GET /batch/{batch}/running", "GET /work/{work}/state", "GET /login", "GET /setup"}

// TestEveryPageInTheBrowser follows links from page to page, as each of three posts, until
// every page of the console was opened in a browser: none says anything on the browser's
// console or breaks the content policy, and axe finds nothing serious on any.
func TestEveryPageInTheBrowser(t *testing.T) {
	t.Parallel()
	s, seeds := everything(t)
	mux := http.NewServeMux()
	var pages []string
	for _, r := range console.RoutesOfTest() {
		if strings.HasPrefix(r.Pattern, "GET ") {
			mux.HandleFunc(r.Pattern, func(http.ResponseWriter, *http.Request) {})
			pages = append(pages, r.Pattern)
		}
	}
	seen, looked := map[string]bool{}, map[string]bool{}
	for _, name := range []string{"甲经办", "丙审批", "丁管理", "戊审计"} {
		c := crawler{s: s, mux: mux, member: s.as(name), window: s.openWindow(name), seen: map[string]bool{}, looked: looked}
		todo := append([]string{"/", "/me"}, seeds[name]...)
		for len(todo) > 0 {
			todo = append(todo[1:], c.visit(todo[0])...)
		}
		for p := range c.seen {
			seen[p] = true
		}
	}
	for _, p := range pages {
		if !seen[p] && !slices.Contains(notPages, p) {
			t.Errorf("%s was not reached", p)
		}
	}
}

type crawler struct {
	s      *site
	mux    *http.ServeMux
	member *member
	window *window
	seen   map[string]bool // patterns
	looked map[string]bool // at which axe has looked, for anybody
}

// visit opens a page, if none of its route was opened yet, and returns where it leads.
func (c *crawler) visit(path string) []string {
	t := c.s.t
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.s.http.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	_, pattern := c.mux.Handler(req)
	if pattern == "" && !strings.HasPrefix(path, "/static/") {
		t.Errorf("a link leads to %s, which is no page", path)
	}
	if pattern == "" || c.seen[pattern] {
		return nil
	}
	c.seen[pattern] = true
	resp, err := c.member.client.Get(c.s.http.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	_ = body(t, resp)
	switch {
	case resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusSeeOther:
		t.Errorf("a link leads to %s: %d", path, resp.StatusCode)
		return nil
	case !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") || resp.StatusCode == http.StatusSeeOther:
		return nil // a file, or a detour
	}
	c.window.open(path)
	if !c.looked[pattern] {
		c.looked[pattern] = true
		c.window.accessible(pattern)
	}
	return evaluate[[]string](c.window, `[...document.querySelectorAll("main a[href], nav a[href], .who a[href]")].map(a => new URL(a.href)).filter(u => u.origin === location.origin).map(u => u.pathname + u.search)`)
}

// everything is an office in the middle of all that can be going on, and for each user the
// pages that no link leads to before something is typed or sent.
func everything(t *testing.T) (*site, map[string][]string) {
	t.Helper()
	s, m := owing(t, 300, 40)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	s.sent()
	_, where := m.sendFile("/bank/results", "回盘.csv", s.answers(mixed), nil)
	trial, _ := m.ledTo(where)
	_, where = m.post(trial, nil)
	m.finish(where)
	var debtor string
	for i, l := range s.linesOf(november, civil)[:4] {
		s.dies(l.Person, []string{"2026-09-03", "2026-11-20", "2026-12-02", "2026-10-05"}[i])
		debtor = number(l.Person)
	}
	s.run(november + 1)
	_, batch := s.batchOf(november+1, civil)
	person := "/people/" + number(s.linesOf(november+1, civil)[9].Person)
	lead := func(path string, form url.Values) string {
		_, where := m.post(path, form)
		if !strings.HasPrefix(where, "/work/") {
			t.Fatalf("%s: %s", path, where)
		}
		return where
	}
	send := func(path, name string, content []byte, form url.Values) string {
		_, where := m.sendFile(path, name, content, form)
		if !strings.HasPrefix(where, "/work/") {
			t.Fatalf("%s: %s", path, where)
		}
		return m.leadsTo(where)
	}
	bad := newcomer(7)
	bad.Name = ""
	m.finish(lead(batch+"/files", nil))
	m.requestAccount(person, "6200000000000000017")
	pack := send("/packs", "新.yaml", []byte(strings.Replace(string(policy.Builtin()), "value: 300", "value: 320", 1)), nil)
	proposed := m.leadsTo(lead(pack+"/adopt", url.Values{"reason": {"区政府文件"}, "retroactive": {"1"}}))
	_, where = m.linkOf("/recovery/notices")
	made, _ := m.ledTo(where)
	seeds := []string{
		"/people?q=" + url.QueryEscape("王"), person, person + "/change/fact?fact=" + url.QueryEscape("低保"), "/recovery/person/" + debtor, trial,
		send("/imports/match", "死亡.csv", []byte("姓名,身份证号\n某某,"+newcomer(5).ID+"\n"), url.Values{"kind": {"死亡"}}),
		send("/imports", "新增.xlsx", s.rosterBook(newcomer(5), newcomer(9), bad), nil), lead("/imports/export", nil),
		send("/recovery/opening", "期初-更正.xlsx", s.openingBook(10), nil),
		pack, proposed, "/packs/diff?a=" + s.office.Pack.Hash + "&b=" + s.office.Pack.Hash,
		lead("/bank/month/2026-11/reconcile", nil), "/recovery/notices", made,
		person + "/change/award?item=17", "/people/" + debtor + "/change/account",
	}
	return s, map[string][]string{"甲经办": seeds, "丙审批": {"/people?q=" + url.QueryEscape("王"), person}, "戊审计": {"/people?q=" + url.QueryEscape("王"), person}}
}
