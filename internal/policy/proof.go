package policy

import (
	"disburse/internal/month"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// Proof is how one person stands with 生存认证 in one month.
type Proof struct {
	Asked bool        // false: too young, too early, or the death is known
	Last  month.Date  // the newest proof up to the end of the month; 0: none
	Due   month.Month // the last month that it stands for; without one, the month before the first one asked for
	Holds month.Month // the first month in which money waits: after Due and the grace
	month month.Month
	every int
}

// Overdue reports whether money waits for a proof.
func (p Proof) Overdue() bool { return p.Asked && p.month >= p.Holds }

// InGrace reports whether a proof should have come, and money still flows.
func (p Proof) InGrace() bool { return p.Asked && p.month > p.Due && p.month < p.Holds }

// Turn counts how often the time for a proof has run out since the last one, from 0: a
// decision to pay without one is good for one turn.
func (p Proof) Turn() int { return int(p.month-p.Holds) / p.every }

// Proof says how a person stands with 生存认证 in a month. Without the rule nobody is
// asked. opening is the district's opening month (期初月); 0: not known.
func (p *Pack) Proof(d *roster.Dossier, m, opening month.Month) Proof {
	x := p.File.Certification
	if x == nil || d.Died != 0 {
		return Proof{}
	}
	reached := d.Birth.Month().Add(12 * x.From.Value)
	first := max(reached, opening, x.Since.Value)
	if m < first {
		return Proof{}
	}
	proof := Proof{Asked: true, Due: first - 1, month: m, every: x.Every.Value}
	for i := range d.Facts {
		if f := &d.Facts[i]; f.Name == x.Fact.Value && f.Since <= m.Last() {
			proof.Last = max(proof.Last, f.Since)
		}
	}
	if proof.Last != 0 {
		proof.Due = max(proof.Due, proof.Last.Month().Add(x.Every.Value))
	}
	proof.Holds = proof.Due.Add(x.Grace.Value + 1)
	return proof
}

// word is the proof as examples have it.
func (p Proof) word() string {
	switch {
	case !p.Asked:
		return packfile.ProofNotAsked
	case p.Overdue():
		return packfile.ProofOverdue
	case p.InGrace():
		return packfile.ProofGrace
	}
	return packfile.ProofStands
}
