package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// listing is a match list as it comes out of the reader.
func listing(rows ...roster.Listed) *roster.MatchList {
	l := &roster.MatchList{File: "名单.xlsx", SHA256: strings.Repeat("cd", 32)}
	for i, r := range rows {
		l.Rows = append(l.Rows, roster.ListRow{Place: roster.Place{Sheet: "名单", Row: i + 2}, Listed: r})
	}
	return l
}

// byNumber is a row about somebody born in June of a year.
func byNumber(year int, died month.Date) roster.Listed {
	return roster.Listed{ID: idOf(year), Name: fmt.Sprintf("某%d", year), Birth: day(year, 6, 15), Date: died}
}

func (d *district) tryMatch(kind string, l *roster.MatchList, dry bool) (*postgres.MatchReport, error) {
	d.t.Helper()
	k, err := d.pack.MatchList(kind)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.db.MatchList(d.t.Context(), postgres.MatchOrder{Region: deskRegion, Kind: k, List: l, By: runBy, DryRun: dry})
}

func (d *district) match(kind string, l *roster.MatchList) *postgres.MatchReport {
	d.t.Helper()
	r, err := d.tryMatch(kind, l, false)
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

// matched are a report's matches, each as "2 某1944 1".
func matched(r *postgres.MatchReport) []string {
	var all []string
	for _, m := range r.Matches {
		all = append(all, fmt.Sprintf("%d %s %d", m.Row, m.Person.Name, m.How))
	}
	return all
}

// kinds are the kinds of a batch's findings of a level, with whom they are about.
func (d *district) kinds(b payrun.Batch, level payrun.Level, suffix string) []string {
	d.t.Helper()
	var all []string
	for _, f := range d.findings(b, level) {
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
	d := openDistrict(t)
	d.learn(newSheet(roster.Columns{Name: true, Street: true, Bank: true, Number: true, Phone: true}).
		people(resident(1940), resident(1941), resident(1942), resident(1943)))
	// Somebody's number is corrected: the list still has the old one.
	moved := resident(1942)
	moved.ID = roster.MakeID("140213", day(1942, 6, 15), 7)
	d.learn(newSheet(roster.Columns{}).person(moved, idOf(1942)))

	death := listing(byNumber(1940, day(2026, 9, 3)), byNumber(1942, day(2026, 9, 4)),
		roster.Listed{Name: "某1943", Birth: day(1943, 6, 15)}, byNumber(1930, 0))
	r := d.match("死亡", death)
	d.want("matches", matched(r), "0 某1940 1", "1 某1942 2", "2 某1943 3")
	if diff := cmp.Diff([]int{3}, r.Unmatched); diff != "" || r.Hits != 3 || r.New != 3 || r.Cleared != 0 {
		t.Errorf("report %+v (-want +got unmatched):\n%s", r, diff)
	}

	d.run(at(11))
	b := d.batch(at(11))
	d.want("lines", d.lines(b), "某1940 11 本人 2026-11 当月 70.00 [疑点未决]", "某1941 11 本人 2026-11 当月 70.00",
		"某1942 11 本人 2026-11 当月 70.00 [疑点未决]", "某1943 11 本人 2026-11 当月 70.00 [疑点未决]")
	d.want("doubts", d.kinds(b, payrun.Doubt, payrun.HitKind("")), "死亡名单命中 某1940", "死亡名单命中 某1942", "死亡名单命中 某1943")

	// Released once, paid from the next run on, as long as the evidence is the same.
	for _, f := range d.findings(b, payrun.Doubt) {
		if strings.HasPrefix(f.Sentence, "某1940") {
			if err := d.db.Decide(t.Context(), deskRegion, f.ID, true, "本人在世，名单有误", clerk, runBy); err != nil {
				t.Fatal(err)
			}
		}
	}
	d.run(at(11))
	if got := d.lines(d.batch(at(11))); !slices.Contains(got, "某1940 11 本人 2026-11 当月 70.00") {
		t.Errorf("released, but %v", got)
	}
	d.signTo(at(11), deskBureau, payrun.Approved)

	if r := d.match("死亡", death); r.Rev != 0 {
		t.Errorf("the same list took revision %d", r.Rev)
	}
	// A newer list: the same evidence for 1940, none any more for 1942 and 1943, and 1941.
	r = d.match("死亡", listing(byNumber(1940, day(2026, 9, 3)), byNumber(1941, day(2026, 11, 9))))
	if r.Hits != 2 || r.New != 1 || r.Cleared != 2 {
		t.Errorf("newer list: %+v", r)
	}
	d.run(at(12))
	d.want("lines of December", d.lines(d.batch(at(12))), "某1940 11 本人 2026-12 当月 70.00", "某1941 11 本人 2026-12 当月 70.00 [疑点未决]",
		"某1942 11 本人 2026-11 补发 70.00", "某1942 11 本人 2026-12 当月 70.00", "某1943 11 本人 2026-11 补发 70.00", "某1943 11 本人 2026-12 当月 70.00")
	d.agrees(d.batch(at(11))) // the approved batch is still judged by the list of its time

	// Other evidence is another doubt.
	d.match("死亡", listing(byNumber(1940, day(2026, 10, 1))))
	d.run(at(12))
	if got := d.lines(d.batch(at(12))); !slices.Contains(got, "某1940 11 本人 2026-12 当月 70.00 [疑点未决]") {
		t.Errorf("another date of death, but %v", got)
	}
}

// A death that the roster has is no doubt; one with another date is.
func TestMatchListKnownDeath(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(roster.Columns{Name: true, Street: true, Bank: true, Number: true, Died: true}).
		people(resident(1940, diedOn(day(2026, 11, 5))), resident(1941, diedOn(day(2026, 11, 5))), resident(1942, diedOn(day(2026, 11, 5)))))
	d.match("死亡", listing(byNumber(1940, day(2026, 11, 5)), byNumber(1941, 0), byNumber(1942, day(2026, 11, 6))))
	d.run(at(11))
	b := d.batch(at(11))
	d.want("doubts", d.kinds(b, payrun.Doubt, payrun.HitKind("")), "死亡名单命中 某1942")
	d.want("lines", d.lines(b), "某1940 11 本人 2026-11 当月 70.00", "某1941 11 本人 2026-11 当月 70.00", "某1942 11 本人 2026-11 当月 70.00 [疑点未决]")
}

func TestMatchListTwoOfOneName(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	one, two := resident(1940), resident(1940)
	two.ID, two.Account.Number = roster.MakeID("140213", day(1940, 6, 15), 9), "629"
	d.learn(newSheet(roster.Columns{Name: true, Street: true, Bank: true, Number: true}).people(one, two))
	r := d.match("服刑", listing(roster.Listed{Name: "某1940", Birth: day(1940, 6, 15)}))
	d.want("matches", matched(r), "0 某1940 4", "0 某1940 4")
	d.run(at(11))
	d.want("lines", d.lines(d.batch(at(11))), "某1940 11 本人 2026-11 当月 70.00 [疑点未决]", "某1940 11 本人 2026-11 当月 70.00 [疑点未决]")
}

// Lists of information hold nothing; several lists are several doubts, decided one by one.
func TestMatchListKinds(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(roster.Columns{Name: true, Street: true, Bank: true, Number: true}).people(resident(1940), resident(1941)))
	d.match("残联", listing(byNumber(1941, 0)))
	d.match("财政供养", listing(byNumber(1940, 0)))
	d.match("服刑", listing(byNumber(1940, 0)))
	d.match("公安", listing(byNumber(1940, 0), byNumber(1920, 0)))
	d.run(at(11))
	b := d.batch(at(11))
	d.want("doubts", d.kinds(b, payrun.Doubt, payrun.HitKind("")), "服刑名单命中 某1940", "财政供养名单命中 某1940")
	d.want("information", d.kinds(b, payrun.Information, payrun.HitKind("")), "残联名单命中 某1941")
	d.decide(b, "服刑名单命中", true)
	d.run(at(11))
	held, paid := "某1940 11 本人 2026-11 当月 70.00 [疑点未决]", "某1940 11 本人 2026-11 当月 70.00"
	d.want("one of two released", d.lines(b), held, "某1941 11 本人 2026-11 当月 70.00")
	d.decide(b, "财政供养名单命中", true)
	d.run(at(11))
	d.want("both released", d.lines(b), paid, "某1941 11 本人 2026-11 当月 70.00")
	if n := d.number(`SELECT count(*) FROM match_hit WHERE kind = '公安'`); n != 0 {
		t.Errorf("%d hits of a list that is read for people who are missing", n)
	}
}

