package imports_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/imports"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

// matched are a report's matches, each as "2 某1944 1".
func matched(r *imports.MatchReport) []string {
	var all []string
	for _, m := range r.Matches {
		all = append(all, fmt.Sprintf("%d %s %d", m.Row, m.Person.Name, m.How))
	}
	return all
}

// kinds are the kinds of a batch's findings of a level, with whom they are about.
func kinds(d *storetest.District, b payrun.Batch, level payrun.Level, suffix string) []string {
	d.T.Helper()
	var all []string
	for _, f := range d.Findings(b, level) {
		if strings.HasSuffix(f.Kind, suffix) {
			name, _, _ := strings.Cut(f.Sentence, "（")
			all = append(all, f.Kind+" "+name)
		}
	}
	slices.Sort(all)
	return all
}

func TestMatchListHoldsUntilDecided(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(roster.Columns{Name: true, Street: true, Bank: true, Number: true, Phone: true}).
		People(storetest.Resident(1940), storetest.Resident(1941), storetest.Resident(1942), storetest.Resident(1943)))
	// Somebody's number is corrected: the list still has the old one.
	moved := storetest.Resident(1942)
	moved.ID = roster.MakeID("140213", storetest.Day(1942, 6, 15), 7)
	d.Learn(storetest.NewSheet(roster.Columns{}).Person(moved, storetest.IdOf(1942)))

	death := storetest.Listing(storetest.ByNumber(1940, storetest.Day(2026, 9, 3)), storetest.ByNumber(1942, storetest.Day(2026, 9, 4)),
		roster.Listed{Name: "某1943", Birth: storetest.Day(1943, 6, 15)}, storetest.ByNumber(1930, 0))
	r := d.Match("死亡", death)
	d.Want("matches", matched(r), "0 某1940 1", "1 某1942 2", "2 某1943 3")
	if diff := cmp.Diff([]int{3}, r.Unmatched); diff != "" || r.Hits != 3 || r.New != 3 || r.Cleared != 0 {
		t.Errorf("report %+v (-want +got unmatched):\n%s", r, diff)
	}

	d.Run(storetest.At(11))
	b := d.Batch(storetest.At(11))
	d.Want("lines", d.Lines(b), "某1940 11 本人 2026-11 当月 70.00 [疑点未决]", "某1941 11 本人 2026-11 当月 70.00",
		"某1942 11 本人 2026-11 当月 70.00 [疑点未决]", "某1943 11 本人 2026-11 当月 70.00 [疑点未决]")
	d.Want("doubts", kinds(d, b, payrun.Doubt, payrun.HitKind("")), "死亡名单命中 某1940", "死亡名单命中 某1942", "死亡名单命中 某1943")

	// Released once, paid from the next run on, as long as the evidence is the same.
	for _, f := range d.Findings(b, payrun.Doubt) {
		if strings.HasPrefix(f.Sentence, "某1940") {
			if err := signing.Decide(t.Context(), d.Db, storetest.DeskRegion, f.ID, true, "本人在世，名单有误", storetest.Clerk, storetest.RunBy); err != nil {
				t.Fatal(err)
			}
		}
	}
	d.Run(storetest.At(11))
	if got := d.Lines(d.Batch(storetest.At(11))); !slices.Contains(got, "某1940 11 本人 2026-11 当月 70.00") {
		t.Errorf("released, but %v", got)
	}
	d.SignTo(storetest.At(11), storetest.DeskBureau, payrun.Approved)

	if r := d.Match("死亡", death); r.Rev != 0 {
		t.Errorf("the same list took revision %d", r.Rev)
	}
	// A newer list: the same evidence for 1940, none any more for 1942 and 1943, and 1941.
	r = d.Match("死亡", storetest.Listing(storetest.ByNumber(1940, storetest.Day(2026, 9, 3)), storetest.ByNumber(1941, storetest.Day(2026, 11, 9))))
	if r.Hits != 2 || r.New != 1 || r.Cleared != 2 {
		t.Errorf("newer list: %+v", r)
	}
	d.Run(storetest.At(12))
	d.Want("lines of December", d.Lines(d.Batch(storetest.At(12))), "某1940 11 本人 2026-12 当月 70.00", "某1941 11 本人 2026-12 当月 70.00 [疑点未决]",
		"某1942 11 本人 2026-11 补发 70.00", "某1942 11 本人 2026-12 当月 70.00", "某1943 11 本人 2026-11 补发 70.00", "某1943 11 本人 2026-12 当月 70.00")
	d.Agrees(d.Batch(storetest.At(11))) // the approved batch is still judged by the list of its time

	// Other evidence is another doubt.
	d.Match("死亡", storetest.Listing(storetest.ByNumber(1940, storetest.Day(2026, 10, 1))))
	d.Run(storetest.At(12))
	if got := d.Lines(d.Batch(storetest.At(12))); !slices.Contains(got, "某1940 11 本人 2026-12 当月 70.00 [疑点未决]") {
		t.Errorf("another date of death, but %v", got)
	}
}

