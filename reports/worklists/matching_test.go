package worklists_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/reports/worklists"
)

func TestWriteMatching(t *testing.T) {
	t.Parallel()
	row := func(n int, name, id, street string) roster.ListRow {
		return roster.ListRow{Place: roster.Place{Sheet: "名单", Row: n}, Listed: roster.Listed{Name: name, ID: id, Street: street, Birth: month.DateOf(1940, 6, 15)}}
	}
	m := &worklists.Matching{
		Kind: "死亡", File: "名单.csv", Date: month.DateOf(2026, 11, 20), Month: month.Of(2026, 11),
		Hits: []worklists.MatchHit{{Row: row(2, "某甲", "X1", ""), Person: roster.Person{Name: "某甲", ID: "Y1", Street: "永泰"},
			How: roster.ByName, Pays: "11 高龄津贴 70.00", Remark: "身份证号不同"}},
		Missing: []worklists.MissingPerson{{Row: row(3, "某乙", "X2", "永泰"), Age: 86, Items: "11 高龄津贴 70.00"},
			{Row: row(4, "某丙", "X3", "永泰"), Age: 86, Items: "12"}, {Row: row(5, "某丁", "X4", "古城"), Age: 86, Items: "12"}},
		Unmatched: []roster.ListRow{row(6, "=某戊", "X5", "")},
		Problems:  []roster.Problem{{Place: roster.Place{Sheet: "名单", Row: 7}, Column: "身份证号", Value: "12", Reason: "应为 18 位"}},
	}
	var out bytes.Buffer
	if err := worklists.WriteMatching(&out, t.TempDir(), m); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := map[string][]string{}
	for sheet, columns := range map[string][]int{"命中": {0, 2, 3, 4, 6, 9, 10}, "应享未享": {0, 1, 2, 5, 6}, "未匹配": {0, 1, 7}} {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows[3:] {
			line := ""
			for _, c := range columns {
				line += "|" + r[c]
			}
			got[sheet] = append(got[sheet], line)
		}
	}
	want := map[string][]string{
		"命中":   {"|1|某甲|Y1|可能：姓名和出生日期相符|X1|11 高龄津贴 70.00|身份证号不同"},
		"应享未享": {"|1|永泰|某乙|86|11 高龄津贴 70.00", "|2|永泰|某丙|86|12", "|1|古城|某丁|86|12"},
		"未匹配":  {"|名单 第 6 行|'=某戊|花名册里没有此人", "|名单 第 7 行||身份证号（12）应为 18 位"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
