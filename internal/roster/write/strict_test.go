package write

import (
	"bytes"
	"os"
	"testing"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/roster/rostertest"
	"disburse/internal/roster/xlsx/strict"
)

// wellMade insists on a workbook that keeps to the schema.
func wellMade(t *testing.T, what string, data []byte) {
	t.Helper()
	for _, wrong := range strict.Check(data) {
		t.Errorf("%s: %s", what, wrong)
	}
}

// TestWorkbooksKeepToTheSchema: every kind of workbook that this package writes.
func TestWorkbooksKeepToTheSchema(t *testing.T) {
	t.Parallel()
	file := func(path string) []byte {
		data, err := os.ReadFile(path)
		rostertest.Must(t, err)
		return data
	}
	for name, v := range map[string]*roster.Vocabulary{"some": rostertest.Words(), "none": {}} {
		wellMade(t, "template with "+name+" words", template1(t, v))
	}
	for _, items := range [][]roster.ItemName{nil, rostertest.Words().Items} {
		var out bytes.Buffer
		rostertest.Must(t, OpeningTemplate(&out, "某区", items))
		wellMade(t, "opening template", out.Bytes())
	}
	people := []*roster.Dossier{
		{Person: roster.Person{Name: "=甲", ID: rostertest.IDA, Street: "永泰", Address: " 某路 & <1> ", Account: roster.Account{Bank: "工行", Number: "6222020000000000001"}},
			Facts: []roster.Fact{{Name: "低保", Value: "是", Since: month.DateOf(2026, 1, 1)}, {Name: "低保边缘"}}, Awards: []roster.Award{{Item: "17", Amount: money.Fen(7050), First: month.Of(2026, 1)}}},
		{Person: roster.Person{Name: "乙", ID: rostertest.IDB}},
	}
	for _, limit := range []int{fullSheet, 2} { // 2: each person on a sheet that continues the last
		wellMade(t, "export", file(written(t, limit, people, []roster.Payee{{Name: "敬老院"}})))
	}
	wellMade(t, "export of nobody", file(written(t, fullSheet, nil, nil)))
	path := t.TempDir() + "/变更.xlsx"
	rostertest.Must(t, Import(path, "花名册变更", &roster.Import{
		People: []roster.PersonRow{{Person: people[0].Person, Former: rostertest.IDB}},
		Facts:  []roster.FactHistory{{ID: rostertest.IDA, Fact: "低保"}, {ID: rostertest.IDA, Fact: "低保边缘", Facts: people[0].Facts[:1]}},
		Awards: []roster.AwardHistory{{ID: rostertest.IDA, Item: "17"}},
	}))
	wellMade(t, "changes", file(path))
	wellMade(t, "errors", file(errorsOf(t, manyErrors(t))))
}
