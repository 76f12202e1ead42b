package requests

import (
	"fmt"
	"slices"
	"time"

	"disburse/internal/fault"
	"disburse/internal/journal"
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

// Subject returns what the request changes.
func (q *Request) Subject() Subject {
	s := Subject{Kind: q.About, Person: q.Person, Name: q.Part}
	if q.About == PayeeAccount {
		s.Name = q.Name
	}
	return s
}

func (q *Request) content() Content { return Content{q.New, q.StoredAfter} }

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