// Whom the newest list has and the roster does not, the run reminds of by street, with
// what the rules would give them; somebody who has been put down since is no longer named.
func TestPeopleWhoAreNotOnTheRoster(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	some := roster.Columns{Name: true, Street: true, Bank: true, Number: true}
	d.learn(newSheet(some).people(resident(1940)))
	in := func(street string, r roster.Listed) roster.Listed {
		r.Street = street
		return r
	}
	unnumbered := roster.Listed{Name: "没号", Birth: day(1942, 6, 15), Street: "古城"}
	list := listing(byNumber(1940, 0), in("永泰", byNumber(1941, 0)), in("永泰", byNumber(1920, 0)), in("永泰", byNumber(1960, 0)),
		in("古城", byNumber(1943, 0)), unnumbered, roster.Listed{Name: "没有生日"})
	if r := d.match("公安", list); r.Rev == 0 {
		t.Fatal("nothing kept")
	}
	if r := d.match("公安", list); r.Rev != 0 {
		t.Error("the same list is news")
	}
	missing := func() []string {
		var all []string
		for _, f := range d.findings(d.batch(at(11)), payrun.Information) {
			if f.Kind == "应享未享" {
				all = append(all, f.Sentence)
			}
		}
		slices.Sort(all)
		return all
	}
	d.run(at(11))
	tail := "；请核实，属实的登记进花名册（全部名单见比对报告）"
	d.want("missing", missing(),
		"“公安”名单上古城有 2 人按年龄应享受而不在花名册：某1943（"+roster.MaskID(idOf(1943))+"，83 周岁，高龄津贴 70.00 元）、没号（没有证号，84 周岁，高龄津贴 70.00 元）"+tail,
		"“公安”名单上永泰有 2 人按年龄应享受而不在花名册：某1941（"+roster.MaskID(idOf(1941))+"，85 周岁，高龄津贴 70.00 元）、某1920（"+roster.MaskID(idOf(1920))+"，106 周岁，百岁补贴 300.00 元）"+tail)

	put := resident(1942)
	put.Name = "没号"
	d.learn(newSheet(some).people(resident(1943), put, resident(1941)))
	d.run(at(11))
	d.want("put down since", missing(),
		"“公安”名单上永泰有 1 人按年龄应享受而不在花名册：某1920（"+roster.MaskID(idOf(1920))+"，106 周岁，百岁补贴 300.00 元）"+tail)
	d.match("公安", listing(byNumber(1940, 0)))
	d.run(at(11))
	d.want("the newest list", missing())
}

