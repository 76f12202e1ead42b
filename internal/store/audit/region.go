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
	"disburse/internal/store/batches"
	"disburse/internal/store/users"
)

// standing compares the region's own row with what only grows; head and hash are compared
// with the chain, the name with what was stated of the row.
func (a *audit) standing(ctx context.Context) error {
	var opening, settled *time.Time
	var rev, next, due int64
	err := a.Tx.QueryRow(ctx, `
		SELECT r.opening_month, o.month, coalesce(o.rev, 0), r.next_person,
		       (SELECT coalesce(max(person), 0) + 1 FROM person p WHERE p.region = r.region)
		FROM region r LEFT JOIN LATERAL (SELECT month, rev FROM region_opening o WHERE o.region = r.region ORDER BY rev DESC LIMIT 1) o ON true
		WHERE r.region = $1`, a.Region).Scan(&opening, &settled, &rev, &next, &due)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // readEnd has named it
	}
	if err != nil {
		return fmt.Errorf("read region: %w", err)
	}
	if rev > 0 && (opening == nil || !opening.Equal(*settled)) {
		a.found(Problem{Rev: rev, Table: "region", Key: "期初月", What: fmt.Sprintf("被改动：定为 %s，现为 %s", monthOf(*settled), monthOrNone(opening))})
	}
	if next != due {
		a.found(Problem{Table: "region", Key: "下一个人员编号", What: fmt.Sprintf("被改动：应为 %d，现为 %d", due, next)})
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

// accounts compares users and passwords with the journal. Entries of earlier programs
// have no digest: of their accounts only the existence is compared.
func (a *audit) accounts(ctx context.Context) error {
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
		a.found(p)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read users: %w", err)
	}
	for name, l := range last { // nothing takes an account away: it is closed
		if !there[name] {
			a.found(Problem{Rev: l.Entry.Rev, Table: "account_user", Key: "用户 " + name, What: "缺失"})
		}
	}
	return nil
}

// latest is the last entry of each subject that has one of the actions.
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

// otherTitles are what people call tables that do not only grow.
var otherTitles = map[string]string{"draft_line": "待审批明细", "answer_sum": "回盘合计",
	"later_debt": "后续追缴明细", "journal": "审计日志", "row_digest": "行摘要", "row_mark": "行标记"}

// titleOf is what people call a table, with the database's name of it.
func titleOf(table string) string {
	title := otherTitles[table]
	if g := tableNamed(table); g != nil {
		title = g.Title
	} else if p := batches.PartByName(table); p != nil {
		title = p.Title
	} else if c := postgres.MutableTableByName(table); c != nil {
		title = c.Title
	}
	if title == "" {
		return table
	}
	return title + "（" + table + "）"
}
