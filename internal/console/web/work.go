package web

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"disburse/internal/fault"
	"disburse/internal/store/work"
)

func WorkRoutes() []Route {
	return []Route{
		{Pattern: "GET /work/{work}", Posts: Everyone, Do: (*Visit).workPage},
		{Pattern: "GET /work/{work}/state", Posts: Everyone, Do: (*Visit).workState},
	}
}

// Job is work that takes longer than a page may. do returns a sentence about what came
// of it and the page to go on with.
type Job struct {
	Kind   string // of one kind only one runs at a time; empty: any number
	Title  string // 计算 2026年11月
	Bureau string // whose it is; empty: the region's
	Do     func(ctx context.Context, p *Progress) (message, link string, err error)
}

// Progress is told how far work is. It may be used by many goroutines.
type Progress struct {
	step        atomic.Pointer[string]
	done, total atomic.Int64
}

// Step names what is being done now.
func (p *Progress) Step(name string) {
	p.step.Store(&name)
	p.Show(0, 0)
}

// Show says how far the step is; total 0: unknown.
func (p *Progress) Show(done, total int64) {
	p.done.Store(done)
	p.total.Store(total)
}

// Start begins work in the background and sends the browser to the page that follows it.
func (v *Visit) Start(j Job) error {
	w := work.Work{Actor: v.User.Name, Bureau: j.Bureau, Kind: j.Kind, Title: j.Title}
	number, err := work.Begin(v.R.Context(), v.Office.DB, v.Office.Region, w, v.Clock())
	if err != nil {
		return err
	}
	s := v.Server
	s.work.Go(func() { s.carryOut(number, j) })
	return v.GoTo(fmt.Sprintf("/work/%d", number), "")
}

// beatEvery is how often work notes that it is alive.
const beatEvery = 500 * time.Millisecond

// carryOut does the work and keeps the record of it. The record is kept even while the
// program is told to stop.
func (s *Server) carryOut(number int64, j Job) {
	s.meters.running.Inc()
	defer s.meters.running.Dec()
	p := &Progress{}
	p.Step("准备")
	beats, done := context.WithCancel(s.Life)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.beat(beats, number, p)
	}()
	message, link, err := s.protected(j, p)
	done()
	<-ended
	state := work.WorkDone
	if err != nil {
		state, message = work.WorkFailed, s.workFailed(j, err)
	}
	s.meters.work.WithLabelValues(string(state)).Inc()
	if err := work.End(context.WithoutCancel(s.Life), s.Office.DB, s.Office.Region, number, state, message, link, s.Clock()); err != nil {
		s.Log.Error("work not recorded", "work", number, "error", err.Error())
	}
}

// protected makes an error of a panic: the record must end.
func (s *Server) protected(j Job, p *Progress) (message, link string, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("panic: %v", problem)
		}
	}()
	return j.Do(s.Life, p)
}

func (s *Server) workFailed(j Job, err error) string {
	var f *fault.Fault
	if errors.As(err, &f) {
		return f.Sentence
	}
	if s.Life.Err() != nil {
		return "程序正在停止，没有办完，什么都没有改动，请稍后再办"
	}
	s.Log.Error("work failed", "kind", j.Kind, "bureau", j.Bureau, "error", err.Error())
	return "程序内部错误，没有办完，什么都没有改动；请把时间告诉维护人员，他们能在日志里查到原因"
}

func (s *Server) beat(ctx context.Context, number int64, p *Progress) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := work.Keep(ctx, s.Office.DB, s.Office.Region, number, *p.step.Load(), p.done.Load(), p.total.Load(), s.Clock()); err != nil && ctx.Err() == nil {
				s.Log.Error("work not noted", "error", err.Error())
			}
		}
	}
}

// followed reads work that the user may see.
func (v *Visit) followed() (work.Work, error) {
	n, err := v.Number("work")
	if err != nil {
		return work.Work{}, err
	}
	w, err := work.Read(v.R.Context(), v.Office.DB, v.Office.Region, n, v.Clock())
	if err == nil && w.Actor != v.User.Name && !v.Sees(w.Bureau) {
		return w, fault.New(fault.Denied, "这是%s的办理记录，您不能查看", w.Bureau)
	}
	return w, err
}

func (v *Visit) workPage() error {
	w, err := v.followed()
	if err != nil {
		return err
	}
	return v.Page("work", w.Title, w)
}

// workState is the part that the page asks for every second. When the work is done the
// browser goes on to what came of it.
func (v *Visit) workState() error {
	w, err := v.followed()
	if err != nil {
		return err
	}
	if w.State == work.WorkDone && w.Link != "" {
		return v.GoTo(w.Link, w.Message)
	}
	if w.State != work.WorkRunning {
		v.W.Header().Set("HX-Trigger", "ended")
	}
	return v.Part("work", "state", w)
}
