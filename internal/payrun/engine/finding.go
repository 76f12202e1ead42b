package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// finding makes a finding. The id is made of everything the finding rests on, so a
// decision about it stands exactly until its evidence changes.
func finding(kind string, person int64, item, sentence string, evidence ...any) payrun.Finding {
	return findingAt(payrun.LevelOf(kind), kind, person, item, sentence, evidence...)
}

// findingAt is finding of a kind whose level the catalogue does not say: a match list's.
func findingAt(level payrun.Level, kind string, person int64, item, sentence string, evidence ...any) payrun.Finding {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%d\x00%s", kind, person, item)
	for _, e := range evidence {
		fmt.Fprintf(h, "\x00%v", e)
	}
	id := kind + "-" + hex.EncodeToString(h.Sum(nil))[:12]
	return payrun.Finding{ID: id, Level: level, Kind: kind, Person: person, Item: item, Sentence: sentence}
}

// note keeps a finding once. Of several months with the same evidence the last one is
// named, whether or not the earlier ones are looked at.
func (c *Computer) note(bureau int, f payrun.Finding) {
	r := &c.results[bureau]
	if i := slices.IndexFunc(r.Findings, func(o payrun.Finding) bool { return o.ID == f.ID }); i >= 0 {
		r.Findings[i] = f
		return
	}
	r.Findings = append(r.Findings, f)
}

// who names a person in a sentence, the number masked.
func who(d *roster.Dossier) string { return named(Named{d.Name, d.ID}) }

func named(n Named) string { return n.Name + "（" + roster.MaskID(n.ID) + "）" }

// mostNamed is how many people a sentence names: an account that hundreds share is a
// mistake in the roster, and a sentence that names them all is told of each of them.
const mostNamed = 50

// everybody names people in a sentence, d among them.
func (c *Computer) everybody(d *roster.Dossier, people []int64) string {
	var all []string
	for _, person := range people[:min(len(people), mostNamed)] {
		n, known := c.plan.Names[person]
		if person == d.Number {
			n, known = Named{d.Name, d.ID}, true
		}
		if known {
			all = append(all, named(n))
		}
	}
	s := strings.Join(all, "、")
	if len(all) < len(people) {
		s += fmt.Sprintf("等 %d 人", len(people))
	}
	return s
}
