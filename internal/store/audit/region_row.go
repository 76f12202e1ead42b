package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/store/users"
)

// checkRegionRow compares the region's row with append-only tables: opening month and next person
// number. Head and hash are compared with the chain, the name with the recorded changes.
func (a *audit) checkRegionRow(ctx context.Context) error {
	var opening, settled *time.Time
	var rev, next, due int64
	err := a.Tx.QueryRow(ctx, `
		SELECT r.opening_month, o.month, coalesce(o.rev, 0), r.next_person,
		       (SELECT coalesce(max(person), 0) + 1 FROM person p WHERE p.region = r.region)
		FROM region r LEFT JOIN LATERAL (SELECT month, rev FROM region_opening o WHERE o.region = r.region ORDER BY rev DESC LIMIT 1) o ON true
		WHERE r.region = $1`, a.Region).Scan(&opening, &settled, &rev, &next, &due)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // reported by readEnd
	}
	if err != nil {
		return fmt.Errorf("read region: %w", err)
	}
	if rev > 0 && (opening == nil || !opening.Equal(*settled)) {
		a.add(Problem{Rev: rev, Table: "region", Key: "期初月", What: fmt.Sprintf("被改动：定为 %s，现为 %s", monthOf(*settled), monthOrNone(opening))})
	}
	if next != due {
		a.add(Problem{Table: "region", Key: "下一个人员编号", What: fmt.Sprintf("被改动：应为 %d，现为 %d", due, next)})
	}
	return nil
}

func monthOrNone(first *time.Time) string {
	if first == nil {
		return "空"
	}
	return monthOf(*first).String()
}

func monthOf(first time.Time) month.Month { return month.FromTime(first).Month() }

// checkAccounts compares users and password hashes with the journal. Entries of earlier versions
// have no digest: for them only the existence of the account is compared.
func (a *audit) checkAccounts(ctx context.Context) error {
	last := a.latest(users.OpenedAccount, users.PasswordWasSet)
	closing := a.latest(users.OpenedAccount, users.ClosedAccount, users.ReopenedAccount)
	rows, err := a.Tx.Query(ctx, `SELECT name, password, active FROM account_user WHERE region = $1 ORDER BY name`, a.Region)
	if err != nil {
		return fmt.Errorf("read users: %w", err)
	}
	var name, password string
	var active bool
	there := map[string]bool{}
	_, err = pgx.ForEachRow(rows, []any{&name, &password, &active}, func() error {
		there[name] = true
		e := last[name].Entry
		p := Problem{Rev: e.Rev, Table: "account_user", Key: "用户 " + name}
		switch {
		case e.Rev == 0:
			p.What = unknownAccount
		case e.Digest != "" && e.Digest != users.PasswordDigest(password):
			p.What = "口令被改动，不是这次修订设置的"
		case active != (closing[name].Entry.Action != users.ClosedAccount):
			p.Rev, p.What = closing[name].Entry.Rev, "在用或停用被改动，与这次修订不同"
		default:
			return nil
		}
		a.add(p)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read users: %w", err)
	}
	for name, l := range last { // accounts are closed, never deleted
		if !there[name] {
			a.add(Problem{Rev: l.Entry.Rev, Table: "account_user", Key: "用户 " + name, What: "缺失"})
		}
	}
	return nil
}

// latest returns, by subject, the last journal entry with one of the actions.
func (a *audit) latest(actions ...string) map[string]postgres.Link {
	last := map[string]postgres.Link{}
	for rev, l := range a.links {
		if e := l.Entry; slices.Contains(actions, e.Action) && rev > last[e.Subject].Entry.Rev {
			last[e.Subject] = l
		}
	}
	return last
}

const unknownAccount = "多出，不是本程序建立的"
