package users

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/postgres"
)

// checkMayHandle refuses (fault.Denied) users of the program without the right to open
// accounts or set passwords.
func checkMayHandle(ctx context.Context, scope postgres.Scope, by journal.By) error {
	if by.Operator() {
		return nil
	}
	u, err := Current(ctx, scope, by.Actor)
	if err != nil {
		return err
	}
	return approval.CheckHandling(u)
}

// insertEvent inserts a user_event and derives what the account may do next. It prevents one
// person from acting as two, by using an account that they opened or reset for somebody:
//
//   - A password that somebody else set is known to two people, so the user must change it
//     before anything else (Change). That also holds after a reset at the command line; an
//     account that is opened there can be used at once, which is how a system is set up.
//     A reopened account counts as reset: somebody else may have given out its old password.
//   - An account of a signing post that a user of the program opened, reset or reopened is
//     blocked until a second person confirms it (Waits), if there is one who is independent.
//   - Signatures made meanwhile are marked as unconfirmed, and 审计 gets a notice.
func insertEvent(ctx context.Context, scope postgres.Scope, u approval.User, what approval.Handling, by journal.By) error {
	e := approval.UserEvent{Name: u.Name, Rev: scope.Rev, At: by.At, What: what, Actor: by.Actor, Reason: by.Reason}
	foreign := (what == approval.Opened || what == approval.Reset || what == approval.Reopened) && by.Actor != u.Name
	if foreign {
		e.Change = what != approval.Opened || !by.Operator()
		if u.Post.Signs() && !by.Operator() {
			circle, err := ReadCircle(ctx, scope)
			if err != nil {
				return err
			}
			e.Waits = len(circle.Confirmers(by.Actor, u.Name)) > 0
		}
	}
	_, err := scope.Tx.Exec(ctx, `INSERT INTO user_event (region, name, rev, what, actor, reason, change, waits) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		scope.Region, e.Name, e.Rev, string(e.What), e.Actor, e.Reason, e.Change, e.Waits)
	if err != nil {
		return fmt.Errorf("insert user event: %w", err)
	}
	if !foreign {
		return nil
	}
	return insertAccountNotice(ctx, scope, u, e)
}

// insertAccountNotice notifies 审计 of an event on an account.
func insertAccountNotice(ctx context.Context, scope postgres.Scope, u approval.User, e approval.UserEvent) error {
	body := "由 " + e.Actor + " 办理"
	if e.Reason != "" {
		body += "，原因：" + e.Reason
	}
	switch {
	case e.Waits:
		body += "。确认以前这个账号什么也不能办；请等本人换成自己的口令，向本人核实后在“用户”页确认。"
	case u.Post.Signs():
		body += "。没有经过第二人确认，这个账号可以使用，它的签字在核对单上注明；本人换成自己的口令以后，核实无误的，请在“用户”页确认。"
	default:
		body += "。请等本人换成自己的口令，核实后在“用户”页确认。"
	}
	_, err := scope.Tx.Exec(ctx, `INSERT INTO notice (region, kind, bureau, post, title, body, link, created) VALUES ($1, '用户变动', '', $2, $3, $4, '/users', $5)`,
		scope.Region, string(approval.Auditor), fmt.Sprintf("%s：%s（%s%s岗位）", e.What.Chinese(), u.Name, u.Bureau, u.Post), body, e.At)
	return postgres.Wrap("insert notice", err)
}

// Confirm confirms the pending events of an account; By.Actor is the second person. seen is
// the revision of the last event that they saw (Standing.Last): optimistic locking, so that
// nobody confirms what they have not seen. Errors: fault.NotFound, fault.Refused (nothing is
// pending, the user has not set their own password yet, a newer event exists), fault.Denied
// (post, or an actor who may be the same person).
func Confirm(ctx context.Context, db *postgres.DB, region int32, name string, seen int64, by journal.By) error {
	_, err := db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		u, err := storedUser(ctx, scope, name)
		if err != nil {
			return journal.Entry{}, err
		}
		actor, err := Current(ctx, scope, by.Actor)
		if err != nil {
			return journal.Entry{}, err
		}
		circle, err := ReadCircle(ctx, scope)
		if err != nil {
			return journal.Entry{}, err
		}
		if err := circle.CheckConfirm(actor, u.Name); err != nil {
			return journal.Entry{}, err
		}
		standing := circle.Standing(u.Name)
		if standing.Last != seen {
			return journal.Entry{}, fault.New(fault.Refused, "用户“%s”的账号在您查看以后又有变动，没有确认；请重新打开“用户”页，核实后再确认", u.Name)
		}
		var what []string
		for _, e := range standing.Pending {
			what = append(what, fmt.Sprintf("%s（%s，修订 %d）", e.What.Chinese(), e.Actor, e.Rev))
		}
		if err := insertEvent(ctx, scope, u, approval.Confirmed, by); err != nil {
			return journal.Entry{}, err
		}
		return journal.Entry{Action: confirmedAccount, Subject: u.Name, Summary: strings.Join(what, "、")}, nil
	})
	return err
}

const selectUserEvents = `
	SELECT e.name, e.rev, j.at, e.what, e.actor, e.reason, e.change, e.waits
	FROM user_event e JOIN journal j ON j.region = e.region AND j.rev = e.rev WHERE e.region = $1 AND e.name = ANY ($2) ORDER BY e.rev`

func userEvents(ctx context.Context, scope postgres.Scope, names ...string) ([]approval.UserEvent, error) {
	rows, err := scope.Tx.Query(ctx, selectUserEvents, scope.Region, names)
	if err != nil {
		return nil, fmt.Errorf("read user events: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[approval.UserEvent])
	if err != nil {
		return nil, fmt.Errorf("read user events: %w", err)
	}
	return all, nil
}

func readStanding(ctx context.Context, scope postgres.Scope, name string) (approval.AccountStatus, error) {
	events, err := userEvents(ctx, scope, name)
	return approval.AccountStatusOf(events), err
}

// ReadCircle reads the accounts with their events, by which approval decides who may confirm
// whose changes.
func ReadCircle(ctx context.Context, scope postgres.Scope) (*approval.Confirmers, error) {
	users, err := listUsers(ctx, scope)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(users))
	for i, u := range users {
		names[i] = u.Name
	}
	events, err := userEvents(ctx, scope, names...)
	return approval.NewCircle(users, events), err
}

// Circle is ReadCircle in a transaction of its own.
func Circle(ctx context.Context, db *postgres.DB, region int32) (*approval.Confirmers, error) {
	var c *approval.Confirmers
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		c, err = ReadCircle(ctx, scope)
		return err
	})
	return c, err
}

// Events returns the events of an account by revision, and its resulting status. Errors:
// fault.NotFound.
func Events(ctx context.Context, db *postgres.DB, region int32, name string) ([]approval.UserEvent, approval.AccountStatus, error) {
	var all []approval.UserEvent
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		u, err := storedUser(ctx, scope, name)
		if err != nil {
			return err
		}
		all, err = userEvents(ctx, scope, u.Name)
		return err
	})
	return all, approval.AccountStatusOf(all), err
}

// UnconfirmedAtSigning returns, by the revision of the signature, the events on the signer's
// account that were still unconfirmed when they signed. A later confirmation does not change
// the result: documents that are printed again must say the same.
func UnconfirmedAtSigning(ctx context.Context, db *postgres.DB, region int32, signed []approval.Signature) (map[int64][]approval.UserEvent, error) {
	names := make([]string, len(signed))
	for i, s := range signed {
		names[i] = s.Actor
	}
	found := map[int64][]approval.UserEvent{}
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		events, err := userEvents(ctx, scope, names...)
		if err != nil {
			return err
		}
		for _, s := range signed {
			var before []approval.UserEvent
			for _, e := range events {
				if e.Name == s.Actor && e.Rev < s.Rev {
					before = append(before, e)
				}
			}
			if pending := approval.AccountStatusOf(before).Pending; len(pending) > 0 {
				found[s.Rev] = pending
			}
		}
		return nil
	})
	return found, err
}

// CheckSecondPerson refuses (fault.Denied) an answer by somebody who may be the same person
// as who asked.
func CheckSecondPerson(ctx context.Context, scope postgres.Scope, asked, answers string) error {
	circle, err := ReadCircle(ctx, scope)
	if err != nil {
		return err
	}
	return circle.CheckSecond(asked, answers)
}

func mustChange(name string) error {
	return fault.Command(fault.New(fault.Denied, "用户“%s”的口令是别人设的，要先换成自己的口令才能办理：在控制台登录后修改，或用命令 disburse user passwd", name),
		"disburse user passwd %s --as %s --password-file 现在的口令文件 --new-password-file 新口令文件", name, name)
}

func waitsForSecond(name string, s approval.AccountStatus) error {
	last := s.Pending[len(s.Pending)-1]
	return fault.New(fault.Denied, "用户“%s”由 %s %s，还没有经过第二人确认，暂时不能使用；请另一位管理或审计在“用户”页确认", name, last.Actor, last.What.Chinese())
}
