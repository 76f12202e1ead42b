package modeltest

import (
	"fmt"
	"maps"

	"disburse/internal/approval"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/imports"
	"disburse/internal/store/people"
	"disburse/internal/store/requests"
)

// waiter is whose account waits for a second person.
type waiter struct {
	person int64
	name   string // of an institution
}

// wanted is the account that waits, and which request it is.
type wanted struct {
	roster.Account
	deputy *roster.Deputy // that comes with it; nil: who is known
	token  int
}

// elsewhere reports whether money would go elsewhere: the person's own name as holder says
// nothing new.
func elsewhere(a, b *roster.Person) bool {
	x, y := a.Account, b.Account
	if x.Holder == "" {
		x.Holder = a.Name
	}
	if y.Holder == "" {
		y.Holder = b.Name
	}
	return a.Account != b.Account && x != y
}

// counts reports whether what a batch pays counts as paid, as far as accounts are
// concerned: it was approved once, or is being signed.
func (b *batch) counts() bool {
	return b.paid != nil || b.state == payrun.Submitted || b.state == payrun.Reviewed || b.state == payrun.Endorsed
}

// wasPaid reports whether a batch that counts paid somebody, or who was merged into them,
// to their own account.
func (w *model) wasPaid(n int64) bool {
	for _, b := range w.batches {
		if !b.counts() {
			continue
		}
		for k, l := range b.lines {
			who := k.person
			for who > 0 && who != n {
				who = w.people[who-1].gone
			}
			if who == n && k.payee == roster.Myself && l.hold == 0 {
				return true
			}
		}
	}
	return false
}

// hadAccount reports whether an institution had an account that counts: one that was not
// undone, or that somebody was paid through.
func (w *model) hadAccount(name string) bool {
	if w.opened[name] > 0 {
		return true
	}
	for _, b := range w.batches {
		for to := range b.paid {
			if to.person == 0 && to.name == name {
				return true
			}
		}
		for k, l := range b.lines {
			if b.paid == nil && b.counts() && k.payee == name && l.hold == 0 {
				return true
			}
		}
	}
	return false
}

// ask makes something wait, in place of what waits.
func (d *district) ask(who waiter, a roster.Account) {
	d.serial++
	d.waiting[who] = wanted{a, nil, d.serial}
}

// releasesHeld reports whether a 代领人 is the first of somebody dead.
func releasesHeld(before, after *roster.Person) bool {
	return after.Died != 0 && before.Deputy.Name == "" && after.Deputy.Name != ""
}

// deputy returns the 代领人 that counts after a row of somebody who was paid: the one before
// while an account waits, with which the new one waits then, or where it is the first of
// somebody dead.
func (s *sheet) deputy(d *district, who waiter, before, after *roster.Person) roster.Deputy {
	now, waits := d.waiting[who]
	if (!waits && !releasesHeld(before, after)) || before.Deputy == after.Deputy {
		return after.Deputy
	}
	if !waits {
		now.Account = after.Account
	}
	if now.deputy != nil && *now.deputy == after.Deputy {
		return before.Deputy
	}
	s.account(d, who, roster.Account{}, roster.Account{Number: "asked for below"}, true)
	again := d.waiting[who]
	again.Account, again.deputy = now.Account, &after.Deputy
	d.waiting[who] = again
	return before.Deputy
}

// known ends what waits for somebody who was not paid: a row that says otherwise is known
// at once.
func (d *district) known(n int64, before, after *roster.Person) {
	if !d.wasPaid(n) && (before.Account != after.Account || before.Deputy != after.Deputy) {
		delete(d.waiting, waiter{person: n})
	}
}

// account returns the account that counts after a row: the one before where it waits.
func (s *sheet) account(d *district, who waiter, before, after roster.Account, waits bool) roster.Account {
	if !waits {
		if who.name != "" && before != after {
			delete(d.waiting, who) // known at once
		}
		return after
	}
	if now, is := d.waiting[who]; is && now.Account == after && now.deputy == nil {
		return before // it waits already
	}
	d.ask(who, after)
	token := d.waiting[who].token
	s.undo = append(s.undo, func() {
		if d.waiting[who].token == token {
			delete(d.waiting, who)
		}
	})
	return before
}

// mergeAccounts: what waits for the gone record ends with it; where only that one was paid,
// its account counts on.
func (d *district) mergeAccounts(kept, gone int64) {
	delete(d.waiting, waiter{person: gone})
	k, g := d.people[kept-1], d.people[gone-1]
	if k.Account.Number != "" && elsewhere(&g.Person, &k.Person) && d.wasPaid(gone) && !d.wasPaid(kept) {
		d.ask(waiter{person: kept}, k.Account)
		k.Account = g.Account
	}
}

// confirm has a second person answer all that waits, mostly by confirming.
func (d *district) confirm() error {
	grant, u := d.chance(75), d.user(civil, one(d.rand, approval.Reviewer, approval.Approver))
	o := imports.AnswerOrder{Region: region, All: true, Grant: grant, By: by(u.Name, "已核对")}
	_, err := imports.AnswerRequests(d.ctx, d.db, o)
	if len(d.waiting) == 0 { // those who answer have brought nothing here: imports are os:tester's, merges a 经办's
		return wrong("confirm", refused(err))
	}
	if err != nil {
		return err
	}
	for who, w := range maps.Clone(d.waiting) {
		if grant && who.person > 0 {
			d.people[who.person-1].Account = w.Account
			if w.deputy != nil {
				d.people[who.person-1].Deputy = *w.deputy
			}
		} else if grant {
			d.payees[who.name] = w.Account
		}
		delete(d.waiting, who)
		d.did["answered waits"]++
	}
	d.learned()
	return d.sameWaits()
}

// sameWaits compares what waits, and the accounts that count.
func (d *district) sameWaits() error {
	open, err := requests.List(d.ctx, d.db, region, true, 0, 0, 1000)
	if err != nil {
		return err
	}
	if len(open) != len(d.waiting) {
		return fmt.Errorf("%d accounts wait, want %d: %+v", len(open), len(d.waiting), open)
	}
	for _, q := range open {
		who := waiter{person: q.Person}
		if q.About == requests.PayeeAccount {
			who = waiter{name: q.Name}
		}
		want, is := d.waiting[who]
		if !is || want.Account != q.New || q.Deputes() != (want.deputy != nil) || (want.deputy != nil && *want.deputy != q.After.Deputy) {
			return fmt.Errorf("waits %+v, want %+v", q, want)
		}
	}
	payees, err := imports.Payees(d.ctx, d.db, region, 0)
	if err != nil {
		return err
	}
	for name, a := range d.payees {
		if payees[name].Account != a {
			return fmt.Errorf("%s has %+v, want %+v", name, payees[name].Account, a)
		}
	}
	return people.EachDossier(d.ctx, d.db, region, 0, func(x *roster.Dossier) error {
		if want := d.people[x.Number-1]; want.Account != x.Account || want.Deputy != x.Deputy {
			return fmt.Errorf("%s has %+v, want %+v", x.Name, x.Person, want.Person)
		}
		return nil
	})
}
