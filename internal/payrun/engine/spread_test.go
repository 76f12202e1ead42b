package engine_test

import (
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/payrun/payruntest"
)

// naiveTotals adds up lines as policy says: heads are people with a line that is not
// held, what is paid is netted, what is held stands by itself.
func naiveTotals(lines []payrun.Line) payrun.Totals {
	type head struct {
		item   string
		person int64
	}
	heads := map[head]bool{}
	sum := payrun.Totals{Lines: len(lines), Items: map[string]*payrun.ItemTotal{}}
	for _, l := range lines {
		if sum.Items[l.Item] == nil {
			sum.Items[l.Item] = &payrun.ItemTotal{Item: l.Item}
		}
		item := sum.Items[l.Item]
		if l.Hold != 0 {
			item.Held += l.Amount
			sum.Held += l.Amount
			continue
		}
		*map[payrun.Kind]*money.Fen{payrun.Current: &item.Current, payrun.Arrears: &item.Arrears, payrun.Recovery: &item.Recovery}[l.Kind] += l.Amount
		sum.Pays += l.Amount
		heads[head{l.Item, l.Person}], heads[head{"", l.Person}] = true, true
	}
	for h := range heads {
		if h.item == "" {
			sum.Heads++
		} else {
			sum.Items[h.item].Heads++
		}
	}
	return sum
}

// TestTotalsAreTheSumOfLines lets two computers share the people, as a run does.
func TestTotalsAreTheSumOfLines(t *testing.T) {
	t.Parallel()
	builtin := payruntest.Pack(t)
	rapid.Check(t, func(t *rapid.T) {
		p := payruntest.PlanOf(builtin, "2026-06")
		p.Bureaus = append(p.Bureaus, engine.BureauPlan{Bureau: "区医保局", Batch: 2, N: 1, From: p.Opening})
		computers := []*engine.Computer{engine.New(p), engine.New(p)}
		var lines []payrun.Line
		news := false
		for n := range rapid.IntRange(1, 6).Draw(t, "people") {
			c := engine.Case{Dossier: drawPerson(t, int64(n+1)), Touched: true}
			for range rapid.IntRange(0, 3).Draw(t, "settled") {
				item := rapid.SampledFrom([]string{"11", "13", "16", "23-1", "23-2", "18-1"}).Draw(t, "item")
				c.Settled = append(c.Settled, engine.Settled{Item: item, Payee: "本人", Month: payruntest.Nov.Add(-rapid.IntRange(0, 5).Draw(t, "ago")), Amount: money.Fen(rapid.IntRange(1, 30000).Draw(t, "amount"))})
			}
			results, err := computers[n%2].Person(&c)
			if err != nil {
				t.Fatal(err)
			}
			lines, news = append(lines, results[0].Lines...), news || results[0].News
			if len(results[1].Lines) > 0 {
				t.Fatalf("区医保局 pays nothing: %v", payruntest.Text(results[1].Lines))
			}
			for i := 1; i < len(results[0].Lines); i++ {
				if results[0].Lines[i-1].Compare(&results[0].Lines[i]) >= 0 {
					t.Fatalf("lines out of order: %v", payruntest.Text(results[0].Lines))
				}
			}
		}
		spread := engine.NewSpread(p)
		spread.Merge(computers[0].TakeSpread())
		spread.Merge(computers[1].TakeSpread())
		got := *spread.Totals(0)
		if diff := gocmp.Diff(naiveTotals(lines), got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(payrun.Totals{}, "News")); diff != "" {
			t.Fatalf("totals (-want +got):\n%s\n%v", diff, payruntest.Text(lines))
		}
		if got.News != news {
			t.Fatalf("news %v, want %v", got.News, news)
		}
		for _, item := range got.Items {
			if item.Pays() != item.Current+item.Arrears+item.Recovery {
				t.Fatalf("item %s pays %s", item.Item, item.Pays())
			}
		}
		if again := computers[0].TakeSpread().Totals(0); again.Lines != 0 || again.Pays != 0 {
			t.Fatalf("what was counted is counted again: %+v", again)
		}
	})
}

