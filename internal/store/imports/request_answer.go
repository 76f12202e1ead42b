package imports

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/requests"
	"disburse/internal/store/users"
)

// RequestAccount requests a change of a person's account; By.Reason names the document. The
// rule is that of imports: if the person was never paid the change is applied at once (State
// is granted then), otherwise it is pending until AnswerRequests and supersedes an earlier
// request. Errors: fault.NotFound (person), fault.Denied (user), fault.Invalid (no reason),
// fault.Refused (nothing new).
func RequestAccount(ctx context.Context, db *postgres.DB, region int32, person int64, account roster.Account, by journal.By) (requests.Request, error) {
	var q requests.Request
	_, err := db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		user, err := users.Current(ctx, scope, by.Actor)
		if err != nil {
			return journal.Entry{}, err
		}
		if err := approval.CheckAccountRequest(user, by.Reason); err != nil {
			return journal.Entry{}, err
		}
		d, err := readPerson(ctx, scope, person)
		if err != nil {
			return journal.Entry{}, err
		}
		q = requests.Request{About: requests.PersonAccount, Source: requests.FromPage, Person: person, ID: d.ID, Name: d.Name, Street: d.Street,
			Old: d.Account, New: account, Actor: user.Name, At: by.At, Reason: by.Reason}
		m, err := NewImporter(ctx, scope, importOf([]requests.Request{q}), by)
		if err != nil {
			return journal.Entry{}, err
		}
		m.source = requests.FromPage
		if err := m.Run(ctx); err != nil {
			return journal.Entry{}, err
		}
		return q.JournalEntry(m.Finish(), d)
	})
	return q, err
}

// AnswerOrder says which requests are confirmed or refused; By.Actor answers.
type AnswerOrder struct {
	Region  int32
	Numbers []int
	All     bool // in place of Numbers: all pending ones that the user did not bring
	Grant   bool
	By      journal.By // Reason is required to refuse
}

// AnswerRequests confirms requests, which applies their changes as an import would, or
// refuses them: all or none, at one revision. Errors: fault.NotFound (request), fault.Denied
// (post, or an actor who brought it or may be the same person), fault.Refused (answered or
// closed already, nothing pending, the stored value has changed since), fault.Invalid
// (refused without a reason).
func AnswerRequests(ctx context.Context, db *postgres.DB, o AnswerOrder) ([]requests.Request, error) {
	var answered []requests.Request
	o.By.Reason = strings.TrimSpace(o.By.Reason)
	_, err := db.Change(ctx, o.Region, o.By, func(scope postgres.Scope) (journal.Entry, error) {
		user, err := users.Current(ctx, scope, o.By.Actor)
		if err != nil {
			return journal.Entry{}, err
		}
		if answered, err = o.find(ctx, scope.Tx, user); err != nil {
			return journal.Entry{}, err
		}
		if o.Grant {
			if err := applyRequests(ctx, scope, answered, o.By); err != nil {
				return journal.Entry{}, err
			}
		}
		state := requests.Refused
		if o.Grant {
			state = requests.Granted
		}
		for i := range answered {
			q := &answered[i]
			_, err := scope.Tx.Exec(ctx, `INSERT INTO account_answer (region, n, rev, granted, asked, actor, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
				o.Region, q.N, scope.Rev, o.Grant, q.Actor, user.Name, o.By.Reason)
			if err != nil {
				return journal.Entry{}, fmt.Errorf("insert answer: %w", err)
			}
			q.State, q.Answer, q.Why, q.Answered = state, user.Name, o.By.Reason, o.By.At
		}
		return answerEntry(answered, o.Grant), nil
	})
	return answered, err
}

// find reads the requests to be answered, and checks that the user may answer each.
func (o *AnswerOrder) find(ctx context.Context, tx pgx.Tx, user approval.User) ([]requests.Request, error) {
	var all []requests.Request
	if o.All {
		open, err := requests.ListOpen(ctx, postgres.In(tx, o.Region))
		if err != nil {
			return nil, err
		}
		all = slices.DeleteFunc(open, func(q requests.Request) bool { return q.BroughtBy(user.Name) })
		if len(all) == 0 {
			return nil, fault.New(fault.Refused, "没有等待用户“%s”确认的账户变更", user.Name)
		}
	}
	numbers := slices.Clone(o.Numbers)
	slices.Sort(numbers)
	for _, n := range slices.Compact(numbers) {
		q, err := requests.ReadOpen(ctx, postgres.In(tx, o.Region), n)
		if err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	circle, err := users.ReadCircle(ctx, postgres.In(tx, o.Region))
	if err != nil {
		return nil, err
	}
	for i := range all {
		for _, brought := range append([]string{all[i].Actor}, all[i].Others...) {
			err := approval.CheckAccountAnswer(user, brought, o.Grant, o.By.Reason)
			if err == nil && o.Grant {
				err = circle.CheckSecond(brought, user.Name)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// answerEntry names the first few requests only: account_answer has a row for each.
func answerEntry(answered []requests.Request, grant bool) journal.Entry {
	const most = 5
	action, subject := "不同意账户变更", fmt.Sprintf("%d 件", len(answered))
	if grant {
		action = "账户变更"
	}
	if q := &answered[0]; len(answered) == 1 {
		subject = strings.TrimSpace(q.Name + " " + roster.MaskID(q.ID))
	}
	var said []string
	for i := range answered[:min(most, len(answered))] {
		q := &answered[i]
		said = append(said, fmt.Sprintf("第 %d 号：%s，申请人 %s", q.N, q.Summary(), q.Actor))
	}
	if len(answered) > most {
		said = append(said, fmt.Sprintf("等 %d 件", len(answered)))
	}
	return journal.Entry{Action: action, Subject: subject, Summary: strings.Join(said, "；")}
}
