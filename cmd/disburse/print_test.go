package main

import (
	"encoding/csv"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// printed is what a function writes to standard output.
func printed(t *testing.T, fn func() error) string {
	t.Helper()
	out := os.Stdout
	defer func() { os.Stdout = out }()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout = w
	err = fn()
	w.Close()
	text, readErr := io.ReadAll(r)
	if err != nil || readErr != nil {
		t.Fatal(err, readErr)
	}
	return string(text)
}

// TestCSVHasNoFormulas: text from outside is neutralised in every cell of csv, numbers and
// other text are as they are.
func TestCSVHasNoFormulas(t *testing.T) {
	columns := []column{{"name", "姓名", false}, {"amount", "金额", true}, {"note", "说明", false}}
	in := [][]string{
		{"=HYPERLINK(1)", "-50.00", "+1"}, {"@SUM(A1)", "12,345.00", "-2+3"}, {"\t=1", "0", "\r=1"}, {" =1", "-1-cmd|' /C calc'!A0", "＝1"},
		{"张某", "", "a=b"}, {"'已有", "=1", "-50.00"},
	}
	want := [][]string{
		{"name", "amount", "note"},
		{"'=HYPERLINK(1)", "-50.00", "'+1"}, {"'@SUM(A1)", "12,345.00", "'-2+3"}, {"'\t=1", "0", "'\r=1"}, {"' =1", "'-1-cmd|' /C calc'!A0", "'＝1"},
		{"张某", "", "a=b"}, {"'已有", "'=1", "'-50.00"},
	}
	got, err := csv.NewReader(strings.NewReader(printed(t, func() error { return printCSV(columns, in) }))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestOnePlaceWritesCSV: another writer would not neutralise.
func TestOnePlaceWritesCSV(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") || f.Name() == "print.go" {
			continue
		}
		text, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "encoding/csv") || strings.Contains(string(text), "printCSV(") {
			t.Errorf("%s writes csv by itself", f.Name())
		}
	}
}

// TestLinesKeepTheirSigns: what is taken back is a negative number in csv, and a name that
// is a formula is none.
func TestLinesKeepTheirSigns(t *testing.T) {
	if got := csvCell(lineColumns[5], "-50.00"); lineColumns[5].name != "amount" || got != "-50.00" {
		t.Errorf("amount %s", got)
	}
	if got := csvCell(lineColumns[1], "=1+1"); lineColumns[1].name != "name" || got != "'=1+1" {
		t.Errorf("name %s", got)
	}
}
