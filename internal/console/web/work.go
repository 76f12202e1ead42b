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

func workRoutes() []Route {
	return []Route{
		{Pattern: "GET /work/{work}", Posts: Everyone, Do: workPage},
		{Pattern: "GET /work/{work}/state", Posts: Everyone, Do: workState},
	}
}

// Task is work in the background that was started on a page (办理). Do returns a sentence on
// its result and the page to go to, for failures, too.
type Task struct {
	Kind   string // lock: of one kind only one runs at a time in the region; empty: no lock
	Title  string // 计算 2026年11月
	Bureau string // that may follow it; empty: all bureaus
	Do     func(ctx context.Context, p *Progress) (message, link string, err error)
}

// Progress is the progress of a task, set by its goroutines and stored by its heartbeat.
type Progress struct {
	step        atomic.Pointer[string]
	done, total atomic.Int64
}

// Step names the current step and resets its numbers.
func (p *Progress) Step(name string) {
	p.step.Store(&name)
	p.Show(0, 0)
}

// Show sets how much of the step is done; total 0: unknown.
func (p *Progress) Show(done, total int64) {
	p.done.Store(done)
	p.total.Store(total)
}

// Start starts a task and redirects to the page of its progress. Errors: fault.Refused while
// another task of its kind runs.
func (v *Visit) Start(t Task) error {
	w := work.Task{Actor: v.User.Name, Bureau: t.Bureau, Kind: t.Kind, Title: t.Title}
	number, err := work.Begin(v.R.Context(), v.Office.DB, v.Office.Region, w, v.Now())
	if err != nil {
		return err
	}
	s := v.Server
	s.background.Go(func() { s.runTask(number, t) })
	return v.Redirect(fmt.Sprintf("/work/%d", number), "")
}

// heartbeatInterval is how often a running task stores its progress. One without a recent
// heartbeat belongs to a program that was killed, and no longer holds its lock.
const heartbeatInterval = 500 * time.Millisecond

// runTask runs a task and stores its result, also while the server is being closed: a task
// without a result would look as if it were still running.
func (s *Server) runTask(number int64, t Task) {
	s.meters.running.Inc()
	defer s.meters.running.Dec()
	p := &Progress{}
	p.Step("准备")
	beats, done := context.WithCancel(s.Context)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.heartbeat(beats, number, p)
	}()
	message, link, err := s.recoverTask(t, p)
	done()
	<-ended
	state := work.Done
	if err != nil {
		state, message = work.Failed, s.taskError(t, err)
	}
	s.meters.work.WithLabelValues(string(state)).Inc()
	if err := work.Finish(context.WithoutCancel(s.Context), s.Office.DB, s.Office.Region, number, state, message, link, s.Clock()); err != nil {
		s.Log.Error("work not recorded", "work", number, "error", err.Error())
	}
}

// recoverTask turns a panic of a task into an error, so that its result is stored.
func (s *Server) recoverTask(t Task, p *Progress) (message, link string, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("panic: %v", problem)
		}
	}()
	return t.Do(s.Context, p)
}

// taskError is the sentence for an error of a task. A defect is logged, as in Visit.fail.
func (s *Server) taskError(t Task, err error) string {
	var f *fault.Fault
	if errors.As(err, &f) {
		return f.Sentence
	}
	if s.Context.Err() != nil {
		return "程序正在停止，没有办完，什么都没有改动，请稍后再办"
	}
	s.Log.Error("work failed", "kind", t.Kind, "bureau", t.Bureau, "error", err.Error())
	return "程序内部错误，没有办完，什么都没有改动；请把时间告诉维护人员，他们能在日志里查到原因"
}

// heartbeat stores the progress of a task until ctx ends.
func (s *Server) heartbeat(ctx context.Context, number int64, p *Progress) {
	tick := time.NewTicker(heartbeatInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := work.Heartbeat(ctx, s.Office.DB, s.Office.Region, number, *p.step.Load(), p.done.Load(), p.total.Load(), s.Clock()); err != nil && ctx.Err() == nil {
				s.Log.Error("heartbeat failed", "error", err.Error())
			}
		}
	}
}

// visibleWork reads the record of a task that the user may see: their own or of their bureau.
func visibleWork(v *Visit) (work.Task, error) {
	n, err := v.PathNumber("work")
	if err != nil {
		return work.Task{}, err
	}
	w, err := work.Read(v.R.Context(), v.Office.DB, v.Office.Region, n, v.Now())
	if err == nil && w.Actor != v.User.Name && !v.Sees(w.Bureau) {
		return w, fault.New(fault.Denied, "这是%s的办理记录，您不能查看", w.Bureau)
	}
	return w, err
}

func workPage(v *Visit) error {
	w, err := visibleWork(v)
	if err != nil {
		return err
	}
	return v.Page("work", w.Title, w)
}

// workState is the part of the page that htmx polls every second. When the task has succeeded
// it redirects to the result.
func workState(v *Visit) error {
	w, err := visibleWork(v)
	if err != nil {
		return err
	}
	if w.State == work.Done && w.Link != "" {
		return v.Redirect(w.Link, w.Message)
	}
	if w.State != work.Running {
		v.W.Header().Set("HX-Trigger", "ended")
	}
	return v.Part("work", "state", w)
}
