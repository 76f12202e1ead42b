package console

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"disburse/internal/fault"
	"disburse/internal/postgres"
)

func workRoutes() []route {
	return []route{
		{pattern: "GET /work/{work}", posts: everyone, do: (*visit).workPage},
		{pattern: "GET /work/{work}/state", posts: everyone, do: (*visit).workState},
	}
}

// job is work that takes longer than a page may. do returns a sentence about what came
// of it and the page to go on with.
type job struct {
	kind   string // of one kind only one runs at a time; empty: any number
	title  string // 计算 2026年11月
	bureau string // whose it is; empty: the region's
	do     func(ctx context.Context, p *progress) (message, link string, err error)
}

// progress is told how far work is. It may be used by many goroutines.
type progress struct {
	step        atomic.Pointer[string]
	done, total atomic.Int64
}

// Step names what is being done now.
func (p *progress) Step(name string) {
	p.step.Store(&name)
	p.show(0, 0)
}

// show says how far the step is; total 0: unknown.
func (p *progress) show(done, total int64) {
	p.done.Store(done)
	p.total.Store(total)
}

// start begins work in the background and sends the browser to the page that follows it.
func (v *visit) start(j job) error {
	w := postgres.Work{Actor: v.user.Name, Bureau: j.bureau, Kind: j.kind, Title: j.title}
	number, err := v.office.DB.BeginWork(v.r.Context(), v.office.Region, w, v.Clock())
	if err != nil {
		return err
	}
	s := v.Server
	s.work.Go(func() { s.carryOut(number, j) })
	return v.goTo(fmt.Sprintf("/work/%d", number), "")
}

// beatEvery is how often work notes that it is alive.
const beatEvery = 500 * time.Millisecond

// carryOut does the work and keeps the record of it. The record is kept even while the
// program is told to stop.
func (s *Server) carryOut(number int64, j job) {
	s.meters.running.Inc()
	defer s.meters.running.Dec()
	p := &progress{}
	p.Step("准备")
	beats, done := context.WithCancel(s.life)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.beat(beats, number, p)
	}()
	message, link, err := s.protected(j, p)
	done()
	<-ended
	state := postgres.WorkDone
	if err != nil {
		state, message = postgres.WorkFailed, s.workFailed(j, err)
	}
	s.meters.work.WithLabelValues(string(state)).Inc()
	if err := s.Office.DB.EndWork(context.WithoutCancel(s.life), s.Office.Region, number, state, message, link, s.Clock()); err != nil {
		s.Log.Error("work not recorded", "work", number, "error", err.Error())
	}
}

// protected makes an error of a panic: the record must end.
func (s *Server) protected(j job, p *progress) (message, link string, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("panic: %v", problem)
		}
	}()
	return j.do(s.life, p)
}

func (s *Server) workFailed(j job, err error) string {
	var f *fault.Fault
	if errors.As(err, &f) {
		return f.Sentence
	}
	if s.life.Err() != nil {
		return "程序正在停止，没有办完，什么都没有改动，请稍后再办"
	}
	s.Log.Error("work failed", "kind", j.kind, "bureau", j.bureau, "error", err.Error())
	return "程序内部错误，没有办完，什么都没有改动；请把时间告诉维护人员，他们能在日志里查到原因"
}

func (s *Server) beat(ctx context.Context, number int64, p *progress) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.Office.DB.KeepWork(ctx, s.Office.Region, number, *p.step.Load(), p.done.Load(), p.total.Load(), s.Clock()); err != nil && ctx.Err() == nil {
				s.Log.Error("work not noted", "error", err.Error())
			}
		}
	}
}

// followed reads work that the user may see.
func (v *visit) followed() (postgres.Work, error) {
	n, err := v.number("work")
	if err != nil {
		return postgres.Work{}, err
	}
	w, err := v.office.DB.Work(v.r.Context(), v.office.Region, n, v.Clock())
	if err == nil && w.Actor != v.user.Name && !v.sees(w.Bureau) {
		return w, fault.New(fault.Denied, "这是%s的办理记录，您不能查看", w.Bureau)
	}
	return w, err
}

func (v *visit) workPage() error {
	w, err := v.followed()
	if err != nil {
		return err
	}
	return v.page("work", w.Title, w)
}

// workState is the part that the page asks for every second. When the work is done the
// browser goes on to what came of it.
func (v *visit) workState() error {
	w, err := v.followed()
	if err != nil {
		return err
	}
	if w.State == postgres.WorkDone && w.Link != "" {
		return v.goTo(w.Link, w.Message)
	}
	if w.State != postgres.WorkRunning {
		v.w.Header().Set("HX-Trigger", "ended")
	}
	return v.part("work", "state", w)
}
