package reports

import (
	"archive/zip"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/money"
	"disburse/reports/reporttest"
)

// TestSummaryBreaksBetweenItsParts: where the signatures need a page, the last part comes
// along as a whole, and no table above it is torn for that.
func TestSummaryBreaksBetweenItsParts(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 0)
	is.Files, is.Previous = nil, nil
	is.Batch.Pays = money.Fen(0)
	dir, _ := write(t, is, src, Options{})
	path := filepath.Join(dir, reporttest.Civil, "发放清册.xlsx")
	rows := reporttest.Sheet(t, reporttest.Open(t, path, ""), "汇总")
	zr, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer zr.Close()
	part, err := zr.Open("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(part)
	if err != nil {
		t.Fatal(err)
	}
	breaks := regexp.MustCompile(`<brk id="(\d+)"`).FindAllSubmatch(body, -1)
	if len(breaks) != 1 {
		t.Fatalf("%d page breaks", len(breaks))
	}
	at, err := strconv.Atoi(string(breaks[0][1]))
	if err != nil {
		t.Fatal(err)
	}
	if got := rows[at][0]; !strings.HasPrefix(got, "三、") {
		t.Errorf("the second page begins with %q", got)
	}
}

// printedPages are the rows of a sheet, page by page as its breaks divide it.
func printedPages(t *testing.T, path, name string) [][][]string {
	t.Helper()
	book := reporttest.Open(t, path, "")
	rows := reporttest.Sheet(t, book, name)
	at, err := book.GetSheetIndex(name)
	if err != nil {
		t.Fatal(err)
	}
	zr, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer zr.Close()
	part, err := zr.Open(fmt.Sprintf("xl/worksheets/sheet%d.xml", at+1))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(part)
	if err != nil {
		t.Fatal(err)
	}
	var pages [][][]string
	from := 0
	for _, b := range regexp.MustCompile(`<brk id="(\d+)"`).FindAllSubmatch(body, -1) {
		to, err := strconv.Atoi(string(b[1]))
		if err != nil {
			t.Fatal(err)
		}
		pages, from = append(pages, rows[from:to]), to
	}
	return append(pages, rows[from:])
}

// TestHeadingsBelongToTheirPart: on every page of a sheet of several parts each row stands
// under the headings of its own part, whatever the length of the parts; and what programs
// repeat on every page is the title alone.
func TestHeadingsBelongToTheirPart(t *testing.T) {
	t.Parallel()
	for _, banks := range []int64{3, 20, 33, 45, 70, 150} {
		is, src := reporttest.Batch(t, reporttest.Civil, 400)
		for code := range src.ByItem {
			for i := range src.ByItem[code] {
				src.ByItem[code][i].Account.Bank = fmt.Sprintf("第%03d银行", src.ByItem[code][i].Person%banks)
			}
		}
		is.Files, src.ByFile = nil, map[string][]approval.Payment{}
		src.Pay(is)
		dir, _ := write(t, is, src, Options{})
		for _, c := range []struct {
			file, sheet string
			parts       map[string][]string // by the first words of a part: the headings it must stand under
			sum         string              // how its last row begins, which reads wrong under other headings
		}{
			{"发放清册.xlsx", "核对单", map[string][]string{"一、": {"项目", "人数", "明细条数"}, "二、": {"文件编号", "付款笔数"}, "三、": nil}, fmt.Sprintf("合计　%d 个文件", len(is.Files))},
			{"资金拨付申请.xlsx", "资金拨付申请", map[string][]string{"一、": {"序号", "项目"}, "二、": {"资金来源"}, "三、": nil, "四、": nil, "五、": nil}, "合计（人数不重复）"},
		} {
			path := filepath.Join(dir, reporttest.Civil, c.file)
			part, summed := "", false
			for n, page := range printedPages(t, path, c.sheet) {
				var heads []string
				for i, row := range page {
					if len(row) == 0 || (n == 0 && i < reporttest.TitleRows) {
						continue
					}
					if name, _, ok := strings.Cut(row[0], "、"); ok && strings.Contains("一二三四五", name) {
						part, heads = name+"、", nil
						continue
					}
					want := c.parts[part]
					if want != nil && slices.Equal(row[:min(len(want), len(row))], want) {
						heads = row
						continue
					}
					if want != nil && heads == nil {
						t.Fatalf("%d banks, %s page %d: %q of part %s is not under its headings", banks, c.sheet, n+1, row[0], part)
					}
					summed = summed || strings.HasPrefix(row[0], c.sum)
				}
			}
			if !summed {
				t.Errorf("%d banks, %s: no %s", banks, c.sheet, c.sum)
			}
			for _, d := range reporttest.Open(t, path, "").GetDefinedName() {
				if d.Scope == c.sheet && !strings.HasSuffix(d.RefersTo, "!$1:$2") {
					t.Errorf("%s repeats %s", c.sheet, d.RefersTo)
				}
			}
		}
	}
}
