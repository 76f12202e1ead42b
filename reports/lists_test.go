package reports

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/policy"
	"disburse/internal/policy/packfile"
)

const transport = "区住建局（交通局）"

// servesOnly is a bureau with lists and no batch.
func servesOnly(t *testing.T, bureau string, n int) (*Issue, *synthetic) {
	t.Helper()
	is, src := synthesise(t, bureau, n)
	is.Batch = payrun.Batch{Month: november, Bureau: bureau}
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
	book := open(t, filepath.Join(dir, transport, "服务名册.xlsx"), "")
	if diff := cmp.Diff([]string{"10 城市公共交通优惠服务"}, book.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	if text := flat(sheet(t, book, "10 城市公共交通优惠服务")); strings.Contains(text, draft) {
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
	for _, r := range src.lists["10"] {
		want[r.Change]++
	}
	totals := [3]int{want[explain.Stayed] + want[explain.Came], want[explain.Came], want[explain.Left]}
	for _, full := range []bool{false, true} {
		dir, files := write(t, is, src, Options{FullLists: full})
		people, streets := tally(sheet(t, open(t, filepath.Join(dir, transport, "服务名册.xlsx"), ""), "10 城市公共交通优惠服务"))
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
	is, src := synthesise(t, civil, 100)
	dir, _ := write(t, is, src, Options{})
	book := open(t, filepath.Join(dir, civil, "服务名册.xlsx"), "")
	for name, want := range map[string][]string{
		"14 家庭适老化改造": {"序号", "姓名", "身份证号", "街道", "社区", "变动"},
		"19 集中供养":    {"序号", "姓名", "身份证号", "街道", "社区", "入住机构", "变动", "拟安置机构", "安置日期"},
		"20 探访服务":    {"序号", "姓名", "身份证号", "街道", "社区", "探访次数", "变动", "探访日期", "探访人", "结果"},
	} {
		found := false
		for _, row := range sheet(t, book, name) {
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
	src.lists["10"][0].Change = "?"
	if _, err := Write(t.Context(), t.TempDir(), is, src, Options{}); err == nil {
		t.Error("written")
	}
}

func TestTableGoesOnInNextSheet(t *testing.T) {
	t.Parallel()
	is, _ := synthesise(t, civil, 1)
	p, err := newPaper(is, newCatalogue(is.Pack, civil), t.TempDir(), "试")
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("长", 31)
	tab := newTableOf(p, tableSpec{name: long, title: "试", unit: "元"}, []columnOf[int]{
		col("序号", 8, counts, func(n *int) cell { return whole(*n) }), col("姓名", 10, plainText, func(*int) cell { return text("某人") }),
		col("金额", 10, amounts, func(*int) cell { return fen(100) }).sums(),
	})
	tab.max = 10
	for i := range 20 {
		n := i + 1
		tab.row(&n)
	}
	tab.total("合计", fen(2000))
	p.Sheet("别的", tab.layout())
	dir := t.TempDir()
	st, err := newStage(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.add(context.Background(), p.Book, "试.xlsx"); err != nil {
		t.Fatal(err)
	}
	if err := st.commit(); err != nil {
		t.Fatal(err)
	}
	book := open(t, filepath.Join(dir, "试.xlsx"), "")
	short := strings.Repeat("长", 28)
	want := []string{long, short + "(2)", short + "(3)", "别的"}
	if diff := cmp.Diff(want, book.GetSheetList()); diff != "" {
		t.Fatal(diff)
	}
	serial := 0
	for _, name := range want[:3] {
		rows := sheet(t, book, name)
		if rows[2][0] != "序号" {
			t.Errorf("%s: no headings", name)
		}
		_, n := addUp(t, rows, "金额")
		serial += n
	}
	if serial != 20 {
		t.Errorf("%d rows in all, want 20", serial)
	}
}

func TestUnconfirmedRatesAreNoted(t *testing.T) {
	t.Parallel()
	file, err := packfile.Parse(policy.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	november := month.Of(2026, 11)
	cat := newCatalogue(file, "区民政局")
	for _, c := range []struct {
		item string
		from month.Month
		want string
	}{
		{"11", november, ""},
		{"13", november, "养老服务补贴标准（60-79）"},
		{"15", november, "计算公式待核定"},
		{"18-1", november, ""},
		{"18-1", month.Of(2024, 12), "低保标准 700 元/月"},
		{"18-2", november, "居民医保个人缴费 400 元/年"},
		{"23-1", november, "困难残疾人生活补贴标准 100 元/月"},
	} {
		got := strings.Join(cat.unconfirmed(cat.items[c.item], c.from, november), "；")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("item %s from %s: %q, want %q", c.item, c.from, got, c.want)
		}
	}
	if diff := cmp.Diff([]string{"机构月收费", "granted", "max", "甲"}, identifiers(`机构月收费 - granted("13") + max(甲, )`)); diff != "" {
		t.Error(diff)
	}
}

func TestManifest(t *testing.T) {
	t.Parallel()
	is, src := synthesise(t, civil, 60)
	dir, files := write(t, is, src, Options{})
	m, err := ReadManifest(dir)
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
	if err := WriteManifest(dir, m); err != nil {
		t.Fatal(err)
	}
	first := read(t, filepath.Join(dir, "manifest.json"))
	back, err := ReadManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, back); diff != "" {
		t.Error(diff)
	}
	if err := WriteManifest(dir, back); err != nil || string(read(t, filepath.Join(dir, "manifest.json"))) != string(first) {
		t.Errorf("bytes differ, or %v", err)
	}
	if len(back.Files) != len(files)+1 || back.Batches[0].Bureau != civil || back.Batches[0].Pays != is.Batch.Pays.String() {
		t.Errorf("manifest %+v", back)
	}
}

// The visit plan goes by community, and its sums count everybody and every visit.
func TestVisitPlanByCommunity(t *testing.T) {
	t.Parallel()
	is, src := synthesise(t, civil, 300)
	dir, _ := write(t, is, src, Options{})
	want, visits := 0, 0
	for _, r := range src.lists["20"] {
		if r.Change != explain.Left {
			n, err := strconv.Atoi(r.Detail)
			if err != nil {
				t.Fatal(err)
			}
			want, visits = want+1, visits+n
		}
	}
	people, went, seen := 0, 0, map[string]bool{}
	for _, row := range sheet(t, open(t, filepath.Join(dir, civil, "服务名册.xlsx"), ""), "20 探访服务") {
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
