package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/roster"
)

// AccountRequest is a change that waits for a second person (账户变更), and what became of
// it. Until somebody confirms it, what was known before counts everywhere: nothing but an
// answer makes it known.
type AccountRequest struct {
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

	before, after string // of Before and After, as stored; of an account empty where the 代领人 stays
}

// Deputes reports whether the 代领人 changes with the account.
func (q *AccountRequest) Deputes() bool { return q.About == PersonAccount && q.after != "" }

// BroughtBy reports whether somebody brought any of what the request asks for, and so may
// not answer it.
func (q *AccountRequest) BroughtBy(actor string) bool {
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

// subject is what at most one request waits for.
type subject struct {
	kind   RequestKind
	person int64
	name   string // the institution's, the fact's, the item's code
}

// content is what a request says of its subject.
type content struct {
	account roster.Account
	history string // of a fact or award, as encodeFacts and encodeAwards write it; of an account the 代领人, where that changes
}

// ask is a change that must wait for a second person.
type ask struct {
	subject
	old, new      content
	actor, reason string
	source        string
	others        []string // who brought what is taken over from the request that waits
}

// takesOver notes that part of what is asked for is that of the request which waits.
func (x *ask) takesOver(q *AccountRequest) {
	for _, who := range append([]string{q.Actor}, q.Others...) {
		if who != x.actor && !slices.Contains(x.others, who) {
			x.others = append(x.others, who)
		}
	}
}

// asks gathers what one revision asks for, and what it makes known of subjects for which
// somebody may be asked.
type asks struct {
	open map[subject]AccountRequest // before
	list []ask
	made map[subject]content // became known at this revision
}

func newAsks(ctx context.Context, tx pgx.Tx, region int32) (*asks, error) {
	open, err := openRequests(ctx, tx, region)
	if err != nil {
		return nil, err
	}
	a := &asks{open: make(map[subject]AccountRequest, len(open)), made: map[subject]content{}}
	for _, q := range open {
		a.open[q.subject()] = q
	}
	return a, nil
}

func (q *AccountRequest) subject() subject {
	s := subject{kind: q.About, person: q.Person, name: q.Part}
	if q.About == PayeeAccount {
		s.name = q.Name
	}
	return s
}

func (q *AccountRequest) content() content { return content{q.New, q.after} }

// known notes that something became known past the requests. Only what somebody asks for
// is kept.
func (a *asks) known(s subject, c func() content) {
	if _, is := a.open[s]; is {
		a.made[s] = c()
	}
}

// settle writes the requests at revision rev. What waits already is not asked for again; a
// newer request takes the place of the one that waits. It returns how many are new, and
// how many waited already.
func (a *asks) settle(ctx context.Context, tx pgx.Tx, region int32, rev int64) (asked, waiting int, err error) {
	for s, c := range a.made {
		code := RequestSuperseded
		if q := a.open[s]; q.content() == c {
			code = RequestKnown
		}
		if err := closeRequest(ctx, tx, region, rev, a.open[s].N, code); err != nil {
			return 0, 0, err
		}
	}
	var fresh []ask
	for _, x := range a.list {
		q, waits := a.open[x.subject]
		if waits && q.content() == x.new {
			waiting++
			continue
		}
		if _, closed := a.made[x.subject]; waits && !closed {
			if err := closeRequest(ctx, tx, region, rev, q.N, RequestSuperseded); err != nil {
				return 0, 0, err
			}
		}
		fresh = append(fresh, x)
	}
	return len(fresh), waiting, insertAsks(ctx, tx, region, rev, fresh)
}

func closeRequest(ctx context.Context, tx pgx.Tx, region int32, rev int64, n int, code RequestState) error {
	_, err := tx.Exec(ctx, `INSERT INTO request_closing (region, n, rev, code) VALUES ($1, $2, $3, $4)`, region, n, rev, string(code))
	if err != nil {
		return fmt.Errorf("close request %d: %w", n, err)
	}
	return nil
}

func insertAsks(ctx context.Context, tx pgx.Tx, region int32, rev int64, list []ask) error {
	if len(list) == 0 {
		return nil
	}
	var last int
	if err := tx.QueryRow(ctx, `SELECT coalesce(max(n), 0) FROM account_request WHERE region = $1`, region).Scan(&last); err != nil {
		return fmt.Errorf("read last request: %w", err)
	}
	err := copyRows(ctx, tx, `COPY account_request (region, n, rev, person, old_bank, old_account, old_holder, bank, account, holder, actor, reason)
		FROM STDIN (FORMAT binary)`, len(list), func(w *RowWriter, i int) {
		x := &list[i]
		w.Row(12)
		w.Int32(region)
		w.Int32(int32(last + 1 + i))
		w.Int64(rev)
		w.Int64(x.person)
		for _, a := range []roster.Account{x.old.account, x.new.account} {
			w.Text(a.Bank)
			w.Text(a.Number)
			w.Text(a.Holder)
		}
		w.Text(x.actor)
		w.Text(x.reason)
	})
	if err != nil {
		return fmt.Errorf("write requests: %w", err)
	}
	err = copyRows(ctx, tx, `COPY request_subject (region, n, rev, kind, name, before, after, source) FROM STDIN (FORMAT binary)`,
		len(list), func(w *RowWriter, i int) {
			x := &list[i]
			w.Row(8)
			w.Int32(region)
			w.Int32(int32(last + 1 + i))
			w.Int64(rev)
			for _, s := range []string{string(x.kind), x.name, x.old.history, x.new.history, x.source} {
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
		_, err := tx.Exec(ctx, `INSERT INTO request_brought (region, n, rev, actor) SELECT $1, $2, $3, unnest($4::text[])`,
			region, last+1+i, rev, list[i].others)
		if err != nil {
			return fmt.Errorf("write who brought a request: %w", err)
		}
	}
	return nil
}
