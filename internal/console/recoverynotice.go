package console

import (
	"context"
	"fmt"
	"path/filepath"

	"disburse/internal/fault"
	"disburse/internal/office"
	"disburse/internal/postgres"
)

// manyNotices is how many people's notices are written while somebody waits.
const manyNotices = 25

// recoveryNotices makes the notices of a street, or of all, as one workbook.
func (v *visit) recoveryNotices() error {
	bureau := v.user.Bureau
	if bureau == "" {
		bureau = v.form("bureau")
	}
	if bureau == "" {
		return fault.New(fault.Invalid, "请先选好单位，再取追缴通知书")
	}
	reg, err := v.register()
	if err != nil {
		return err
	}
	x := office.NoticeOrder{Bureau: bureau, By: v.by("")}
	title := "追缴通知书-" + bureau
	if street := v.form("street"); street != "" {
		x.Street, x.Subject = &street, street
		title += "-" + street
	}
	people, last := 0, int64(0)
	for i := range reg.rows {
		o := &reg.rows[i]
		if o.Person != last && v.office.Pack.Payer(o.Item) == bureau && (x.Street == nil || o.Street == *x.Street) {
			people, last = people+1, o.Person
		}
	}
	return v.notices(x, title, people > manyNotices)
}

// debtorNotice makes the notices of one person.
func (v *visit) debtorNotice() error {
	who, debts, err := v.debtor()
	if err != nil {
		return err
	}
	if len(debts) == 0 {
		return fault.New(fault.NotFound, "%s没有未收回的多发款项，不用写追缴通知书", who.Name)
	}
	x := office.NoticeOrder{Bureau: v.office.Pack.Payer(debts[0].Item), Person: who.Person, By: v.by("")}
	return v.notices(x, "追缴通知书-"+who.Name, false)
}

func (v *visit) notices(x office.NoticeOrder, title string, long bool) error {
	of := v.office
	return v.produce(making{title: "写" + title, bureau: x.Bureau, long: long, make: func(ctx context.Context, dir string) (string, error) {
		x.Path = filepath.Join(dir, uploadName(title+".xlsx"))
		_, err := of.Notices(ctx, &x)
		return x.Path, err
	}})
}

// debtor finds the person that the path names, and the debts of theirs that the user may
// see. Somebody who never owed the user's bureau anything is not there.
func (v *visit) debtor() (postgres.Debtor, []debtRow, error) {
	n, err := v.number("person")
	if err != nil {
		return postgres.Debtor{}, nil, err
	}
	reg, err := v.register()
	if err != nil {
		return postgres.Debtor{}, nil, err
	}
	var debts []debtRow
	for i := range reg.rows {
		o := &reg.rows[i]
		if o.Person == n && v.sees(v.office.Pack.Payer(o.Item)) {
			debts = append(debts, debtRow{Owed: *o, ItemName: v.itemTitle(o.Item)})
		}
	}
	if err := v.addStops(reg, debts); err != nil {
		return postgres.Debtor{}, nil, err
	}
	who, err := v.office.DB.Debtor(v.r.Context(), v.office.Region, n)
	return who, debts, err
}

func noDebtor() error {
	return fault.New(fault.NotFound, "您的单位没有这个人的追缴记录，请从追缴台账重新进入")
}

// personLink is the address of a person's debts.
func personLink(person int64) string { return fmt.Sprintf("/recovery/person/%d", person) }
