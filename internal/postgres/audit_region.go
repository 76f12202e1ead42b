package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
)

// The journal's actions on accounts. Those that set passwords carry passwordDigest, so
// that an account made or a password set past the program shows; so does one that was
// closed or opened again past it.
const (
	openedAccount = "新建用户"
	setPassword   = "修改口令"

	closedAccount   = "停用用户"
	reopenedAccount = "启用用户"

	confirmedAccount = "确认用户"
)

// passwordDigest is what the journal may know of a stored password: a digest of the salted
// argon2id hash, which helps nobody to guess it.
func passwordDigest(stored string) string {
	sum := sha256.Sum256([]byte("account_user.password\n" + stored))
	return hex.EncodeToString(sum[:])
}

// standing compares the region's own row with what only grows; head and hash are compared
// with the chain, the name with what was stated of the row.
func (a *audit) standing(ctx context.Context) error {
	var opening, settled *time.Time
	var rev, next, due int64
	err := a.tx.QueryRow(ctx, `
		SELECT r.opening_month, o.month, coalesce(o.rev, 0), r.next_person,
		       (SELECT coalesce(max(person), 0) + 1 FROM person p WHERE p.region = r.region)
		FROM region r LEFT JOIN LATERAL (SELECT month, rev FROM region_opening o WHERE o.region = r.region ORDER BY rev DESC LIMIT 1) o ON true
		WHERE r.region = $1`, a.region).Scan(&opening, &settled, &rev, &next, &due)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // readEnd has named it
	}
	if err != nil {
		return fmt.Errorf("read region: %w", err)
	}
	if rev > 0 && (opening == nil || !opening.Equal(*settled)) {
		a.found(AuditProblem{Rev: rev, Table: "region", Key: "期初月", What: fmt.Sprintf("被改动：定为 %s，现为 %s", monthOf(*settled), monthOrNone(opening))})
	}
	if next != due {
		a.found(AuditProblem{Table: "region", Key: "下一个人员编号", What: fmt.Sprintf("被改动：应为 %d，现为 %d", due, next)})
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
	last := a.latest(openedAccount, setPassword)
	closing := a.latest(openedAccount, closedAccount, reopenedAccount)
	rows, err := a.tx.Query(ctx, `SELECT name, password, active FROM account_user WHERE region = $1 ORDER BY name`, a.region)
	if err != nil {
		return fmt.Errorf("read users: %w", err)
	}
	var name, password string
	var active bool
	there := map[string]bool{}
	_, err = pgx.ForEachRow(rows, []any{&name, &password, &active}, func() error {
		there[name] = true
		e := last[name].entry
		p := AuditProblem{Rev: e.Rev, Table: "account_user", Key: "用户 " + name}
		switch {
		case e.Rev == 0:
			p.What = unknownAccount
		case e.Digest != "" && e.Digest != passwordDigest(password):
			p.What = "口令被改动，不是这次修订设置的"
		case active != (closing[name].entry.Action != closedAccount):
			p.Rev, p.What = closing[name].entry.Rev, "在用或停用被改动，与这次修订不同"
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
			a.found(AuditProblem{Rev: l.entry.Rev, Table: "account_user", Key: "用户 " + name, What: "缺失"})
		}
	}
	return nil
}

// latest is the last entry of each subject that has one of the actions.
func (a *audit) latest(actions ...string) map[string]link {
	last := map[string]link{}
	for rev, l := range a.links {
		if e := l.entry; slices.Contains(actions, e.Action) && rev > last[e.Subject].entry.Rev {
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
		title = g.title
	} else if p := partNamed(table); p != nil {
		title = p.title
	} else if c := statedTable(table); c != nil {
		title = c.title
	}
	if title == "" {
		return table
	}
	return title + "（" + table + "）"
}
