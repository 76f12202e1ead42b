package explain

import (
	"context"
	"fmt"
	"slices"
	"time"

	"disburse/internal/approval"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/payrun/explain"
	"disburse/internal/policy"
	"disburse/internal/roster"
	"disburse/internal/store/books"
)

// ThenNow is what an explanation says of a month that was settled: what each bureau's
// batch knew and granted, what is known and granted today, and what was settled. The batch
// is the one that first settled the month, which may be a later month's: one that was
// skipped or carried over is paid as 补发.
type ThenNow struct {
	Then    []ThenBatch    `json:"then,omitempty"`
	Since   []Learned      `json:"known_since,omitempty"`
	Differs []ThenItem     `json:"differences,omitempty"`
	Settled []SettledMonth `json:"settled,omitempty"`
}

type ThenBatch struct {
	Bureau     string       `json:"bureau"`
	Month      string       `json:"month"` // of the batch; a later one than explained where that was skipped or carried over
	Batch      int          `json:"batch"`
	Revision   int64        `json:"revision"`
	Approved   int64        `json:"approved_revision"`
	ApprovedAt string       `json:"approved_at"`
	Pack       string       `json:"pack"`
	Known      bool         `json:"known"` // the person was on the roster
	Granted    []ThenGrant  `json:"granted"`
	Merged     []ThenMerged `json:"merged,omitempty"`
	Later      bool         `json:"-"` // the batch is of a later month
	title      string
	samePack   bool
}

// ThenMerged is another record of the person, merged (合并) since, and what it was granted.
type ThenMerged struct {
	Name     string      `json:"name"`
	ID       string      `json:"id_number"` // masked
	Revision int64       `json:"revision"`
	At       string      `json:"at"`
	Reason   string      `json:"reason"`
	Granted  []ThenGrant `json:"granted"`
}

type ThenGrant struct {
	Item    string `json:"item"`
	Verdict string `json:"verdict"`
	Amount  string `json:"amount,omitempty"`
	Payee   string `json:"payee,omitempty"`
	name    string
}

type Learned struct {
	Revision int64           `json:"revision"`
	At       string          `json:"at"`
	Action   string          `json:"action"`
	Changes  []roster.Change `json:"changes"`
}

type ThenItem struct {
	Item   string    `json:"item"`
	Name   string    `json:"name"`
	Bureau string    `json:"bureau"`
	Then   ThenGrant `json:"then"`
	Now    ThenGrant `json:"now"`
	Why    []string  `json:"why"`
}

// SettledMonth is where one item and payee of the month stands.
type SettledMonth struct {
	Item     string         `json:"item"`
	Payee    string         `json:"payee"`
	Entitled string         `json:"entitled"` // by what is known now
	Settled  string         `json:"settled"`
	Waived   string         `json:"waived"`
	Held     string         `json:"held"`             // waits in the last approved batch
	Due      string         `json:"due"`              // still to be paid (应补发)
	Open     string         `json:"open"`             // still to be recovered (应扣回)
	Lapsed   string         `json:"lapsed,omitempty"` // would be due, but too late (超过补发限额)
	Entries  []SettledEntry `json:"entries"`
	position ledger.Position
	hold     payrun.Hold
	// With Lapsed: how many months back the item is paid, counted from which month.
	most int
	next month.Month
}

type SettledEntry struct {
	Revision int64  `json:"revision"`
	At       string `json:"at"`
	Kind     string `json:"kind"`
	Amount   string `json:"amount"`
	Batch    string `json:"batch,omitempty"`
	Against  string `json:"against,omitempty"` // the item whose payment carried a 扣回
	Note     string `json:"note,omitempty"`
}

// thenNow compares a month that was settled with today; nil for one that was not.
func thenNow(ctx context.Context, o *office.Office, p *books.PersonMonth, m month.Month) (*ThenNow, error) {
	if len(p.Thens) == 0 && len(p.Entries) == 0 {
		return nil, nil
	}
	t := &ThenNow{}
	slices.SortStableFunc(p.Thens, func(x, y books.Then) int { return o.BureauOrder(x.Batch.Bureau) - o.BureauOrder(y.Batch.Bureau) })
	for i := range p.Thens {
		if err := then(ctx, o, t, p, &p.Thens[i], m); err != nil {
			return nil, err
		}
	}
	for _, l := range p.Since {
		t.Since = append(t.Since, Learned{l.Rev, stamp(l.At), l.Action, l.Changes})
	}
	return t, settledOf(o, t, p, m)
}

