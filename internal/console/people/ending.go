package people

import (
	"fmt"
	"net/url"
	"strconv"

	"disburse/internal/console/web"
	"disburse/internal/month"
	"disburse/internal/store/people"
)

// endingDays are how far ahead the list of facts that end may look, in days.
var endingDays = []int{30, 60, 90}

// endingData lists whose facts end soon (即将到期).
type endingData struct {
	Days   int
	Choice []int
	Until  month.Date
	Fact   string
	Facts  []string // that the pack knows
	Found  []people.EndingPerson
	Next   string
}

// endingPage lists whose facts end soon, so that they are renewed, or known to have ended,
// before money is paid or lost for it.
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
	if _, err := freshPeople(v); err != nil {
		return err
	}
	today := month.FromTime(v.Clock())
	d.Until = today.Add(d.Days)
	q := people.EndingQuery{From: today, To: d.Until, Fact: d.Fact, Limit: peopleRows + 1}
	if after := v.Form("after"); after != "" {
		var day string
		// A place that was not made by this page finds the beginning.
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
	if len(d.Found) > peopleRows {
		d.Found = d.Found[:peopleRows]
		last := &d.Found[peopleRows-1]
		d.Next = "/people/ending?" + url.Values{"days": {strconv.Itoa(d.Days)}, "fact": {d.Fact},
			"after": {fmt.Sprintf("%s %d %s", last.Until, last.Number, last.Fact)}}.Encode()
	}
	return v.Page("ending", "即将到期的情况", d)
}
