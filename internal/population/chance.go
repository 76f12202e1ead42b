package population

import (
	"math/rand/v2"
	"slices"

	"disburse/internal/money"
	"disburse/internal/month"
)

// share is one row of a table of weights.
type share[T any] struct {
	what   T
	weight int
}

// choice draws from such a table.
type choice[T any] struct {
	rows []share[T]
	upto []int // running sums of the weights
}

func among[T any](rows ...share[T]) choice[T] {
	c := choice[T]{rows: rows}
	sum := 0
	for _, r := range rows {
		sum += r.weight
		c.upto = append(c.upto, sum)
	}
	return c
}

func (c choice[T]) pick(r *rand.Rand) T {
	n := r.IntN(c.upto[len(c.upto)-1])
	at, found := slices.BinarySearch(c.upto, n)
	if found { // n is the sum of the rows up to here: the next row begins
		at++
	}
	return c.rows[at].what
}

// byAge is a chance for each band of five years: 60–64, 65–69, … 90–94, 95 and over.
type byAge [8]float64

func (b byAge) at(age int) float64 { return b[min(max((age-60)/5, 0), len(b)-1)] }

// mix spreads a seed and what it is for over all bits (splitmix64), so that
// neighbouring people have nothing in common.
func mix(seed uint64, parts ...uint64) uint64 {
	h := seed
	for _, p := range parts {
		h += p*0xBF58476D1CE4E5B9 + 0x9E3779B97F4A7C15
		h = (h ^ h>>30) * 0xBF58476D1CE4E5B9
		h = (h ^ h>>27) * 0x94D049BB133111EB
		h ^= h >> 31
	}
	return h
}

func one[T any](r *rand.Rand, of []T) T { return of[r.IntN(len(of))] }

// dice draws what a table does not: whether something is so, dates, amounts and names.
type dice struct {
	pcg rand.PCG
	r   *rand.Rand // over pcg
}

func (d *dice) chance(p float64) bool { return d.r.Float64() < p }

// between returns a date from a to b, both inclusive; a where b is earlier.
func (d *dice) between(a, b month.Date) month.Date {
	if b <= a {
		return a
	}
	return a.Add(d.r.IntN(int(b-a) + 1))
}

// within returns a day of a month.
func (d *dice) within(m month.Month) month.Date { return d.between(m.First(), m.Last()) }

func (d *dice) fen(from, to int) money.Fen { return money.Fen(from + d.r.IntN(to-from+1)) }

// yuan writes an amount in 元, half of them round.
func (d *dice) yuan(from, to int) string {
	if d.chance(0.5) {
		return money.Fen((from + d.r.IntN(to-from+1)) * 100).String()
	}
	return d.fen(from*100, to*100).String()
}
