package console_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"disburse/internal/office/monthly"
	"disburse/internal/payrun/explain"
	"disburse/internal/store/users"
)

// listedHeads reads the heads of every list off the page of the published list.
func listedHeads(text string) map[string]string {
	heads := map[string]string{}
	row := regexp.MustCompile(`(?s)<a href="/policy/([^"]+)">.*?<td class="w">[^<]*</td><td class="n">(?:<span class="soft">)?([^<]+)<`)
	for _, m := range row.FindAllStringSubmatch(text, -1) {
		heads[m[1]] = m[2]
	}
	return heads
}

// TestListHeads: the heads on the page are those of the lists themselves.
func TestListHeads(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(300)
	s.run(november)
	rows, err := monthly.Lists(t.Context(), s.office, november, "", s.by("戊审计"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{}
	for _, r := range rows {
		if r.Change != explain.Left {
			want[r.Item]++
		}
	}
	if len(want) < 8 {
		t.Fatalf("only %d lists have people", len(want))
	}
	heads := listedHeads(s.as("乙复核").page("/policy"))
	items := s.office.Pack.Items()
	for i := range items {
		code, says := items[i].Code.Value, "—"
		if items[i].List.Value != "" {
			says = fmt.Sprint(want[code])
		}
		if heads[code] != says {
			t.Errorf("item %s shows %s, want %s", code, heads[code], says)
		}
	}
	if text := s.as("丁管理").page("/policy"); listedHeads(text)["1"] != fmt.Sprint(want["1"]) || strings.Contains(text, "/policy/lists/") {
		t.Error("an administrator sees no heads, or has them counted")
	}
}

// TestListHeadsOfMany: a large roster is counted when somebody asks, and the page says how
// old the figures are.
func TestListHeadsOfMany(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(5200)
	m := s.as("甲经办")
	text := m.page("/policy")
	if heads := listedHeads(text)["1"]; heads != "—" || !strings.Contains(text, "统计2026年11月各名册人数") {
		t.Fatalf("item 1 shows %s before anybody was counted", heads)
	}
	_, where := m.post("/policy/lists/2026-11", nil)
	m.finish(where)
	text = m.page("/policy")
	if heads := listedHeads(text)["1"]; heads == "—" || heads == "0" || strings.Contains(text, "各名册人数</button>") {
		t.Errorf("after counting, item 1 shows %s", heads)
	}
	if err := users.SetActive(t.Context(), s.db, siteRegion, "人社经办", false, s.by("丁管理")); err != nil {
		t.Fatal(err)
	}
	if text = m.page("/policy"); !strings.Contains(text, "此后又有变动") || !strings.Contains(text, "各名册人数</button>") {
		t.Error("the page does not say that the figures are old")
	}
}