// TestComputersAddUp: what several computers counted is what one would have counted of all,
// so that no head is missing in a finding.
func TestComputersAddUp(t *testing.T) {
	t.Parallel()
	p := payruntest.Plan(t, "2023-12") // before the rates begin
	quiet := func(c *engine.Case) { c.Dossier.Phone = "" }
	people := []*engine.Case{
		payruntest.Person(payruntest.Eighty, quiet), payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Fact("生活不能自理"), quiet), payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Fact("生活不能自理"), quiet),
		payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Hundred, quiet), payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Fact("残疾等级=四级"), payruntest.Fact("残疾类别=肢体"), quiet),
	}
	_, whole := payruntest.ComputeAll(t, p, people...)
	parts := engine.NewSpread(p)
	for _, c := range people {
		_, one := payruntest.ComputeAll(t, p, c)
		parts.Merge(one)
	}
	for _, kind := range []string{"标准缺失", "标准为零", "缺少电话"} {
		if !slices.ContainsFunc(whole.Findings(0), func(f payrun.Finding) bool { return f.Kind == kind }) {
			t.Errorf("nobody lacks %s", kind)
		}
	}
	if diff := gocmp.Diff(whole.Findings(0), parts.Findings(0)); diff != "" {
		t.Errorf("(-one computer +several):\n%s", diff)
	}
}

// TestBatchOfAnotherPack: who submits a batch of a pack that is not adopted must have read
// what differs.
func TestBatchOfAnotherPack(t *testing.T) {
	t.Parallel()
	p := payruntest.Plan(t, "2026-11")
	if found := engine.NewSpread(p).Findings(0); len(found) > 0 {
		t.Errorf("of the adopted pack: %+v", found)
	}
	p.NotAdopted = "与在用的规则包不同：高龄津贴标准"
	if f := payruntest.TheFinding(t, engine.NewSpread(p).Findings(0), "规则包未采用", payrun.Acknowledge); f.Sentence != p.NotAdopted {
		t.Error(f.Sentence)
	}
}

// TestUnconfirmedSaysForWhom: of a rate with several values the finding names whose it is.
func TestUnconfirmedSaysForWhom(t *testing.T) {
	t.Parallel()
	p := payruntest.PlanOf(payruntest.Pack(t, "{from: 2024-01, when: 80-, value: 70, floor: 70, source: 清单第13项}", "{from: 2024-01, when: 80-, value: 70, floor: 70, source: 清单第13项, unconfirmed: 待文件}"), "2026-11")
	_, spread := payruntest.ComputeAll(t, p, payruntest.Person(payruntest.Eighty, payruntest.Fact("低保"), payruntest.Fact("残疾等级=四级"), payruntest.Fact("残疾类别=肢体")))
	var got []string
	for _, f := range spread.Findings(0) {
		if f.Kind == "待核定" {
			name, _, _ := strings.Cut(f.Sentence, "2024")
			got = append(got, name)
		}
	}
	slices.Sort(got)
	payruntest.Want(t, "rates", got, []string{"标准“养老服务补贴标准”（60-79）", "标准“养老服务补贴标准”（80-）", "标准“困难残疾人生活补贴标准”"})
}

// TestFindingsDoNotDependOnOrder: the same people in any order, on any computer, give
// the same findings of the batch.
func TestFindingsDoNotDependOnOrder(t *testing.T) {
	t.Parallel()
	builtin := payruntest.Pack(t)
	rapid.Check(t, func(t *rapid.T) {
		p := payruntest.PlanOf(builtin, "2026-06")
		var people []*engine.Case
		for n := range rapid.IntRange(2, 5).Draw(t, "people") {
			people = append(people, &engine.Case{Dossier: drawPerson(t, int64(n+1)), Touched: true})
		}
		find := func(order []*engine.Case) []payrun.Finding {
			spread := engine.NewSpread(p)
			for _, c := range order {
				computer := engine.New(p)
				if _, err := computer.Person(c); err != nil {
					t.Fatal(err)
				}
				spread.Merge(computer.TakeSpread())
			}
			return spread.Findings(0)
		}
		if diff := gocmp.Diff(find(people), find(rapid.Permutation(people).Draw(t, "order"))); diff != "" {
			t.Fatalf("findings differ:\n%s", diff)
		}
	})
}
