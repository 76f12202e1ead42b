package requests

import (
	"context"
	"fmt"
	"slices"

	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// Draft is a request that is not stored yet.
type Draft struct {
	Subject
	Old, New      Content
	Actor, Reason string
	Source        string
	others        []string // who brought the parts inherited from the pending request
}

// InheritFrom records that the draft includes part of a pending request, so that whoever
// brought that part may not confirm the draft either.
func (x *Draft) InheritFrom(q *Request) {
	for _, who := range append([]string{q.Actor}, q.Others...) {
		if who != x.Actor && !slices.Contains(x.others, who) {
			x.others = append(x.others, who)
		}
	}
}

// Collector gathers, for one revision, the requests to be stored, and the direct changes of
// subjects with a pending request, which close that request.
type Collector struct {
	Open   map[Subject]Request // pending before the revision
	Drafts []Draft
	Known  map[Subject]Content // changed directly at this revision
}

// NewCollector reads the pending requests.
func NewCollector(ctx context.Context, scope postgres.Scope) (*Collector, error) {
	open, err := ListOpen(ctx, scope)
	if err != nil {
		return nil, err
	}
	a := &Collector{Open: make(map[Subject]Request, len(open)), Known: map[Subject]Content{}}
	for _, q := range open {
		a.Open[q.Subject()] = q
	}
	return a, nil
}

// NoteKnown records a direct change of a subject, if it has a pending request; c is called
// only then.
func (a *Collector) NoteKnown(s Subject, c func() Content) {
	if _, is := a.Open[s]; is {
		a.Known[s] = c()
	}
}

// Write stores the requests at the scope's revision. A draft equal to the pending request is
// dropped (idempotent); another one supersedes it. It returns how many requests are new, and
// how many were pending already.
func (a *Collector) Write(ctx context.Context, scope postgres.Scope) (asked, waiting int, err error) {
	for s, c := range a.Known {
		code := Superseded
		if q := a.Open[s]; q.content() == c {
			code = BecameKnown
		}
		if err := Close(ctx, scope, a.Open[s].N, code); err != nil {
			return 0, 0, err
		}
	}
	var fresh []Draft
	for _, x := range a.Drafts {
		q, waits := a.Open[x.Subject]
		if waits && q.content() == x.New {
			waiting++
			continue
		}
		if _, closed := a.Known[x.Subject]; waits && !closed {
			if err := Close(ctx, scope, q.N, Superseded); err != nil {
				return 0, 0, err
			}
		}
		fresh = append(fresh, x)
	}
	return len(fresh), waiting, insertDrafts(ctx, scope, fresh)
}

// Close closes a pending request at the scope's revision without an answer.
func Close(ctx context.Context, scope postgres.Scope, n int, code State) error {
	_, err := scope.Tx.Exec(ctx, `INSERT INTO request_closing (region, n, rev, code) VALUES ($1, $2, $3, $4)`, scope.Region, n, scope.Rev, string(code))
	if err != nil {
		return fmt.Errorf("close request %d: %w", n, err)
	}
	return nil
}

func insertDrafts(ctx context.Context, scope postgres.Scope, list []Draft) error {
	if len(list) == 0 {
		return nil
	}
	var last int
	if err := scope.Tx.QueryRow(ctx, `SELECT coalesce(max(n), 0) FROM account_request WHERE region = $1`, scope.Region).Scan(&last); err != nil {
		return fmt.Errorf("read last request: %w", err)
	}
	err := postgres.CopyRows(ctx, scope.Tx, `COPY account_request (region, n, rev, person, old_bank, old_account, old_holder, bank, account, holder, actor, reason)
		FROM STDIN (FORMAT binary)`, len(list), func(w *postgres.RowWriter, i int) {
		x := &list[i]
		w.Row(12)
		w.Int32(scope.Region)
		w.Int32(int32(last + 1 + i))
		w.Int64(scope.Rev)
		w.Int64(x.Person)
		for _, a := range []roster.Account{x.Old.Account, x.New.Account} {
			w.Text(a.Bank)
			w.Text(a.Number)
			w.Text(a.Holder)
		}
		w.Text(x.Actor)
		w.Text(x.Reason)
	})
	if err != nil {
		return fmt.Errorf("write requests: %w", err)
	}
	err = postgres.CopyRows(ctx, scope.Tx, `COPY request_subject (region, n, rev, kind, name, before, after, source) FROM STDIN (FORMAT binary)`,
		len(list), func(w *postgres.RowWriter, i int) {
			x := &list[i]
			w.Row(8)
			w.Int32(scope.Region)
			w.Int32(int32(last + 1 + i))
			w.Int64(scope.Rev)
			for _, s := range []string{string(x.Kind), x.Name, x.Old.History, x.New.History, x.Source} {
				w.Text(s)
			}
		})
	if err != nil {
		return fmt.Errorf("write subjects of requests: %w", err)
	}
	for i := range list {
		if len(list[i].others) == 0 {
			continue
		}
		_, err := scope.Tx.Exec(ctx, `INSERT INTO request_brought (region, n, rev, actor) SELECT $1, $2, $3, unnest($4::text[])`,
			scope.Region, last+1+i, scope.Rev, list[i].others)
		if err != nil {
			return fmt.Errorf("write who brought a request: %w", err)
		}
	}
	return nil
}
