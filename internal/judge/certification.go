package judge

import "slices"

// CertificationKind is what Case.Released calls a 生存认证 that is overdue.
const CertificationKind = "认证逾期"

// proofMissing reports whether an item's lines wait for proof that the person is alive
// (生存认证). From the age on, and not before the opening month or the rule's own first
// month, somebody must have been seen within the last every + grace months; whoever
// never was has the grace from the first month on. The known dead are not asked.
func (j *Judge) proofMissing(p *subject, code string) bool {
	rule := j.File.Certification
	if rule == nil || !p.died.none() {
		return false
	}
	if len(rule.Items) > 0 {
		named := false
		for _, item := range rule.Items {
			named = named || item.Value == code
		}
		if !named {
			return false
		}
	}
	now := monthOf(j.Month)
	began, ok := j.firstAsked(p, now)
	if !ok {
		return false
	}
	if began.monthsUntil(now) < rule.Grace.Value {
		return false // the first months of all
	}
	return !slices.ContainsFunc(p.records[rule.Fact.Value], func(r record) bool {
		if r.since.afterLastDayOf(now) {
			return false
		}
		seen := calendarMonth{r.since.year, r.since.month}
		return seen.monthsUntil(now) <= rule.Every.Value+rule.Grace.Value
	})
}

// firstAsked is the first month in which the rule asks the person, if that is not later
// than now.
func (j *Judge) firstAsked(p *subject, now calendarMonth) (calendarMonth, bool) {
	rule := j.File.Certification
	began := monthOf(j.Opening)
	if rule.Since.Value != 0 && began.before(monthOf(rule.Since.Value)) {
		began = monthOf(rule.Since.Value)
	}
	for age(p.born, began) < rule.From.Value {
		if now.before(began) {
			return began, false
		}
		began = began.next()
	}
	return began, !now.before(began)
}
