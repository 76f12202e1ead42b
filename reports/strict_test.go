package reports

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"disburse/internal/payrun"
	"disburse/internal/roster/xlsx/strict"
	"disburse/reports/reporttest"
)

// TestWorkbooksKeepToTheSchema: every kind of workbook that this package writes, approved,
// as a draft and voided, full and empty.
func TestWorkbooksKeepToTheSchema(t *testing.T) {
	t.Parallel()
	for _, state := range []payrun.State{payrun.Approved, payrun.Open, payrun.Voided} {
		for _, n := range []int{0, 120} {
			is, src := reporttest.Batch(t, reporttest.Civil, n)
			is.Batch.State = state
			dir, _ := write(t, is, src, Options{Letters: true, AllPeople: true, FullLists: n > 0})
			reporttest.WellMade(t, string(state), dir)
		}
	}
	is, src := reporttest.Batch(t, reporttest.Civil, 30)
	is.Previous, is.PreviousTotals = nil, nil
	dir, _ := write(t, is, src, Options{})
	reporttest.WellMade(t, "first month", dir)
	is, src = reporttest.Batch(t, "区卫体局", 40) // keeps lists alone
	is.Batch = payrun.Batch{Month: reporttest.November, Bureau: "区卫体局"}
	dir, _ = write(t, is, src, Options{})
	reporttest.WellMade(t, "lists", dir)
}

// TestBankFileAloneKeepsToTheSchema: a bank file by itself.
func TestBankFileAloneKeepsToTheSchema(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	is, people := reporttest.Batch(t, reporttest.Civil, 60)
	files, err := WriteBankFile(t.Context(), dir, is, people, is.Files[0].Number)
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	reporttest.WellMade(t, "bank file", dir)
}

// TestStrictSeesWhatIsWrong: the checker is no use if it passes what the schema forbids.
func TestStrictSeesWhatIsWrong(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 30)
	is.Batch.State = payrun.Open
	dir, _ := write(t, is, src, Options{})
	good := reporttest.Read(t, filepath.Join(dir, reporttest.Civil, "变动名单.xlsx"))
	if wrong := strict.Check(good); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	for name, c := range map[string]struct{ part, old, new, says string }{
		"six digits":       {"sheet1.xml", `<tabColor rgb="FFC00000"`, `<tabColor rgb="C00000"`, "hex8"},
		"columns":          {"sheet1.xml", `<col min="1" max="1"`, `<col min="99" max="99"`, "column"},
		"an empty list":    {"sheet1.xml", `<ignoredErrors>`, `<colBreaks></colBreaks><ignoredErrors>`, "colBreaks"},
		"order":            {"sheet1.xml", `<ignoredErrors>`, `<sheetPr></sheetPr><ignoredErrors>`, "too late"},
		"dimension":        {"sheet1.xml", `<dimension ref="A1:`, `<dimension ref="B1:`, "dimension"},
		"no selected tab":  {"sheet1.xml", `tabSelected="true"`, `tabSelected="false"`, "selected"},
		"count":            {"sheet1.xml", `<mergeCells count="`, `<mergeCells count="9`, "mergeCells"},
		"style":            {"sheet1.xml", `<c r="A1" s="`, `<c r="A1" s="999`, "style 999"},
		"filter":           {"sheet1.xml", `<autoFilter ref="A`, `<autoFilter ref="$A`, "no ref"},
		"format":           {"styles.xml", `numFmtId="164"`, `numFmtId="64"`, "number format"},
		"a name too long":  {"workbook.xml", `name="新增"`, `name="` + strings.Repeat("长", 32) + `"`, "sheet name"},
		"titles elsewhere": {"workbook.xml", `&#39;新增&#39;!$1:$3`, `&#39;没有&#39;!$1:$3`, "refers"},
		"no content type":  {"[Content_Types].xml", `PartName="/xl/styles.xml"`, `PartName="/xl/other.xml"`, "which is not there"},
		"relation":         {"workbook.xml.rels", `worksheets/sheet1.xml`, `worksheets/sheet9.xml`, "not there"},
	} {
		bad, changed := replaceInPart(t, good, c.part, c.old, c.new)
		if !changed {
			t.Errorf("%s: %s is not in %s", name, c.old, c.part)
			continue
		}
		if wrong := strings.Join(strict.Check(bad), "\n"); !strings.Contains(wrong, c.says) {
			t.Errorf("%s: says %q", name, wrong)
		}
	}
}

// replaceInPart writes a workbook again with one text of one part replaced.
func replaceInPart(t *testing.T, book []byte, part, from, to string) ([]byte, bool) {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	zw := zip.NewWriter(&out)
	changed := false
	for _, f := range zr.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if path.Base(f.Name) == part && bytes.Contains(body, []byte(from)) {
			body, changed = bytes.Replace(body, []byte(from), []byte(to), 1), true
		}
		w, err := zw.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), changed
}
