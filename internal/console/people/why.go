package people

import (
	"fmt"
	"slices"

	"disburse/internal/console/imports"
	"disburse/internal/console/web"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// whyData is why somebody gets what they get in a month.
type whyData struct {
	Person  int64
	Month   month.Month
	Who     *roster.Person
	X       *office.Explanation
	Granted []policy.ItemExplanation
	Others  []policy.ItemExplanation
}

// whyPage explains a month; that somebody looked at it is recorded.
func whyPage(v *web.Visit) error {
	m, err := v.MonthOf("month")
	if err != nil {
		return err
	}
	f, err := file(v)
	if err != nil {
		return err
	}
	x, err := v.Office.Explain(v.R.Context(), f.Now.ID, m, v.By(""))
	if err != nil {
		return err
	}
	withhold(v, x)
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

// listedOnly puts what brings money before what is a service.
func listedOnly(x policy.ItemExplanation) int {
	if x.Verdict == policy.OnList {
		return 1
	}
	return 0
}

// withhold takes out what other bureaus pay.
func withhold(v *web.Visit, x *office.Explanation) {
	secret := func(code string) bool { return !v.Sees(v.Office.Pack.Payer(code)) }
	x.Items = slices.DeleteFunc(x.Items, func(it policy.ItemExplanation) bool {
		def, err := v.Office.Pack.Item(it.Code)
		return err == nil && def.Pay != nil && secret(it.Code)
	})
	x.Lines = slices.DeleteFunc(x.Lines, func(l office.ExplainedLine) bool { return secret(l.Item) })
	if x.ThenNow == nil {
		return
	}
	x.Then = slices.DeleteFunc(x.Then, func(b office.ThenBatch) bool { return !v.Sees(b.Bureau) })
	x.Differs = slices.DeleteFunc(x.Differs, func(t office.ThenItem) bool { return !v.Sees(t.Bureau) })
	for i := range x.Since {
		x.Since[i].Changes = slices.DeleteFunc(x.Since[i].Changes, func(c roster.Change) bool { return c.Item != "" && secret(c.Item) })
	}
	x.Settled = slices.DeleteFunc(x.Settled, func(s office.SettledMonth) bool { return secret(s.Item) })
}

// personLetter hands out the letters of a month (告知书) as a workbook; it is recorded.
func personLetter(v *web.Visit) error {
	m, err := v.MonthOf("month")
	if err != nil {
		return err
	}
	f, err := file(v)
	if err != nil {
		return err
	}
	of, by := v.Office, v.By("")
	return imports.HandOver(v, "告知书-"+f.Now.Name+"-"+m.String()+".xlsx", func(path string) error {
		_, err := of.LetterOf(v.R.Context(), f.Now.ID, m, v.User.Bureau, path, by)
		return err
	})
}
