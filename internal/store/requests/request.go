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

// Request is a change that waits for a second person (账户变更), and what became of
// it. Until somebody confirms it, what was known before counts everywhere: nothing but an
// answer makes it known.
type Request struct {
	N        int // 申请号
	About    RequestKind
	Source   string // page, import, undo or merge: how it came
	Person   int64  // 0: of an institution
	ID       string // as known now; empty: of an institution
	Name     string // the person's, as known now, or the institution's
	Street   string
	Part     string         // of a history: the fact's name, the item's code
	Old, New roster.Account // of accounts
	Before   roster.Dossier // of histories: the facts or awards in question, as known; the 代领人 where that changes, too
	After    roster.Dossier // and as they are to be
	Actor    string         // who brought it: a user, or os:NAME
	Others   []string       // who brought what it took over from the requests before it
	At       time.Time
	Reason   string
	State    RequestState
	Answer   string // who answered; empty where nobody did
	Why      string // reason of the answer
	Answered time.Time

	StoredBefore, StoredAfter string // of Before and After, as stored; of an account empty where the 代领人 stays
}

// Deputes reports whether the 代领人 changes with the account.
func (q *Request) Deputes() bool { return q.About == PersonAccount && q.StoredAfter != "" }

// BroughtBy reports whether somebody brought any of what the request asks for, and so may
// not answer it.
func (q *Request) BroughtBy(actor string) bool {
	return q.Actor == actor || slices.Contains(q.Others, actor)
}

// RequestKind says what a request is about.
type RequestKind string

// The kinds of requests.
const (
	PersonAccount RequestKind = "person"
	PayeeAccount  RequestKind = "payee"
	FactRequest   RequestKind = "fact"
	AwardRequest  RequestKind = "award"
)

// Account reports whether the request is about an account.
func (k RequestKind) Account() bool { return k == PersonAccount || k == PayeeAccount }

// Chinese returns the kind as staff read it.
func (k RequestKind) Chinese() string {
	return map[RequestKind]string{PersonAccount: "本人账户", PayeeAccount: "收款单位账户", FactRequest: "情况", AwardRequest: "核定金额"}[k]
}

// RequestState is where a request stands.
type RequestState string

// The states of a request. Granted and refused are answers; the others closed it.
const (
	RequestOpen       RequestState = "open"
	RequestGranted    RequestState = "granted"
	RequestRefused    RequestState = "refused"
	RequestSuperseded RequestState = "superseded" // something newer was asked for, or became known
	RequestKnown      RequestState = "known"      // what it asks for became known otherwise
	RequestWithdrawn  RequestState = "withdrawn"  // its import was undone
	RequestMerged     RequestState = "merged"     // the record was merged into another
)

// Chinese returns the state as staff read it.
func (s RequestState) Chinese() string {
	return map[RequestState]string{RequestOpen: "待确认", RequestGranted: "已变更", RequestRefused: "不同意", RequestSuperseded: "已被更新的变更取代",
		RequestKnown: "已按所申请的登记", RequestWithdrawn: "已随导入撤销", RequestMerged: "记录已并入别人"}[s]
}

// Sources of requests.
const (
	FromPage   = "page" // typed by hand
	FromImport = "import"
	FromUndo   = "undo"
	FromMerge  = "merge"
)

// Subject is what at most one request waits for.
type Subject struct {
	Kind   RequestKind
	Person int64
	Name   string // the institution's, the fact's, the item's code
}

// Content is what a request says of its subject.
type Content struct {
	Account roster.Account
	History string // of a fact or award, as encodeFacts and encodeAwards write it; of an account the 代领人, where that changes
}

// Ask is a change that must wait for a second person.
type Ask struct {
	Subject
	Old, New      Content
	Actor, Reason string
	Source        string
	others        []string // who brought what is taken over from the request that waits
}

