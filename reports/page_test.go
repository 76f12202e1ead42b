package reports

import (
	"archive/zip"
	"io"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"disburse/internal/money"
)

// TestSummaryBreaksBetweenItsParts: where the signatures need a page, the last part comes
// along as a whole, and no table above it is torn for that.
func TestSummaryBreaksBetweenItsParts(t *testing.T) {
	t.Parallel()
	is, src := synthesise(t, civil, 0)
	is.Files, is.Previous = nil, nil
	is.Batch.Pays = money.Fen(0)
	dir, _ := write(t, is, src, Options{})
	path := filepath.Join(dir, civil, "发放清册.xlsx")
	rows := sheet(t, open(t, path, ""), "汇总")
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
