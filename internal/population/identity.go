package population

import (
	"math"
	"strconv"

	"disburse/internal/month"
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

// Halves of sequence numbers (the other half is the sex) and who has them.
const (
	ordinaryTo   = 300 // 1–299: the first roster
	castTo       = 310 // 300–309: the cast
	newcomersTo  = 350 // 310–349: who comes later
	correctedBy  = 350 // added to 1–139: a corrected number, …
	correctable  = 140
	castFixedBy  = 190 // … and to 300–309: of the cast
	newcomerTurn = 12  // newcomers a month, region and sequence (see newcomerPlace)
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

// number writes the ID number (GB 11643): odd sequence numbers are men's.
func (s slot) number(born month.Date, woman bool) string {
	y, m, day := born.Time().Date()
	n := (y*100+int(m))*100 + day
	seq := 2 * s.half
	if !woman {
		seq++
	}
	b := make([]byte, 0, 18)
	b = append(b, s.region...)
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(b, byte('0'+seq/100), byte('0'+seq/10%10), byte('0'+seq%10))
	return string(append(b, checkCharacter(b)))
}

// checkCharacter is MOD 11-2 over 17 digits: the weight of position i is 2^(17−i).
func checkCharacter(digits []byte) byte {
	sum := 0
	for _, c := range digits {
		sum = (sum + int(c-'0')) * 2 % 11
	}
	return "10X98765432"[sum]
}

// ageBand is a share of the people, in hundredths of a per cent.
type ageBand struct {
	from, to int     // years, both inclusive
	share    int     // in 1/10000
	fade     float64 // density at the old end ÷ at the young end
}

// ages are the bands of 平城区 (policy.md §8); the rest to 100 % are a few who are
// on the roster shortly before they are 60.
var ages = []ageBand{
	{58, 59, 29, 0.9},
	{60, 64, 3500, 0.8}, {65, 69, 2500, 0.8}, {70, 74, 1700, 0.75}, {75, 79, 1060, 0.75},
	{80, 84, 690, 0.65}, {85, 89, 370, 0.5}, {90, 94, 120, 0.35}, {95, 99, 28, 0.25}, {100, 109, 3, 0.1},
}

// birth returns the birth date at a point of the age distribution.
func (p *Population) birth(u uint64) month.Date {
	x := float64(u>>11) / (1 << 53) * 10000
	band := ages[0]
	for _, band = range ages {
		if x < float64(band.share) {
			break
		}
		x -= float64(band.share)
	}
	young := p.o.Month.Add(-12 * band.from).Last()
	old := p.o.Month.Add(-12 * (band.to + 1)).Last() // a day too old
	return young.Add(-int(faded(x/float64(band.share), band.fade) * float64(young-old)))
}

// faded turns an even point of [0, 1) into one whose density falls in a straight
// line from the beginning to fade times as much at the end.
func faded(x, fade float64) float64 {
	x = min(max(x, 0), 1)
	y := (1 - math.Sqrt(1-x*(1-fade*fade))) / (1 - fade)
	return min(y, math.Nextafter(1, 0))
}
