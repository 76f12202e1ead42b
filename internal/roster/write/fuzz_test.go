package write

import (
	"errors"
	"strings"
	"testing"

	"disburse/internal/fault"
	"disburse/internal/roster"
	"disburse/internal/roster/layout"
	"disburse/internal/roster/read"
	"disburse/internal/roster/rostertest"
	"disburse/internal/roster/xlsx/xlsxtest"
)

// FuzzRead: whatever the file, an import or one sentence.
func FuzzRead(f *testing.F) {
	f.Add(rostertest.RawCell(`<c r="E2" s="1"><v>46329</v></c>`).Bytes(f))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, content []byte) {
		checkImport(t, xlsxtest.File(t, "模糊.xlsx", content))
	})
}

// FuzzReadSheet: whatever stands in the rows of a sheet.
func FuzzReadSheet(f *testing.F) {
	for _, cell := range []string{`<c r="E2" s="1"><v>46329</v></c>`, `<c r="D2"><v>1E+20</v></c>`, `<c r="F2" t="inlineStr"><is><t>'=1</t></is></c>`} {
		f.Add(0, rostertest.RawCell(cell).Sheets[0].Rows)
	}
	row := `<row><c t="str"><v>身份证号</v></c><c t="str"><v>情况</v></c><c t="str"><v>值</v></c><c t="str"><v>起</v></c></row>`
	f.Add(1, row+`<row><c t="str"><v>`+rostertest.IDA+`</v></c><c t="str"><v>低保</v></c><c t="str"><v>是</v></c><c s="1"><v>46329</v></c></row>`)
	f.Fuzz(func(t *testing.T, kind int, rows string) {
		name := layout.Sheets[uint(kind)%uint(len(layout.Sheets))].Name
		checkImport(t, xlsxtest.Book{Sheets: []xlsxtest.Sheet{{Name: name, Rows: rows}}}.Write(t))
	})
}

func checkImport(t *testing.T, path string) {
	imp, err := read.Roster(t.Context(), path, rostertest.Words(), rostertest.Day, nil)
	var f *fault.Fault
	switch {
	case err == nil:
	case !errors.As(err, &f) || f.Code != fault.Invalid:
		t.Fatalf("error without a sentence: %v", err)
	case f.Cause != nil && strings.HasPrefix(f.Cause.Error(), "panic"):
		t.Fatal(f.Cause)
	default:
		return
	}
	for _, p := range imp.People {
		if !roster.ValidID(p.Person.ID) {
			t.Fatalf("accepted %+v", p)
		}
	}
	for _, h := range imp.Facts {
		if !roster.ValidID(h.ID) || len(h.Rows)+len(h.More) == 0 {
			t.Fatalf("accepted %+v", h)
		}
	}
	if len(imp.Problems) > 0 {
		rostertest.Must(t, Errors(path+".错误.xlsx", path, imp.Problems))
	}
}
