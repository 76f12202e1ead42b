package population

import (
	"math"

	"disburse/internal/month"
	"disburse/internal/roster"
)

// regions are the first six digits of ID numbers: where somebody was registered
// when numbers were first given, so mostly the old divisions; 平城区 itself (140213)
// exists only since 2018. The weight is how many sequence numbers a region has here,
// at most ordinaryTo−1.
var regions = []share[string]{
	{"140202", 299}, {"140203", 240}, {"140211", 280}, {"140213", 90}, {"140212", 110},
	{"140221", 120}, {"140222", 90}, {"140223", 80}, {"140224", 90}, {"140225", 130},
	{"140226", 100}, {"140227", 150}, {"140602", 60}, {"152601", 50}, {"130702", 40},
}

// Halves of sequence numbers (the last bit is the sex) and who has them: 1–299 the
// first roster, 300–309 the cast, 310–349 who comes later, 351–499 corrected numbers.
const (
	ordinaryTo  = 300
	castTo      = 310
	newcomersTo = 350
	correctable = 140 // of the first roster, below this half,
	correctedBy = 350 // a corrected number is so much more,
	castFixedBy = 190 // and this of the cast
)

// slot is an ID number but for birth date and sex.
type slot struct {
	region string
	half   int // sequence number ÷ 2
}

// ordinary are the slots of the first roster.
var ordinary = func() (all []slot) {
	for _, r := range regions {
		for k := 1; k <= r.weight; k++ {
			all = append(all, slot{r.what, k})
		}
	}
	return all
}()

// golden is the golden ratio's fraction of 2⁶⁴. Its multiples keep apart: among n
// of them no two are closer than 0.38/n of the circle.
const golden = 0x9E3779B97F4A7C15

// place gives person i a slot and a birth date. People of one slot lie apart on the
// age distribution by multiples of the golden ratio; while there are fewer than
// about 1500 of them that is more than a day even where days are densest, so they
// have different birth dates, and all ID numbers differ.
func (p *Population) place(i int) (slot, month.Date) {
	n := len(ordinary)
	turn, at := i/n, i%n
	const step = 1009 // prime, so every slot has its turn
	at = (at*step + int(mix(p.o.Seed, 1, uint64(turn))%uint64(n))) % n
	u := mix(p.o.Seed, 2, uint64(at)) + uint64(turn)*golden
	return ordinary[at], p.birth(u)
}

func castSlot(i int) slot {
	return slot{regions[i%len(regions)].what, ordinaryTo + i/len(regions)%(castTo-ordinaryTo)}
}

// corrected returns the slot of a corrected number; none for who already has one.
func (s slot) corrected() (slot, bool) {
	switch {
	case s.half < correctable:
		return slot{s.region, s.half + correctedBy}, true
	case s.half >= ordinaryTo && s.half < castTo:
		return slot{s.region, s.half + castFixedBy}, true
	}
	return s, false
}

// number writes the ID number: odd sequence numbers are men's.
func (s slot) number(born month.Date, woman bool) string {
	serial := 2 * s.half
	if !woman {
		serial++
	}
	return roster.MakeID(s.region, born, serial)
}

// ageBand is a share of the people, in hundredths of a per cent.
type ageBand struct {
	from, to int     // years, both inclusive
	share    int     // in 1/10000
	fade     float64 // density at the old end ÷ at the young end
}

// ages are the bands of 平城区 (docs/rules.md §8); the rest to 100 % are a few who are
// on the roster shortly before they are 60.
var ages = []ageBand{
	{58, 59, 29, 0.9},
	{60, 64, 3500, 0.8}, {65, 69, 2500, 0.8}, {70, 74, 1700, 0.75}, {75, 79, 1060, 0.75},
	{80, 84, 690, 0.65}, {85, 89, 370, 0.5}, {90, 94, 120, 0.35}, {95, 99, 28, 0.25}, {100, 109, 3, 0.1},
}

// birthBand is an age band as birth dates: days of them, counted back from the youngest.
type birthBand struct {
	share, fade float64
	youngest    month.Date
	days        float64
}

func birthBands(first month.Month) (bands []birthBand) {
	for _, a := range ages {
		youngest, older := first.Add(-12*a.from).Last(), first.Add(-12*(a.to+1)).Last()
		bands = append(bands, birthBand{float64(a.share), a.fade, youngest, float64(youngest - older)})
	}
	return bands
}

// birth returns the birth date at a point of the age distribution.
func (p *Population) birth(u uint64) month.Date {
	x := float64(u>>11) / (1 << 53) * 10000
	band := p.bands[0]
	for _, band = range p.bands {
		if x < band.share {
			break
		}
		x -= band.share
	}
	return band.youngest.Add(-int(faded(x/band.share, band.fade) * band.days))
}

// faded turns an even point of [0, 1) into one whose density falls in a straight
// line from the beginning to fade times as much at the end.
func faded(x, fade float64) float64 {
	x = min(max(x, 0), 1)
	y := (1 - math.Sqrt(1-x*(1-fade*fade))) / (1 - fade)
	return min(y, math.Nextafter(1, 0))
}
