package month

import (
	"slices"

	"disburse/internal/console/people"
	"disburse/internal/console/system"
	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/office/monthly"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
	"disburse/internal/store/calendar"
	"disburse/internal/store/work"
	"disburse/jobs"
)

// homeData is the data of 本月.
type homeData struct {
	Month      month.Month
	Months     []month.Month // with runs, newest first
	Bureaus    []bureauStatus
	Todo       []web.Todo
	Running    []work.Task
	Chart      *itemChart  // nil: no payments yet
	CanRun     bool        // the user may start a run
	Later      month.Month // a later month that has a run, perhaps by mistake; 0: none
	CanDiscard bool        // the user may discard the later runs
	First      bool        // there is no run yet: the first one sets the opening month (期初月)
	Notices    []calendar.Notice
	Jobs       []jobs.Entry // the next occurrences

	Reaching map[int]int // people who reach an age next month, by age
}

// home shows the month that staff work on: the calendar's, or the latest with a run if that
// is later, as months are often computed some days ahead.
func home(v *web.Visit) error {
	months, err := books.RunMonths(v.R.Context(), v.Office.DB, v.Office.Region)
	if err != nil {
		return err
	}
	m := v.ThisMonth()
	if len(months) > 0 {
		m = max(m, months[0])
	}
	return showMonth(v, m, months)
}

func monthPage(v *web.Visit) error {
	m, err := v.PathMonth("month")
	if err != nil {
		return err
	}
	months, err := books.RunMonths(v.R.Context(), v.Office.DB, v.Office.Region)
	if err != nil {
		return err
	}
	return showMonth(v, m, months)
}

func showMonth(v *web.Visit, m month.Month, months []month.Month) error {
	ctx := v.R.Context()
	d := homeData{Month: m, Months: months, CanRun: slices.Contains(web.Clerk, v.User.Post), First: len(months) == 0}
	if len(months) > 0 && months[0] > m {
		d.Later = months[0]
		var err error
		if d.CanDiscard, err = canDiscard(v, m, months); err != nil {
			return err
		}
	}
	bureaus, err := v.Office.Month(ctx, m)
	if err != nil {
		return err
	}
	for _, b := range bureaus {
		if !v.Sees(b.Bureau) || (!b.Pays && len(b.Batches) == 0) {
			continue
		}
		x, err := readBureauStatus(v, b)
		if err != nil {
			return err
		}
		d.Bureaus = append(d.Bureaus, x)
	}
	if d.Todo, err = todos(v, &d); err != nil {
		return err
	}
	if d.Reaching, err = people.Reaching(v, m+1); err != nil {
		return err
	}
	if d.Running, err = work.ListRunning(ctx, v.Office.DB, v.Office.Region, v.Now()); err != nil {
		return err
	}
	d.Running = slices.DeleteFunc(d.Running, func(w work.Task) bool { return w.Actor != v.User.Name && !v.Sees(w.Bureau) })
	if d.Chart, err = monthChart(v, m); err != nil {
		return err
	}
	if d.Notices, err = calendar.Notices(ctx, v.Office.DB, v.Office.Region, system.Reader(v), true, 8); err != nil {
		return err
	}
	if d.Jobs, err = nextJobs(v, 4); err != nil {
		return err
	}
	return v.Page("home", m.Chinese(), &d)
}

// canDiscard reports whether the user may discard the runs of the months after m: a 经办, as
// long as none of their batches has been signed.
func canDiscard(v *web.Visit, m month.Month, months []month.Month) (bool, error) {
	if !slices.Contains(web.Clerk, v.User.Post) {
		return false, nil
	}
	for _, later := range months {
		if later <= m {
			break
		}
		batches, err := batches.OfMonth(v.R.Context(), v.Office.DB, v.Office.Region, later)
		if err != nil {
			return false, err
		}
		for i := range batches {
			if !batches[i].State.Unsigned() && batches[i].State != payrun.CarriedOver {
				return false, nil
			}
		}
	}
	return true, nil
}

// Computed reports whether the month has a batch, which a further run would replace.
func (d *homeData) Computed() bool {
	return slices.ContainsFunc(d.Bureaus, func(b bureauStatus) bool { return b.Batch != nil })
}

// nextJobs are the next n jobs of the calendar.
func nextJobs(v *web.Visit, n int) ([]jobs.Entry, error) {
	all, err := system.Jobs(v).List(v.R.Context())
	all = slices.DeleteFunc(all, func(e jobs.Entry) bool { return e.Next.IsZero() })
	slices.SortStableFunc(all, func(a, b jobs.Entry) int { return a.Next.Compare(b.Next) })
	return all[:min(n, len(all))], err
}

// runMonth starts the run of a month in the background.
func runMonth(v *web.Visit) error {
	m, err := v.PathMonth("month")
	if err != nil {
		return err
	}
	order := monthly.RunOrder{Month: m, By: v.By("")}
	if s := v.Form("opening"); s != "" { // only the first run of all uses it
		if order.Opening, err = month.Parse(s); err != nil {
			return err
		}
	}
	if v.Form("discard") != "" {
		order.DiscardLater, order.By = true, v.By(v.Form("reason"))
		if order.By.Reason == "" {
			return fault.New(fault.Invalid, "撤销以后月份的运行必须写明理由，请写明为什么算错了月份")
		}
	}
	return v.Start(runTask(v, order))
}
