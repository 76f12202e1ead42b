package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"disburse/internal/approval"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// thenNow is what an explanation says of a month that was approved: what each bureau's
// batch knew and granted, what is known and granted today, and what was settled.
type thenNow struct {
	Then    []thenBatch    `json:"then,omitempty"`
	Since   []learned      `json:"known_since,omitempty"`
	Differs []thenItem     `json:"differences,omitempty"`
	Settled []settledMonth `json:"settled,omitempty"`
}

type thenBatch struct {
	Bureau     string      `json:"bureau"`
	Batch      int         `json:"batch"`
	Revision   int64       `json:"revision"`
	Approved   int64       `json:"approved_revision"`
	ApprovedAt string      `json:"approved_at"`
	Pack       string      `json:"pack"`
	Known      bool        `json:"known"` // the person was on the roster
	Granted    []thenGrant `json:"granted"`
	title      string
	samePack   bool
}

type thenGrant struct {
	Item    string `json:"item"`
	Verdict string `json:"verdict"`
	Amount  string `json:"amount,omitempty"`
	Payee   string `json:"payee,omitempty"`
	name    string
}

type learned struct {
	Revision int64    `json:"revision"`
	At       string   `json:"at"`
	Action   string   `json:"action"`
	Changes  []string `json:"changes"`
}

type thenItem struct {
	Item   string    `json:"item"`
	Name   string    `json:"name"`
	Bureau string    `json:"bureau"`
	Then   thenGrant `json:"then"`
	Now    thenGrant `json:"now"`
	Why    []string  `json:"why"`
}

// settledMonth is where one item and payee of the month stands.
type settledMonth struct {
	Item     string         `json:"item"`
	Payee    string         `json:"payee"`
	Entitled string         `json:"entitled"` // by what is known now
	Settled  string         `json:"settled"`
	Waived   string         `json:"waived"`
	Held     string         `json:"held"` // waits in the last approved batch
	Due      string         `json:"due"`  // still to be paid (应补发)
	Open     string         `json:"open"` // still to be recovered (应扣回)
	Entries  []settledEntry `json:"entries"`
	position ledger.Position
	hold     string
}

type settledEntry struct {
	Revision int64  `json:"revision"`
	At       string `json:"at"`
	Kind     string `json:"kind"`
	Amount   string `json:"amount"`
	Batch    string `json:"batch,omitempty"`
	Against  string `json:"against,omitempty"` // the item whose payment carried a 扣回
	Note     string `json:"note,omitempty"`
}

// thenNow compares a month that was approved with today; nil for one that was not.
func (a *app) thenNow(ctx context.Context, p *postgres.PersonMonth, m month.Month) (*thenNow, error) {
	if len(p.Thens) == 0 && len(p.Entries) == 0 {
		return nil, nil
	}
	t := &thenNow{}
	slices.SortStableFunc(p.Thens, func(x, y postgres.Then) int { return a.bureauOrder(x.Batch.Bureau) - a.bureauOrder(y.Batch.Bureau) })
	for i := range p.Thens {
		if err := a.then(ctx, t, p, &p.Thens[i], m); err != nil {
			return nil, err
		}
	}
	for _, l := range p.Since {
		t.Since = append(t.Since, learned{l.Rev, stamp(l.At), l.Action, l.Changes})
	}
	return t, a.settledOf(t, p, m)
}

// bureauOrder is where a bureau stands in the pack; those it does not have come last.
func (a *app) bureauOrder(name string) int {
	at := slices.IndexFunc(a.pack.File.Bureaus, func(b policy.Bureau) bool { return b.Name.Value == name })
	if at < 0 {
		return len(a.pack.File.Bureaus)
	}
	return at
}

func stamp(at time.Time) string { return at.In(shanghai).Format("2006-01-02 15:04") }

