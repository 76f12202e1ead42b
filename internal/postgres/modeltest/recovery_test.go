package modeltest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/store/merging"
	"disburse/internal/store/recovery"
)

// request is a waiver that somebody asked for.
type request struct {
	key
	n      int
	amount money.Fen
	bureau string
	actor  string
}

// debts are what somebody owes a bureau, in the order in which money is taken for it.
func (d *district) debts(n int64, bureau string) []key {
	var all []key
	for k := range d.settled {
		if k.person == n && slices.Contains(itemsOf[bureau], k.item) && d.open(k) > 0 {
			all = append(all, k)
		}
	}
	order := itemsOf[bureau]
	slices.SortFunc(all, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.month, b.month), cmp.Compare(slices.Index(order, a.item), slices.Index(order, b.item)), strings.Compare(a.payee, b.payee))
	})
	return all
}

// crossed reports whether a batch that is being signed has a line of one of the keys.
func (d *district) crossed(keys []key) bool {
	for _, b := range d.batches {
		for k := range b.lines {
			if b.state.InSigning() && slices.Contains(keys, k.key) {
				return true
			}
		}
	}
	return false
}

// owing is somebody with debts to a bureau, and those.
func (d *district) owing() (n int64, bureau string, debts []key) {
	living := d.living()
	for i := range living {
		n := living[(i+int(d.rand.Int32()))%len(living)]
		for _, bureau := range []string{civil, labor} {
			if debts := d.debts(n, bureau); len(debts) > 0 {
				return n, bureau, debts
			}
		}
	}
	return 0, "", nil
}

// recover takes back some of what is open, or waives it, or enters what the old system owed.
func (d *district) recover() error {
	n, bureau, debts := d.owing()
	if n == 0 || d.chance(10) {
		return d.inherit()
	}
	if len(d.asked) > 0 && d.chance(50) {
		return d.answerWaiver()
	}
	u := d.user(bureau, one(d.rand, approval.Clerk, approval.Reviewer, approval.Approver))
	o := recovery.Order{Region: region, Pack: d.pack(), ID: d.people[n-1].ID, User: u, By: by(u.Name, "凭据")}
	if d.chance(40) {
		k := one(d.rand, debts...)
		o.Item, o.Payee, o.Month, o.Amount = k.item, k.payee, k.month, d.part(d.open(k))
		return d.askWaiver(o, request{key: k, amount: o.Amount, bureau: bureau, actor: u.Name})
	}
	if d.chance(50) {
		k := one(d.rand, debts...)
		o.Item, o.Payee, o.Month = k.item, k.payee, k.month
		debts = []key{k}
	}
	return d.collect(o, debts)
}

// part is some of a sum, all of it, or a little more, which is too much.
func (d *district) part(sum money.Fen) money.Fen {
	return one(d.rand, sum, sum, 1+money.Fen(d.rand.Int64N(int64(sum))), 1+money.Fen(d.rand.Int64N(int64(sum))), sum+1)
}

// collect records money that came in for debts, the oldest first.
func (d *district) collect(o recovery.Order, debts []key) error {
	var total money.Fen
	for _, k := range debts {
		total += d.open(k)
	}
	o.Amount = d.part(total)
	shares, left := map[key]money.Fen{}, o.Amount
	var keys []key
	for _, k := range debts {
		if part := min(left, d.open(k)); part > 0 {
			shares[k] = part
			left -= part
			keys = append(keys, k)
		}
	}
	done, err := recovery.Collect(d.ctx, d.db, o)
	if o.Amount > total || d.crossed(keys) {
		return wrong("collect", refused(err))
	}
	if err != nil {
		return err
	}
	for k, part := range shares {
		d.settled[k] -= part
		d.returned = append(d.returned, returned{k, part, done.Rev, false})
	}
	d.did["collected"]++
	return nil
}

// askWaiver asks for a debt to be waived.
func (d *district) askWaiver(o recovery.Order, r request) error {
	w, err := recovery.AskWaiver(d.ctx, d.db, o)
	if o.Amount > d.open(r.key) || slices.ContainsFunc(d.asked, func(other request) bool { return other.key == r.key }) {
		return wrong("ask for a waiver", refused(err))
	}
	if err != nil {
		return err
	}
	r.n = w.N
	if d.asked = append(d.asked, r); d.chance(60) {
		return d.answerWaiver()
	}
	return nil
}

