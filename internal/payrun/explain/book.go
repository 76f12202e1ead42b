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

// The changes of a place on a list, against the bureau's last approved batch.
const (
	Came   = "新增"
	Stayed = "在册"
	Left   = "停止"
)

// Reissue begins the reason of a line that pays again what a bank could not pay.
const Reissue = "更正发放"

// ListRow is one person on a list item, or no longer on it.
type ListRow struct {
	Item      string
	ID        string
	Name      string
	Street    string
	Community string
	Detail    string
	Change    string
}

// DetailedLine is a line with what sheets say about it.
type DetailedLine struct {
	payrun.Line
	Standard money.Fen // 分, what the rules grant for the line's month by what the batch knew
	Reason   string    // why 补发 or 扣回 is due
	Plain    string    // the same in words for the person whose money it is
	Kept     string    // who decided to hold the line, when and why; empty: nobody
	Deputy   string    // who receives the person's money (代领), with relation and reason; empty: the person
	Cleared  bool      // has the fact of the pack's clearing on the first day of the line's month
}

// Book is what the sheets and lists of one batch say, person by person. Each
// goroutine has its own.
type Book struct {
	pack, packBefore       *policy.Pack
	granter, granterBefore *policy.Granter
	month, monthBefore     month.Month
	lists                  map[string]bool // list items to look at

	deaths map[int64]month.Date // known since the batch, see Deaths

	packLast  *policy.Pack // of the batch that the bridge starts from
	monthLast month.Month
}

// NewBook returns a book of a batch of the month. Where there is an approved batch
// before it, its pack and month say what 新增 and 停止 are measured against.
func NewBook(pack *policy.Pack, m month.Month, packBefore *policy.Pack, before month.Month, lists []string) *Book {
	b := &Book{pack: pack, granter: pack.Granter(), month: m, packBefore: packBefore, monthBefore: before, lists: map[string]bool{}, packLast: pack, monthLast: m - 1}
	if packBefore != nil {
		b.granterBefore = packBefore.Granter()
	}
	for _, code := range lists {
		b.lists[code] = true
	}
	return b
}

// Listings calls fn for every list item the person is on or has left. now and before
// are the person as the batch and the one before it knew them; either may be nil.
func (b *Book) Listings(now, before *roster.Dossier, fn func(ListRow)) error {
	is, err := b.on(b.granter, now, b.month)
	if err != nil {
		return err
	}
	if b.granterBefore == nil {
		for _, l := range is {
			fn(listRow(now, l, Stayed))
		}
		return nil
	}
	was, err := b.on(b.granterBefore, before, b.monthBefore)
	if err != nil {
		return err
	}
	for _, l := range is {
		change := Came
		if slices.ContainsFunc(was, func(o policy.Listing) bool { return o.Item == l.Item }) {
			change = Stayed
		}
		fn(listRow(now, l, change))
	}
	for _, l := range was {
		if !slices.ContainsFunc(is, func(o policy.Listing) bool { return o.Item == l.Item }) {
			who := now
			if who == nil {
				who = before
			}
			fn(listRow(who, l, Left))
		}
	}
	return nil
}

func (b *Book) on(g *policy.Granter, d *roster.Dossier, m month.Month) ([]policy.Listing, error) {
	if d == nil {
		return nil, nil
	}
	outcome, err := g.Grant(d, m)
	if err != nil {
		return nil, err
	}
	var on []policy.Listing
	for _, l := range outcome.Listings {
		if b.lists[l.Item] {
			on = append(on, l)
		}
	}
	return on, nil
}

func listRow(d *roster.Dossier, l policy.Listing, change string) ListRow {
	return ListRow{Item: l.Item, ID: d.ID, Name: d.Name, Street: d.Street, Community: d.Community, Detail: l.Detail, Change: change}
}

// Detail adds to a line of the batch what the sheets say about it. earlier is what had
// become of its due before.
func (b *Book) Detail(d *roster.Dossier, l payrun.Line, earlier Earlier) (DetailedLine, error) {
	outcome, err := b.granter.Grant(d, l.Month)
	if err != nil {
		return DetailedLine{}, err
	}
	full := DetailedLine{Line: l}
	if clearing := b.pack.File.Clearing; clearing != nil {
		full.Cleared = holdsOn(d, clearing.Flag(), l.Month.First())
	}
	for _, g := range outcome.Grants {
		if g.Item == l.Item && g.Payee == l.Payee {
			full.Standard = g.Amount
		}
	}
	if l.Payee == roster.Myself {
		full.Deputy = receivedBy(&d.Deputy)
	}
	if l.Kind != payrun.Current {
		full.Reason = b.whyPast(d, &full, &earlier, false)
		full.Plain = b.whyPast(d, &full, &earlier, true)
	}
	return full, nil
}

// receivedBy says who receives somebody's money in their place: name, relation, reason.
func receivedBy(d *roster.Deputy) string {
	if d.Name == "" {
		return ""
	}
	text := "由" + d.Name
	if d.Relation != "" {
		text += "（" + d.Relation + "）"
	}
	text += "代领"
	if d.Reason != "" {
		text += "：" + d.Reason
	}
	return text
}

func holdsOn(d *roster.Dossier, fact string, day month.Date) bool {
	return slices.ContainsFunc(d.Facts, func(f roster.Fact) bool {
		return f.Name == fact && f.Since <= day && (f.Until == 0 || f.Until >= day)
	})
}

// whyPast says why an earlier month is put right.
func (b *Book) whyPast(d *roster.Dossier, l *DetailedLine, earlier *Earlier, citizen bool) string {
	if l.Kind == payrun.Recovery && l.Standard == 0 {
		if why := absent(d, l.Month); why != "" {
			return why
		}
		return fmt.Sprintf("%s不再符合本项条件", l.Month.Chinese())
	}
	if l.Kind == payrun.Recovery {
		return fmt.Sprintf("%s应发 %s 元，多发部分扣回", l.Month.Chinese(), l.Standard)
	}
	return earlier.why(l, citizen)
}

// Late adds to the reason of 补发 and 扣回 what has become known of the month since the
// batch before, which knew the person as before; nil where it did not.
func (b *Book) Late(now, before *roster.Dossier, l *DetailedLine) error {
	if l.Kind == payrun.Current || b.packBefore == nil || before == nil {
		return nil
	}
	was, err := b.packBefore.Standing(before, l.Month, l.Item)
	if err != nil {
		return fmt.Errorf("say why item %s is late: %w", l.Item, err)
	}
	is, err := b.pack.Standing(now, l.Month, l.Item)
	if err != nil {
		return fmt.Errorf("say why item %s is late: %w", l.Item, err)
	}
	if !is.Present {
		return nil // said already
	}
	w := why{book: b, now: now, then: before, was: was, is: is, last: l.Month, month: l.Month}
	staff, citizen := w.forBoth(func() string { return orElse(w.late(), "") })
	if staff != "" {
		l.Reason, l.Plain = staff+"；"+l.Reason, citizen+"；"+l.Plain
	}
	return nil
}

// absent says why somebody is not in the district in a month.
func absent(d *roster.Dossier, m month.Month) string {
	switch {
	case !d.Alive(m):
		return d.Died.String() + " 去世"
	case !d.Registered(m) && d.MovedOut != 0 && d.MovedOut < m.First():
		return d.MovedOut.String() + " 迁出"
	case !d.Registered(m):
		return d.MovedIn.String() + " 迁入，次月起享受"
	}
	return ""
}
