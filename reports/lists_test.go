package reports

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/reports/filing"
	"disburse/reports/reporttest"
	"disburse/reports/source"
)

const transport = "区住建局（交通局）"

// servesOnly is a bureau with lists and no batch.
func servesOnly(t *testing.T, bureau string, n int) (*source.Issue, *reporttest.Rows) {
	t.Helper()
	is, src := reporttest.Batch(t, bureau, n)
	is.Batch = payrun.Batch{Month: reporttest.November, Bureau: bureau}
	is.Signatures, is.Totals, is.Files = nil, nil, nil
	return is, src
}

func TestBureauThatOnlyServes(t *testing.T) {
	t.Parallel()
	is, src := servesOnly(t, transport, 100)
	dir, files := write(t, is, src, Options{})
	if len(files) != 1 || files[0].Kind != KindList || files[0].Path != transport+"/服务名册.xlsx" {
		t.Fatalf("files %+v", files)
	}
	book := reporttest.Open(t, filepath.Join(dir, transport, "服务名册.xlsx"), "")
	if diff := cmp.Diff([]string{"10 城市公共交通优惠服务"}, book.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	if text := reporttest.Flat(reporttest.Sheet(t, book, "10 城市公共交通优惠服务")); strings.Contains(text, source.Draft) {
		t.Error("a list that nobody signs is called a draft")
	}
}

// tally counts the rows of people by change, and adds up the counts by 街道.
func tally(rows [][]string) (people map[string]int, streets [3]int) {
	people = map[string]int{}
	below := false
	for _, row := range rows {
		if row == nil {
			continue
		}
		if row[0] == "序号" {
			below = true
			continue
		}
		for _, change := range []string{explain.Came, explain.Stayed, explain.Left} {
			for _, cell := range row {
				if below && cell == change {
					people[change]++
				}
			}
		}
		if !below && row[0] == "合计" {
			_, _ = fmt.Sscan(strings.Join(row[2:5], " "), &streets[0], &streets[1], &streets[2])
		}
	}
	return people, streets
}

func TestListsCountAndName(t *testing.T) {
	t.Parallel()
	is, src := servesOnly(t, transport, 400)
	want := map[string]int{}
	for _, r := range src.Lists["10"] {
		want[r.Change]++
	}
	totals := [3]int{want[explain.Stayed] + want[explain.Came], want[explain.Came], want[explain.Left]}
	for _, full := range []bool{false, true} {
		dir, files := write(t, is, src, Options{FullLists: full})
		people, streets := tally(reporttest.Sheet(t, reporttest.Open(t, filepath.Join(dir, transport, "服务名册.xlsx"), ""), "10 城市公共交通优惠服务"))
		if streets != totals {
			t.Errorf("counts by street add up to %v, want %v", streets, totals)
		}
		names := map[string]int{explain.Came: want[explain.Came], explain.Left: want[explain.Left]}
		if full {
			names[explain.Stayed] = want[explain.Stayed]
		}
		if diff := cmp.Diff(names, people); diff != "" {
			t.Errorf("full %v: %s", full, diff)
		}
		if files[0].Rows != totals[0] {
			t.Errorf("manifest counts %d, want %d", files[0].Rows, totals[0])
		}
	}
}

func TestListColumns(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 100)
	dir, _ := write(t, is, src, Options{})
	book := reporttest.Open(t, filepath.Join(dir, reporttest.Civil, "服务名册.xlsx"), "")
	for name, want := range map[string][]string{
		"14 家庭适老化改造": {"序号", "姓名", "身份证号", "街道", "社区", "变动"},
		"19 集中供养":    {"序号", "姓名", "身份证号", "街道", "社区", "入住机构", "变动", "拟安置机构", "安置日期"},
		"20 探访服务":    {"序号", "姓名", "身份证号", "街道", "社区", "探访次数", "变动", "探访日期", "探访人", "结果"},
	} {
		found := false
		for _, row := range reporttest.Sheet(t, book, name) {
			if len(row) > 0 && row[0] == "序号" {
				found = true
				if diff := cmp.Diff(want, row); diff != "" {
					t.Errorf("%s: %s", name, diff)
				}
			}
		}
		if !found {
			t.Errorf("%s has no headings", name)
		}
	}
}

func TestUnknownChangeFails(t *testing.T) {
	t.Parallel()
	is, src := servesOnly(t, transport, 50)
	src.Lists["10"][0].Change = "?"
	if _, err := Write(t.Context(), t.TempDir(), is, src, Options{}); err == nil {
		t.Error("written")
	}
}

func TestManifest(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 60)
	dir, files := write(t, is, src, Options{})
	m, err := filing.ReadManifest(dir)
	if err != nil || len(m.Files) != 0 {
		t.Fatalf("manifest %+v, %v", m, err)
	}
	m.Add(is, files, 0)
	m.Add(is, files, 0) // the second time in place of the first
	serves, other := servesOnly(t, transport, 20)
	more, err := Write(t.Context(), filepath.Dir(dir), serves, other, Options{})
	if err != nil {
		t.Fatal(err)
	}
	m.Add(serves, more, 0)
	if err := filing.WriteManifest(dir, m); err != nil {
		t.Fatal(err)
	}
	first := reporttest.Read(t, filepath.Join(dir, "manifest.json"))
	back, err := filing.ReadManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, back); diff != "" {
		t.Error(diff)
	}
	if err := filing.WriteManifest(dir, back); err != nil || string(reporttest.Read(t, filepath.Join(dir, "manifest.json"))) != string(first) {
		t.Errorf("bytes differ, or %v", err)
	}
	if len(back.Files) != len(files)+1 || back.Batches[0].Bureau != reporttest.Civil || back.Batches[0].Pays != is.Batch.Pays.String() {
		t.Errorf("manifest %+v", back)
	}
}

// The visit plan goes by community, and its sums count everybody and every visit.
func TestVisitPlanByCommunity(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 300)
	dir, _ := write(t, is, src, Options{})
	want, visits := 0, 0
	for _, r := range src.Lists["20"] {
		if r.Change != explain.Left {
			n, err := strconv.Atoi(r.Detail)
			if err != nil {
				t.Fatal(err)
			}
			want, visits = want+1, visits+n
		}
	}
	people, went, seen := 0, 0, map[string]bool{}
	for _, row := range reporttest.Sheet(t, reporttest.Open(t, filepath.Join(dir, reporttest.Civil, "服务名册.xlsx"), ""), "20 探访服务") {
		if len(row) == 0 || !strings.Contains(row[0], "　应探访 ") {
			continue
		}
		parts := strings.Split(row[0], "　")
		var n, m int
		if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "%d 人 应探访 %d 次", &n, &m); err != nil {
			t.Fatalf("%q: %v", row[0], err)
		}
		if place := parts[0] + parts[1]; seen[place] {
			t.Errorf("%s comes twice", place)
		} else {
			seen[place] = true
		}
		people, went = people+n, went+m
	}
	if people != want || went != visits {
		t.Errorf("plan has %d people and %d visits, want %d and %d", people, went, want, visits)
	}
}