// answerWaiver confirms a waiver that was asked for, or refuses it.
func (d *district) answerWaiver() error {
	i := d.rand.IntN(len(d.asked))
	r := d.asked[i]
	u := d.user(r.bureau, approval.Approver)
	a := recovery.WaiverAnswer{Region: region, Pack: d.pack(), N: r.n, Grant: d.chance(75), User: u, By: by(u.Name, "已核对")}
	_, err := recovery.AnswerWaiver(d.ctx, d.db, a)
	if a.Grant && (r.amount > d.open(r.key) || u.Name == r.actor || d.crossed([]key{r.key})) {
		return wrong("confirm a waiver", refused(err))
	}
	if err != nil {
		return err
	}
	d.asked = slices.Delete(d.asked, i, i+1)
	if a.Grant {
		rev, err := d.head()
		d.waived[r.key] += r.amount
		d.returned = append(d.returned, returned{r.key, r.amount, rev, false})
		d.did["waived"]++
		return err
	}
	return nil
}

// inherit states what the old system left open; a row says again what was stated before.
func (d *district) inherit() error {
	living := d.living()
	if len(living) == 0 {
		return d.learn()
	}
	o := recovery.OpeningOrder{Region: region, In: &roster.OpeningImport{File: "期初.xlsx", SHA256: strings.Repeat("ef", 32)}, By: by("os:tester", "")}
	if d.opening == 0 {
		o.Opening, d.opening = opening, opening
		d.learned()
	}
	good := 0
	for i := range 1 + d.rand.IntN(2) {
		k := key{one(d.rand, living...), one(d.rand, "11", "16", "2"), one(d.rand, roster.Myself, roster.Myself, "甲院"), d.opening - 1 - month.Month(d.rand.IntN(3))}
		r := roster.OpeningRow{Place: roster.Place{Sheet: "期初", Row: i + 2}, ID: d.people[k.person-1].ID, Item: k.item, Payee: k.payee, Month: k.month,
			Amount: one[money.Fen](d.rand, 7000, 12345, -3000, -25, 0), Basis: "移交清单"}
		if slices.ContainsFunc(o.In.Rows, func(other roster.OpeningRow) bool {
			return other.ID == r.ID && other.Item == r.Item && other.Month == r.Month
		}) {
			continue
		}
		if d.chance(10) {
			r.Month = d.opening
		}
		o.In.Rows = append(o.In.Rows, r)
		known := k.payee == roster.Myself || slices.Contains(slices.Collect(maps.Keys(d.payees)), k.payee)
		if r.Month < d.opening && known && !d.crossed([]key{k}) {
			d.settled[k] += r.Amount - d.stated[k]
			d.stated[k] = r.Amount
			good++
		}
	}
	report, err := recovery.ImportOpening(d.ctx, d.db, o)
	if err != nil {
		return err
	}
	if report.Changed+report.Unchanged != good || report.Refused != len(o.In.Rows)-good {
		return fmt.Errorf("期初: %+v, want %d of %d rows", report, good, len(o.In.Rows))
	}
	d.did["opening"] += good
	return nil
}

// join makes one person of two records.
func (d *district) join() error {
	living := d.living()
	if len(living) < 3 {
		return d.learn()
	}
	kept, gone := one(d.rand, living...), one(d.rand, living...)
	u := d.user(one(d.rand, civil, labor), approval.Clerk)
	o := merging.Order{Region: region, Kept: d.people[kept-1].ID, Gone: d.people[gone-1].ID, User: u, By: by(u.Name, "同一人"), DryRun: d.chance(20)}
	_, err := merging.Merge(d.ctx, d.db, o)
	busy := slices.ContainsFunc(d.asked, func(r request) bool { return r.person == gone })
	for _, b := range d.batches {
		for k := range b.lines {
			busy = busy || b.state.InSigning() && (k.person == kept || k.person == gone)
		}
	}
	switch {
	case kept == gone || busy:
		return wrong("merge", refused(err))
	case err != nil:
		return err
	case o.DryRun:
		return nil
	}
	rev, err := d.head()
	d.merged = append(d.merged, [3]int64{kept, gone, rev})
	d.mergeAccounts(kept, gone)
	d.merge(kept, gone, rev)
	d.did["merged"]++
	if err != nil {
		return err
	}
	return d.sameWaits()
}

// mergedSince reports whether somebody was merged, or merged into, after a revision.
func (d *district) mergedSince(n, rev int64) bool {
	return slices.ContainsFunc(d.merged, func(m [3]int64) bool { return m[2] > rev && (m[0] == n || m[1] == n) })
}

func wrong(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
