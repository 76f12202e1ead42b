package population

import "disburse/internal/month"

// newcomersPer is how many people of the first roster there are for one who joins it in a month.
const newcomersPer = 300

// comersSlots is how many slots newcomers have.
var comersSlots = len(regions) * (newcomersTo - castTo)

// monthly is the number of newcomers a month: one of each kind at least.
func (p *Population) monthly() int { return max(3, p.o.People/newcomersPer) }

// comers is the number of newcomers up to the run of month m.
func (p *Population) comers(m month.Month) int {
	return max(0, int(m-p.o.Month)) * p.monthly()
}

// joined is the month before whose run person i came to the roster.
func (p *Population) joined(i int) month.Month {
	if i < p.o.People {
		return p.o.Month
	}
	return p.o.Month.Add(1 + (i-p.o.People)/p.monthly())
}

// newcomer makes the nth newcomer. Most turn 60 in the month; some register at 80 or
// have just moved in. People of one slot and kind have birth dates apart, as in place:
// fewer than 13 share a window of 28 days, and months have windows of their own.
func (d *draft) newcomer(n int) {
	joins := n / d.pop.monthly()
	m := d.month().Add(1 + joins)
	n %= d.pop.monthly()
	at, turn := n%comersSlots, n/comersSlots+joins*newcomersTurns
	d.slot = slot{regions[at%len(regions)].what, castTo + at/len(regions)}
	u := mix(d.pop.o.Seed, 9, uint64(at)) + uint64(turn)*golden
	switch at % 10 {
	case 1:
		d.born = inMonth(m.Add(-12*80), u)
	case 2:
		d.born = d.pop.birth(u)
	default:
		d.born = inMonth(m.Add(-12*60), u)
	}
	d.identity()
	d.insurance("")
	if at%10 == 2 {
		d.MovedIn = d.within(m - 1)
	}
}

// newcomersTurns is how often a month's newcomers go round the slots, at most.
const newcomersTurns = 12

func inMonth(m month.Month, u uint64) month.Date {
	days := uint64(m.Last().Day())
	return m.First().Add(int((u >> 32) * days >> 32))
}
