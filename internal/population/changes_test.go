package population

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/roster/read"
)

// register is what is known, by ID number, for applying changes by hand.
type register map[string]*roster.Dossier

func registerOf(list []roster.Dossier) register {
	r := register{}
	for i := range list {
		r[list[i].ID] = &list[i]
	}
	return r
}

// apply merges changes as an import would: people by their number, histories whole.
func (r register) apply(t *testing.T, c *roster.Import) {
	t.Helper()
	for _, row := range c.People {
		known := r[row.Person.ID]
		if row.Former != "" {
			if known != nil || r[row.Former] == nil {
				t.Fatalf("%s cannot become %s", row.Former, row.Person.ID)
			}
			known = r[row.Former]
			delete(r, row.Former)
		}
		if known == nil {
			known = &roster.Dossier{}
		}
		known.Person = row.Person
		r[row.Person.ID] = known
	}
	for _, h := range c.Facts {
		d := r[h.ID]
		d.Facts = append(slices.DeleteFunc(d.Facts, func(f roster.Fact) bool { return f.Name == h.Fact }), h.Facts...)
	}
	for _, h := range c.Awards {
		d := r[h.ID]
		d.Awards = append(slices.DeleteFunc(d.Awards, func(a roster.Award) bool { return a.Item == h.Item }), h.Awards...)
	}
}

var anyOrder = []gocmp.Option{
	cmpopts.EquateEmpty(),
	cmpopts.SortSlices(func(a, b roster.Fact) bool {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Since, b.Since)) < 0
	}),
	cmpopts.SortSlices(func(a, b roster.Award) bool {
		return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(a.First, b.First)) < 0
	}),
}

// The first roster and the changes month by month come to what is known in the end;
// so do the changes of all months at once.
func TestChangesAddUp(t *testing.T) {
	t.Parallel()
	p := of(t, 1000, 12)
	end := november + 3
	monthly, atOnce := registerOf(all(t, p)), registerOf(all(t, p))
	for m := november; m < end; m++ {
		monthly.apply(t, p.Changes(m, m+1))
	}
	atOnce.apply(t, p.Changes(november, end))
	d := p.draft()
	n := p.o.People + p.comers(end)
	for i := range n {
		d.state(i, end)
		for _, r := range []register{monthly, atOnce} {
			if diff := gocmp.Diff(&d.Dossier, r[d.ID], anyOrder...); diff != "" {
				t.Fatalf("person %d: %s", i, diff)
			}
		}
	}
	if len(monthly) != n || len(atOnce) != n {
		t.Errorf("%d and %d people, want %d", len(monthly), len(atOnce), n)
	}
}

func TestNothingChangesWithinAMonth(t *testing.T) {
	t.Parallel()
	c := of(t, 500, 1).Changes(november, november)
	if len(c.People)+len(c.Facts)+len(c.Awards) > 0 {
		t.Errorf("%d people, %d facts, %d awards change", len(c.People), len(c.Facts), len(c.Awards))
	}
}

// kindsOfNews counts what happened to people between two months.
func kindsOfNews(p *Population, old register, c *roster.Import, from month.Month) census {
	n, touched := census{}, map[string]bool{}
	count := func(what string, is bool) {
		if is {
			n[what]++
		}
	}
	for _, row := range c.People {
		now, was := row.Person, old[row.Person.ID]
		touched[now.ID] = true
		if row.Former != "" {
			was = old[row.Former]
			count("更正身份证号", true)
		}
		if was == nil {
			count("新增", true)
			count("新满 60 周岁", month.Age(now.Birth, from+1) == 60)
			count("新满 80 周岁", month.Age(now.Birth, from+1) == 80)
			count("新迁入", now.MovedIn.Month() == from)
			continue
		}
		count("当月去世", was.Died == 0 && now.Died.Month() == from)
		count("迟报去世", was.Died == 0 && now.Died != 0 && now.Died < from.First())
		count("迁出", was.MovedOut == 0 && now.MovedOut != 0)
		count("补来账户", was.Account.Number == "" && now.Account.Number != "")
		count("换账户", was.Account.Number != "" && now.Account.Number != was.Account.Number)
	}
	for _, h := range c.Facts {
		touched[h.ID] = true
		was := old[h.ID]
		if was == nil {
			continue
		}
		count("撤销", len(h.Facts) == 0)
		for _, f := range h.Facts {
			count(f.Name+"追溯", f.Since <= from.First() && !slices.Contains(was.Facts, f) && f.Until == 0)
			count(f.Name+"止", f.Until != 0 && f.Until <= from.Last() && !slices.Contains(was.Facts, f))
		}
	}
	for _, h := range c.Awards {
		touched[h.ID] = true
		count(h.Item+" 撤销", len(h.Awards) == 0)
		count(h.Item+" 本月", slices.ContainsFunc(h.Awards, func(a roster.Award) bool { return a.First == from+1 }))
	}
	n["people"] = float64(len(touched))
	return n
}

