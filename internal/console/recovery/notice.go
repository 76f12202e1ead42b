package recovery

import (
	"context"
	"fmt"
	"path/filepath"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/office"
	"disburse/internal/store/recovery"
)

// manyNotices is how many people's notices are written while somebody waits.
const manyNotices = 25

// recoveryNotices makes the notices of a street, or of all, as one workbook.
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
	x := office.NoticeOrder{Bureau: bureau, By: v.By("")}
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
	return notices(v, x, title, people > manyNotices)
}

// debtorNotice makes the notices of one person.
func debtorNotice(v *web.Visit) error {
	who, debts, err := debtor(v)
	if err != nil {
		return err
	}
	if len(debts) == 0 {
		return fault.New(fault.NotFound, "%s没有未收回的多发款项，不用写追缴通知书", who.Name)
	}
	x := office.NoticeOrder{Bureau: v.Office.Pack.Payer(debts[0].Item), Person: who.Person, By: v.By("")}
	return notices(v, x, "追缴通知书-"+who.Name, false)
}

func notices(v *web.Visit, x office.NoticeOrder, title string, long bool) error {
	of := v.Office
	return v.Produce(web.Making{Title: "写" + title, Bureau: x.Bureau, Long: long, Make: func(ctx context.Context, dir string) (string, error) {
		x.Path = filepath.Join(dir, web.UploadName(title+".xlsx"))
		_, err := of.Notices(ctx, &x)
		return x.Path, err
	}})
}

// debtor finds the person that the path names, and the debts of theirs that the user may
// see. Somebody who never owed the user's bureau anything is not there.
func debtor(v *web.Visit) (recovery.Debtor, []debtRow, error) {
	n, err := v.Number("person")
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
			debts = append(debts, debtRow{Owed: *o, ItemName: v.ItemTitle(o.Item)})
		}
	}
	if err := addStops(v, reg, debts); err != nil {
		return recovery.Debtor{}, nil, err
	}
	who, err := recovery.ReadDebtor(v.R.Context(), v.Office.DB, v.Office.Region, n)
	return who, debts, err
}

func noDebtor() error {
	return fault.New(fault.NotFound, "您的单位没有这个人的追缴记录，请从追缴台账重新进入")
}

// personLink is the address of a person's debts.
func personLink(person int64) string { return fmt.Sprintf("/recovery/person/%d", person) }