// A death that the roster has is no doubt; one with another date is.
func TestMatchListKnownDeath(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(roster.Columns{Name: true, Street: true, Bank: true, Number: true, Died: true}).
		People(storetest.Resident(1940, storetest.DiedOn(storetest.Day(2026, 11, 5))), storetest.Resident(1941, storetest.DiedOn(storetest.Day(2026, 11, 5))), storetest.Resident(1942, storetest.DiedOn(storetest.Day(2026, 11, 5)))))
	d.Match("死亡", storetest.Listing(storetest.ByNumber(1940, storetest.Day(2026, 11, 5)), storetest.ByNumber(1941, 0), storetest.ByNumber(1942, storetest.Day(2026, 11, 6))))
	d.Run(storetest.At(11))
	b := d.Batch(storetest.At(11))
	d.Want("doubts", kinds(d, b, payrun.Doubt, payrun.HitKind("")), "死亡名单命中 某1942")
	d.Want("lines", d.Lines(b), "某1940 11 本人 2026-11 当月 70.00", "某1941 11 本人 2026-11 当月 70.00", "某1942 11 本人 2026-11 当月 70.00 [疑点未决]")
}

func TestMatchListTwoOfOneName(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	one, two := storetest.Resident(1940), storetest.Resident(1940)
	two.ID, two.Account.Number = roster.MakeID("140213", storetest.Day(1940, 6, 15), 9), "629"
	d.Learn(storetest.NewSheet(roster.Columns{Name: true, Street: true, Bank: true, Number: true}).People(one, two))
	r := d.Match("服刑", storetest.Listing(roster.Listed{Name: "某1940", Birth: storetest.Day(1940, 6, 15)}))
	d.Want("matches", matched(r), "0 某1940 4", "0 某1940 4")
	d.Run(storetest.At(11))
	d.Want("lines", d.Lines(d.Batch(storetest.At(11))), "某1940 11 本人 2026-11 当月 70.00 [疑点未决]", "某1940 11 本人 2026-11 当月 70.00 [疑点未决]")
}

// Lists of information hold nothing; several lists are several doubts, decided one by one.
func TestMatchListKinds(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(roster.Columns{Name: true, Street: true, Bank: true, Number: true}).People(storetest.Resident(1940), storetest.Resident(1941)))
	d.Match("残联", storetest.Listing(storetest.ByNumber(1941, 0)))
	d.Match("财政供养", storetest.Listing(storetest.ByNumber(1940, 0)))
	d.Match("服刑", storetest.Listing(storetest.ByNumber(1940, 0)))
	d.Match("公安", storetest.Listing(storetest.ByNumber(1940, 0), storetest.ByNumber(1920, 0)))
	d.Run(storetest.At(11))
	b := d.Batch(storetest.At(11))
	d.Want("doubts", kinds(d, b, payrun.Doubt, payrun.HitKind("")), "服刑名单命中 某1940", "财政供养名单命中 某1940")
	d.Want("information", kinds(d, b, payrun.Information, payrun.HitKind("")), "残联名单命中 某1941")
	d.Decide(b, "服刑名单命中", true)
	d.Run(storetest.At(11))
	held, paid := "某1940 11 本人 2026-11 当月 70.00 [疑点未决]", "某1940 11 本人 2026-11 当月 70.00"
	d.Want("one of two released", d.Lines(b), held, "某1941 11 本人 2026-11 当月 70.00")
	d.Decide(b, "财政供养名单命中", true)
	d.Run(storetest.At(11))
	d.Want("both released", d.Lines(b), paid, "某1941 11 本人 2026-11 当月 70.00")
	if n := d.Number(`SELECT count(*) FROM match_hit WHERE kind = '公安'`); n != 0 {
		t.Errorf("%d hits of a list that is read for people who are missing", n)
	}
}

