package judge

import (
	"strings"

	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// subject is one person as the judge sees them, with dates as triples.
type subject struct {
	person   *roster.Person
	born     day
	movedIn  day
	movedOut day
	died     day
	records  map[string][]record // by fact
	awards   []roster.Award
}

// record is one dated record of a fact.
type record struct {
	since, until day // both inclusive; until none: open
	value        string
}

func newSubject(c *Case) *subject {
	p := &subject{
		person:   &c.Person,
		born:     dayOf(c.Person.Birth),
		movedIn:  dayOf(c.Person.MovedIn),
		movedOut: dayOf(c.Person.MovedOut),
		died:     dayOf(c.Person.Died),
		records:  map[string][]record{},
		awards:   c.Awards,
	}
	for _, f := range c.Facts {
		r := record{dayOf(f.Since), dayOf(f.Until), f.Value}
		p.records[f.Name] = append(p.records[f.Name], r)
	}
	return p
}

// temporary reports a temporary number (docs/rules.md §2.5: 临- and a 出生日期).
func (p *subject) temporary() bool { return strings.HasPrefix(p.person.ID, "临-") }

// alive is docs/rules.md §1.2: 死亡日期 is empty or ≥ F.
func (p *subject) alive(m calendarMonth) bool {
	return p.died.none() || !p.died.before(m.firstDay())
}

// registered is docs/rules.md §1.2: 迁出日期 is empty or ≥ F; 迁入日期 is empty or < F; with
// 迁出 on or before 迁入 (left and came back): F ≤ 迁出 or 迁入 < F.
func (p *subject) registered(m calendarMonth) bool {
	first := m.firstDay()
	notYetLeft := p.movedOut.none() || !p.movedOut.before(first)
	alreadyCome := p.movedIn.none() || p.movedIn.before(first)
	cameBack := !p.movedIn.none() && !p.movedOut.none() && !p.movedIn.before(p.movedOut)
	if cameBack {
		return notYetLeft || alreadyCome
	}
	return notYetLeft && alreadyCome
}

// present is the item's test of presence.
func (p *subject) present(presence string, m calendarMonth) bool {
	switch presence {
	case "any":
		return true
	case "alive":
		return p.alive(m)
	default: // district
		return p.alive(m) && p.registered(m)
	}
}

// The ways in which an item reads facts.
const (
	firstDay   = "first_day"
	anyDay     = "any_day"
	dayOfDeath = "day_of_death"
)

// read returns the values of a fact that count for month m, read as said; none when
// the fact is absent. Only facts of several values (choices) return more than one.
func (p *subject) read(fact *packfile.Fact, reads string, m calendarMonth) []string {
	var counted []record
	switch reads {
	case anyDay:
		counted = readAnyDay(p.records[fact.Name.Value], m)
	case dayOfDeath:
		if p.died.none() {
			return nil
		}
		counted = inForceOn(p.records[fact.Name.Value], p.died)
	default:
		counted = inForceOn(p.records[fact.Name.Value], m.firstDay())
	}
	if len(counted) == 0 {
		return nil
	}
	if fact.Type.Value != "choices" {
		return []string{latest(counted).value}
	}
	var values []string
	for _, r := range counted {
		values = append(values, strings.Split(r.value, "、")...)
	}
	return values
}

// inForceOn is 起 ≤ d and (no 止 or 止 ≥ d).
func inForceOn(records []record, d day) []record {
	var in []record
	for _, r := range records {
		if !d.before(r.since) && (r.until.none() || !r.until.before(d)) {
			in = append(in, r)
		}
	}
	return in
}

// readAnyDay is 起 ≤ L and (no 止 or 止 ≥ F); of several the one with the later 起
// counts. A fact of several values may have others beside that one: those of the
// month that are in force on the day it starts.
func readAnyDay(records []record, m calendarMonth) []record {
	var touching []record
	for _, r := range records {
		if !r.since.afterLastDayOf(m) && (r.until.none() || !r.until.before(m.firstDay())) {
			touching = append(touching, r)
		}
	}
	if len(touching) == 0 {
		return nil
	}
	return inForceOn(touching, latest(touching).since)
}

// latest is the record with the latest 起.
func latest(records []record) record {
	last := records[0]
	for _, r := range records[1:] {
		if last.since.before(r.since) {
			last = r
		}
	}
	return last
}
