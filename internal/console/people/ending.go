package people

import (
	"fmt"
	"net/url"
	"strconv"

	"disburse/internal/console/web"
	"disburse/internal/month"
	"disburse/internal/store/people"
)

// endingDays are the choices how far ahead the list of ending facts looks, in days.
var endingDays = []int{30, 60, 90}

// endingData is the data of the list of facts that end soon (即将到期).
type endingData struct {
	Days   int
	Choice []int
	Until  month.Date
	Fact   string
	Facts  []string // kinds of facts of the pack
	Found  []people.EndingPerson
	Next   string
}

// endingPage lists people whose facts end soon, so that the facts are renewed in time, or their
// end is registered before too much is paid.
func endingPage(v *web.Visit) error {
	d := endingData{Days: endingDays[0], Choice: endingDays, Fact: v.Form("fact")}
	for _, n := range endingDays {
		if v.Form("days") == strconv.Itoa(n) {
			d.Days = n
		}
	}
	facts := v.Office.Pack.Vocabulary().Facts
	for i := range facts {
		d.Facts = append(d.Facts, facts[i].Name)
	}
	if _, err := updateSearch(v); err != nil {
		return err
	}
	today := month.FromTime(v.Now())
	d.Until = today.Add(d.Days)
	q := people.EndingQuery{From: today, To: d.Until, Fact: d.Fact, Limit: web.PageRows + 1}
	if after := v.Form("after"); after != "" {
		var day string
		// An invalid cursor is the beginning.
		if n, _ := fmt.Sscanf(after, "%10s %d %s", &day, &q.After.Number, &q.After.Fact); n == 3 {
			q.After.Until, _ = month.ParseDate(day)
		} else {
			q.After.Number = 0
		}
	}
	var err error
	if d.Found, err = people.EndingPeople(v.R.Context(), v.Office.DB, v.Office.Region, q); err != nil {
		return err
	}
	if len(d.Found) > web.PageRows {
		d.Found = d.Found[:web.PageRows]
		last := &d.Found[web.PageRows-1]
		d.Next = "/people/ending?" + url.Values{"days": {strconv.Itoa(d.Days)}, "fact": {d.Fact},
			"after": {fmt.Sprintf("%s %d %s", last.Until, last.Number, last.Fact)}}.Encode()
	}
	return v.Page("ending", "即将到期的情况", d)
}
