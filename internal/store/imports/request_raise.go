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

// raiseRules are the rules by which a history is known to raise what somebody is due.
type raiseRules struct {
	pack        *policy.Pack
	first, last month.Month // looked at: from the opening month to the last in which anything may begin
}

// raiseRules returns nil unless the region's adopted pack asks for a second person and a
// month was run: before that nothing is due.
func (m *rosterMerge) raiseRules(ctx context.Context) (*raiseRules, error) {
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
	return &raiseRules{pack, postgres.MonthIn(opening), month.FromTime(m.by.At.In(month.Shanghai)).Month().Add(ahead + 1)}, nil
}

// pending is one history on its way in, of a fact or of the 核定金额 of an item.
type pending struct {
	requests.Subject
	apply func(d *roster.Dossier)
	waits func() // takes it out of what is written
}

// holdRaises takes histories by which somebody would be due more in any month out of what
// is written, where the pack asks for it, and asks for them instead. A person's histories
// are judged one after the other, each beside those before it that come in: what raises
// only together waits from where it does.
func (m *rosterMerge) holdRaises(ctx context.Context, f *claims[roster.Fact], w *claims[roster.Award]) error {
	if m.confirmed {
		return nil
	}
	all := append(pendingFacts(f), pendingAwards(w)...)
	slices.SortStableFunc(all, func(a, b pending) int { return cmp.Compare(a.Person, b.Person) })
	rules, err := m.raiseRules(ctx)
	if err != nil {
		return err
	}
	if rules == nil { // what somebody is asked about may become known otherwise all the same
		for i := range all {
			if _, asked := m.asks.Open[all[i].Subject]; asked {
				var d roster.Dossier
				all[i].apply(&d)
				after, err := historyOf(&d, all[i].Subject)
				if err != nil {
					return err
				}
				m.asks.Made[all[i].Subject] = requests.Content{History: after}
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
		if err := m.holdSome(ctx, rules, all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

func (m *rosterMerge) holdSome(ctx context.Context, rules *raiseRules, some []pending) error {
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
		d := people.Owner(dossiers, p.Person)
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
			m.asks.Known(p.Subject, func() requests.Content { return requests.Content{History: after} })
			*d = next
			continue
		}
		before, err := historyOf(d, p.Subject)
		if err != nil {
			return err
		}
		m.asks.List = append(m.asks.List, m.ask(p.Subject, requests.Content{History: before}, requests.Content{History: after}))
		p.waits()
	}
	return nil
}

// raise reports whether anything is due by the second dossier that is not by the first, in
// any month: more of an item to a payee, or what a suspension holds back.
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
	if s.Kind == requests.FactRequest {
		return requests.EncodeFacts(slices.DeleteFunc(slices.Clone(d.Facts), func(f roster.Fact) bool { return f.Name != s.Name }))
	}
	return requests.EncodeAwards(slices.DeleteFunc(slices.Clone(d.Awards), func(a roster.Award) bool { return a.Item != s.Name }))
}

func pendingFacts(c *claims[roster.Fact]) []pending {
	var all []pending
	for i := range c.list {
		l := &c.list[i]
		if l.known {
			continue
		}
		all = append(all, pending{requests.Subject{Kind: requests.FactRequest, Person: l.Person, Name: l.Name}, func(d *roster.Dossier) {
			d.Facts = slices.DeleteFunc(slices.Clone(d.Facts), func(f roster.Fact) bool { return f.Name == l.Name })
			for _, f := range l.Records {
				f.Name = l.Name
				d.Facts = append(d.Facts, f)
			}
			slices.SortStableFunc(d.Facts, func(a, b roster.Fact) int { return cmp.Compare(a.Name, b.Name) })
		}, func() { l.waits = true }})
	}
	return all
}

func pendingAwards(c *claims[roster.Award]) []pending {
	var all []pending
	for i := range c.list {
		l := &c.list[i]
		if l.known {
			continue
		}
		all = append(all, pending{requests.Subject{Kind: requests.AwardRequest, Person: l.Person, Name: l.Name}, func(d *roster.Dossier) {
			d.Awards = slices.DeleteFunc(slices.Clone(d.Awards), func(a roster.Award) bool { return a.Item == l.Name })
			for _, a := range l.Records {
				a.Item = l.Name
				d.Awards = append(d.Awards, a)
			}
			slices.SortStableFunc(d.Awards, func(a, b roster.Award) int { return cmp.Compare(a.Item, b.Item) })
		}, func() { l.waits = true }})
	}
	return all
}