// TakesOver notes that part of what is asked for is that of the request which waits.
func (x *Ask) TakesOver(q *Request) {
	for _, who := range append([]string{q.Actor}, q.Others...) {
		if who != x.Actor && !slices.Contains(x.others, who) {
			x.others = append(x.others, who)
		}
	}
}

// Asks gathers what one revision asks for, and what it makes known of subjects for which
// somebody may be asked.
type Asks struct {
	Open map[Subject]Request // before
	List []Ask
	Made map[Subject]Content // became known at this revision
}

func NewAsks(ctx context.Context, scope postgres.Scope) (*Asks, error) {
	open, err := OpenRequests(ctx, scope)
	if err != nil {
		return nil, err
	}
	a := &Asks{Open: make(map[Subject]Request, len(open)), Made: map[Subject]Content{}}
	for _, q := range open {
		a.Open[q.Subject()] = q
	}
	return a, nil
}

func (q *Request) Subject() Subject {
	s := Subject{Kind: q.About, Person: q.Person, Name: q.Part}
	if q.About == PayeeAccount {
		s.Name = q.Name
	}
	return s
}

func (q *Request) content() Content { return Content{q.New, q.StoredAfter} }

// Known notes that something became known past the requests. Only what somebody asks for
// is kept.
func (a *Asks) Known(s Subject, c func() Content) {
	if _, is := a.Open[s]; is {
		a.Made[s] = c()
	}
}

// Settle writes the requests at revision rev. What waits already is not asked for again; a
// newer request takes the place of the one that waits. It returns how many are new, and
// how many waited already.
func (a *Asks) Settle(ctx context.Context, scope postgres.Scope) (asked, waiting int, err error) {
	for s, c := range a.Made {
		code := RequestSuperseded
		if q := a.Open[s]; q.content() == c {
			code = RequestKnown
		}
		if err := CloseRequest(ctx, scope, a.Open[s].N, code); err != nil {
			return 0, 0, err
		}
	}
	var fresh []Ask
	for _, x := range a.List {
		q, waits := a.Open[x.Subject]
		if waits && q.content() == x.New {
			waiting++
			continue
		}
		if _, closed := a.Made[x.Subject]; waits && !closed {
			if err := CloseRequest(ctx, scope, q.N, RequestSuperseded); err != nil {
				return 0, 0, err
			}
		}
		fresh = append(fresh, x)
	}
	return len(fresh), waiting, insertAsks(ctx, scope, fresh)
}

func CloseRequest(ctx context.Context, scope postgres.Scope, n int, code RequestState) error {
	_, err := scope.Tx.Exec(ctx, `INSERT INTO request_closing (region, n, rev, code) VALUES ($1, $2, $3, $4)`, scope.Region, n, scope.Rev, string(code))
	if err != nil {
		return fmt.Errorf("close request %d: %w", n, err)
	}
	return nil
}

func insertAsks(ctx context.Context, scope postgres.Scope, list []Ask) error {
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

// Asked is the journal's entry of what became of asking.
func (q *Request) Asked(report *roster.Report, d *roster.Dossier) (journal.Entry, error) {
	switch {
	case len(report.Problems) > 0:
		return journal.Entry{}, fault.New(fault.Refused, "不能变更%s的账户：%s", d.Name, report.Problems[0].Reason)
	case report.Asked > 0:
		q.State = RequestOpen
		return journal.Entry{Action: "申请账户变更", Subject: people.SubjectOf(d), Summary: q.Summary()}, nil
	case report.ChangedPeople > 0:
		q.State = RequestGranted
		return journal.Entry{Action: "登记账户", Subject: people.SubjectOf(d), Summary: q.Summary() + "；此前没有发放过，不必第二人确认"}, nil
	case report.Waiting > 0:
		return journal.Entry{}, fault.New(fault.Refused, "%s的这个账户已经申请过，正在等待确认", d.Name)
	}
	return journal.Entry{}, fault.New(fault.Refused, "%s登记的就是这个账户，不必变更", d.Name)
}

// Summary names no account in full: the journal is read by many.
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