// The judge finds lines that are not held although a list names the person, and lines
// that are held although the newest list does not.
func TestJudgeReadsListsItself(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(roster.Columns{Name: true, Street: true, Bank: true, Number: true}).people(resident(1940), resident(1941)))
	d.match("死亡", listing(byNumber(1940, 0)))
	d.run(at(11))
	b := d.batch(at(11))
	d.exec(`UPDATE draft_line SET hold = 0 WHERE id_number = $1`, idOf(1940))
	d.exec(`UPDATE draft_line SET hold = 16 WHERE id_number = $1`, idOf(1941))
	got := d.judge(b)
	for _, name := range []string{"某1940", "某1941"} {
		if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, name) }) {
			t.Errorf("nothing about %s in %v", name, got)
		}
	}
}

func TestMatchListDryRun(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	_, err := d.tryMatch("死亡", listing(byNumber(1940, 0)), false)
	saying(t, err, fault.Refused, "花名册是空的")
	d.learn(newSheet(roster.Columns{Name: true, Street: true}).people(resident(1940)))
	before := d.snapshot()
	r, err := d.tryMatch("死亡", listing(byNumber(1940, 0)), true)
	if err != nil || r.Hits != 1 || r.Rev == 0 {
		t.Errorf("dry run: %+v, %v", r, err)
	}
	d.unchanged(before)
	if n := d.number(`SELECT count(*) FROM match_list`); n != 0 {
		t.Errorf("%d lists kept", n)
	}
	_, err = d.pack.MatchList("税务")
	saying(t, err, fault.Invalid, "税务", "死亡、公安")
}

func TestCurrentPay(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	if m, pays, err := d.db.CurrentPay(t.Context(), deskRegion, []int64{1}); m != 0 || len(pays) != 0 || err != nil {
		t.Errorf("before any run: %v %v %v", m, pays, err)
	}
	d.learn(newSheet(roster.Columns{Name: true, Street: true, Bank: true, Number: true}).people(resident(1940), resident(1941, without)))
	d.run(at(10))
	d.approve(at(10))
	d.run(at(11))
	m, pays, err := d.db.CurrentPay(t.Context(), deskRegion, []int64{1, 2})
	want := map[int64][]postgres.PersonPay{1: {{Item: "11", Amount: 7000}}, 2: {{Item: "11", Amount: 7000, Held: true}}}
	if diff := cmp.Diff(want, pays); diff != "" || m != at(11) || err != nil {
		t.Errorf("%s, %v (-want +got):\n%s", m, err, diff)
	}
}
