package policy

import (
	"encoding/binary"
	"slices"

	"disburse/internal/month"
	"disburse/internal/roster"
)

// Granter grants for many people. It remembers outcomes of people who are alike:
// granting depends on few facts, and most people share them. Not for use by
// several goroutines at once; its answers do not depend on the order of people.
type Granter struct {
	pack  *Pack
	cache map[string]*Outcome
	key   []byte
}

// cacheLimit bounds a Granter's memory; beyond it the cache starts anew.
const cacheLimit = 1 << 16

// Granter returns a new granter of the pack.
func (p *Pack) Granter() *Granter { return &Granter{pack: p, cache: map[string]*Outcome{}} }

// Grant returns what the list grants the person for the month.
func (g *Granter) Grant(d *roster.Dossier, m month.Month) (*Outcome, error) {
	if !g.describe(d, m) {
		return g.pack.Grant(d, m)
	}
	if o, ok := g.cache[string(g.key)]; ok {
		return o, nil
	}
	o, err := g.pack.Grant(d, m)
	if err != nil {
		return nil, err
	}
	if len(g.cache) >= cacheLimit {
		clear(g.cache)
	}
	g.cache[string(g.key)] = o
	return o, nil
}

// Grant returns what the list grants the person for the month, remembering nothing.
func (p *Pack) Grant(d *roster.Dossier, m month.Month) (*Outcome, error) {
	e, err := p.evaluate(d, m)
	if err != nil {
		return nil, err
	}
	defer e.release()
	o := outcome(e.results)
	o.Conflicts, err = e.conflicts()
	return o, err
}

// What the key says of a person besides age and facts.
const (
	inDistrict = 1 << iota
	isAlive
	isTemporary
)

// describe writes into g.key everything the outcome depends on. It reports false
// for people who are too particular to be alike: with 核定金额, with texts or amounts
// among their facts, dead, with an item that looks back, or with two records of a
// fact in one month.
func (g *Granter) describe(d *roster.Dossier, m month.Month) bool {
	if g.pack.everybodyParticular || len(d.Awards) > 0 || (d.Died != 0 && d.Died <= m.Last()) {
		return false
	}
	var flags byte
	if d.InDistrict(m) {
		flags |= inDistrict
	}
	if d.Alive(m) {
		flags |= isAlive
	}
	if roster.Temporary(d.ID) {
		flags |= isTemporary
	}
	key := binary.LittleEndian.AppendUint32(g.key[:0], uint32(m))
	key = binary.LittleEndian.AppendUint32(key, uint32(g.pack.ageClass(month.Age(d.Birth, m))))
	key = append(key, flags)
	first, last := m.First(), m.Last()
	seen := uint64(0)
	for i := range d.Facts {
		f := &d.Facts[i]
		if f.Since > last || (f.Until != 0 && f.Until < first) {
			continue
		}
		n, ok := g.pack.facts[f.Name]
		if !ok {
			continue // a fact of another pack: no rule can read it
		}
		if n >= 64 || seen&(1<<n) != 0 || g.pack.particular[n] {
			return false
		}
		seen |= 1 << n
		key = append(key, byte(n)<<1|bit(f.Since <= first))
		key = append(key, f.Value...)
		key = append(key, 0)
	}
	g.key = key
	return true
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// ageClass tells ages apart that some rule may tell apart.
func (p *Pack) ageClass(age int) int32 {
	if p.ages == nil {
		return int32(age)
	}
	n, _ := slices.BinarySearch(p.ages, age+1)
	return int32(n)
}

// findParticular marks facts whose bearers are granted one by one: texts and
// amounts, which differ from person to person, and whatever a once-a-year item
// asks for, because it looks back at earlier months.
func (p *Pack) findParticular() {
	p.particular = make([]bool, len(p.File.Facts))
	for i, f := range p.File.Facts {
		p.particular[i] = f.Type.Value == "text" || f.Type.Value == "amount"
	}
	for _, it := range p.items {
		if it.pay != nil && it.pay.def.OnceYear.Value > 0 {
			p.markReads(it)
		}
	}
}

// markReads marks the rarest test of a once-a-year item's conditions: a single
// choice or flag that everybody who qualifies must have.
func (p *Pack) markReads(it *item) {
	for _, c := range it.when {
		if c.from.Value != 0 || c.to.Value != 0 || len(c.expr.Knows) == 0 {
			continue
		}
		for _, name := range c.expr.Knows {
			if n, ok := p.facts[name]; ok {
				p.particular[n] = true
				return
			}
		}
	}
	p.everybodyParticular = true
}
