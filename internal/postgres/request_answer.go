package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/roster"
)

// AskAccount asks for a person's account to be changed; By.Actor asks, By.Reason has the
// document. Of somebody who was never paid the account is known at once, by the rule that
// holds for a workbook too (State is granted then); of others it waits for AnswerRequests,
// in place of what has waited so far. Errors: fault.NotFound (person), fault.Denied
// (user), fault.Invalid (no reason), fault.Refused (nothing new).
func (db *DB) AskAccount(ctx context.Context, region int32, person int64, account roster.Account, by journal.By) (AccountRequest, error) {
	var q AccountRequest
	_, err := db.Change(ctx, region, by, func(tx pgx.Tx, rev int64) (journal.Entry, error) {
		user, err := currentUser(ctx, tx, region, by.Actor)
		if err != nil {
			return journal.Entry{}, err
		}
		if err := approval.CheckAccountRequest(user, by.Reason); err != nil {
			return journal.Entry{}, err
		}
		d, err := personAt(ctx, tx, region, person, rev)
		if err != nil {
			return journal.Entry{}, err
		}
		q = AccountRequest{About: PersonAccount, Source: FromPage, Person: person, ID: d.ID, Name: d.Name, Street: d.Street,
			Old: d.Account, New: account, Actor: user.Name, At: by.At, Reason: by.Reason}
		m, err := newRosterMerge(ctx, tx, region, rev, accountImport([]AccountRequest{q}), by)
		if err != nil {
			return journal.Entry{}, err
		}
		m.source = FromPage
		if err := m.run(ctx); err != nil {
			return journal.Entry{}, err
		}
		return q.asked(m.finish(), d)
	})
	return q, err
}

// asked is the journal's entry of what became of asking.
func (q *AccountRequest) asked(report *roster.Report, d *roster.Dossier) (journal.Entry, error) {
	switch {
	case len(report.Problems) > 0:
		return journal.Entry{}, fault.New(fault.Refused, "不能变更%s的账户：%s", d.Name, report.Problems[0].Reason)
	case report.Asked > 0:
		q.State = RequestOpen
		return journal.Entry{Action: "申请账户变更", Subject: subjectOf(d), Summary: q.summary()}, nil
	case report.ChangedPeople > 0:
		q.State = RequestGranted
		return journal.Entry{Action: "登记账户", Subject: subjectOf(d), Summary: q.summary() + "；此前没有发放过，不必第二人确认"}, nil
	case report.Waiting > 0:
		return journal.Entry{}, fault.New(fault.Refused, "%s的这个账户已经申请过，正在等待确认", d.Name)
	}
	return journal.Entry{}, fault.New(fault.Refused, "%s登记的就是这个账户，不必变更", d.Name)
}

// summary names no account in full: the journal is read by many.
func (q *AccountRequest) summary() string {
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

// AnswerOrder says which requests are confirmed or refused; By.Actor answers.
type AnswerOrder struct {
	Region  int32
	Numbers []int
	All     bool // in place of Numbers: all that wait and that the user has not brought
	Grant   bool
	By      journal.By // Reason is required to refuse
}

// AnswerRequests confirms requests, which makes known what they ask for by the way of an
// import, or refuses them: all or none, at one revision. Errors: fault.NotFound (request),
// fault.Denied (post, who brought it, who may be the same person), fault.Refused (answered
// or closed already, nothing waits, what is known is another now), fault.Invalid (refused
// without a reason).
func (db *DB) AnswerRequests(ctx context.Context, o AnswerOrder) ([]AccountRequest, error) {
	var answered []AccountRequest
	o.By.Reason = strings.TrimSpace(o.By.Reason)
	_, err := db.Change(ctx, o.Region, o.By, func(tx pgx.Tx, rev int64) (journal.Entry, error) {
		user, err := currentUser(ctx, tx, o.Region, o.By.Actor)
		if err != nil {
			return journal.Entry{}, err
		}
		if answered, err = o.find(ctx, tx, user); err != nil {
			return journal.Entry{}, err
		}
		if o.Grant {
			if err := makeKnown(ctx, tx, o.Region, rev, answered, o.By); err != nil {
				return journal.Entry{}, err
			}
		}
		state := RequestRefused
		if o.Grant {
			state = RequestGranted
		}
		for i := range answered {
			q := &answered[i]
			_, err := tx.Exec(ctx, `INSERT INTO account_answer (region, n, rev, granted, asked, actor, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
				o.Region, q.N, rev, o.Grant, q.Actor, user.Name, o.By.Reason)
			if err != nil {
				return journal.Entry{}, fmt.Errorf("insert answer: %w", err)
			}
			q.State, q.Answer, q.Why, q.Answered = state, user.Name, o.By.Reason, o.By.At
		}
		return answerEntry(answered, o.Grant), nil
	})
	return answered, err
}

// find reads the requests that are answered, of which the user may answer each.
func (o *AnswerOrder) find(ctx context.Context, tx pgx.Tx, user approval.User) ([]AccountRequest, error) {
	var all []AccountRequest
	if o.All {
		open, err := openRequests(ctx, tx, o.Region)
		if err != nil {
			return nil, err
		}
		all = slices.DeleteFunc(open, func(q AccountRequest) bool { return q.BroughtBy(user.Name) })
		if len(all) == 0 {
			return nil, fault.New(fault.Refused, "没有等待用户“%s”确认的账户变更", user.Name)
		}
	}
	numbers := slices.Clone(o.Numbers)
	slices.Sort(numbers)
	for _, n := range slices.Compact(numbers) {
		q, err := openRequest(ctx, tx, o.Region, n)
		if err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	circle, err := readCircle(ctx, tx, o.Region)
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

// answerEntry names the first few; each answer has its row beside the journal.
func answerEntry(answered []AccountRequest, grant bool) journal.Entry {
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
		said = append(said, fmt.Sprintf("第 %d 号：%s，申请人 %s", q.N, q.summary(), q.Actor))
	}
	if len(answered) > most {
		said = append(said, fmt.Sprintf("等 %d 件", len(answered)))
	}
	return journal.Entry{Action: action, Subject: subject, Summary: strings.Join(said, "；")}
}
