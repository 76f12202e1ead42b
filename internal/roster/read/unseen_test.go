package read

import (
	"strings"
	"testing"

	"disburse/internal/roster"
	"disburse/internal/roster/rostertest"
	"disburse/internal/roster/xlsx/xlsxtest"
)

// unseen is a workbook with a sheet that no menu shows, and programs.
func unseen(t *testing.T, visible, hidden string) string {
	t.Helper()
	row := func(id string) string {
		return `<row><c t="str"><v>姓名</v></c><c t="str"><v>身份证号</v></c></row><row><c t="str"><v>甲</v></c><c t="str"><v>` + id + `</v></c></row>`
	}
	book := xlsxtest.Book{Sheets: []xlsxtest.Sheet{{Name: visible, Rows: row(rostertest.IDA)}, {Name: hidden + `" state="veryHidden`, Rows: row(rostertest.IDB)}},
		Parts: map[string]string{"xl/vbaProject.bin": "x"}}
	return book.Write(t)
}

// TestUnseenSheetsAreSaid: what nobody can see in a workbook is not read, and said.
func TestUnseenSheetsAreSaid(t *testing.T) {
	t.Parallel()
	said := func(where string, warnings []roster.Problem) {
		t.Helper()
		var all []string
		for _, w := range warnings {
			all = append(all, w.Place.Sheet+"："+w.Reason)
		}
		if text := strings.Join(all, "\n"); !strings.Contains(text, "2：这张工作表被深度隐藏") || !strings.Contains(text, "带有宏") {
			t.Errorf("%s says %s", where, text)
		}
	}
	imp, err := Roster(t.Context(), unseen(t, "人员", "人员2"), rostertest.Words(), rostertest.Day, nil)
	if err != nil || len(imp.People) != 1 || imp.People[0].Person.ID != rostertest.IDA {
		t.Fatalf("%+v, %v", imp, err)
	}
	said("roster", imp.Warnings)
	list, err := MatchList(t.Context(), unseen(t, "名单", "名单2"), rostertest.Day, nil)
	if err != nil || len(list.Rows) != 1 || list.Rows[0].ID != rostertest.IDA {
		t.Fatalf("%+v, %v", list, err)
	}
	said("list", list.Warnings)
	if _, err := Roster(t.Context(), unseen(t, "别的", "人员"), rostertest.Words(), rostertest.Day, nil); err == nil || !strings.Contains(err.Error(), "没有花名册的工作表") {
		t.Errorf("only a sheet that nobody sees: %v", err)
	}
}

// TestColumnsBeyondAreSaid: what stands far to the right is not kept, and said once.
func TestColumnsBeyondAreSaid(t *testing.T) {
	t.Parallel()
	far := `<c r="AAA2" t="str"><v>远</v></c>`
	book := xlsxtest.Book{Sheets: []xlsxtest.Sheet{{Name: "人员", Rows: `<row><c t="str"><v>姓名</v></c><c t="str"><v>身份证号</v></c></row>` +
		`<row r="2"><c r="A2" t="str"><v>甲</v></c><c r="B2" t="str"><v>` + rostertest.IDA + `</v></c>` + far + `</row>` +
		`<row r="3"><c r="A3" t="str"><v>乙</v></c><c r="B3" t="str"><v>` + rostertest.IDB + `</v></c>` + strings.ReplaceAll(far, "2", "3") + `</row>`}}}
	imp, err := Roster(t.Context(), book.Write(t), rostertest.Words(), rostertest.Day, nil)
	if err != nil || len(imp.People) != 2 {
		t.Fatalf("%+v, %v", imp, err)
	}
	if len(imp.Warnings) != 1 || imp.Warnings[0].Place.Row != 2 || !strings.Contains(imp.Warnings[0].Reason, "第 256 列以右还有内容") {
		t.Errorf("warnings: %+v", imp.Warnings)
	}
}
