package rules

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/packs"
	"disburse/internal/store/runs"
)

// PackEffect is what another pack would change in settled months: the differences, by person,
// item, payee and month, of what would be due and what is due under the present pack. Sums are 分.
type PackEffect struct {
	Revision int64       // as of which it was computed
	Month    month.Month // the last settled month of any bureau; 0: none is settled
	Heads    int
	More     money.Fen    // what would be paid on top (补发)
	Less     money.Fen    // what would be asked back (扣回), negative
	Items    []EffectPart // in the order of the new pack, items that only the old one has last
	Months   []EffectPart
	Digest   string // hex SHA-256 over every difference; what two people agree on
}

// EffectPart is the effect on one item, or on one month.
type EffectPart struct {
	Item        string // of Items
	First, Last month.Month
	Heads       int
	More, Less  money.Fen
}

// EffectRow is one difference. Amount is never 0.
type EffectRow struct {
	Person int64
	Item   string
	Payee  string
	Month  month.Month
	Amount money.Fen // 分
	ID     string
	Name   string
	Street string
}

// None reports whether the pack changes no settled month.
func (e *PackEffect) None() bool { return e.Heads == 0 }

// Sentence summarizes the effect in Chinese.
func (e *PackEffect) Sentence() string {
	if e.None() {
		return "不改变已经结算的月份"
	}
	return fmt.Sprintf("涉及 %d 人，补发 %s 元，扣回 %s 元，净额 %s 元", e.Heads, e.More.Grouped(), (-e.Less).Grouped(), e.More.Add(e.Less).Grouped())
}

// ReadEffect computes what the pack would change in settled months against the present one: it
// runs everybody's months under each pack as of now, in a transaction that is rolled back. It
// uses the run's own code, so that the effect is what a run would do. fn, which may be nil, gets
// every difference in the order of person, item, payee and month; it must not use db. Errors:
// those of a run; fn's own.
func ReadEffect(ctx context.Context, db *postgres.DB, region int32, present, pack *policy.Pack, fn func(*EffectRow) error) (*PackEffect, error) {
	var effect *PackEffect
	err := runs.RolledBack(ctx, db, region, func(tx pgx.Tx) error {
		t := &trial{db: db, Scope: postgres.In(tx, region), effect: &PackEffect{}, fn: fn}
		effect = t.effect
		return t.compare(ctx, present, pack)
	})
	return effect, err
}

// trial computes settled months under two packs.
type trial struct {
	db *postgres.DB
	postgres.Scope
	effect *PackEffect
	fn     func(*EffectRow) error

	last   map[string]*payrun.Batch // by bureau: its last approved batch
	next   int32                    // an unused batch number
	limits map[string]month.Month   // by item: the last month that is settled
}

func (t *trial) compare(ctx context.Context, present, pack *policy.Pack) error {
	h, err := postgres.ReadHead(ctx, t.Tx, t.Region, "")
	if err != nil {
		return err
	}
	t.effect.Revision = h.Rev
	if err := t.findSettled(ctx); err != nil {
		return err
	}
	sum := sha256.New()
	if t.effect.Month != 0 && present.Hash != pack.Hash {
		was, err := t.run(ctx, present)
		if err != nil {
			return err
		}
		is, err := t.run(ctx, pack)
		if err != nil {
			return err
		}
		t.setLimits(present, pack)
		if err := t.readDifferences(ctx, was, is, func(r *EffectRow) {
			fmt.Fprintf(sum, "%d|%s|%s|%s|%d\n", r.Person, r.Item, r.Payee, r.Month, r.Amount)
		}); err != nil {
			return err
		}
		order := func(code string) int {
			if at := pack.ItemOrder(code); at >= 0 {
				return at
			}
			return len(pack.Items()) + present.ItemOrder(code)
		}
		slices.SortFunc(t.effect.Items, func(x, y EffectPart) int { return order(x.Item) - order(y.Item) })
		slices.SortFunc(t.effect.Months, func(x, y EffectPart) int { return int(x.First - y.First) })
	}
	t.effect.Digest = hex.EncodeToString(sum.Sum(nil))
	return nil
}

// findSettled finds each bureau's last approved batch.
func (t *trial) findSettled(ctx context.Context) error {
	all, err := runs.AllBatches(ctx, t.Scope)
	if err != nil {
		return err
	}
	t.last, t.next = map[string]*payrun.Batch{}, 1
	for i := range all {
		b := &all[i]
		t.next = max(t.next, b.Number+1)
		if b.State == payrun.Approved {
			t.last[b.Bureau] = b
			t.effect.Month = max(t.effect.Month, b.Month)
		}
	}
	return nil
}

// run computes everybody from the opening month to the last settled one under a pack, into new
// batches, and returns their numbers.
func (t *trial) run(ctx context.Context, pack *policy.Pack) ([]int32, error) {
	r := &runs.Computation{DB: t.db, Tx: t.Tx, Remade: map[int32]bool{}, Order: runs.Order{Region: t.Region, Month: t.effect.Month, Pack: pack, Full: true}}
	p := &runs.Planner{Computation: r}
	if err := p.Region(ctx); err != nil {
		return nil, err
	}
	for _, b := range pack.File.Bureaus {
		plan := engine.BureauPlan{Bureau: b.Name.Value, Batch: t.next, N: 1, From: r.Plan.Opening, Before: t.last[b.Name.Value]}
		if plan.Before != nil {
			plan.From = plan.Before.Month + 1
		}
		t.next++
		r.Plan.Bureaus = append(r.Plan.Bureaus, plan)
	}
	if err := p.Knowledge(ctx); err != nil {
		return nil, err
	}
	return r.Batches(), r.Compute(ctx)
}

