package imports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/packs"
	"disburse/internal/store/people"
	"disburse/internal/store/requests"
)

// raiseRules decide whether a history raises what somebody is due.
type raiseRules struct {
	pack        *policy.Pack
	first, last month.Month // compared: from the opening month to the last in which a record may begin
}

// raiseRules returns nil unless the region's adopted pack asks for a second person and a
// month was run: before that nothing is due.
func (m *importer) raiseRules(ctx context.Context) (*raiseRules, error) {
	hash, err := packs.AdoptedAt(ctx, m.Scope)
	if err != nil || hash == "" {
		return nil, err
	}
	pack, err := packs.ByHash(ctx, m.Scope, hash)
	if err != nil || !pack.File.SecondForRaises() {
		return nil, err
	}
	var opening *time.Time
	if err := m.Tx.QueryRow(ctx, `SELECT opening_month FROM region WHERE region = $1`, m.Region).Scan(&opening); err != nil {
		return nil, fmt.Errorf("read opening month: %w", err)
	}
	if opening == nil {
		return nil, nil
	}
	const ahead = 12 // as the reader allows
	return &raiseRules{pack, postgres.NullableMonth(opening), month.FromTime(m.by.At.In(month.Shanghai)).Month().Add(ahead + 1)}, nil
}

// pendingHistory is one changed history, of a fact or of the 核定金额 of an item.
type pendingHistory struct {
	requests.Subject
	apply        func(d *roster.Dossier)
	markDeferred func() // excludes it from what is written
}

// deferRaises turns histories by which somebody would be due more in any month into requests,
// if the pack demands a second person for raises. A person's histories are applied one after
// the other, each to the result of the accepted ones before it: of histories that raise only
// in combination, the one that completes the combination is deferred.
func (m *importer) deferRaises(ctx context.Context, f *historyUpdates[roster.Fact], w *historyUpdates[roster.Award]) error {
	if m.confirmed {
		return nil
	}
	all := append(pendingFacts(f), pendingAwards(w)...)
	slices.SortStableFunc(all, func(a, b pendingHistory) int { return cmp.Compare(a.Person, b.Person) })
	rules, err := m.raiseRules(ctx)
	if err != nil {
		return err
	}
	if rules == nil { // nothing is deferred, but direct changes close pending requests
		for i := range all {
			if _, asked := m.requests.Open[all[i].Subject]; asked {
				var d roster.Dossier
				all[i].apply(&d)
				after, err := historyOf(&d, all[i].Subject)
				if err != nil {
					return err
				}
				m.requests.Known[all[i].Subject] = requests.Content{History: after}
			}
		}
		return nil
	}
	const chunk = 4096
	for len(all) > 0 {
		n := min(chunk, len(all))
		for n < len(all) && all[n].Person == all[n-1].Person {
			n++
		}
		if err := m.deferRaisesOf(ctx, rules, all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

func (m *importer) deferRaisesOf(ctx context.Context, rules *raiseRules, some []pendingHistory) error {
	var persons []int64
	for i := range some {
		persons = append(persons, some[i].Person)
	}
	dossiers, err := people.ReadDossiers(ctx, m.Scope, people.Among(slices.Compact(persons)))
	if err != nil {
		return err
	}
	for i := range some {
		p := &some[i]
		d := people.DossierOf(dossiers, p.Person)
		next := *d
		p.apply(&next)
		raises, err := rules.raise(d, &next)
		if err != nil {
			return err
		}
		after, err := historyOf(&next, p.Subject)
		if err != nil {
			return err
		}
		if !raises {
			m.requests.NoteKnown(p.Subject, func() requests.Content { return requests.Content{History: after} })
			*d = next
			continue
		}
		before, err := historyOf(d, p.Subject)
		if err != nil {
			return err
		}
		m.requests.Drafts = append(m.requests.Drafts, m.draft(p.Subject, requests.Content{History: before}, requests.Content{History: after}))
		p.markDeferred()
	}
	return nil
}

// raise reports whether more is due by the second dossier than by the first in any month: a
// larger amount of an item to a payee, or any amount that a suspension no longer holds.
func (r *raiseRules) raise(before, after *roster.Dossier) (bool, error) {
	type due struct{ item, payee string }
	for m := r.first; m <= r.last; m++ {
		was, err := r.pack.Grant(before, m)
		if err != nil {
			return false, err
		}
		had := map[due]int64{}
		for _, g := range was.Grants {
			had[due{g.Item, g.Payee}] += int64(g.Amount)
		}
		released := r.suspended(before, m) && !r.suspended(after, m)
		is, err := r.pack.Grant(after, m)
		if err != nil {
			return false, err
		}
		has := map[due]int64{}
		for _, g := range is.Grants {
			has[due{g.Item, g.Payee}] += int64(g.Amount)
		}
		for k, amount := range has {
			if amount > had[k] || (released && amount > 0) {
				return true, nil
			}
		}
	}
	return false, nil
}

func (r *raiseRules) suspended(d *roster.Dossier, m month.Month) bool {
	name, first := r.pack.File.Suspension.Value, m.First()
	return name != "" && slices.ContainsFunc(d.Facts, func(f roster.Fact) bool {
		return f.Name == name && f.Since <= first && (f.Until == 0 || f.Until >= first)
	})
}

func historyOf(d *roster.Dossier, s requests.Subject) (string, error) {
	if s.Kind == requests.FactHistory {
		return requests.EncodeFacts(slices.DeleteFunc(slices.Clone(d.Facts), func(f roster.Fact) bool { return f.Name != s.Name }))
	}
	return requests.EncodeAwards(slices.DeleteFunc(slices.Clone(d.Awards), func(a roster.Award) bool { return a.Item != s.Name }))
}

func pendingFacts(c *historyUpdates[roster.Fact]) []pendingHistory {
	var all []pendingHistory
	for i := range c.list {
		l := &c.list[i]
		if l.unchanged {
			continue
		}
		all = append(all, pendingHistory{requests.Subject{Kind: requests.FactHistory, Person: l.Person, Name: l.Name}, func(d *roster.Dossier) {
			d.Facts = slices.DeleteFunc(slices.Clone(d.Facts), func(f roster.Fact) bool { return f.Name == l.Name })
			for _, f := range l.Records {
				f.Name = l.Name
				d.Facts = append(d.Facts, f)
			}
			slices.SortStableFunc(d.Facts, func(a, b roster.Fact) int { return cmp.Compare(a.Name, b.Name) })
		}, func() { l.deferred = true }})
	}
	return all
}

func pendingAwards(c *historyUpdates[roster.Award]) []pendingHistory {
	var all []pendingHistory
	for i := range c.list {
		l := &c.list[i]
		if l.unchanged {
			continue
		}
		all = append(all, pendingHistory{requests.Subject{Kind: requests.AwardHistory, Person: l.Person, Name: l.Name}, func(d *roster.Dossier) {
			d.Awards = slices.DeleteFunc(slices.Clone(d.Awards), func(a roster.Award) bool { return a.Item == l.Name })
			for _, a := range l.Records {
				a.Item = l.Name
				d.Awards = append(d.Awards, a)
			}
			slices.SortStableFunc(d.Awards, func(a, b roster.Award) int { return cmp.Compare(a.Item, b.Item) })
		}, func() { l.deferred = true }})
	}
	return all
}
