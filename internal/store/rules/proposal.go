package rules

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/money"
	"disburse/internal/postgres"
	"disburse/internal/store/packs"
	"disburse/internal/store/users"
)

// Proposal is a pack whose adoption needs a second person.
type Proposal struct {
	N      int
	Rev    int64
	Hash   string
	Base   string // hash of the pack that was adopted when it was proposed
	Effect string // digest of the effect that was shown
	Heads  int
	More   money.Fen // 分
	Less   money.Fen // 分, negative
	Actor  string
	Reason string
	Done   bool // confirmed
}

const selectProposal = `
	SELECT n, rev, hash, base, effect, heads, more, less, actor, reason,
	       EXISTS (SELECT FROM pack_adoption a WHERE a.region = p.region AND a.proposal = p.n)
	FROM pack_proposal p WHERE region = $1 `

// Proposals returns the region's proposals, the latest first.
func Proposals(ctx context.Context, db *postgres.DB, region int32) ([]Proposal, error) {
	var all []Proposal
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, selectProposal+`ORDER BY n DESC`, region)
		if err != nil {
			return fmt.Errorf("read proposals: %w", err)
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Proposal])
		if err != nil {
			return fmt.Errorf("read proposals: %w", err)
		}
		return nil
	})
	return all, err
}

// ReadProposal returns one proposal. Errors: fault.NotFound; fault.Refused where it is
// confirmed already, or another pack was adopted since.
func ReadProposal(ctx context.Context, db *postgres.DB, region int32, n int) (Proposal, error) {
	var p Proposal
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		p, err = readOpenProposal(ctx, scope, n)
		return err
	})
	return p, err
}

func readOpenProposal(ctx context.Context, scope postgres.Scope, n int) (Proposal, error) {
	rows, err := scope.Tx.Query(ctx, selectProposal+`AND n = $2::bigint`, scope.Region, n)
	if err != nil {
		return Proposal{}, fmt.Errorf("read proposal: %w", err)
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Proposal])
	if errors.Is(err, pgx.ErrNoRows) {
		return p, fault.New(fault.NotFound, "没有第 %d 号采用申请，请用 policy list 核对编号", n)
	}
	if err != nil {
		return p, fmt.Errorf("read proposal: %w", err)
	}
	if p.Done {
		return p, fault.New(fault.Refused, "第 %d 号采用申请已经确认过，不必再办", n)
	}
	base, err := packs.AdoptedAt(ctx, scope.At(math.MaxInt64))
	if err == nil && base != p.Base {
		return p, fault.New(fault.Refused, "第 %d 号申请提出以后已经采用了另一个规则包（%s），请重新提出", n, packs.ShortHash(base))
	}
	return p, err
}

// Confirm adopts a proposed pack, confirmed by a second person of the post 审批. effect is the
// effect as computed now: both people must agree to the same one, compared by digest. Errors:
// those of ReadProposal; fault.Denied (post, the proposer, possibly the same person);
// fault.Refused where the effect has changed.
func Confirm(ctx context.Context, db *postgres.DB, region int32, n int, effect *PackEffect, by journal.By) error {
	_, err := db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		p, err := readOpenProposal(ctx, scope, n)
		if err != nil {
			return journal.Entry{}, err
		}
		u, err := users.Current(ctx, scope, by.Actor)
		if err != nil {
			return journal.Entry{}, err
		}
		switch {
		case !u.Active || u.Post != approval.Approver:
			return journal.Entry{}, fault.New(fault.Denied, "用户“%s”的岗位是%s，确认采用规则包要由在用的审批岗位办理", u.Name, u.Post)
		case u.Name == p.Actor:
			return journal.Entry{}, fault.New(fault.Denied, "第 %d 号申请是“%s”自己提出的，请由另一人确认", n, u.Name)
		case effect.Digest != p.Effect:
			return journal.Entry{}, fault.New(fault.Refused, "提出以后情况有变，对已结算月份的影响与申请时（%d 人，补 %s 元，扣 %s 元）不同，请重新提出",
				p.Heads, p.More.Grouped(), (-p.Less).Grouped())
		}
		if err := users.CheckSecondPerson(ctx, scope, p.Actor, u.Name); err != nil {
			return journal.Entry{}, err
		}
		if err := effect.checkCurrent(scope.Rev); err != nil {
			return journal.Entry{}, err
		}
		_, err = scope.Tx.Exec(ctx, `
			INSERT INTO pack_adoption (region, rev, hash, actor, approver, retroactive, reason, proposal)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, region, scope.Rev, p.Hash, p.Actor, u.Name, p.Heads > 0, p.Reason, n)
		if err != nil {
			return journal.Entry{}, fmt.Errorf("insert adoption: %w", err)
		}
		return journal.Entry{Action: "采用规则包", Subject: p.Hash, Digest: p.Effect,
			Summary: fmt.Sprintf("确认第 %d 号申请（%s提出），%s", n, p.Actor, effect.adoptionSummary())}, nil
	})
	return err
}
