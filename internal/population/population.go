// Package population makes up the older residents of a district: for the demo,
// the benchmarks and the property tests. Nobody in it is real; shares follow what
// is published of 平城区, names and numbers are drawn from tables in this package.
//
// Person i of a seed and month is always the same, whoever else there is: no state
// passes from one person to the next, and ID and account numbers are distinct by
// construction, so a million people need no more memory than one.
package population

import (
	"slices"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/roster"
)

// MaxPeople is how many people have distinct ID numbers (see place).
const MaxPeople = 2_000_000

// Options say which population.
type Options struct {
	People int         // on the first roster, 1 to MaxPeople
	Seed   uint64      // another seed, other people
	Month  month.Month // of the first run; ages and dates lie around it
}

// Population is a made-up population. It holds no people: they are made as they
// are asked for. Its methods may be used from several goroutines.
type Population struct {
	o     Options
	cast  []figure
	bands []birthBand
}

// Generate makes a population of the options. It fails with fault.Invalid where a
// number of people or a month is out of range.
func Generate(o Options) (*Population, error) {
	if o.People < 1 || o.People > MaxPeople {
		return nil, fault.New(fault.Invalid, "人数 %d 超出范围，请填 1 到 %d", o.People, MaxPeople)
	}
	if y := o.Month.Year(); y < 2015 || y > 2100 {
		return nil, fault.New(fault.Invalid, "月份“%s”超出范围，请填 2015 年到 2100 年之间的月份", o.Month)
	}
	return &Population{o, theCast(), birthBands(o.Month)}, nil
}

// Each calls fn for everybody on the first roster, in order, until it fails. The
// dossier is reused: it is valid only until fn returns.
func (p *Population) Each(fn func(*roster.Dossier) error) error {
	d := p.draft()
	for i := range p.o.People {
		d.first(i)
		if err := fn(&d.Dossier); err != nil {
			return err
		}
	}
	return nil
}

// Person returns person i, 0 ≤ i < People, as on the first roster; the dossier is the caller's.
func (p *Population) Person(i int) *roster.Dossier {
	d := p.draft()
	d.first(i)
	return &d.Dossier
}

// Payees returns the institutions and bureaus that are paid instead of people.
func (p *Population) Payees() []roster.Payee { return slices.Clone(payees) }

// first makes person i as on the first roster, or as a newcomer first comes (i ≥ People).
func (d *draft) first(i int) {
	d.begin(i)
	switch {
	case i >= d.pop.o.People:
		d.newcomer(i - d.pop.o.People)
	case i < len(d.pop.cast):
		d.slot, d.born = castSlot(i), d.bornAt(72)
		d.identity()
		d.plain()
		d.pop.cast[i].is(d)
	default:
		d.slot, d.born = d.pop.place(i)
		d.identity()
		d.life()
	}
	d.finish()
}
