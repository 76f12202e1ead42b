package field

import (
	"testing"

	"disburse/internal/month"
	"disburse/internal/roster"
)

// Each value is made from what its records and its origin give, and from nothing else:
// whoever checks a field before there is a file has no more than that.
func TestValues(t *testing.T) {
	t.Parallel()
	memo := func(item, name string, m month.Month) string { return m.Compact() + item + name }
	head := &Head{Number: "140213-202611-MZ-1-003", Region: "140213", Bureau: "区民政局", Month: month.Of(2026, 11), Date: month.DateOf(2026, 11, 25)}
	pay := &Payment{Seq: 1, Account: roster.Account{Bank: "某行", Number: "62", Holder: "甲某"}, Code: "103100000026", Amount: 7000, ID: "1402", Item: "11", ItemName: "高龄津贴"}
	origins := map[Origin]*Data{
		FromPerson: {Payment: &Payment{Account: pay.Account, ID: pay.ID}},
		FromItem:   {Head: &Head{Month: head.Month}, Payment: &Payment{Item: pay.Item, ItemName: pay.ItemName}, Memo: memo},
		FromBank:   {Payment: &Payment{Account: roster.Account{Bank: pay.Account.Bank}, Code: pay.Code}},
		FromBureau: {Head: &Head{Bureau: head.Bureau}},
	}
	seen := map[string]bool{}
	for i := range All {
		f := &All[i]
		if f.Name == "" || seen[f.Name] || f.In&(Row|Totals) == 0 {
			t.Errorf("field %d: %+v", i, f)
		}
		seen[f.Name] = true
		all := map[string]*Data{}
		if f.In&Row != 0 {
			all["row"] = &Data{Head: head, Payment: pay, Rows: 1, Sum: 7000, Memo: memo}
		}
		if f.In&Totals != 0 {
			all["totals"] = &Data{Head: head, Rows: 1, Sum: 7000, Memo: memo}
		}
		if f.From != FromRun {
			all["origin"] = origins[f.From]
		}
		for name, d := range all {
			if v := f.Value(d); v.Text == "" && v.Amount == 0 {
				t.Errorf("%s of %s says nothing", f.Name, name)
			}
		}
		if Of(f.Name, Row) != nil != (f.In&Row != 0) || Of(f.Name, Totals) != nil != (f.In&Totals != 0) || Of(f.Name, Row|Totals) != f {
			t.Errorf("%s is not found in its records only", f.Name)
		}
	}
}
