package runs_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"disburse/internal/approval"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/runs"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

// chapter is one month of a story: what becomes known before it is run, and what the run
// must say, worked out by hand from docs/rules.md to the 分.
type chapter struct {
	learn  *storetest.Sheet
	pack   []string                                // changes to the built-in pack, from now on; nil: no other pack than before
	month  month.Month                             // at(13) is 2027-01
	lines  []string                                // of 区民政局, in any order
	debts  []string                                // what is left to recover
	leaves bool                                    // the batch is not approved: its dues come back next month
	after  func(*storetest.District, payrun.Batch) // what happens to the approved batch
}

// story is a life in a district: every month but those marked is approved.
type story struct {
	opening  month.Month
	chapters []chapter
}

// tell lives through a story. In every month an ordinary run, which looks back only at
// people who are touched, and `run --full` must both say what is expected, the judge
// agreeing; once approved, nothing is due.
func tell(d *storetest.District, s story) {
	d.T.Helper()
	for i, c := range s.chapters {
		if c.learn != nil {
			d.Learn(c.learn)
		}
		if c.pack != nil {
			d.Pack = d.Load(c.pack...)
		}
		for _, full := range []bool{false, true} {
			o := d.Order(c.month)
			o.Full = full
			if i == 0 {
				o.Opening = s.opening
			}
			d.RunOrder(o) // judged by d.sound
			said(d, c, full)
		}
		if c.leaves {
			continue
		}
		approved := d.Approve(c.month)
		if b := storetest.Outcome(d.T, d.Run(c.month), storetest.DeskBureau); b.Outcome != runs.NothingDue {
			d.T.Errorf("%s is approved, and more is due: %v", c.month, d.Lines(d.Batch(c.month)))
		}
		if c.after != nil {
			c.after(d, approved)
		}
	}
}

func said(d *storetest.District, c chapter, full bool) {
	d.T.Helper()
	ordered := cmpopts.SortSlices(func(a, b string) bool { return a < b })
	for what, of := range map[string][2][]string{"lines": {c.lines, d.Lines(d.Batch(c.month))}, "debts": {c.debts, d.Register()}} {
		if diff := cmp.Diff(of[0], of[1], ordered, cmpopts.EquateEmpty()); diff != "" {
			d.T.Errorf("%s, full %v: %s (-want +got):\n%s", c.month, full, what, diff)
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
		all = append(all, name+" "+item+" "+payee+" "+storetest.At(m).String()+" "+kind+" "+amount)
	}
	return all
}

// news is a workbook of people, to which facts may be added.
func news(people ...roster.Person) *storetest.Sheet {
	return storetest.NewSheet(storetest.EveryColumn).People(people...)
}

// reborn is a resident under another number, born on another day.
func reborn(year int, born month.Date) roster.Person {
	return storetest.Resident(year, func(p *roster.Person) { p.ID, p.Birth = roster.MakeID("140213", born, 2), born })
}

// void takes the approved batch of a month back.
func void(d *storetest.District, m month.Month) {
	d.T.Helper()
	for _, u := range []approval.User{storetest.Reviewer, storetest.Approver} {
		if _, err := signing.Void(d.T.Context(), d.Db, d.SigningOf(m, u, "重做"), 0); err != nil {
			d.T.Fatal(err)
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
				tell(storetest.OpenDistrict(t), make())
			})
		}
	}
}
