package explain

import (
	"fmt"
	"slices"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// BridgeRow is one person's change of one item between two months' 当月 (变动).
type BridgeRow struct {
	Item      string
	Name      string
	ID        string
	Street    string
	Community string
	Last      money.Fen // 分, not held
	This      money.Fen // 分, not held
	Reason    string
	Plain     string // the same for the person whose money it is: without conditions of the pack
	Once      bool   // what ended was granted for one month, or once a year
}

// Against names the pack and the month of the batch that the bridge starts from.
// Without it that is the month before, under the same pack.
func (b *Book) Against(pack *policy.Pack, m month.Month) { b.packLast, b.monthLast = pack, m }

// bridged is a row with what decides its reason.
type bridged struct {
	BridgeRow
	heldLast, heldThis payrun.Hold
}

// Bridge calls fn for each item whose 当月 amount differs between the two batches. The
// lines are one person's; only 当月 ones count. now and before are the person as the two
// batches knew them; before is nil for somebody the earlier one did not know.
func (b *Book) Bridge(now, before *roster.Dossier, last, this []payrun.Line, fn func(BridgeRow)) error {
	var items []*bridged
	row := func(l *payrun.Line) *bridged {
		at := slices.IndexFunc(items, func(r *bridged) bool { return r.Item == l.Item })
		if at < 0 {
			at = len(items)
			items = append(items, &bridged{BridgeRow: BridgeRow{Item: l.Item}})
		}
		r := items[at] // what this month's lines say comes after last month's
		r.Name, r.ID, r.Street, r.Community = l.Name, l.ID, l.Street, l.Community
		return r
	}
	for i := range last {
		if l := &last[i]; l.Kind == payrun.Current && l.Hold == 0 {
			r := row(l)
			r.Last = r.Last.Add(l.Amount)
		} else if l.Kind == payrun.Current {
			row(l).heldLast |= l.Hold
		}
	}
	for i := range this {
		if l := &this[i]; l.Kind == payrun.Current && l.Hold == 0 {
			r := row(l)
			r.This = r.This.Add(l.Amount)
		} else if l.Kind == payrun.Current {
			row(l).heldThis |= l.Hold
		}
	}
	for _, r := range items {
		if r.Last == r.This {
			continue
		}
		var err error
		if r.Reason, r.Plain, err = b.whyChanged(now, before, r); err != nil {
			return fmt.Errorf("say why item %s changed: %w", r.Item, err)
		}
		fn(r.BridgeRow)
	}
	return nil
}

// whyChanged says why the amount of an item is another: holds first, for they stop what
// is due, then what the rules made of the person in either month; for staff, and for the
// person whose money it is.
func (b *Book) whyChanged(now, before *roster.Dossier, r *bridged) (staff, citizen string, err error) {
	switch {
	case r.Last == 0 && r.heldLast != 0:
		staff = "上月暂缓（" + r.heldLast.String() + "），本月恢复"
		return staff, staff, nil
	case r.This == 0 && r.heldThis != 0:
		staff = "本月暂缓：" + r.heldThis.String()
		return staff, staff, nil
	}
	then := before
	if then == nil {
		then = now
	}
	was, err := b.packLast.Standing(then, b.monthLast, r.Item)
	if err != nil {
		return "", "", err
	}
	is, err := b.pack.Standing(now, b.month, r.Item)
	if err != nil {
		return "", "", err
	}
	w := why{book: b, now: now, then: then, was: was, is: is, last: b.monthLast, month: b.month}
	r.Once = r.Last != 0 && r.This == 0 && w.once()
	staff, citizen = w.forBoth(func() string {
		switch {
		case r.Last == 0:
			return w.came(before == nil)
		case r.This == 0:
			return w.left()
		}
		return w.other(&r.BridgeRow)
	})
	return staff, citizen, nil
}

// MergedAway is why an amount ends for a record that was merged into another one.
const MergedAway = "记录已并入同一人的另一条记录"

// BridgeMerged calls fn with a row for each person and item of lines of an earlier batch,
// in the order of batches, whose record was merged into another one since. Only 当月
// lines that were not held count.
func BridgeMerged(last []payrun.Line, fn func(BridgeRow)) {
	var row BridgeRow
	var person int64
	flush := func() {
		if row.Last != 0 {
			fn(row)
		}
	}
	for i := range last {
		l := &last[i]
		if l.Kind != payrun.Current || l.Hold != 0 {
			continue
		}
		if l.Person != person || l.Item != row.Item {
			flush()
			person = l.Person
			row = BridgeRow{Item: l.Item, Name: l.Name, ID: l.ID, Street: l.Street, Community: l.Community, Reason: MergedAway, Plain: MergedAway}
		}
		row.Last = row.Last.Add(l.Amount)
	}
	flush()
}
