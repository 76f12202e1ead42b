package roster

import (
	"bytes"
	"os"
	"testing"

	"disburse/internal/money"
	"disburse/internal/month"
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
		must(t, err)
		return data
	}
	for name, v := range map[string]*Vocabulary{"some": testWords(), "none": {}} {
		wellMade(t, "template with "+name+" words", template1(t, v))
	}
	for _, items := range [][]ItemName{nil, testWords().Items} {
		var out bytes.Buffer
		must(t, WriteOpeningTemplate(&out, "某区", items))
		wellMade(t, "opening template", out.Bytes())
	}
	people := []*Dossier{
		{Person: Person{Name: "=甲", ID: idA, Street: "永泰", Address: " 某路 & <1> ", Account: Account{Bank: "工行", Number: "6222020000000000001"}},
			Facts: []Fact{{Name: "低保", Value: "是", Since: month.DateOf(2026, 1, 1)}, {Name: "低保边缘"}}, Awards: []Award{{Item: "17", Amount: money.Fen(7050), First: month.Of(2026, 1)}}},
		{Person: Person{Name: "乙", ID: idB}},
	}
	for _, limit := range []int{fullSheet, 2} { // 2: each person on a sheet that continues the last
		wellMade(t, "export", file(written(t, limit, people, []Payee{{Name: "敬老院"}})))
	}
	wellMade(t, "export of nobody", file(written(t, fullSheet, nil, nil)))
	path := t.TempDir() + "/变更.xlsx"
	must(t, WriteImport(path, "花名册变更", &Import{
		People: []PersonRow{{Person: people[0].Person, Former: idB}},
		Facts:  []FactHistory{{ID: idA, Fact: "低保"}, {ID: idA, Fact: "低保边缘", Facts: people[0].Facts[:1]}},
		Awards: []AwardHistory{{ID: idA, Item: "17"}},
	}))
	wellMade(t, "changes", file(path))
	wellMade(t, "errors", file(errorsOf(t, manyErrors(t))))
}
