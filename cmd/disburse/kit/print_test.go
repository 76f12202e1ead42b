package kit

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// printed is what a function writes to standard output.
func printed(t *testing.T, fn func(*Terminal) error) string {
	t.Helper()
	var out strings.Builder
	if err := fn(&Terminal{Stdout: &out}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestCSVHasNoFormulas: text from outside is neutralised in every cell of csv, numbers and
// other text are as they are.
func TestCSVHasNoFormulas(t *testing.T) {
	t.Parallel()
	columns := []Column{TextColumn("name", "姓名"), NumberColumn("amount", "金额"), TextColumn("note", "说明")}
	in := [][]string{
		{"=HYPERLINK(1)", "-50.00", "+1"}, {"@SUM(A1)", "12,345.00", "-2+3"}, {"\t=1", "0", "\r=1"}, {" =1", "-1-cmd|' /C calc'!A0", "＝1"},
		{"张某", "", "a=b"}, {"'已有", "=1", "-50.00"},
	}
	want := [][]string{
		{"name", "amount", "note"},
		{"'=HYPERLINK(1)", "-50.00", "'+1"}, {"'@SUM(A1)", "12,345.00", "'-2+3"}, {"'\t=1", "0", "'\r=1"}, {"' =1", "'-1-cmd|' /C calc'!A0", "'＝1"},
		{"张某", "", "a=b"}, {"'已有", "'=1", "'-50.00"},
	}
	got, err := csv.NewReader(strings.NewReader(printed(t, func(o *Terminal) error { return o.PrintCSV(columns, in) }))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestProgressBeyondItsTotal: what is counted may be more than was thought, or less than
// nothing.
func TestProgressBeyondItsTotal(t *testing.T) {
	t.Parallel()
	var errors strings.Builder
	bar := (&Terminal{Stderr: &errors}).Progress("核对")
	bar.Show(9000, 3)
	bar.Show(-1, 3)
	if said := errors.String(); !strings.Contains(said, "100%  9000/3") || !strings.Contains(said, "0%  -1/3") {
		t.Errorf("said %q", said)
	}
}
