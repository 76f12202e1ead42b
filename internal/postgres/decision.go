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
	"disburse/internal/payrun"
)

// Decide settles a 疑点: its lines are paid from the next run on (release), or stay
// held. It adds a decision; an earlier one on the same finding stays on record. Only
// the 经办, 复核 and 审批 of a bureau that has the finding may decide. Errors:
// fault.NotFound (no such finding), fault.Refused (nothing to decide about it),
// fault.Denied (user), fault.Invalid (no reason).
func (db *DB) Decide(ctx context.Context, region int32, finding string, release bool, reason string,
	user approval.User, by journal.By) error {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return fault.New(fault.Invalid, "处理疑点 %s 必须写明理由，请补上理由", finding)
	}
	by.Actor, by.Reason = user.Name, reason
	_, err := db.Change(ctx, region, by, func(tx pgx.Tx, rev int64) (journal.Entry, error) {
		user, err := currentUser(ctx, tx, region, user.Name)
		if err != nil {
			return journal.Entry{}, err
		}
		sentence, err := mayDecide(ctx, tx, region, finding, user)
		if err != nil {
			return journal.Entry{}, err
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO decision (region, id, rev, release, actor, reason) VALUES ($1, $2, $3, $4, $5, $6)`,
			region, finding, rev, release, user.Name, reason)
		if err != nil {
			return journal.Entry{}, fmt.Errorf("insert decision: %w", err)
		}
		summary := "维持暂缓：" + sentence
		if release {
			summary = "可以发放：" + sentence
		}
		return journal.Entry{Action: "处理疑点", Subject: finding, Summary: summary}, nil
	})
	return err
}

// mayDecide returns the finding's sentence, or why the user may not decide about it.
func mayDecide(ctx context.Context, tx pgx.Tx, region int32, finding string, u approval.User) (string, error) {
	rows, err := tx.Query(ctx, `
		SELECT DISTINCT ON (b.bureau) b.bureau, f.level, f.sentence
		FROM finding f JOIN batch b USING (region, batch)
		WHERE f.region = $1 AND f.id = $2
		ORDER BY b.bureau, f.batch DESC`, region, finding)
	if err != nil {
		return "", fmt.Errorf("read finding: %w", err)
	}
	var bureaus []string
	var bureau, sentence, own string
	var level, ownLevel payrun.Level
	_, err = pgx.ForEachRow(rows, []any{&bureau, &level, &sentence}, func() error {
		bureaus = append(bureaus, bureau)
		if bureau == u.Bureau {
			own, ownLevel = sentence, level
		}
		return nil
	})
	switch {
	case err != nil:
		return "", fmt.Errorf("read finding: %w", err)
	case len(bureaus) == 0:
		return "", fault.New(fault.NotFound, "没有编号为 %s 的检查结果，请用 checks 命令核对编号（重新运行后编号可能已变）", finding)
	case !u.Active:
		return "", fault.New(fault.Denied, "用户“%s”已停用，不能处理疑点，请由在用的用户办理", u.Name)
	case !u.Post.Signs():
		return "", fault.New(fault.Denied, "用户“%s”的岗位是%s，不能处理疑点，请由经办、复核或审批岗位办理", u.Name, u.Post)
	case !slices.Contains(bureaus, u.Bureau):
		return "", fault.New(fault.Denied, "用户“%s”属于%s，疑点 %s 是%s的，请由该部门的用户处理",
			u.Name, u.Bureau, finding, strings.Join(bureaus, "、"))
	case ownLevel != payrun.Doubt:
		return "", fault.New(fault.Refused, "检查结果 %s 不是疑点，不需要处理（%s）", finding, own)
	}
	return own, nil
}

// Decision is the last word on a 疑点.
type Decision struct {
	Finding string // its id; the decision holds until the evidence, and so the id, changes
	Rev     int64
	Release bool // pay, or keep holding
	Actor   string
	Reason  string
}

// Decisions returns the latest decision on each finding as known at revision asOf,
// ordered by id.
func (db *DB) Decisions(ctx context.Context, region int32, asOf int64) ([]Decision, error) {
	var all []Decision
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT DISTINCT ON (id) id, rev, release, actor, reason
			FROM decision WHERE region = $1 AND rev <= $2
			ORDER BY id, rev DESC`, region, asOf)
		if err != nil {
			return fmt.Errorf("read decisions: %w", err)
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Decision])
		if err != nil {
			return fmt.Errorf("read decisions: %w", err)
		}
		return nil
	})
	return all, err
}
