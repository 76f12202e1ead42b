package payrun

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"disburse/internal/roster"
)

// Level says what a finding asks for (docs/rules.md §6).
type Level int8

// The levels.
const (
	Blocking    Level = 1 // 阻断: submit is refused
	Doubt       Level = 2 // 疑点: the person's lines are held until somebody decides
	Acknowledge Level = 3 // 须确认 before the batch is submitted
	Information Level = 4 // 提示
)

// Chinese returns the level as staff read it.
func (l Level) Chinese() string { return [...]string{"", "阻断", "疑点", "须确认", "提示"}[l] }

// Finding is something a run found.
type Finding struct {
	ID       string // stable: the same evidence gives the same id
	Level    Level
	Kind     string
	Person   int64 // 0: not about one person
	Item     string
	Sentence string
}

// finding makes a finding. The id is made of everything the finding rests on, so a
// decision about it stands exactly until its evidence changes.
func finding(level Level, kind string, person int64, item, sentence string, evidence ...any) Finding {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%d\x00%s", kind, person, item)
	for _, e := range evidence {
		fmt.Fprintf(h, "\x00%v", e)
	}
	id := kind + "-" + hex.EncodeToString(h.Sum(nil))[:12]
	return Finding{ID: id, Level: level, Kind: kind, Person: person, Item: item, Sentence: sentence}
}

// note keeps a finding once. Of several months with the same evidence the last one is
// named, whether or not the earlier ones are looked at.
func (c *Computer) note(bureau int, f Finding) {
	r := &c.results[bureau]
	if i := slices.IndexFunc(r.Findings, func(o Finding) bool { return o.ID == f.ID }); i >= 0 {
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
