package judge_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/judge"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/policy"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// TestEngineAgreesWithJudge lives a dozen months of many random people through
// engine and judge and compares every line and debt: facts begin, end and are
// corrected, people die and move, months are skipped, batches are approved, carried over
// or voided, payments come back, money is collected and waived, another record is merged
// into theirs. Every other life is under a pack that limits the 补发 of every item. After
// each month due is zero for whatever was paid. AGREE_PEOPLE is how many lives; `make
// lives` lives 20,000.
func TestEngineAgreesWithJudge(t *testing.T) {
	people := 8_000
	if s := os.Getenv("AGREE_PEOPLE"); s != "" {
		people, _ = strconv.Atoi(s)
	}
	pack, err := policy.Load(policy.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	limited, err := policy.Load(limitAll(policy.Builtin()))
	if err != nil {
		t.Fatal(err)
	}
	const workers = 4
	for w := range workers {
		t.Run(fmt.Sprint(w), func(t *testing.T) {
			t.Parallel()
			seen, c := kinds{}, newCached(pack)
			for i := w; i < people; i += workers {
				if i/workers == people/workers/2 {
					c = newCached(limited)
				}
				l := newLife(uint64(i), c)
				if err := l.live(seen); err != nil {
					t.Fatalf("person %d (seed %d): %v", i, i, err)
				}
			}
			for _, kind := range []string{"当月", "补发", "扣回", "debt", "hold", "replaced", "15", "19", "18-2", "18-4", "24", "collected", "returned", "waived", "carried", "skipped", "voided", "lapsed", "决定暂缓"} {
				if seen[kind] == 0 {
					t.Errorf("no %s in %d lives: the test is too tame", kind, people/workers)
				}
			}
		})
	}
}

// limitAll limits the 补发 of every item that pays, to one month, two or three.
func limitAll(pack []byte) []byte {
	n := 0
	return regexp.MustCompile(`(?m)^    pay:( \{)?`).ReplaceAllFunc(pack, func(b []byte) []byte {
		n++
		if strings.HasSuffix(string(b), "{") {
			return fmt.Appendf(nil, "%sarrears_months: %d, ", b, 1+n%3)
		}
		return fmt.Appendf(nil, "%s\n      arrears_months: %d", b, 1+n%3)
	})
}

type kinds map[string]int

// life is one random person over the months, with an own little ledger.
type life struct {
	r       *rand.Rand
	pack    *policy.Pack
	d       *roster.Dossier
	opening month.Month
	months  int
	settled map[judge.Key]money.Fen
	waived  map[judge.Key]money.Fen
	shared  bool
	alike   bool          // somebody else has the same name and birth date
	there   []judge.Entry // what another region paid
	cached  *cached

	rev       int64
	approvals map[string][]engine.Approval // by bureau
	stages    []engine.Stage
	other     *roster.Dossier // a record that is merged into this one at the end
	end       int64
	found     map[judge.Key]bool // in some batch
	kept      bool               // every 疑点 was decided to hold
}

// TestMain lets garbage pile up: next to nothing outlives a life, and looking for it after
// every four megabytes would take a third of the time.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

// cached keeps what does not differ from person to person: parsing the pack's
// expressions for each would take most of the test's time.
type cached struct {
	pack      *policy.Pack
	judges    map[string]*judge.Judge
	plans     map[string]*engine.Plan
	computers map[string]*engine.Computer
}

func newCached(pack *policy.Pack) *cached {
	return &cached{pack, map[string]*judge.Judge{}, map[string]*engine.Plan{}, map[string]*engine.Computer{}}
}

var (
	payees = map[string]roster.Account{"区医保局": {Number: "1"}, "甲院": {Number: "2"}, "丙": {Number: "3"}, "乙院": {}}
	// As engine and judge are told of it; account 77 in the name of 乙 is another one.
	refused = roster.Account{Number: "77", Holder: "甲"}
)

func newLife(seed uint64, c *cached) *life {
	l := &life{r: rand.New(rand.NewPCG(seed, 7)), pack: c.pack, months: 12, cached: c, settled: map[judge.Key]money.Fen{}, waived: map[judge.Key]money.Fen{},
		approvals: map[string][]engine.Approval{}, found: map[judge.Key]bool{}}
	l.opening = pick(l.r, []month.Month{month.Of(2024, 1), month.Of(2024, 8), month.Of(2026, 5)})
	born := l.opening.Add(-12*(55+l.r.IntN(58)) - l.r.IntN(14))
	birth := born.First().Add(l.r.IntN(28))
	l.d = &roster.Dossier{Person: roster.Person{Number: 1, Name: "甲", Street: "永泰", Birth: birth, ID: roster.MakeID("140213", birth, 1+l.r.IntN(900))}}
	if l.chance(0.03) {
		l.d.ID = "临-A1"
	}
	if l.chance(0.9) {
		l.d.Account = roster.Account{Bank: "中国银行", Number: "6217000000000000"}
	}
	if l.chance(0.1) {
		l.d.Account.Holder = "乙"
	}
	l.shared, l.alike, l.kept = l.chance(0.03), l.chance(0.02), l.chance(0.3)
	if l.chance(0.03) {
		for m := l.opening; m < l.opening.Add(12); m += 2 {
			l.there = append(l.there, judge.Entry{Key: judge.Key{Item: "11", Month: m}, Amount: 7000}, judge.Entry{Key: judge.Key{Item: "16", Month: m + 1}, Amount: 100})
		}
	}
	l.theme()
	for range 3 + l.r.IntN(8) {
		l.learn()
	}
	if l.chance(0.1) {
		l.other, l.end = l.copied(), 2+l.r.Int64N(20)
		l.other.Facts = slices.DeleteFunc(l.other.Facts, func(roster.Fact) bool { return l.chance(0.3) })
	}
	if l.chance(0.3) { // the facts become known with the months
		l.d.Facts = slices.DeleteFunc(l.d.Facts, func(roster.Fact) bool { return l.chance(0.3) })
	}
	return l
}

func (l *life) copied() *roster.Dossier {
	return &roster.Dossier{Person: l.d.Person, Facts: slices.Clone(l.d.Facts), Awards: slices.Clone(l.d.Awards)}
}

// told keeps what is known now as a stage of knowledge.
func (l *life) told() {
	l.rev++
	s := engine.Stage{Rev: l.rev, Records: []*roster.Dossier{l.copied()}}
	if l.other != nil && l.rev < l.end {
		s.Records = append(s.Records, l.other)
	}
	l.stages = append(l.stages, s)
}

// theme gives some people what the rarer items ask for together.
func (l *life) theme() {
	since := l.opening.Add(l.r.IntN(8) - 6).First()
	add := func(name, value string) {
		l.d.Facts = append(l.d.Facts, roster.Fact{Name: name, Since: since, Value: value})
	}
	switch l.r.IntN(12) {
	case 0:
		add("低保", "是")
		add("低保月金额", "730.00")
		add("失能等级", "完全失能")
		add("入住机构", "甲院")
		add("机构月收费", money.Fen(l.r.IntN(400_000)).String())
	case 1:
		add("特困", "分散")
		add("自理能力", "半自理")
		l.d.Died = l.opening.Add(l.r.IntN(l.months)).First().Add(l.r.IntN(28))
		l.d.Awards = append(l.d.Awards, roster.Award{Item: "18-4", Amount: 300_000, First: l.d.Died.Month().Add(l.r.IntN(2)), Payee: pick(l.r, []string{"", "丙"})})
	case 2:
		add("特困", "集中")
		add("自理能力", "全护理")
		add("入住机构", "甲院")
	}
	slices.SortStableFunc(l.d.Facts, func(a, b roster.Fact) int { return strings.Compare(a.Name, b.Name) })
}

func (l *life) chance(p float64) bool { return l.r.Float64() < p }

func (l *life) day() month.Date {
	return l.opening.Add(l.r.IntN(l.months+16) - 14).First().Add(l.r.IntN(31))
}

func pick[T any](r *rand.Rand, of []T) T { return of[r.IntN(len(of))] }

// learn changes what is known of the person.
func (l *life) learn() {
	switch n := l.r.IntN(20); {
	case n == 0:
		l.d.Died = pick(l.r, []month.Date{0, l.day(), l.opening.Add(l.r.IntN(l.months)).First()})
	case n == 1:
		l.d.MovedIn = pick(l.r, []month.Date{0, l.day(), l.opening.Add(l.r.IntN(l.months)).First()})
	case n == 2:
		l.d.MovedOut = pick(l.r, []month.Date{0, l.day()})
	case n == 3:
		l.d.Deputy = pick(l.r, []roster.Deputy{{}, {Name: "丁", Relation: "子女"}, {Name: "丁", Relation: "子女", Reason: "住院"}})
	case n == 4:
		l.d.Account = pick(l.r, []roster.Account{{}, {Bank: "中国银行", Number: "6217000000000000"}, {Bank: "农村信用社", Number: "99", Holder: "乙"}, {Number: "77"}, {Number: "77", Holder: "乙"}, {Number: "77", Holder: "甲"}})
	case n < 8:
		l.award()
	default:
		l.fact()
	}
}

// fact restates the whole history of one fact.
func (l *life) fact() {
	decl := pick(l.r, l.pack.File.Facts)
	if l.chance(0.5) { // the facts that money hangs on, more often
		name := pick(l.r, []string{"低保", "特困", "自理能力", "失能等级", "残疾等级", "残疾类别", "入住机构", "机构月收费", "低保月金额", "医疗保险", "生活不能自理"})
		decl = l.pack.File.Facts[slices.IndexFunc(l.pack.File.Facts, func(f packfile.Fact) bool { return f.Name.Value == name })]
	}
	name := decl.Name.Value
	l.d.Facts = slices.DeleteFunc(l.d.Facts, func(f roster.Fact) bool { return f.Name == name })
	since := l.day()
	for n := l.r.IntN(3); n >= 0 && !l.chance(0.1); n-- {
		f := roster.Fact{Name: name, Since: since, Value: l.value(&decl)}
		if n > 0 || l.chance(0.3) {
			f.Until = since.Add(l.r.IntN(120))
		}
		l.d.Facts = append(l.d.Facts, f)
		if f.Until == 0 {
			break
		}
		since = f.Until.Add(1 + l.r.IntN(20))
		if decl.Type.Value == "choices" { // several at a time are allowed
			since = f.Since.Add(l.r.IntN(60))
		}
	}
	slices.SortStableFunc(l.d.Facts, func(a, b roster.Fact) int { return strings.Compare(a.Name, b.Name) })
}

func (l *life) value(decl *packfile.Fact) string {
	switch decl.Type.Value {
	case "flag":
		return "是"
	case "amount":
		return money.Fen(l.r.IntN(300_000)).String()
	case "text":
		return pick(l.r, []string{"甲院", "乙院", "没有登记的院"})
	case "choices":
		a, b := pick(l.r, decl.Values).Value, pick(l.r, decl.Values).Value
		if a != b && l.chance(0.3) {
			return a + "、" + b
		}
		return a
	}
	return pick(l.r, decl.Values).Value
}

func (l *life) award() {
	item := pick(l.r, []string{"1", "2", "17", "18-4", "18-5", "24"})
	l.d.Awards = slices.DeleteFunc(l.d.Awards, func(a roster.Award) bool { return a.Item == item })
	first := l.opening.Add(l.r.IntN(l.months+4) - 4)
	for n := l.r.IntN(3); n > 0; n-- {
		a := roster.Award{Item: item, Amount: 1 + money.Fen(l.r.IntN(300_000)), First: first, Last: first.Add(l.r.IntN(4)), Payee: pick(l.r, []string{"", "", "丙", "没有登记的人"})}
		if n == 1 && l.chance(0.2) {
			a.Last = 0
		}
		l.d.Awards = append(l.d.Awards, a)
		if a.Last == 0 {
			break
		}
		first = a.Last.Add(1 + l.r.IntN(2))
	}
	slices.SortStableFunc(l.d.Awards, func(a, b roster.Award) int { return strings.Compare(a.Item, b.Item) })
}

// live runs month after month and compares engine and judge in each.
func (l *life) live(seen kinds) error {
	for m := l.opening; m < l.opening.Add(l.months); m++ {
		for n := l.r.IntN(3); n > 0 || l.rev == 0; n-- {
			if l.rev > 0 {
				l.learn()
			}
			l.told()
		}
		if l.chance(0.15) {
			seen["skipped"]++
			continue
		}
		for _, bureau := range l.bureaus(m) {
			lines, debts, err := l.compare(bureau, m, seen)
			if err != nil {
				return fmt.Errorf("%s %s: %w", bureau, m, err)
			}
			note(seen, lines, debts)
			for _, line := range lines {
				l.found[judge.Key{Item: line.Item, Payee: line.Payee, Month: line.Month}] = true
			}
			if err := l.books(bureau, m, lines, debts, seen); err != nil {
				return fmt.Errorf("%s %s: %w", bureau, m, err)
			}
		}
	}
	return nil
}

// bureaus leaves out the 区人社局 where it has nothing to say, but for a month a quarter.
func (l *life) bureaus(m month.Month) []string {
	pension := slices.ContainsFunc(l.d.Awards, func(a roster.Award) bool { return a.Item == "1" || a.Item == "2" })
	for k := range l.settled {
		pension = pension || k.Item == "1" || k.Item == "2"
	}
	if pension || m%3 == 0 {
		return []string{"区民政局", "区人社局"}
	}
	return []string{"区民政局"}
}

func note(seen kinds, lines []payrun.Line, debts []payrun.Debt) {
	for _, l := range lines {
		seen[l.Kind.String()]++
		seen[l.Item]++
		if l.Hold != 0 {
			seen["hold"]++
		}
		if l.Hold&payrun.KeptBack != 0 {
			seen["决定暂缓"]++
		}
		if l.Against != l.Item {
			seen["replaced"]++
		}
	}
	seen["debt"] += len(debts)
}

// compare computes the bureau's month with both and returns the engine's answer.
func (l *life) compare(bureau string, m month.Month, seen kinds) ([]payrun.Line, []payrun.Debt, error) {
	lines, debts, lapsed, err := l.engine(bureau, m)
	if err != nil {
		return nil, nil, err
	}
	seen["lapsed"] += lapsed
	j, err := l.judge(bureau, m)
	if err != nil {
		return nil, nil, err
	}
	c := &judge.Case{Person: l.d.Person, Facts: l.d.Facts, Awards: l.d.Awards, AccountShared: l.shared, NameShared: l.alike, Elsewhere: l.there, Released: map[string]bool{}}
	for k, amount := range l.settled {
		c.Settled = append(c.Settled, judge.Entry{Key: k, Amount: amount})
	}
	for k, amount := range l.waived {
		c.Waived = append(c.Waived, judge.Entry{Key: k, Amount: amount})
	}
	for k := range l.found {
		c.Found = append(c.Found, k)
	}
	for _, s := range l.stages {
		k := judge.Knowledge{Rev: s.Rev}
		for _, d := range s.Records {
			k.Records = append(k.Records, &judge.Case{Person: d.Person, Facts: d.Facts, Awards: d.Awards})
		}
		c.Known = append(c.Known, k)
	}
	c.Kept = map[string]bool{}
	for _, kind := range l.doubts() {
		c.Kept[kind] = l.kept
	}
	j.World.Kept, j.Approvals = nil, nil
	if l.kept {
		j.World.Kept = j.Refused
	}
	for _, a := range l.approvals[bureau] {
		j.Approvals = append(j.Approvals, judge.Approval(a))
	}
	theirs, theirDebts, err := j.Lines(c)
	if err != nil {
		return nil, nil, err
	}
	if diff := judge.Compare(lines, theirs); len(diff) > 0 {
		return nil, nil, fmt.Errorf("%s\n%s", diff[0].Sentence(), cmp.Diff(theirs, lines))
	}
	if diff := judge.CompareDebts(debts, theirDebts); len(diff) > 0 {
		return nil, nil, fmt.Errorf("%s", diff[0].Sentence())
	}
	return lines, debts, nil
}

func (l *life) judge(bureau string, m month.Month) (*judge.Judge, error) {
	key := bureau + m.String() + l.opening.String()
	if l.cached.judges[key] == nil {
		j, err := judge.New(judge.World{File: l.pack.File, Bureau: bureau, Month: m, Opening: l.opening, Payees: payees, Refused: map[string][]roster.Account{"77": {refused}}})
		if err != nil {
			return nil, err
		}
		l.cached.judges[key] = j
	}
	return l.cached.judges[key], nil
}

// doubts are what a 疑点 on the person may be about.
func (l *life) doubts() []string {
	kinds := []string{judge.SharedKind, judge.HolderKind, judge.AgeKind, judge.TwiceKind, judge.CertificationKind}
	for _, c := range l.pack.File.Checks.Conflicts {
		kinds = append(kinds, judge.ConflictKind+c.Name.Value)
	}
	for _, e := range l.there {
		kinds = append(kinds, judge.ElsewhereKind+e.Item)
	}
	return kinds
}

func (l *life) computer(bureau string, m month.Month) *engine.Computer {
	key := fmt.Sprint(bureau, m, l.opening, l.shared, l.alike, len(l.there), l.kept, l.d.Number)
	if l.cached.computers[key] == nil {
		plan := &engine.Plan{Pack: l.pack, Month: m, Opening: l.opening, Payees: payees, Refused: map[roster.Account]engine.Refusal{refused: {}}, Shared: map[string][]int64{},
			Bureaus: []engine.BureauPlan{{Bureau: bureau, Batch: 1, N: 1, From: l.opening}}, Released: func(string) bool { return false }, Kept: func(string) bool { return l.kept }}
		if l.alike {
			plan.Alike = map[int64][]int64{l.d.Number: {l.d.Number, l.d.Number + 1}}
		}
		for _, e := range l.there {
			plan.Elsewhere = map[int64][]engine.Elsewhere{l.d.Number: append(plan.Elsewhere[l.d.Number],
				engine.Elsewhere{Region: 140214, Item: e.Item, Month: e.Month, Amount: e.Amount})}
		}
		if l.shared {
			for _, account := range []string{"6217000000000000", "99", "77"} {
				plan.Shared[account] = []int64{1, 2}
			}
		}
		l.cached.plans[key], l.cached.computers[key] = plan, engine.New(plan)
	}
	l.cached.plans[key].Bureaus[0].Approvals = l.approvals[bureau]
	return l.cached.computers[key]
}

// engine also counts the dues that became known too late.
func (l *life) engine(bureau string, m month.Month) ([]payrun.Line, []payrun.Debt, int, error) {
	cs := engine.Case{Dossier: l.d, Touched: true, Stages: l.stages}
	for k := range l.found {
		cs.Settled = append(cs.Settled, engine.Settled{Item: k.Item, Payee: k.Payee, Month: k.Month})
	}
	for k, amount := range l.settled {
		cs.Settled = append(cs.Settled, engine.Settled{Item: k.Item, Payee: k.Payee, Month: k.Month, Amount: amount, Waived: l.waived[k]})
	}
	results, err := l.computer(bureau, m).Person(&cs)
	if err != nil {
		return nil, nil, 0, err
	}
	lapsed := 0
	for _, f := range results[0].Findings {
		if f.Kind == "超限补发" {
			lapsed++
		}
	}
	return slices.Clone(results[0].Lines), slices.Clone(results[0].Debts), lapsed, nil
}

// books approves the batch or carries it over, checks that nothing is due after
// settling, and lets later events happen to the ledger.
func (l *life) books(bureau string, m month.Month, lines []payrun.Line, debts []payrun.Debt, seen kinds) error {
	if l.chance(0.2) {
		seen["carried"]++
		return nil
	}
	held := 0
	for _, line := range lines {
		if line.Hold != 0 {
			held++
			continue
		}
		l.settled[judge.Key{Item: line.Item, Payee: line.Payee, Month: line.Month}] += line.Amount
	}
	l.rev++
	l.approvals[bureau] = append(l.approvals[bureau], engine.Approval{Month: m, Rev: l.rev})
	again, left, _, err := l.engine(bureau, m)
	if err != nil {
		return err
	}
	if len(again) != held || len(left) != len(debts) {
		return fmt.Errorf("after settling %d lines are due, %d were held; %d debts, %d before", len(again), held, len(left), len(debts))
	}
	if l.chance(0.05) {
		seen["voided"]++
		l.rev++
		l.approvals[bureau][len(l.approvals[bureau])-1].Voided = l.rev
		for _, line := range lines {
			if line.Hold == 0 {
				l.settled[judge.Key{Item: line.Item, Payee: line.Payee, Month: line.Month}] -= line.Amount
			}
		}
		return nil
	}
	for _, line := range lines {
		if line.Hold == 0 && line.Kind != payrun.Recovery && l.chance(0.03) { // the bank sends it back
			seen["returned"]++
			l.settled[judge.Key{Item: line.Item, Payee: line.Payee, Month: line.Month}] -= line.Amount
		}
	}
	for _, debt := range debts {
		key := judge.Key{Item: debt.Item, Payee: debt.Payee, Month: debt.Month}
		part := 1 + money.Fen(l.r.Int64N(int64(debt.Amount)))
		switch {
		case l.chance(0.2):
			seen["collected"]++
			l.settled[key] -= part
		case l.chance(0.1):
			seen["waived"]++
			l.waived[key] += part
		}
	}
	return nil
}
