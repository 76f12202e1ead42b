package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"disburse/internal/approval"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// chapter is one month of a story: what becomes known before it is run, and what the run
// must say, worked out by hand from docs/rules.md to the 分.
type chapter struct {
	learn  *sheet
	pack   []string                      // changes to the built-in pack, from now on; nil: no other pack than before
	month  month.Month                   // at(13) is 2027-01
	lines  []string                      // of 区民政局, in any order
	debts  []string                      // what is left to recover
	leaves bool                          // the batch is not approved: its dues come back next month
	after  func(*district, payrun.Batch) // what happens to the approved batch
}

// story is a life in a district: every month but those marked is approved.
type story struct {
	opening  month.Month
	chapters []chapter
}

// tell lives through a story. In every month an ordinary run, which looks back only at
// people who are touched, and `run --full` must both say what is expected, the judge
// agreeing; once approved, nothing is due.
func (d *district) tell(s story) {
	d.t.Helper()
	for i, c := range s.chapters {
		if c.learn != nil {
			d.learn(c.learn)
		}
		if c.pack != nil {
			d.pack = d.load(c.pack...)
		}
		for _, full := range []bool{false, true} {
			o := d.order(c.month)
			o.Full = full
			if i == 0 {
				o.Opening = s.opening
			}
			d.runOrder(o) // judged by d.sound
			d.said(c, full)
		}
		if c.leaves {
			continue
		}
		approved := d.approve(c.month)
		if b := outcome(d.t, d.run(c.month), deskBureau); b.Outcome != postgres.NothingDue {
			d.t.Errorf("%s is approved, and more is due: %v", c.month, d.lines(d.batch(c.month)))
		}
		if c.after != nil {
			c.after(d, approved)
		}
	}
}

func (d *district) said(c chapter, full bool) {
	d.t.Helper()
	ordered := cmpopts.SortSlices(func(a, b string) bool { return a < b })
	for what, of := range map[string][2][]string{"lines": {c.lines, d.lines(d.batch(c.month))}, "debts": {c.debts, d.register()}} {
		if diff := cmp.Diff(of[0], of[1], ordered, cmpopts.EquateEmpty()); diff != "" {
			d.t.Errorf("%s, full %v: %s (-want +got):\n%s", c.month, full, what, diff)
		}
	}
}

// every writes one line of an item for months from … to, a 补发 but for the run's own.
func every(name, item, payee, amount string, from, to, run int) []string {
	var all []string
	for m := from; m <= to; m++ {
		kind := "补发"
		if m == run {
			kind = "当月"
		}
		all = append(all, name+" "+item+" "+payee+" "+at(m).String()+" "+kind+" "+amount)
	}
	return all
}

// news is a workbook of people, to which facts may be added.
func news(people ...roster.Person) *sheet { return newSheet(everyColumn).people(people...) }

// reborn is a resident under another number, born on another day.
func reborn(year int, born month.Date) roster.Person {
	return resident(year, func(p *roster.Person) { p.ID, p.Birth = roster.MakeID("140213", born, 2), born })
}

// void takes the approved batch of a month back.
func (d *district) void(m month.Month) {
	d.t.Helper()
	for _, u := range []approval.User{reviewer, approver} {
		if _, err := d.db.Void(d.t.Context(), d.signingOf(m, u, "重做"), 0); err != nil {
			d.t.Fatal(err)
		}
	}
}

func moved(out, in month.Date) func(*roster.Person) {
	return func(p *roster.Person) { p.MovedOut, p.MovedIn = out, in }
}

// TestRetroactivity tells every story through the real database.
func TestRetroactivity(t *testing.T) {
	t.Parallel()
	for _, told := range []map[string]func() story{ofPeople, ofRules, ofLimits} {
		for name, make := range told {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				openDistrict(t).tell(make())
			})
		}
	}
}
