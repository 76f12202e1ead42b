package recovery

import (
	"context"
	"fmt"
	"path/filepath"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/office/export"
	"disburse/internal/store/recovery"
)

// foregroundNotices is how many people's notices are written within a request; more are written
// as a task.
const foregroundNotices = 25

// recoveryNotices sends the notices (追缴通知书) of a street, or of all streets, as one workbook.
func recoveryNotices(v *web.Visit) error {
	bureau := v.User.Bureau
	if bureau == "" {
		bureau = v.Form("bureau")
	}
	if bureau == "" {
		return fault.New(fault.Invalid, "请先选好单位，再取追缴通知书")
	}
	reg, err := readRegister(v)
	if err != nil {
		return err
	}
	x := export.NoticeOrder{Bureau: bureau, By: v.By("")}
	title := "追缴通知书-" + bureau
	if street := v.Form("street"); street != "" {
		x.Street, x.Subject = &street, street
		title += "-" + street
	}
	people, last := 0, int64(0)
	for i := range reg.rows {
		o := &reg.rows[i]
		if o.Person != last && v.Office.Pack.Payer(o.Item) == bureau && (x.Street == nil || o.Street == *x.Street) {
			people, last = people+1, o.Person
		}
	}
	return notices(v, x, title, people > foregroundNotices)
}

// debtorNotice sends the notices of one person.
func debtorNotice(v *web.Visit) error {
	who, debts, err := debtor(v)
	if err != nil {
		return err
	}
	if len(debts) == 0 {
		return fault.New(fault.NotFound, "%s没有未收回的多发款项，不用写追缴通知书", who.Name)
	}
	x := export.NoticeOrder{Bureau: v.Office.Pack.Payer(debts[0].Item), Person: who.Person, By: v.By("")}
	return notices(v, x, "追缴通知书-"+who.Name, false)
}

// notices generates a workbook of notices; long: as a task.
func notices(v *web.Visit, x export.NoticeOrder, title string, long bool) error {
	of := v.Office
	return v.Deliver(web.Download{Title: "写" + title, Bureau: x.Bureau, Long: long, Write: func(ctx context.Context, dir string) (string, error) {
		x.Path = filepath.Join(dir, web.SafeFileName(title+".xlsx"))
		_, err := export.Notices(ctx, of, &x)
		return x.Path, err
	}})
}

// debtor reads the person that the path names and their debts to the bureaus the user may see.
func debtor(v *web.Visit) (recovery.Debtor, []debtRow, error) {
	n, err := v.PathNumber("person")
	if err != nil {
		return recovery.Debtor{}, nil, err
	}
	reg, err := readRegister(v)
	if err != nil {
		return recovery.Debtor{}, nil, err
	}
	var debts []debtRow
	for i := range reg.rows {
		o := &reg.rows[i]
		if o.Person == n && v.Sees(v.Office.Pack.Payer(o.Item)) {
			debts = append(debts, debtRow{RegisterRow: *o, ItemName: v.ItemTitle(o.Item)})
		}
	}
	if err := addStops(v, reg, debts); err != nil {
		return recovery.Debtor{}, nil, err
	}
	who, err := recovery.ReadDebtor(v.R.Context(), v.Office.DB, v.Office.Region, n)
	return who, debts, err
}

// noDebtor hides whether a person owes something to another bureau: fault.NotFound.
func noDebtor() error {
	return fault.New(fault.NotFound, "您的单位没有这个人的追缴记录，请从追缴台账重新进入")
}

// personLink is the address of the page of a person's debts.
func personLink(person int64) string { return fmt.Sprintf("/recovery/person/%d", person) }
