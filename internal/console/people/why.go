package people

import (
	"fmt"
	"slices"

	"disburse/internal/console/web"
	"disburse/internal/month"
	"disburse/internal/office/explain"
	"disburse/internal/office/export"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// whyData is the data of the explanation of a person's month (待遇说明).
type whyData struct {
	Person  int64
	Month   month.Month
	Who     *roster.Person
	X       *explain.Explanation
	Granted []policy.ItemExplanation
	Others  []policy.ItemExplanation
}

// whyPage explains a person's month. The access is logged.
func whyPage(v *web.Visit) error {
	m, err := v.PathMonth("month")
	if err != nil {
		return err
	}
	f, err := personFile(v)
	if err != nil {
		return err
	}
	x, err := explain.Person(v.R.Context(), v.Office, f.Now.ID, m, v.By(""))
	if err != nil {
		return err
	}
	hideOthers(v, x)
	d := &whyData{Person: f.Now.Number, Month: m, Who: &x.Dossier.Person, X: x}
	for _, it := range x.Items {
		if it.Verdict == policy.NotGranted {
			d.Others = append(d.Others, it)
			continue
		}
		d.Granted = append(d.Granted, it)
	}
	slices.SortStableFunc(d.Granted, func(a, b policy.ItemExplanation) int { return listedOnly(a) - listedOnly(b) })
	return v.Page("why", fmt.Sprintf("%s %s待遇说明", f.Now.Name, m.Chinese()), d)
}

// listedOnly is the sort key that puts money before services.
func listedOnly(x policy.ItemExplanation) int {
	if x.Verdict == policy.OnList {
		return 1
	}
	return 0
}

// hideOthers removes the items that other bureaus pay: users see amounts of their bureau only.
func hideOthers(v *web.Visit, x *explain.Explanation) {
	secret := func(code string) bool { return !v.Sees(v.Office.Pack.Payer(code)) }
	x.Items = slices.DeleteFunc(x.Items, func(it policy.ItemExplanation) bool {
		def, err := v.Office.Pack.Item(it.Code)
		return err == nil && def.Pay != nil && secret(it.Code)
	})
	x.Lines = slices.DeleteFunc(x.Lines, func(l explain.Line) bool { return secret(l.Item) })
	if x.ThenNow == nil {
		return
	}
	x.Then = slices.DeleteFunc(x.Then, func(b explain.ThenBatch) bool { return !v.Sees(b.Bureau) })
	x.Differs = slices.DeleteFunc(x.Differs, func(t explain.ThenItem) bool { return !v.Sees(t.Bureau) })
	for i := range x.Since {
		x.Since[i].Changes = slices.DeleteFunc(x.Since[i].Changes, func(c roster.Change) bool { return c.Item != "" && secret(c.Item) })
	}
	x.Settled = slices.DeleteFunc(x.Settled, func(s explain.SettledMonth) bool { return secret(s.Item) })
}

// personLetter sends the letters of a person's month (告知书) as a workbook. The access is logged.
func personLetter(v *web.Visit) error {
	m, err := v.PathMonth("month")
	if err != nil {
		return err
	}
	f, err := personFile(v)
	if err != nil {
		return err
	}
	of, by := v.Office, v.By("")
	return v.SendWritten("告知书-"+f.Now.Name+"-"+m.String()+".xlsx", func(path string) error {
		_, err := export.LetterOf(v.R.Context(), of, f.Now.ID, m, v.User.Bureau, path, by)
		return err
	})
}
