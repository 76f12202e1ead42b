package modeltest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/signing"
)

// refused insists that something was refused in a sentence.
func refused(err error) error {
	if err == nil {
		return fmt.Errorf("done, though it is to be refused")
	}
	for _, code := range []fault.Code{fault.Refused, fault.Denied, fault.Invalid, fault.NotFound} {
		if fault.Is(err, code) {
			return nil
		}
	}
	return fmt.Errorf("not refused, but failed: %w", err)
}

// some is any batch of a paying bureau for which ok holds.
func (d *district) some(ok func(*batch) bool) *batch {
	var all []*batch
	for _, b := range d.batches {
		if itemsOf[b.bureau] != nil && ok(b) {
			all = append(all, b)
		}
	}
	if len(all) == 0 {
		return nil
	}
	if d.chance(60) {
		return all[len(all)-1]
	}
	return one(d.rand, all...)
}

// next is the signature that a batch waits for.
var next = map[payrun.State]approval.Action{payrun.Open: approval.Submit, payrun.Returned: approval.Submit,
	payrun.Submitted: approval.Review, payrun.Reviewed: approval.Approve}

var posts = map[approval.Action]approval.Post{approval.Submit: approval.Clerk, approval.Review: approval.Reviewer, approval.Approve: approval.Approver}

func (d *district) user(bureau string, post approval.Post) approval.User {
	var all []approval.User
	for _, u := range d.users[bureau] {
		if u.Post == post {
			all = append(all, u)
		}
	}
	return one(d.rand, all...)
}

// sign gives some batch its next signature, or tries one that it must not get.
func (d *district) sign() error {
	b := d.some(func(b *batch) bool { return d.latest(b.bureau, b.month) == b && next[b.state] != "" })
	if b == nil {
		return d.run()
	}
	a := next[b.state]
	if d.chance(10) {
		return refused(d.act(b, one(d.rand, approval.Submit, approval.Review, approval.Approve), approval.Manager))
	}
	return d.signs(b, a)
}

// through takes a batch through all posts, as far as it gets.
func (d *district) through() error {
	b := d.some(func(b *batch) bool { return d.latest(b.bureau, b.month) == b && next[b.state] != "" })
	if b == nil {
		return d.run()
	}
	for next[b.state] != "" {
		before := b.state
		if err := d.signs(b, next[b.state]); err != nil || b.state == before {
			return err
		}
	}
	return nil
}

// signs gives the signature and compares what comes of it.
func (d *district) signs(b *batch, a approval.Action) error {
	overtaken, err := d.overtaken(b, a)
	if err != nil {
		return err
	}
	if !overtaken && d.grave(b) {
		overtaken = true
		d.did["grave"]++
	}
	err = d.act(b, a, posts[a])
	switch {
	case overtaken:
		if err := refused(err); err != nil {
			return fmt.Errorf("%s of an overtaken batch: %w", a, err)
		}
		d.did["overtaken"]++
		return nil
	case err != nil:
		return fmt.Errorf("%s: %w", a, err)
	}
	switch a {
	case approval.Submit:
		b.state, b.handed = payrun.Submitted, true
	case approval.Review:
		b.state = payrun.Reviewed
	case approval.Approve:
		rev, err := d.head()
		if err != nil {
			return err
		}
		d.settle(b, rev)
		d.paidIn = b.month
		d.did["approved"]++
		return d.samePayments(b)
	}
	return nil
}

// overtaken reports whether money moved under a batch after it was computed.
func (d *district) overtaken(b *batch, a approval.Action) (bool, error) {
	for _, o := range d.batches {
		if o != b && o.bureau == b.bureau && (o.state == payrun.Approved || o.state == payrun.Voided) && o.signed > b.rev {
			return true, nil
		}
	}
	if a == approval.Submit {
		for k := range b.lines {
			if d.mergedSince(k.person, b.rev) || d.people[k.person-1].gone == nowhere {
				return true, nil
			}
		}
	}
	var items []string // that the bureau has paid, held or recovered
	for _, o := range d.batches {
		for k := range o.lines {
			if o.bureau == b.bureau {
				items = append(items, k.item)
			}
		}
	}
	kinds := []int16{2, 3, 4, 5}
	if a != approval.Submit {
		kinds = []int16{4, 5}
	}
	moved, err := d.sums(`SELECT person, item, payee, month, amount FROM ledger WHERE rev > $1 AND kind = ANY($2) AND item = ANY($3)
		UNION ALL SELECT person, item, payee, month, amount FROM waiver WHERE rev > $1 AND item = ANY($3)`, b.rev, kinds, items)
	if a == approval.Submit {
		return len(moved) > 0, err
	}
	for k := range b.lines { // once it is being signed, only what it has a line for
		if _, crossed := moved[k.key]; crossed {
			return true, err
		}
	}
	return false, err
}