func stamp(at time.Time) string { return at.In(month.Shanghai).Format("2006-01-02 15:04") }

// then adds one bureau's batch and the items that it had otherwise.
func then(ctx context.Context, o *office.Office, t *ThenNow, p *books.PersonMonth, th *books.Then, m month.Month) error {
	b := &th.Batch
	pack, err := o.PackOf(ctx, b.Pack)
	if err != nil {
		return err
	}
	batch := ThenBatch{Bureau: b.Bureau, Month: b.Month.String(), Batch: b.N, Later: b.Month != m, Revision: b.Revision, Approved: th.Approved, ApprovedAt: stamp(th.At), Pack: b.Pack,
		Known: th.Dossier != nil, Granted: []ThenGrant{}, title: approval.Title(*b), samePack: b.Pack == o.Pack.Hash}
	if batch.Merged, err = thenMerged(p, th, pack, m); err != nil {
		return err
	}
	book := explain.NewBook(o.Pack, m, pack, m, nil)
	for _, code := range itemsOf(b.Bureau, o.Pack, pack) {
		c, err := book.Compare(p.Now, th.Dossier, m, code)
		if err != nil {
			return err
		}
		was, is := grantOf(c.Was, c.Name), grantOf(c.Is, c.Name)
		if c.Was.Verdict != policy.NotGranted {
			batch.Granted = append(batch.Granted, was)
		}
		if c.Differs() {
			t.Differs = append(t.Differs, ThenItem{code, c.Name, b.Bureau, was, is, c.Why})
		}
	}
	t.Then = append(t.Then, batch)
	return nil
}

// thenMerged says what the batch granted to records that are the person's by now.
func thenMerged(p *books.PersonMonth, th *books.Then, pack *policy.Pack, m month.Month) ([]ThenMerged, error) {
	var all []ThenMerged
	for i := range p.Merged {
		r := &p.Merged[i]
		d := r.Thens[slices.IndexFunc(p.Thens, func(x books.Then) bool { return x.Batch.Number == th.Batch.Number })]
		if d == nil {
			continue
		}
		gone := ThenMerged{Name: d.Name, ID: roster.MaskID(d.ID), Revision: r.Rev, At: stamp(r.At), Reason: r.Reason}
		for _, code := range itemsOf(th.Batch.Bureau, pack) {
			s, err := pack.Standing(d, m, code)
			if err != nil {
				return nil, err
			}
			if s.Verdict != policy.NotGranted {
				gone.Granted = append(gone.Granted, grantOf(s, s.Name))
			}
		}
		if len(gone.Granted) > 0 {
			all = append(all, gone)
		}
	}
	return all, nil
}

// itemsOf lists the items that a bureau leads under any of the packs, in list order.
func itemsOf(bureau string, packs ...*policy.Pack) []string {
	var codes []string
	for _, p := range packs {
		for _, it := range p.Items() {
			if it.Bureaus[0].Value == bureau && !slices.Contains(codes, it.Code.Value) {
				codes = append(codes, it.Code.Value)
			}
		}
	}
	return codes
}

func grantOf(s *policy.Standing, name string) ThenGrant {
	g := ThenGrant{Item: s.Code, Verdict: string(s.Verdict), name: name}
	if s.Amount != "" {
		g.Amount, g.Payee = s.Amount, s.Payee
	}
	return g
}

