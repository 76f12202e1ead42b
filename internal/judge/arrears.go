package judge

import (
	"disburse/internal/month"
	"disburse/internal/policy/packfile"
)

// Approval is a batch that the bureau had approved. Rev and Voided are revisions; Voided is
// 0 while it stands.
type Approval struct {
	Month  month.Month
	Rev    int64
	Voided int64
}

// Knowledge is what was known of a person at a revision that told something new of them:
// Person, Facts and Awards of their record, and of each that was merged into it only later.
type Knowledge struct {
	Rev     int64
	Records []*Case
}

// lapsed is the limit on 补发 (docs/rules.md §5.6): a due of month m lapses when m < K − n. K is the
// month that the bureau was to pay next when it came to know what grants the due. An item
// that was settled, waived or found before for the month, to whatever payee, never lapses.
func (j *Judge) lapsed(c *Case, key Key) bool {
	pay := j.items[key.Item].Pay
	if pay == nil || pay.ArrearsMax.Value == 0 || len(c.Known) == 0 || c.onRecord(key) || !j.everTooLate(key, pay.ArrearsMax.Value) {
		return false
	}
	granting, since := false, int64(0)
	for _, k := range c.Known { // in the order of revisions
		now := j.grantedBy(k, key)
		if now && !granting {
			since = k.Rev
		}
		granting = now
	}
	if !granting { // it is granted now: the last knowledge says so
		since = c.Known[len(c.Known)-1].Rev
	}
	return monthOf(key.Month).monthsUntil(j.nextMonth(since)) > pay.ArrearsMax.Value
}

// everTooLate reports whether a due of the month can lapse at all, however late it became
// known: most are of months that were never approved.
func (j *Judge) everTooLate(key Key, limit int) bool {
	for _, a := range j.Approvals {
		if monthOf(key.Month).monthsUntil(monthOf(a.Month).next()) > limit {
			return true
		}
	}
	return false
}

// onRecord reports whether anything was entered or found for the item and month.
func (c *Case) onRecord(key Key) bool {
	for _, entries := range [][]Entry{c.Settled, c.Waived} {
		for _, e := range entries {
			if e.Item == key.Item && e.Month == key.Month {
				return true
			}
		}
	}
	for _, f := range c.Found {
		if f.Item == key.Item && f.Month == key.Month {
			return true
		}
	}
	return false
}

// nextMonth is K of a revision: the month after the last one that was approved by then, and
// not voided by then; the opening month where none was.
func (j *Judge) nextMonth(rev int64) calendarMonth {
	last, any := calendarMonth{}, false
	for _, a := range j.Approvals {
		stood := a.Rev < rev && !(a.Voided > 0 && a.Voided < rev)
		if stood && (!any || last.before(monthOf(a.Month))) {
			last, any = monthOf(a.Month), true
		}
	}
	if !any {
		return monthOf(j.Opening)
	}
	return last.next()
}

// grantedBy reports whether one of the records, as known then, grants the item for the
// month. What the rules cannot compute from what was known then, they did not grant.
func (j *Judge) grantedBy(k Knowledge, key Key) bool {
	for _, record := range k.Records {
		r, err := j.grantMonth(newSubject(record), monthOf(key.Month), j.paying)
		if err != nil {
			continue
		}
		if _, granted := r.grants[key.Item]; granted {
			return true
		}
	}
	return false
}

// LimitsArrears reports whether an item pays 补发 only so many months back, so that the
// judge must be told what was known when.
func LimitsArrears(f *packfile.File) bool {
	for i := range f.Items {
		if pay := f.Items[i].Pay; pay != nil && pay.ArrearsMax.Value > 0 {
			return true
		}
	}
	return false
}
