package reporttest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"disburse/internal/money"
	"disburse/internal/roster/xlsx/strict"
)

// PagesOf counts the letters on a sheet by their titles.
func PagesOf(rows [][]string, title string) int {
	n := 0
	for _, row := range rows {
		if len(row) > 0 && strings.HasSuffix(row[0], title) {
			n++
		}
	}
	return n
}

// WellMade holds every workbook below a folder to the schema, and returns how many there are.
func WellMade(t *testing.T, what, dir string) int {
	t.Helper()
	n := 0
	for _, path := range Tree(t, dir) {
		if !strings.HasSuffix(path, ".xlsx") {
			continue
		}
		n++
		for _, wrong := range strict.Check(Read(t, path)) {
			t.Errorf("%s, %s: %s", what, filepath.Base(path), wrong)
		}
	}
	if n == 0 {
		t.Errorf("%s: no workbook", what)
	}
	return n
}

const Civil = "区民政局"

func Open(t *testing.T, path, password string) *excelize.File {
	t.Helper()
	f, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func Sheet(t *testing.T, f *excelize.File, name string) [][]string {
	t.Helper()
	rows, err := f.GetRows(name)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) == 0 {
		t.Fatalf("sheet %s is empty", name)
	}
	return rows
}

// AddUp adds up a column of the rows whose first cell is a serial number.
func AddUp(t *testing.T, rows [][]string, heading string) (sum money.Fen, n int) {
	t.Helper()
	at := -1
	for _, row := range rows {
		if at < 0 {
			for i, cell := range row {
				if cell == heading {
					at = i
				}
			}
			continue
		}
		if len(row) <= at || row[0] == "" || strings.Trim(row[0], "0123456789") != "" {
			continue
		}
		a, err := money.Parse(row[at])
		if err != nil {
			t.Fatal(err)
		}
		sum += a
		n++
	}
	return sum, n
}

func Read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func Tree(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && path != dir {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func Flat(rows [][]string) string {
	var b strings.Builder
	for _, row := range rows {
		b.WriteString(strings.Join(row, "\t") + "\n")
	}
	return b.String()
}