// Whom the newest list has and the roster does not, the run reminds of by street, with
// what the rules would give them; somebody who has been put down since is no longer named.
func TestPeopleWhoAreNotOnTheRoster(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	some := roster.Columns{Name: true, Street: true, Bank: true, Number: true}
	d.Learn(storetest.NewSheet(some).People(storetest.Resident(1940)))
	in := func(street string, r roster.Listed) roster.Listed {
		r.Street = street
		return r
	}
	unnumbered := roster.Listed{Name: "没号", Birth: storetest.Day(1942, 6, 15), Street: "古城"}
	list := storetest.Listing(storetest.ByNumber(1940, 0), in("永泰", storetest.ByNumber(1941, 0)), in("永泰", storetest.ByNumber(1920, 0)), in("永泰", storetest.ByNumber(1960, 0)),
		in("古城", storetest.ByNumber(1943, 0)), unnumbered, roster.Listed{Name: "没有生日"})
	if r := d.Match("公安", list); r.Rev == 0 {
		t.Fatal("nothing kept")
	}
	if r := d.Match("公安", list); r.Rev != 0 {
		t.Error("the same list is news")
	}
	missing := func() []string {
		var all []string
		for _, f := range d.Findings(d.Batch(storetest.At(11)), payrun.Information) {
			if f.Kind == "应享未享" {
				all = append(all, f.Sentence)
			}
		}
		slices.Sort(all)
		return all
	}
	d.Run(storetest.At(11))
	tail := "；请核实，属实的登记进花名册（全部名单见比对报告）"
	d.Want("missing", missing(),
		"“公安”名单上古城有 2 人按年龄应享受而不在花名册：某1943（"+roster.MaskID(storetest.IdOf(1943))+"，83 周岁，高龄津贴 70.00 元）、没号（没有证号，84 周岁，高龄津贴 70.00 元）"+tail,
		"“公安”名单上永泰有 2 人按年龄应享受而不在花名册：某1941（"+roster.MaskID(storetest.IdOf(1941))+"，85 周岁，高龄津贴 70.00 元）、某1920（"+roster.MaskID(storetest.IdOf(1920))+"，106 周岁，百岁补贴 300.00 元）"+tail)

	put := storetest.Resident(1942)
	put.Name = "没号"
	d.Learn(storetest.NewSheet(some).People(storetest.Resident(1943), put, storetest.Resident(1941)))
	d.Run(storetest.At(11))
	d.Want("put down since", missing(),
		"“公安”名单上永泰有 1 人按年龄应享受而不在花名册：某1920（"+roster.MaskID(storetest.IdOf(1920))+"，106 周岁，百岁补贴 300.00 元）"+tail)
	d.Match("公安", storetest.Listing(storetest.ByNumber(1940, 0)))
	d.Run(storetest.At(11))
	d.Want("the newest list", missing())
}

// The judge finds lines that are not held although a list names the person, and lines
// that are held although the newest list does not.
func TestJudgeReadsListsItself(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(roster.Columns{Name: true, Street: true, Bank: true, Number: true}).People(storetest.Resident(1940), storetest.Resident(1941)))
	d.Match("死亡", storetest.Listing(storetest.ByNumber(1940, 0)))
	d.Run(storetest.At(11))
	b := d.Batch(storetest.At(11))
	d.Exec(`UPDATE draft_line SET hold = 0 WHERE id_number = $1`, storetest.IdOf(1940))
	d.Exec(`UPDATE draft_line SET hold = 16 WHERE id_number = $1`, storetest.IdOf(1941))
	got := d.Judge(b)
	for _, name := range []string{"某1940", "某1941"} {
		if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, name) }) {
			t.Errorf("nothing about %s in %v", name, got)
		}
	}
}

func TestMatchListDryRun(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	_, err := d.TryMatch("死亡", storetest.Listing(storetest.ByNumber(1940, 0)), false)
	storetest.Saying(t, err, fault.Refused, "花名册是空的")
	d.Learn(storetest.NewSheet(roster.Columns{Name: true, Street: true}).People(storetest.Resident(1940)))
	before := d.Snapshot()
	r, err := d.TryMatch("死亡", storetest.Listing(storetest.ByNumber(1940, 0)), true)
	if err != nil || r.Hits != 1 || r.Rev == 0 {
		t.Errorf("dry run: %+v, %v", r, err)
	}
	d.Unchanged(before)
	if n := d.Number(`SELECT count(*) FROM match_list`); n != 0 {
		t.Errorf("%d lists kept", n)
	}
	_, err = d.Pack.MatchList("税务")
	storetest.Saying(t, err, fault.Invalid, "税务", "死亡、公安")
}

func TestCurrentPay(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	if m, pays, err := imports.CurrentPay(t.Context(), d.Db, storetest.DeskRegion, []int64{1}); m != 0 || len(pays) != 0 || err != nil {
		t.Errorf("before any run: %v %v %v", m, pays, err)
	}
	d.Learn(storetest.NewSheet(roster.Columns{Name: true, Street: true, Bank: true, Number: true}).People(storetest.Resident(1940), storetest.Resident(1941, storetest.Without)))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	d.Run(storetest.At(11))
	m, pays, err := imports.CurrentPay(t.Context(), d.Db, storetest.DeskRegion, []int64{1, 2})
	want := map[int64][]imports.PersonPay{1: {{Item: "11", Amount: 7000}}, 2: {{Item: "11", Amount: 7000, Held: true}}}
	if diff := cmp.Diff(want, pays); diff != "" || m != storetest.At(11) || err != nil {
		t.Errorf("%s, %v (-want +got):\n%s", m, err, diff)
	}
}
