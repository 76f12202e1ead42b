package write

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"disburse/internal/roster/layout"
	"disburse/internal/roster/read"
	"disburse/internal/roster/rostertest"
)

// Example rows stand in every sheet, and reading passes over them also beside real rows.
func TestTemplateExamples(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(bytes.NewReader(template1(t, rostertest.Words())))
	rostertest.Must(t, err)
	defer f.Close()
	for _, l := range layout.Sheets {
		key, err := f.GetCellValue(l.Name, layout.Letters(l.Needed[0])+"2")
		rostertest.Must(t, err)
		if key != layout.ExampleMark {
			t.Errorf("%s: row 2 begins with %q", l.Name, key)
		}
	}
	rostertest.Must(t, f.SetSheetRow("收款单位", "A3", &[]string{"某某敬老院"}))
	path := filepath.Join(t.TempDir(), "花名册.xlsx")
	rostertest.Must(t, f.SaveAs(path))
	in, err := read.Roster(t.Context(), path, rostertest.Words(), rostertest.Day, nil)
	rostertest.Must(t, err)
	if len(in.Payees) != 1 || len(in.People)+len(in.RefusedPeople)+len(in.Facts)+len(in.Awards)+len(in.Problems) != 0 {
		t.Errorf("read %+v", in)
	}
}

// Dates and months are checked while typing, with a message that says how to write them.
func TestTemplateChecksDates(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(bytes.NewReader(template1(t, rostertest.Words())))
	rostertest.Must(t, err)
	defer f.Close()
	for sheet, columns := range map[string]string{"人员": "GHIQ", "情况": "DE", "核定金额": "CDE"} {
		all, err := f.GetDataValidations(sheet)
		rostertest.Must(t, err)
		for _, column := range strings.Split(columns, "") {
			found := false
			for _, v := range all {
				if strings.HasPrefix(v.Sqref, column+"2:") {
					found = v.Type == "custom" && strings.Contains(v.Formula1, column+"2") && v.Error != nil && *v.Error != ""
				}
			}
			if !found {
				t.Errorf("%s!%s is not checked", sheet, column)
			}
		}
	}
}
