package console_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/approval"
	"disburse/internal/console"
)

var updatePosts = flag.Bool("update-posts", false, "write testdata/posts.txt anew; read the difference before you commit it")

var allPosts = []approval.Post{approval.Clerk, approval.Reviewer, approval.Approver, approval.Manager, approval.Auditor}

// postsTable is who may use which page, a line a route.
func postsTable() string {
	var b strings.Builder
	b.WriteString("# 页面和动作\t经办\t复核\t审批\t管理\t审计\n")
	for _, r := range console.RoutesOfTest() {
		b.WriteString(r.Pattern)
		for _, p := range allPosts {
			word := "—"
			if r.Open || slices.Contains(r.Posts, p) {
				word = "可"
			}
			b.WriteString("\t" + word)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestPostsTable: the table in testdata is what was agreed; a route that changes hands
// changes it, and somebody has to read that.
func TestPostsTable(t *testing.T) {
	t.Parallel()
	if *updatePosts {
		if err := os.WriteFile("testdata/posts.txt", []byte(postsTable()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	agreed, err := os.ReadFile("testdata/posts.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(agreed), postsTable()); diff != "" {
		t.Errorf("not as agreed (-agreed +now):\n%s", diff)
	}
	if agreedTwice := strings.Count(string(agreed), "\n"); agreedTwice < 60 {
		t.Errorf("only %d routes", agreedTwice)
	}
}

// TestEveryRouteAsEveryPost tries every page and action over HTTP as every post, and as
// nobody: who may not gets 403, nobody is led to the login, nothing breaks. Actions are
// sent without a field, so that those who may get as far as what they lack.
func TestEveryRouteAsEveryPost(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(60)
	s.run(november)
	members := map[approval.Post]*member{}
	for _, u := range siteUsers {
		if u.Bureau != labour {
			members[u.Post] = s.as(u.Name)
		}
	}
	nobody := s.as("")
	for _, r := range console.RoutesOfTest() {
		if r.Open || strings.Contains(r.Pattern, "/logout") || strings.HasPrefix(r.Pattern, "POST /me/") {
			continue
		}
		if status, where := s.try(nobody, r.Pattern); status != http.StatusSeeOther || !strings.HasPrefix(where, "/login") {
			t.Errorf("%s as nobody: %d %s", r.Pattern, status, where)
		}
		for _, p := range allPosts {
			status, answer := s.try(members[p], r.Pattern)
			may := slices.Contains(r.Posts, p)
			refused := status == http.StatusForbidden && strings.Contains(answer, "您的岗位是")
			switch {
			case refused == may:
				t.Errorf("%s as %s: %d, may %v", r.Pattern, p, status, may)
			case status >= 500:
				t.Errorf("%s as %s breaks: %d\n%s", r.Pattern, p, status, s.log.String()[max(0, len(s.log.String())-600):])
			}
		}
	}
}

var pathValue = regexp.MustCompile(`\{([a-z]+)\}`)

// try asks for a route with values that lead somewhere.
func (s *site) try(m *member, pattern string) (int, string) {
	s.t.Helper()
	method, path, _ := strings.Cut(pattern, " ")
	values := map[string]string{"batch": "1", "month": "2026-11", "person": "1", "item": "11", "street": "古城", "hash": s.office.Pack.Hash}
	path = strings.TrimSuffix(path, "{$}")
	path = pathValue.ReplaceAllStringFunc(path, func(v string) string {
		if x, ok := values[strings.Trim(v, "{}")]; ok {
			return x
		}
		return "1"
	})
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.http.URL+path, http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := m.client.Do(req)
	if err != nil {
		s.t.Fatal(fmt.Errorf("%s: %w", pattern, err))
	}
	text := body(s.t, resp)
	if where := resp.Header.Get("Location"); where != "" {
		return resp.StatusCode, where
	}
	return resp.StatusCode, text
}
