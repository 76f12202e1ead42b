package population

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"

	"disburse/internal/month"
	"disburse/internal/roster"
)

// draft is a person in the making, with what the dossier does not say itself.
type draft struct {
	record
	pop       *Population
	i         int
	slot      slot
	born      month.Date
	woman     bool
	temporary bool   // known by a temporary number
	spouse    *draft // scratch: whose account a couple shares
}

func (p *Population) draft() *draft {
	d := &draft{pop: p}
	d.r = rand.New(&d.pcg)
	return d
}

// begin clears the draft for person i and starts the person's own random numbers.
func (d *draft) begin(i int) {
	d.Person = roster.Person{}
	d.Facts, d.Awards = d.Facts[:0], d.Awards[:0]
	d.i, d.temporary = i, false
	d.reseed(3, uint64(i))
	if i >= d.pop.o.People { // somebody else in a larger population
		d.reseed(4, uint64(i-d.pop.o.People))
	}
}

func (d *draft) reseed(parts ...uint64) {
	h := mix(d.pop.o.Seed, parts...)
	d.pcg.Seed(h, mix(h, 5))
}

// first month of the population, its first day being where most dates count from.
func (d *draft) month() month.Month { return d.pop.o.Month }

// years is the age in the first month.
func (d *draft) years() int { return month.Age(d.born, d.month()) }

// bornAt returns a birth date of somebody who is that old, not only since this month.
func (d *draft) bornAt(years int) month.Date {
	return d.within(d.month().Add(-12*years - 1 - d.r.IntN(10)))
}

// aged makes the person so old, and turning makes the birthday fall in month m.
func (d *draft) aged(years int)                   { d.born = d.bornAt(years) }
func (d *draft) turning(years int, m month.Month) { d.born = d.within(m.Add(-12 * years)) }

// finish writes the ID number and puts everything in order.
func (d *draft) finish() {
	d.Birth = d.born
	if d.temporary {
		d.ID = "临-" + strconv.Itoa(d.month().Year()) + strconv.Itoa(10_000_000+d.i)
	} else {
		d.ID = d.slot.number(d.born, d.woman)
	}
	slices.SortFunc(d.Facts, func(a, b roster.Fact) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Since, b.Since))
	})
	slices.SortFunc(d.Awards, func(a, b roster.Award) int {
		return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(a.First, b.First))
	})
}
