package month

import (
	"slices"

	"disburse/internal/console/people"
	"disburse/internal/console/system"
	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
	"disburse/internal/store/calendar"
	"disburse/internal/store/work"
	"disburse/jobs"
)

func HomeRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /{$}", Posts: web.Everyone, Do: home},
		{Pattern: "GET /month/{month}", Posts: web.Everyone, Do: monthPage},
		{Pattern: "POST /month/{month}/run", Posts: web.Clerk, Do: runMonth},
	}
}

// homeData is what 本月 shows.
type homeData struct {
	Month     month.Month
	Months    []month.Month // that were run, the latest first
	Bureaus   []bureauStand
	Todo      []web.Todo
	Running   []work.Work
	Chart     *itemChart  // nil: nothing was paid yet
	Tried     bool        // the month can be run by this user
	Later     month.Month // a later month was run, perhaps by mistake; 0: none
	TakesBack bool        // and the user may take it back
	First     bool        // nothing was ever run: the first run sets the opening month (期初月)
	Notices   []calendar.Notice
	Jobs      []jobs.Entry // the next ones

	Reaching map[int]int // by age, who reaches it next month
}

// home is the month that staff are at: the calendar's, or the latest that was run when
// that is later.
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
	m, err := v.MonthOf("month")
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
	d := homeData{Month: m, Months: months, Tried: slices.Contains(web.Clerk, v.User.Post), First: len(months) == 0}
	if len(months) > 0 && months[0] > m {
		d.Later = months[0]
		var err error
		if d.TakesBack, err = takesBack(v, m, months); err != nil {
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
		x, err := stand(v, b)
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
	if d.Running, err = work.RunningWork(ctx, v.Office.DB, v.Office.Region, v.Clock()); err != nil {
		return err
	}
	d.Running = slices.DeleteFunc(d.Running, func(w work.Work) bool { return w.Actor != v.User.Name && !v.Sees(w.Bureau) })
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

// takesBack reports whether the user may take back the runs of the months after m: a 经办,
// while nobody has signed any of their batches.
func takesBack(v *web.Visit, m month.Month, months []month.Month) (bool, error) {
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

// Computed reports whether the month has a batch: then it can be computed again.
func (d *homeData) Computed() bool {
	return slices.ContainsFunc(d.Bureaus, func(b bureauStand) bool { return b.Batch != nil })
}

// nextJobs are what the calendar does next.
func nextJobs(v *web.Visit, n int) ([]jobs.Entry, error) {
	all, err := system.Jobs(v).List(v.R.Context())
	all = slices.DeleteFunc(all, func(e jobs.Entry) bool { return e.Next.IsZero() })
	slices.SortStableFunc(all, func(a, b jobs.Entry) int { return a.Next.Compare(b.Next) })
	return all[:min(n, len(all))], err
}

// runMonth computes a month in the background.
func runMonth(v *web.Visit) error {
	m, err := v.MonthOf("month")
	if err != nil {
		return err
	}
	order := office.RunOrder{Month: m, By: v.By("")}
	if s := v.Form("opening"); s != "" { // the district's first month, which counts on the first run only
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
	return v.Start(runJob(v, order))
}