func TestEveryKindOfNewsOccurs(t *testing.T) {
	t.Parallel()
	const people = 20_000
	p := of(t, people, 1)
	n := kindsOfNews(p, registerOf(all(t, p)), p.Changes(november, november+1), november)
	for _, what := range []string{"更正身份证号", "新增", "新满 60 周岁", "新满 80 周岁", "新迁入", "当月去世", "迟报去世", "迁出",
		"补来账户", "换账户", "撤销", "低保追溯", "残疾等级追溯", "失能等级追溯", "入住机构追溯", "特困追溯", "暂停发放止", "低保止",
		"17 撤销", "17 本月", "18-4 本月"} {
		if n[what] == 0 {
			t.Errorf("nothing of the kind %s", what)
		}
	}
	if share := n["people"] / people; share < 0.01 || share > 0.02 {
		t.Errorf("%.2f %% of the people have news, want 1 to 2", 100*share)
	}
}

// Both workbooks are read back as they were meant, without a word of complaint.
func TestWorkbooksReadBack(t *testing.T) {
	t.Parallel()
	p, v, dir := of(t, 1500, 9), vocabulary(t), t.TempDir()
	var told []int
	path := filepath.Join(dir, "花名册.xlsx")
	if err := p.WriteRoster(path, v, func(n int) { told = append(told, n) }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(told, []int{1000, 1500}) {
		t.Errorf("progress says %v", told)
	}
	read := readBack(t, path, v)
	known := register{}
	known.apply(t, read)
	for _, want := range all(t, p) {
		if diff := gocmp.Diff(&want, known[want.ID], anyOrder...); diff != "" {
			t.Fatal(diff)
		}
	}
	if len(read.Payees) != len(payees) || len(known) != 1500 {
		t.Errorf("%d payees and %d people read", len(read.Payees), len(known))
	}

	want := p.Changes(november, november+1)
	path = filepath.Join(dir, "变更.xlsx")
	if err := WriteChanges(path, want); err != nil {
		t.Fatal(err)
	}
	got := readBack(t, path, v)
	byID := cmpopts.SortSlices(func(a, b roster.FactHistory) bool {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Fact, b.Fact)) < 0
	})
	awardsByID := cmpopts.SortSlices(func(a, b roster.AwardHistory) bool {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Item, b.Item)) < 0
	})
	if diff := gocmp.Diff(want.People, got.People, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	if diff := gocmp.Diff(want.Facts, got.Facts, byID, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	if diff := gocmp.Diff(want.Awards, got.Awards, awardsByID, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the changes: %v, %v", info.Mode(), err)
	}
}

func readBack(t *testing.T, path string, v *roster.Vocabulary) *roster.Import {
	t.Helper()
	read, err := read.Roster(context.Background(), path, v, month.DateOf(2027, 12, 31), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append(read.Problems, read.Warnings...) {
		t.Errorf("%s row %d, %s %q: %s", p.Place.Sheet, p.Place.Row, p.Column, p.Value, p.Reason)
	}
	return read
}

func TestWorkbooksThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	p, nowhere := of(t, 10, 1), filepath.Join(t.TempDir(), "没有", "x.xlsx")
	if err := p.WriteRoster(nowhere, vocabulary(t), nil); err == nil {
		t.Error("a roster was written nowhere")
	}
	if err := WriteChanges(nowhere, p.Changes(november, november+1)); err == nil {
		t.Error("changes were written nowhere")
	}
}
