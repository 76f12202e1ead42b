package reports

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"disburse/internal/money"
)

// office opens a workbook with LibreOffice and returns its sheets as it sees them:
// a reader that shares nothing with the one that wrote them.
func office(t *testing.T, path string) map[string][][]string {
	t.Helper()
	out := t.TempDir()
	cmd := exec.Command("soffice", "-env:UserInstallation=file://"+t.TempDir(), "--headless", "--convert-to",
		// comma, double quotes, UTF-8, all sheets, numbers as they are stored
		"csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1", "--outdir", out, path)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8") // or it cannot find files with Chinese names
	msg, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("libreoffice: %v\n%s", err, msg)
	}
	names, err := filepath.Glob(filepath.Join(out, "*.csv"))
	if err != nil || len(names) == 0 {
		t.Fatalf("libreoffice wrote nothing (%v): %s", err, msg)
	}
	sheets := map[string][][]string{}
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(f)
		r.FieldsPerRecord = -1
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_ = f.Close()
		base := strings.TrimSuffix(filepath.Base(path), ".xlsx") + "-"
		sheets[strings.TrimSuffix(strings.TrimPrefix(filepath.Base(name), base), ".csv")] = rows
	}
	return sheets
}

func TestLibreOfficeReadsTheSame(t *testing.T) {
	is, src := synthesise(t, civil, 300)
	dir, files := write(t, is, src, Options{})
	register := office(t, filepath.Join(dir, civil, "发放清册.xlsx"))
	if len(register) != 23 {
		t.Errorf("%d sheets", len(register))
	}
	all := money.Fen(0)
	for _, total := range is.Totals {
		got, n := addUp(t, register[src.cat.title(total.Item)], "金额")
		if want := total.Current + total.Arrears + total.Recovery; got != want {
			t.Errorf("item %s: %s in %d rows, want %s", total.Item, got, n, want)
		}
		all += got
	}
	if all != is.Batch.Pays {
		t.Errorf("items add up to %s, batch %s", all, is.Batch.Pays)
	}
	if got, _ := addUp(t, register["公示"], "合计"); got != is.Batch.Pays {
		t.Errorf("公示 %s, batch %s", got, is.Batch.Pays)
	}
	if got := register["11 高龄津贴"][3]; len(got) < 13 || len(got[2]) != 18 || !strings.HasPrefix(got[10], "62122600000") {
		t.Errorf("numbers lost digits: %v", got)
	}
	for _, f := range files {
		if f.Kind != KindBank {
			continue
		}
		rows := office(t, filepath.Join(dir, filepath.FromSlash(f.Path)))[f.Number]
		if got, n := addUp(t, rows, "金额"); got != f.Amount || n != f.Rows {
			t.Errorf("file %s: %s in %d rows, want %s in %d", f.Number, got, n, f.Amount, f.Rows)
		}
	}
}
