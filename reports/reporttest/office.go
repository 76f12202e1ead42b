package reporttest

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// LibreOffice opens a workbook with LibreOffice and returns its sheets as it sees them:
// a reader that shares nothing with the one that wrote them.
func LibreOffice(t *testing.T, path string) map[string][][]string {
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
