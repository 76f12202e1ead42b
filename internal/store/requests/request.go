package requests

import (
	"context"
	"fmt"
	"slices"
	"time"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/people"
)

// Request is a change that needs a second person (账户变更), with its status. Until it is
// confirmed the old values count everywhere: only a granting answer applies the change.
type Request struct {
	N        int // 申请号
	About    Kind
	Source   string // page, import, undo or merge
	Person   int64  // 0: of an institution
	ID       string // as known now; empty: of an institution
	Name     string // the person's, as known now, or the institution's
	Street   string
	Part     string         // of a history: the fact's name, the item's code
	Old, New roster.Account // of accounts
	Before   roster.Dossier // of histories: the facts or awards before; the 代领人 where that changes too
	After    roster.Dossier // and after
	Actor    string         // who brought it: a user, or os:NAME
	Others   []string       // who brought the parts inherited from the requests that it superseded
	At       time.Time
	Reason   string
	State    State
	Answer   string // who answered; empty: nobody
	Why      string // reason of the answer
	Answered time.Time

	StoredBefore, StoredAfter string // JSON of Before and After; of an account empty where the 代领人 does not change
}

// Deputes reports whether the request changes the 代领人 along with the account.
func (q *Request) Deputes() bool { return q.About == PersonAccount && q.StoredAfter != "" }

// BroughtBy reports whether the actor brought any part of the request, and so may not answer
// it: two people must see each change.
func (q *Request) BroughtBy(actor string) bool {
	return q.Actor == actor || slices.Contains(q.Others, actor)
}

// Kind says what a request is about.
type Kind string

// The kinds of requests.
const (
	PersonAccount Kind = "person"
	PayeeAccount  Kind = "payee"
	FactHistory   Kind = "fact"
	AwardHistory  Kind = "award"
)

// Account reports whether the request is about an account.
func (k Kind) Account() bool { return k == PersonAccount || k == PayeeAccount }

// Chinese returns the kind as staff read it.
func (k Kind) Chinese() string {
	return map[Kind]string{PersonAccount: "本人账户", PayeeAccount: "收款单位账户", FactHistory: "情况", AwardHistory: "核定金额"}[k]
}

// State is the status of a request.
type State string

// The states of a request. Granted and refused are answers; the others closed it.
const (
	Open        State = "open"
	Granted     State = "granted"
	Refused     State = "refused"
	Superseded  State = "superseded" // by a newer request, or by another change of the subject
	BecameKnown State = "known"      // the requested change was made another way
	Withdrawn   State = "withdrawn"  // its import was undone
	Merged      State = "merged"     // the record was merged into another
)

// Chinese returns the state as staff read it.
func (s State) Chinese() string {
	return map[State]string{Open: "待确认", Granted: "已变更", Refused: "不同意", Superseded: "已被更新的变更取代",
		BecameKnown: "已按所申请的登记", Withdrawn: "已随导入撤销", Merged: "记录已并入别人"}[s]
}

// Sources of requests.
const (
	FromPage   = "page" // typed by hand
	FromImport = "import"
	FromUndo   = "undo"
	FromMerge  = "merge"
)

// Subject is what a request changes. At most one request per subject is pending.
type Subject struct {
	Kind   Kind
	Person int64
	Name   string // the institution's, the fact's, the item's code
}

// Content is the value of a subject; comparable, so that equal requests are recognized.
type Content struct {
	Account roster.Account
	History string // of a fact or award, by EncodeFacts or EncodeAwards; of an account the 代领人, where that changes
}

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

// Subject returns what the request changes.
func (q *Request) Subject() Subject {
	s := Subject{Kind: q.About, Person: q.Person, Name: q.Part}
	if q.About == PayeeAccount {
		s.Name = q.Name
	}
	return s
}

func (q *Request) content() Content { return Content{q.New, q.StoredAfter} }

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

// JournalEntry returns the journal entry for a request that somebody typed, by what the
// import of it reported, and sets q.State. Errors: fault.Refused where nothing is new.
func (q *Request) JournalEntry(report *roster.Report, d *roster.Dossier) (journal.Entry, error) {
	switch {
	case len(report.Problems) > 0:
		return journal.Entry{}, fault.New(fault.Refused, "不能变更%s的账户：%s", d.Name, report.Problems[0].Reason)
	case report.Asked > 0:
		q.State = Open
		return journal.Entry{Action: "申请账户变更", Subject: people.JournalSubject(d), Summary: q.Summary()}, nil
	case report.ChangedPeople > 0:
		q.State = Granted
		return journal.Entry{Action: "登记账户", Subject: people.JournalSubject(d), Summary: q.Summary() + "；此前没有发放过，不必第二人确认"}, nil
	case report.Waiting > 0:
		return journal.Entry{}, fault.New(fault.Refused, "%s的这个账户已经申请过，正在等待确认", d.Name)
	}
	return journal.Entry{}, fault.New(fault.Refused, "%s登记的就是这个账户，不必变更", d.Name)
}

// Summary describes the change for the journal. Accounts are shortened to four digits: many
// read the journal.
func (q *Request) Summary() string {
	switch q.About {
	case PersonAccount, PayeeAccount:
		s := fmt.Sprintf("%s %s 尾号 %s 改为 %s 尾号 %s", q.Name, orNo(q.Old.Bank), lastFour(q.Old.Number), orNo(q.New.Bank), lastFour(q.New.Number))
		if q.Deputes() {
			s += fmt.Sprintf("，代领人 %s 改为 %s", orNo(q.Before.Deputy.Name), orNo(q.After.Deputy.Name))
		}
		return s
	}
	return fmt.Sprintf("%s %s“%s”", q.Name, q.About.Chinese(), q.Part)
}

func orNo(s string) string {
	if s == "" {
		return "无"
	}
	return s
}

func lastFour(number string) string {
	if number == "" {
		return "无"
	}
	return number[max(0, len(number)-4):]
}
