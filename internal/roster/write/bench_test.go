package write

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/roster/rostertest"
)

// benchPeople is the size of the benchmark's workbook; DISBURSE_BENCH_PEOPLE changes it, to 200,000 at most.
func benchPeople(b *testing.B) int {
	b.Helper()
	text := os.Getenv("DISBURSE_BENCH_PEOPLE")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	rostertest.Must(b, err)
	return min(n, 200_000)
}

// madeUpPerson is person number n of a made-up roster: half of them have a disability,
// some facts have ended, one in ten has a 核定金额.
func madeUpPerson(n int) *roster.Dossier {
	birth := month.DateOf(1930, 1, 1).Add(n * 7 % 12001)
	id := roster.MakeID("140213", birth, n/12001)
	d := &roster.Dossier{Person: roster.Person{
		ID: id, Name: []string{"张", "王", "李", "赵"}[n%4] + "试" + string(rune('一'+n%2000)), Birth: birth,
		Street: []string{"永泰", "古城", "新旺"}[n%3], Community: fmt.Sprintf("第%d社区", n%40),
		Address: fmt.Sprintf("某某路 %d 号院 %d 号楼 %d 单元", n%900+1, n%30+1, n%6+1), Phone: fmt.Sprintf("139%08d", n),
		Account: roster.Account{Bank: "某某银行大同分行", Number: fmt.Sprintf("62220000%011d", n)},
	}}
	if n%3 == 0 {
		start := month.DateOf(2021, 1, 1).Add(n % 300)
		d.Facts = append(d.Facts, roster.Fact{Name: "低保", Since: start, Until: start + 365, Value: "是"},
			roster.Fact{Name: "低保", Since: start + 500, Value: "是", Basis: fmt.Sprintf("低保字 %d 号", n)})
	}
	if n%2 == 0 {
		d.Facts = append(d.Facts, roster.Fact{Name: "残疾类别", Since: month.DateOf(2015, 6, 1).Add(n % 500), Value: "肢体、精神", Basis: "残疾人证"})
	}
	d.Facts = append(d.Facts, roster.Fact{Name: "入住机构", Since: month.DateOf(2020, 1, 1).Add(n % 900), Value: fmt.Sprintf("第%d养老院", n%20), Basis: "登记表"})
	if n%10 == 0 {
		d.Awards = append(d.Awards, roster.Award{Item: "17", Amount: 12345, First: month.Of(2025, 1)})
	}
	return d
}

// BenchmarkRead reads a roster and the same workbook with excelize's Rows alone, and
// reports the ratio of the two times.
func BenchmarkRead(b *testing.B) {
	people := benchPeople(b)
	path := filepath.Join(b.TempDir(), "大花名册.xlsx")
	w, err := NewRoster(path, rostertest.Words())
	rostertest.Must(b, err)
	for n := range people {
		rostertest.Must(b, w.Person(madeUpPerson(n)))
	}
	rostertest.Must(b, w.Close())
	info, err := os.Stat(path)
	rostertest.Must(b, err)
	b.SetBytes(info.Size())
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		imp := readBack(b, path)
		ours += time.Since(start)
		if len(imp.People) != people || len(imp.Problems) > 0 {
			b.Fatalf("%d people, %d problems", len(imp.People), len(imp.Problems))
		}
		start = time.Now()
		readWithExcelize(b, path)
		theirs += time.Since(start)
	}
	b.ReportMetric(float64(ours)/float64(theirs), "ratio")
	b.ReportMetric(float64(people), "people")
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "own-ms/op")
}

func readWithExcelize(b *testing.B, path string) {
	f, err := excelize.OpenFile(path)
	rostertest.Must(b, err)
	defer f.Close()
	for _, sheet := range f.GetSheetList() {
		rows, err := f.Rows(sheet)
		rostertest.Must(b, err)
		for rows.Next() {
			_, err := rows.Columns()
			rostertest.Must(b, err)
		}
		rostertest.Must(b, rows.Close())
	}
}