// act asks the system for an action by somebody of a post.
func (d *district) act(b *batch, a approval.Action, post approval.Post) error {
	u := approval.User{Name: "无此人"}
	if post != approval.Manager {
		u = d.user(b.bureau, post)
	}
	s := signing.Order{Region: region, Month: b.month, Bureau: b.bureau, User: u, By: by(u.Name, "核对无误")}
	var err error
	switch a {
	case approval.Submit:
		_, err = signing.Submit(d.ctx, d.db, s, signing.Submission{AcknowledgeAll: true, Judge: func(context.Context, int32) ([]string, error) { return nil, d.judged(b) }})
	case approval.Review:
		_, err = signing.Review(d.ctx, d.db, s)
	case approval.Approve:
		_, err = signing.Approve(d.ctx, d.db, s, payOrder(b.bureau, packOf(b)))
	case approval.Return:
		_, err = signing.Return(d.ctx, d.db, s)
	}
	return err
}

// changes compares what became known of a batch's people since with what a run would say.
func (d *district) changes() error {
	b := d.some(func(b *batch) bool {
		return d.latest(b.bureau, b.month) == b && b.state != payrun.CarriedOver && b.state != payrun.Voided
	})
	if b == nil {
		return d.run()
	}
	report, err := signing.LaterChanges(d.ctx, d.db, region, b.month, b.bureau)
	if err != nil {
		return err
	}
	raised := d.raised
	d.raised = b.raised
	d.learned()
	lines, debts := d.compute(b.bureau, b.month)
	d.raised = raised
	d.learned()
	for i := range report.People {
		l := &report.People[i]
		then, now := d.sumsOf(l.Person, b.lines, b.debts), d.sumsOf(l.Person, lines, debts)
		if b.state == payrun.Approved {
			then[0] = 0
		}
		if got, want := [3]money.Fen{l.PaysMore, l.HeldMore, l.OwedMore}, [3]money.Fen{now[0] - then[0], now[1] - then[1], now[2] - then[2]}; got != want {
			return fmt.Errorf("later changes of person %d in %s %s %d: paid, held, owed %v, want %v", l.Person, b.bureau, b.month, b.n, got, want)
		}
		d.did["changes"]++
	}
	return nil
}

// sumsOf are what is paid to, held of and owed by one person.
func (d *district) sumsOf(n int64, lines map[lineKey]line, debts map[key]money.Fen) (sums [3]money.Fen) {
	for k, l := range lines {
		switch {
		case k.person != n:
		case l.hold == 0:
			sums[0] += l.amount
		default:
			sums[1] += l.amount
		}
	}
	for k, open := range debts {
		if k.person == n {
			sums[2] += open
		}
	}
	return sums
}

// giveBack returns a batch that is being signed.
func (d *district) giveBack() error {
	b := d.some(func(b *batch) bool { return b.state.InSigning() })
	if b == nil {
		return d.sign()
	}
	if err := d.act(b, approval.Return, one(d.rand, approval.Reviewer, approval.Approver)); err != nil {
		return err
	}
	b.state = payrun.Returned
	d.did["returned"]++
	return nil
}

// decide settles one of the 疑点 of some batch.
func (d *district) decide() error {
	b := d.some(func(b *batch) bool { return b.state != payrun.CarriedOver && len(b.lines) > 0 })
	if b == nil {
		return d.run()
	}
	findings, err := batches.Findings(d.ctx, d.db, region, b.number)
	if err != nil {
		return err
	}
	findings = slices.DeleteFunc(findings, func(f payrun.Finding) bool { return !f.Decidable() })
	if len(findings) == 0 {
		return d.learn()
	}
	f, release := one(d.rand, findings...), d.chance(75)
	if err := signing.Decide(d.ctx, d.db, region, f.ID, release, "已核实", d.user(b.bureau, approval.Clerk), by("", "")); err != nil {
		return err
	}
	if f.Kind == payrun.RefusedAccount {
		for payment, rests := range b.refused {
			if strings.Contains(f.Sentence, "（"+payment+"，") {
				d.released[rests] = release
				d.did["retried"]++
			}
		}
		return nil
	}
	d.released[b.doubts[f.Person][f.Kind]] = release
	d.did["decided"]++
	return nil
}