// then adds one bureau's batch and the items that it had otherwise.
func (a *app) then(ctx context.Context, t *thenNow, p *postgres.PersonMonth, th *postgres.Then, m month.Month) error {
	b := &th.Batch
	pack, err := a.packOf(ctx, b.Pack)
	if err != nil {
		return err
	}
	batch := thenBatch{Bureau: b.Bureau, Batch: b.N, Revision: b.Revision, Approved: th.Approved, ApprovedAt: stamp(th.At), Pack: b.Pack,
		Known: th.Dossier != nil, Granted: []thenGrant{}, title: approval.Title(*b), samePack: b.Pack == a.pack.Hash}
	book := payrun.NewBook(a.pack, m, pack, m, nil)
	for _, code := range itemsOf(b.Bureau, a.pack, pack) {
		c, err := book.Compare(p.Now, th.Dossier, m, code)
		if err != nil {
			return err
		}
		was, is := grantOf(c.Was, c.Name), grantOf(c.Is, c.Name)
		if c.Was.Verdict != policy.NotGranted {
			batch.Granted = append(batch.Granted, was)
		}
		if c.Differs() {
			t.Differs = append(t.Differs, thenItem{code, c.Name, b.Bureau, was, is, c.Why})
		}
	}
	t.Then = append(t.Then, batch)
	return nil
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

func grantOf(s *policy.Standing, name string) thenGrant {
	g := thenGrant{Item: s.Code, Verdict: string(s.Verdict), name: name}
	if s.Amount != "" {
		g.Amount, g.Payee = s.Amount, s.Payee
	}
	return g
}

// settledOf adds up what was entered for the month, item by item.
func (a *app) settledOf(t *thenNow, p *postgres.PersonMonth, m month.Month) error {
	outcome, err := a.pack.Grant(p.Now, m)
	if err != nil {
		return err
	}
	at := func(k ledger.Key) *settledMonth {
		i := slices.IndexFunc(t.Settled, func(s settledMonth) bool { return s.position.Key == k })
		if i < 0 {
			i = len(t.Settled)
			t.Settled = append(t.Settled, settledMonth{Item: k.Item, Payee: k.Payee, Entries: []settledEntry{}, position: ledger.Position{Key: k}})
		}
		return &t.Settled[i]
	}
	for _, g := range outcome.Grants {
		if a.approvedBy(p, g.Item) {
			at(ledger.Key{Item: g.Item, Payee: g.Payee, Month: m}).position.Entitled = g.Amount
		}
	}
	for i := range p.Entries {
		e := &p.Entries[i]
		s := at(e.Key)
		s.position.Settled = s.position.Settled.Add(e.Amount)
		entry := settledEntry{Revision: e.Rev, At: stamp(e.At), Kind: entryKind(e), Amount: e.Amount.String(), Batch: e.Batch}
		if e.Against != "" && e.Against != e.Item {
			entry.Against = e.Against
		}
		s.Entries = append(s.Entries, entry)
	}
	for i := range p.Waivers {
		w := &p.Waivers[i]
		s := at(w.Key)
		s.position.Waived = s.position.Waived.Add(w.Amount)
		s.Entries = append(s.Entries, settledEntry{Revision: w.Rev, At: stamp(w.At), Kind: "核销", Amount: w.Amount.String(),
			Note: fmt.Sprintf("%s申请，%s批准：%s", w.Actor, w.Approver, w.Reason)})
	}
	held := map[ledger.Key]money.Fen{}
	for i := range p.Held {
		l := &p.Held[i]
		k := ledger.Key{Item: l.Item, Payee: l.Payee, Month: m}
		held[k] = held[k].Add(l.Amount)
		at(k).hold = l.Hold.String()
	}
	slices.SortStableFunc(t.Settled, func(x, y settledMonth) int { return a.pack.ItemOrder(x.Item) - a.pack.ItemOrder(y.Item) })
	for i := range t.Settled {
		s := &t.Settled[i]
		s.Entitled, s.Settled, s.Waived = s.position.Entitled.String(), s.position.Settled.String(), s.position.Waived.String()
		s.Held, s.Due, s.Open = held[s.position.Key].String(), s.position.Due().String(), s.position.Open().String()
	}
	return nil
}

// approvedBy reports whether the bureau that pays the item has approved the month.
func (a *app) approvedBy(p *postgres.PersonMonth, item string) bool {
	return slices.ContainsFunc(p.Thens, func(t postgres.Then) bool { return t.Batch.Bureau == a.pack.Payer(item) })
}

// entryKind is what staff call a ledger entry.
func entryKind(e *postgres.MonthEntry) string {
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

// text writes then and now for people.
func (t *thenNow) text() string {
	if t == nil {
		return ""
	}
	var b strings.Builder
	if len(t.Then) > 0 {
		b.WriteString("\n四、当时与现在\n")
		t.batches(&b)
		t.differences(&b)
	}
	if len(t.Settled) > 0 {
		b.WriteString("\n五、本月的结算\n")
		for i := range t.Settled {
			t.Settled[i].text(&b)
		}
	}
	return b.String()
}

func (t *thenNow) batches(b *strings.Builder) {
	for _, th := range t.Then {
		if !th.Known {
			fmt.Fprintf(b, "  %s（按第 %d 号修订计算，%s 审批）：当时花名册里没有这个人\n", th.title, th.Revision, th.ApprovedAt)
			continue
		}
		if len(th.Granted) == 0 && !slices.ContainsFunc(t.Differs, func(d thenItem) bool { return d.Bureau == th.Bureau }) {
			continue // a bureau that had nothing to do with the person
		}
		rules := "规则包与现在相同"
		if !th.samePack {
			rules = "规则包 " + th.Pack[:12] + "，与现在不同"
		}
		fmt.Fprintf(b, "  %s：按第 %d 号修订计算，%s 审批（第 %d 号修订），%s\n", th.title, th.Revision, th.ApprovedAt, th.Approved, rules)
		for i := range th.Granted {
			g := &th.Granted[i]
			fmt.Fprintf(b, "    当时：%s %s %s\n", g.Item, g.name, g.words())
		}
	}
}

func (t *thenNow) differences(b *strings.Builder) {
	if len(t.Since) > 0 {
		b.WriteString("  此后知道的情况：\n")
		for _, l := range t.Since {
			fmt.Fprintf(b, "    第 %d 号修订（%s，%s）：%s\n", l.Revision, l.At, l.Action, strings.Join(l.Changes, "；"))
		}
	}
	if len(t.Differs) == 0 {
		b.WriteString("  现在看来，各项目与当时一致\n")
		return
	}
	b.WriteString("  现在看来不同的项目：\n")
	for i := range t.Differs {
		d := &t.Differs[i]
		fmt.Fprintf(b, "  ● %s %s：当时%s，现在%s\n", d.Item, d.Name, d.Then.words(), d.Now.words())
		for _, w := range d.Why {
			fmt.Fprintf(b, "      因为：%s\n", w)
		}
	}
}

func (g *thenGrant) words() string {
	if g.Amount == "" {
		return g.Verdict
	}
	s := g.Verdict + " " + g.Amount + " 元"
	if g.Payee != "" && g.Payee != roster.Myself {
		s += "，付" + g.Payee
	}
	return s
}

func (s *settledMonth) text(b *strings.Builder) {
	fmt.Fprintf(b, "  项目 %s", s.Item)
	if s.Payee != roster.Myself {
		b.WriteString("，付" + s.Payee)
	}
	fmt.Fprintf(b, "：现应发 %s 元，已结算 %s 元", s.Entitled, s.Settled)
	if s.position.Waived != 0 {
		fmt.Fprintf(b, "，已核销 %s 元", s.Waived)
	}
	switch {
	case s.position.Open() > 0:
		fmt.Fprintf(b, "，待扣回 %s 元", s.Open)
	case s.hold != "":
		fmt.Fprintf(b, "，暂缓 %s 元（%s）", s.Held, s.hold)
	case s.position.Due() > 0:
		fmt.Fprintf(b, "，待补发 %s 元", s.Due)
	default:
		b.WriteString("，两清")
	}
	b.WriteString("\n")
	for _, e := range s.Entries {
		fmt.Fprintf(b, "      %s %s %s 元", e.At, e.Kind, e.Amount)
		if e.Batch != "" {
			b.WriteString("，" + e.Batch)
		}
		if e.Against != "" {
			b.WriteString("，从项目 " + e.Against + " 的付款中扣")
		}
		if e.Note != "" {
			b.WriteString("，" + e.Note)
		}
		b.WriteString("\n")
	}
}