// setLimits sets up to which month each item is settled: up to the last approved month of the
// bureau that pays it under either pack. Later months are no effect: they are not paid yet.
func (t *trial) setLimits(packs ...*policy.Pack) {
	t.limits = map[string]month.Month{}
	for _, p := range packs {
		for _, it := range p.Items() {
			if b := t.last[it.Bureaus[0].Value]; b != nil {
				t.limits[it.Code.Value] = max(t.limits[it.Code.Value], b.Month)
			}
		}
	}
}

// readDifferences subtracts the dues of one computation from those of the other. What is due for a
// key is the sum of its lines, 扣回 included, less its debts (what could not be netted).
func (t *trial) readDifferences(ctx context.Context, was, is []int32, digest func(*EffectRow)) error {
	var items []string
	var until []time.Time
	for item, m := range t.limits {
		items, until = append(items, item), append(until, postgres.FirstDay(m))
	}
	rows, err := t.Tx.Query(ctx, `
		WITH due AS (
		    SELECT person, item, payee, month, CASE WHEN batch = ANY($2) THEN -amount ELSE amount END AS amount, id_number, name, street
		    FROM draft_line WHERE region = $1 AND batch = ANY($2 || $3)
		    UNION ALL
		    SELECT person, item, payee, month, CASE WHEN batch = ANY($2) THEN amount ELSE -amount END, id_number, name, street
		    FROM debt WHERE region = $1 AND batch = ANY($2 || $3))
		SELECT person, item, payee, month, sum(amount)::bigint, max(id_number), max(name), max(street)
		FROM due JOIN unnest($4::text[], $5::date[]) AS settled (of, until) ON item = settled.of AND month <= settled.until
		GROUP BY person, item, payee, month HAVING sum(amount) <> 0 ORDER BY person, item, payee, month`,
		pgx.QueryExecModeExec, t.Region, was, is, items, until)
	if err != nil {
		return fmt.Errorf("compare dues: %w", err)
	}
	sums := newEffectSums(t.effect)
	var r EffectRow
	var first time.Time
	_, err = pgx.ForEachRow(rows, []any{&r.Person, &r.Item, &r.Payee, &first, &r.Amount, &r.ID, &r.Name, &r.Street}, func() error {
		r.Month = month.FromTime(first).Month()
		digest(&r)
		sums.add(&r)
		if t.fn != nil {
			return t.fn(&r)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("compare dues: %w", err)
	}
	sums.finish()
	return nil
}

// effectSums sums up differences, which must come ordered by person so that heads are counted
// once.
type effectSums struct {
	effect     *PackEffect
	items      map[string]*EffectPart
	months     map[month.Month]*EffectPart
	person     int64
	itemsSeen  map[string]bool // of the current person
	monthsSeen map[month.Month]bool
}

func newEffectSums(e *PackEffect) *effectSums {
	return &effectSums{effect: e, items: map[string]*EffectPart{}, months: map[month.Month]*EffectPart{}, itemsSeen: map[string]bool{}, monthsSeen: map[month.Month]bool{}}
}

func (s *effectSums) add(r *EffectRow) {
	if r.Person != s.person {
		s.person = r.Person
		s.effect.Heads++
		clear(s.itemsSeen)
		clear(s.monthsSeen)
	}
	item, of := s.items[r.Item], s.months[r.Month]
	if item == nil {
		item = &EffectPart{Item: r.Item, First: r.Month}
		s.items[r.Item] = item
	}
	if of == nil {
		of = &EffectPart{First: r.Month, Last: r.Month}
		s.months[r.Month] = of
	}
	item.First, item.Last = min(item.First, r.Month), max(item.Last, r.Month)
	if !s.itemsSeen[r.Item] {
		s.itemsSeen[r.Item] = true
		item.Heads++
	}
	if !s.monthsSeen[r.Month] {
		s.monthsSeen[r.Month] = true
		of.Heads++
	}
	for _, p := range []*EffectPart{item, of} {
		p.More, p.Less = p.More.Add(max(r.Amount, 0)), p.Less.Add(min(r.Amount, 0))
	}
	s.effect.More, s.effect.Less = s.effect.More.Add(max(r.Amount, 0)), s.effect.Less.Add(min(r.Amount, 0))
}

func (s *effectSums) finish() {
	for _, p := range s.items {
		s.effect.Items = append(s.effect.Items, *p)
	}
	for _, p := range s.months {
		s.effect.Months = append(s.effect.Months, *p)
	}
}

// AdoptedPack returns the region's pack; nil where none is adopted yet.
func AdoptedPack(ctx context.Context, db *postgres.DB, region int32) (*policy.Pack, error) {
	hash, err := packs.AdoptedHash(ctx, db, region)
	if err != nil || hash == "" {
		return nil, err
	}
	pack, err := batches.Pack(ctx, db, region, hash)
	if err != nil {
		return nil, fault.Wrap(err, fault.Refused, "采用的规则包（%s）本程序读不出来：%s", packs.ShortHash(hash), err.Error())
	}
	return pack, nil
}
