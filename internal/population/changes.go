package population

import (
	"slices"

	"disburse/internal/month"
	"disburse/internal/roster"
)

// Changes returns what becomes known after the run of month from and before that of
// month to, as the workbook of a change would be read: whoever is new, and of the
// others the person and those histories that differ. from is at least the first month.
// About 1.5 % of the people a month, and nothing where to is not after from.
func (p *Population) Changes(from, to month.Month) *roster.Import {
	c := collector{imp: &roster.Import{Columns: allColumns}}
	before, after := p.draft(), p.draft()
	for i := range p.o.People + p.comers(to) {
		joined := p.joined(i)
		if joined > from {
			after.state(i, to)
			c.compare(&roster.Dossier{}, &after.Dossier)
			continue
		}
		before.state(i, from)
		copyInto(after, before)
		if after.pass(from, to) {
			c.compare(&before.Dossier, &after.Dossier)
		}
	}
	return c.imp
}

// allColumns: a person's row says everything of the person.
var allColumns = roster.Columns{
	Name: true, Street: true, Community: true, Address: true, Phone: true,
	MovedIn: true, MovedOut: true, Died: true, Bank: true, Number: true, Holder: true,
	Deputy: true, DeputyRelation: true, DeputyReason: true, Birth: true,
	PayeeBank: true, PayeeNumber: true, PayeeHolder: true,
}

// state makes person i as known before the run of month m.
func (d *draft) state(i int, m month.Month) {
	d.first(i)
	d.pass(d.pop.joined(i), m)
}

// pass lets the months after from up to to pass for the person, and reports whether
// anything may have changed.
func (d *draft) pass(from, to month.Month) bool {
	changed := false
	for m := from + 1; m <= to; m++ {
		if d.happens(m) {
			changed = true
			d.finish()
		}
	}
	return changed
}

func copyInto(to, from *draft) {
	facts, awards := append(to.Facts[:0], from.Facts...), append(to.Awards[:0], from.Awards...)
	to.Dossier = from.Dossier
	to.Facts, to.Awards = facts, awards
	to.i, to.slot, to.born, to.woman, to.temporary = from.i, from.slot, from.born, from.woman, from.temporary
}

// collector gathers differences as rows of a workbook.
type collector struct {
	imp       *roster.Import
	factRows  int
	awardRows int
}

// compare takes in what is new in a person. Nothing known before: everything.
func (c *collector) compare(old, now *roster.Dossier) {
	if old.Person != now.Person {
		row := roster.PersonRow{Place: roster.Place{Sheet: sheetPeople, Row: len(c.imp.People) + 2}, Person: now.Person}
		if old.ID != now.ID {
			row.Former = old.ID
		}
		c.imp.People = append(c.imp.People, row)
	}
	c.compareFacts(old.Facts, now)
	c.compareAwards(old.Awards, now)
}

func (c *collector) compareFacts(old []roster.Fact, now *roster.Dossier) {
	for _, name := range namesOf(old, now.Facts, factName) {
		was, is := only(old, name, factName), only(now.Facts, name, factName)
		if slices.Equal(was, is) {
			continue
		}
		h := roster.FactHistory{ID: now.ID, Fact: name, Facts: is}
		h.Place, h.Rows = rows(sheetFacts, &c.factRows, len(is))
		c.imp.Facts = append(c.imp.Facts, h)
	}
}

func (c *collector) compareAwards(old []roster.Award, now *roster.Dossier) {
	for _, item := range namesOf(old, now.Awards, awardItem) {
		was, is := only(old, item, awardItem), only(now.Awards, item, awardItem)
		if slices.Equal(was, is) {
			continue
		}
		h := roster.AwardHistory{ID: now.ID, Item: item, Awards: is}
		h.Place, h.Rows = rows(sheetAwards, &c.awardRows, len(is))
		c.imp.Awards = append(c.imp.Awards, h)
	}
}

func factName(f roster.Fact) string   { return f.Name }
func awardItem(a roster.Award) string { return a.Item }

// rows numbers the next n rows of a sheet; to say none takes a row as well.
func rows(sheet string, used *int, n int) (roster.Place, []int) {
	var numbers []int
	for range max(n, 1) {
		numbers = append(numbers, *used+2)
		*used++
	}
	return roster.Place{Sheet: sheet, Row: numbers[0]}, numbers
}

// namesOf returns the names in either list, each once, in order.
func namesOf[T any](a, b []T, name func(T) string) []string {
	var names []string
	for _, list := range [][]T{a, b} {
		for _, x := range list {
			names = append(names, name(x))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// only returns a copy of the elements of one name.
func only[T any](list []T, name string, of func(T) string) []T {
	var some []T
	for _, x := range list {
		if of(x) == name {
			some = append(some, x)
		}
	}
	return some
}
