package lists

import (
	"errors"
	"strings"
	"testing"

	"disburse/internal/fault"
	"disburse/internal/payrun/explain"
	"disburse/reports/control"
	"disburse/reports/reporttest"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// Lists that do not tie with the sheet 变动 are refused.
func TestChangeListsTie(t *testing.T) {
	t.Parallel()
	cat := source.NewCatalogue(reporttest.Pack(t), reporttest.Civil)
	row := explain.BridgeRow{Item: "11", Last: 100, This: 200}
	for name, c := range map[string]struct {
		list, bridge []explain.BridgeRow
		want         string
	}{
		"the same":       {[]explain.BridgeRow{row}, []explain.BridgeRow{row}, ""},
		"one is missing": {nil, []explain.BridgeRow{row}, "变动名单项数"},
		"one too many":   {[]explain.BridgeRow{row, row}, []explain.BridgeRow{row}, "变动名单项数"},
		"another amount": {[]explain.BridgeRow{{Item: "11", Last: 100, This: 201}}, []explain.BridgeRow{row}, "变动名单金额"},
		"another item":   {[]explain.BridgeRow{row, {Item: "12", This: 1}}, []explain.BridgeRow{row}, "变动名单项数"},
	} {
		of := func(rows []explain.BridgeRow) map[string]*control.Moves {
			all := map[string]*control.Moves{"11": {}, "12": {}}
			for i := range rows {
				all[rows[i].Item].Add(&rows[i])
			}
			return all
		}
		err := (&Changes{&sheet.Paper{Catalogue: cat}, []*changeList{{items: of(c.list)}}}).Tie(of(c.bridge))
		var f *fault.Fault
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		} else if !errors.As(err, &f) || f.Code != fault.Internal || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
