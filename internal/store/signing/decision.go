package signing

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
	"disburse/internal/postgres"
	"disburse/internal/store/users"
)

// Decide decides a 疑点, or whether an account that a bank refused is tried again: from the
// next run on its lines are paid (release), or stay held. It inserts a decision; earlier ones
// on the same finding are kept. Only the 经办, 复核 and 审批 of a bureau that has the finding
// may decide. Errors: fault.NotFound (no such finding), fault.Refused (nothing to decide about
// it), fault.Denied (user), fault.Invalid (no reason).
func Decide(ctx context.Context, db *postgres.DB, region int32, finding string, release bool, reason string,
	user approval.User, by journal.By) error {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return fault.New(fault.Invalid, "处理疑点 %s 必须写明理由，请补上理由", finding)
	}
	by.Actor, by.Reason = user.Name, reason
	_, err := db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		user, err := users.Current(ctx, scope, user.Name)
		if err != nil {
			return journal.Entry{}, err
		}
		open, err := readBureauFindings(ctx, scope, []string{finding})
		if err != nil {
			return journal.Entry{}, err
		}
		q, err := open.decidable(finding, user)
		if err != nil {
			return journal.Entry{}, err
		}
		ruling := Ruling{Finding: finding, Release: release, Reason: reason}
		if err := insertDecisions(ctx, scope, user.Name, []Ruling{ruling}); err != nil {
			return journal.Entry{}, err
		}
		summary := "维持暂缓：" + q.sentence
		if release {
			summary = "可以发放：" + q.sentence
		}
		return journal.Entry{Action: "处理疑点", Subject: finding, Summary: summary}, nil
	})
	return err
}

// Ruling is one decision to be made: the input of DecideAll. A Decision is what is stored.
type Ruling struct {
	Finding string
	Release bool // pay, or keep holding
	Reason  string
}

func insertDecisions(ctx context.Context, scope postgres.Scope, actor string, rulings []Ruling) error {
	_, err := scope.Tx.CopyFrom(ctx, pgx.Identifier{"decision"}, []string{"region", "id", "rev", "release", "actor", "reason"},
		pgx.CopyFromSlice(len(rulings), func(i int) ([]any, error) {
			r := &rulings[i]
			return []any{scope.Region, r.Finding, scope.Rev, r.Release, actor, r.Reason}, nil
		}))
	if err != nil {
		return fmt.Errorf("insert decisions: %w", err)
	}
	return nil
}

// bureauFinding is a finding as it is in the newest batch of one bureau that has it.
type bureauFinding struct {
	bureau, sentence string
	decidable        bool
}

// bureauFindings are findings by id, one entry per bureau that has them.
type bureauFindings map[string][]bureauFinding

func readBureauFindings(ctx context.Context, scope postgres.Scope, ids []string) (bureauFindings, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT DISTINCT ON (f.id, b.bureau) f.id, b.bureau, f.level, f.kind, f.sentence
		FROM finding f JOIN batch b USING (region, batch)
		WHERE f.region = $1 AND f.id = ANY ($2)
		ORDER BY f.id, b.bureau, f.batch DESC, f.person`, pgx.QueryExecModeExec, scope.Region, ids)
	if err != nil {
		return nil, fmt.Errorf("read findings: %w", err)
	}
	all := bureauFindings{}
	var f payrun.Finding
	var q bureauFinding
	_, err = pgx.ForEachRow(rows, []any{&f.ID, &q.bureau, &f.Level, &f.Kind, &q.sentence}, func() error {
		q.decidable = f.Decidable()
		all[f.ID] = append(all[f.ID], q)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read findings: %w", err)
	}
	return all, nil
}

// checkMayDecide refuses users who may not decide about any finding.
func checkMayDecide(u approval.User) error {
	switch {
	case !u.Active:
		return fault.New(fault.Denied, "用户“%s”已停用，不能处理疑点，请由在用的用户办理", u.Name)
	case !u.Post.Signs():
		return fault.New(fault.Denied, "用户“%s”的岗位是%s，不能处理疑点，请由经办、复核或审批岗位办理", u.Name, u.Post)
	}
	return nil
}

// decidable returns the finding as the user's bureau has it, or the reason why the user may
// not decide about it.
func (all bureauFindings) decidable(finding string, u approval.User) (bureauFinding, error) {
	asked := all[finding]
	if len(asked) == 0 {
		return bureauFinding{}, fault.New(fault.NotFound, "没有编号为 %s 的检查结果，请用 checks 命令核对编号（重新运行后编号可能已变）", finding)
	}
	if err := checkMayDecide(u); err != nil {
		return bureauFinding{}, err
	}
	i := slices.IndexFunc(asked, func(q bureauFinding) bool { return q.bureau == u.Bureau })
	if i < 0 {
		var bureaus []string
		for _, q := range asked {
			bureaus = append(bureaus, q.bureau)
		}
		return bureauFinding{}, fault.New(fault.Denied, "用户“%s”属于%s，疑点 %s 是%s的，请由该部门的用户处理",
			u.Name, u.Bureau, finding, strings.Join(bureaus, "、"))
	}
	if !asked[i].decidable {
		return bureauFinding{}, fault.New(fault.Refused, "检查结果 %s 不是疑点，不需要处理（%s）", finding, asked[i].sentence)
	}
	return asked[i], nil
}

// Decision is the latest decision on a finding.
type Decision struct {
	Finding string // its id; the decision holds until the evidence, and so the id, changes
	Rev     int64
	Release bool // pay, or keep holding
	Actor   string
	Reason  string
}

// Decisions returns the latest decision on each finding as known at revision asOf,
// ordered by id.
func Decisions(ctx context.Context, db *postgres.DB, region int32, asOf int64) ([]Decision, error) {
	var all []Decision
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		all, err = decisionsAt(ctx, scope.At(asOf))
		return err
	})
	return all, err
}

func decisionsAt(ctx context.Context, scope postgres.Scope) ([]Decision, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT DISTINCT ON (id) id, rev, release, actor, reason
		FROM decision WHERE region = $1 AND rev <= $2
		ORDER BY id, rev DESC`, scope.Region, scope.Rev)
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Decision])
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	return all, nil
}