// settledOf adds up what was entered for the month, item by item.
func settledOf(o *office.Office, t *ThenNow, p *books.PersonMonth, m month.Month) error {
	outcome, err := o.Pack.Grant(p.Now, m)
	if err != nil {
		return err
	}
	at := func(k ledger.Key) *SettledMonth {
		i := slices.IndexFunc(t.Settled, func(s SettledMonth) bool { return s.position.Key == k })
		if i < 0 {
			i = len(t.Settled)
			t.Settled = append(t.Settled, SettledMonth{Item: k.Item, Payee: k.Payee, Entries: []SettledEntry{}, position: ledger.Position{Key: k}})
		}
		return &t.Settled[i]
	}
	for _, g := range outcome.Grants {
		// The old system answers for months before the opening month: a run grants nothing there.
		if m >= p.Opening && settledMonth(o.Pack.Payer(g.Item), g.Item, p) {
			at(ledger.Key{Item: g.Item, Payee: g.Payee, Month: m}).position.Entitled = g.Amount
		}
	}
	for i := range p.Entries {
		e := &p.Entries[i]
		s := at(e.Key)
		s.position.Settled = s.position.Settled.Add(e.Amount)
		entry := SettledEntry{Revision: e.Rev, At: stamp(e.At), Kind: entryKind(e), Amount: e.Amount.String(), Batch: e.Batch}
		if e.Against != "" && e.Against != e.Item {
			entry.Against = e.Against
		}
		s.Entries = append(s.Entries, entry)
	}
	for i := range p.Waivers {
		w := &p.Waivers[i]
		s := at(w.Key)
		s.position.Waived = s.position.Waived.Add(w.Amount)
		s.Entries = append(s.Entries, SettledEntry{Revision: w.Rev, At: stamp(w.At), Kind: "核销", Amount: w.Amount.String(),
			Note: fmt.Sprintf("%s申请，%s批准：%s", w.Actor, w.Approver, w.Reason)})
	}
	held := map[ledger.Key]money.Fen{}
	for i := range p.Held {
		l := &p.Held[i]
		k := ledger.Key{Item: l.Item, Payee: l.Payee, Month: m}
		held[k] = held[k].Add(l.Amount)
		at(k).hold |= l.Hold
	}
	slices.SortStableFunc(t.Settled, func(x, y SettledMonth) int { return o.Pack.ItemOrder(x.Item) - o.Pack.ItemOrder(y.Item) })
	for i := range t.Settled {
		s := &t.Settled[i]
		s.Entitled, s.Settled, s.Waived = s.position.Entitled.String(), s.position.Settled.String(), s.position.Waived.String()
		s.Held, s.Due, s.Open = held[s.position.Key].String(), s.position.Due().String(), s.position.Open().String()
		lapse(o, s, p, m)
	}
	return nil
}

// lapse says of what became known too late for the item's limit that it is not paid.
func lapse(o *office.Office, s *SettledMonth, p *books.PersonMonth, m month.Month) {
	item, err := o.Pack.Item(s.Item)
	if err != nil || item.Pay == nil || item.Pay.ArrearsMax.Value == 0 || s.position.Due() <= 0 || p.Found[s.Item] {
		return
	}
	known := engine.KnownSince(o.Pack.Granter(), p.Stages, s.Item, m)
	next := engine.NextMonth(p.Approvals[o.Pack.Payer(s.Item)], p.Opening, known)
	if most := item.Pay.ArrearsMax.Value; int(next-m) > most {
		s.Lapsed, s.Due, s.most, s.next = s.Due, money.Fen(0).String(), most, next
	}
}

// settledMonth reports whether the month is settled as far as the item goes: the bureau
// that pays it has approved the month or a later one, or something was entered for it.
// What is granted for any other month is not due yet.
func settledMonth(payer, item string, p *books.PersonMonth) bool {
	return slices.ContainsFunc(p.Thens, func(t books.Then) bool { return t.Batch.Bureau == payer }) ||
		slices.ContainsFunc(p.Entries, func(e books.MonthEntry) bool { return e.Item == item })
}

// entryKind is what staff call a ledger entry.
func entryKind(e *books.MonthEntry) string {
	switch e.Kind {
	case ledger.Approved:
		if e.Amount < 0 {
			return "扣回"
		}
		return "发放"
	case ledger.Returned:
		return "退回"
	case ledger.Voided:
		return "作废"
	case ledger.Collected:
		return "收回"
	case ledger.Opening:
		return "期初"
	case ledger.Merged:
		return "合并"
	}
	return fmt.Sprintf("其他（%d）", e.Kind)
}
