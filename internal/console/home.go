package console

import (
	"slices"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/jobs"
)

func homeRoutes() []route {
	return []route{
		{pattern: "GET /{$}", posts: everyone, do: (*visit).home},
		{pattern: "GET /month/{month}", posts: everyone, do: (*visit).monthPage},
		{pattern: "POST /month/{month}/run", posts: clerk, do: (*visit).runMonth},
	}
}

// homeData is what 本月 shows.
type homeData struct {
	Month     month.Month
	Months    []month.Month // that were run, the latest first
	Bureaus   []bureauStand
	Todo      []todo
	Running   []postgres.Work
	Chart     *itemChart  // nil: nothing was paid yet
	Tried     bool        // the month can be run by this user
	Later     month.Month // a later month was run, perhaps by mistake; 0: none
	TakesBack bool        // and the user may take it back
	First     bool        // nothing was ever run: the first run sets the opening month (期初月)
	Notices   []postgres.Notice
	Jobs      []jobs.Entry // the next ones

	Reaching map[int]int // by age, who reaches it next month
}

// home is the month that staff are at: the calendar's, or the latest that was run when
// that is later.
func (v *visit) home() error {
	months, err := v.office.DB.RunMonths(v.r.Context(), v.office.Region)
	if err != nil {
		return err
	}
	m := v.thisMonth()
	if len(months) > 0 {
		m = max(m, months[0])
	}
	return v.showMonth(m, months)
}

func (v *visit) monthPage() error {
	m, err := v.monthOf("month")
	if err != nil {
		return err
	}
	months, err := v.office.DB.RunMonths(v.r.Context(), v.office.Region)
	if err != nil {
		return err
	}
	return v.showMonth(m, months)
}

func (v *visit) showMonth(m month.Month, months []month.Month) error {
	ctx := v.r.Context()
	d := homeData{Month: m, Months: months, Tried: slices.Contains(clerk, v.user.Post), First: len(months) == 0}
	if len(months) > 0 && months[0] > m {
		d.Later = months[0]
		var err error
		if d.TakesBack, err = v.takesBack(m, months); err != nil {
			return err
		}
	}
	bureaus, err := v.office.Month(ctx, m)
	if err != nil {
		return err
	}
	for _, b := range bureaus {
		if !v.sees(b.Bureau) || (!b.Pays && len(b.Batches) == 0) {
			continue
		}
		x, err := v.stand(b)
		if err != nil {
			return err
		}
		d.Bureaus = append(d.Bureaus, x)
	}
	if d.Todo, err = v.todos(&d); err != nil {
		return err
	}
	if d.Reaching, err = v.reaching(m + 1); err != nil {
		return err
	}
	if d.Running, err = v.office.DB.RunningWork(ctx, v.office.Region, v.Clock()); err != nil {
		return err
	}
	d.Running = slices.DeleteFunc(d.Running, func(w postgres.Work) bool { return w.Actor != v.user.Name && !v.sees(w.Bureau) })
	if d.Chart, err = v.monthChart(m); err != nil {
		return err
	}
	if d.Notices, err = v.office.DB.Notices(ctx, v.office.Region, v.reader(), true, 8); err != nil {
		return err
	}
	if d.Jobs, err = v.nextJobs(4); err != nil {
		return err
	}
	return v.page("home", m.Chinese(), &d)
}

// takesBack reports whether the user may take back the runs of the months after m: a 经办,
// while nobody has signed any of their batches.
func (v *visit) takesBack(m month.Month, months []month.Month) (bool, error) {
	if !slices.Contains(clerk, v.user.Post) {
		return false, nil
	}
	for _, later := range months {
		if later <= m {
			break
		}
		batches, err := v.office.DB.Batches(v.r.Context(), v.office.Region, later)
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
func (v *visit) nextJobs(n int) ([]jobs.Entry, error) {
	all, err := v.jobs().List(v.r.Context())
	all = slices.DeleteFunc(all, func(e jobs.Entry) bool { return e.Next.IsZero() })
	slices.SortStableFunc(all, func(a, b jobs.Entry) int { return a.Next.Compare(b.Next) })
	return all[:min(n, len(all))], err
}

// runMonth computes a month in the background.
func (v *visit) runMonth() error {
	m, err := v.monthOf("month")
	if err != nil {
		return err
	}
	order := office.RunOrder{Month: m, By: v.by("")}
	if s := v.form("opening"); s != "" { // the district's first month, which counts on the first run only
		if order.Opening, err = month.Parse(s); err != nil {
			return err
		}
	}
	if v.form("discard") != "" {
		order.DiscardLater, order.By = true, v.by(v.form("reason"))
		if order.By.Reason == "" {
			return fault.New(fault.Invalid, "撤销以后月份的运行必须写明理由，请写明为什么算错了月份")
		}
	}
	return v.start(v.runJob(order))
}
