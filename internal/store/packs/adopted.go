package packs

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/policy"
	"disburse/internal/policy/diff"
	"disburse/internal/policy/packfile"
	"disburse/internal/postgres"
)

// AdoptedHash returns the hash of the pack adopted last; empty where none is adopted yet.
func AdoptedHash(ctx context.Context, db *postgres.DB, region int32) (string, error) {
	var hash string
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		hash, err = AdoptedAt(ctx, scope.At(math.MaxInt64))
		return err
	})
	return hash, err
}

// AdoptedAt returns the hash of the pack adopted as of a revision; empty: none.
func AdoptedAt(ctx context.Context, scope postgres.Scope) (string, error) {
	var hash string
	err := scope.Tx.QueryRow(ctx, `SELECT hash FROM pack_adoption WHERE region = $1 AND rev <= $2 ORDER BY rev DESC LIMIT 1`, scope.Region, scope.Rev).Scan(&hash)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("read adopted pack: %w", err)
	}
	return hash, nil
}

// ShortHash returns the first 12 characters of a pack's hash, as shown to people.
func ShortHash(hash string) string { return hash[:min(12, len(hash))] }

// Insert stores a pack; it is idempotent, as a pack's key is its hash.
func Insert(ctx context.Context, scope postgres.Scope, pack *policy.Pack) error {
	_, err := scope.Tx.Exec(ctx, `INSERT INTO pack (region, hash, rev, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		scope.Region, pack.Hash, scope.Rev, string(pack.Body))
	if err != nil {
		return fmt.Errorf("insert pack: %w", err)
	}
	return nil
}

// InsertAdoption records that the pack is in force from this revision on, without a proposal
// by two people: for a region's first pack, and for packs without effect on settled months.
func InsertAdoption(ctx context.Context, scope postgres.Scope, hash, actor, reason string) error {
	_, err := scope.Tx.Exec(ctx, `
		INSERT INTO pack_adoption (region, rev, hash, actor, approver, retroactive, reason, proposal)
		VALUES ($1, $2, $3, $4, '', false, $5, NULL)`, scope.Region, scope.Rev, hash, actor, reason)
	if err != nil {
		return fmt.Errorf("insert adoption: %w", err)
	}
	return nil
}

// DiffFromAdopted returns a Chinese sentence on how a run's pack differs from the adopted one;
// empty where they are the same, or none is adopted yet. At most three differences are
// listed.
func DiffFromAdopted(ctx context.Context, scope postgres.Scope, pack *policy.Pack, adopted string) (string, error) {
	if adopted == "" || adopted == pack.Hash {
		return "", nil
	}
	other, err := ByHash(ctx, scope, adopted)
	if err != nil {
		return "", err
	}
	found := diff.Files(other.File, pack.File)
	s := fmt.Sprintf("本次所用的规则包（%s）不是采用的规则包（%s）", ShortHash(pack.Hash), ShortHash(adopted))
	if len(found) == 0 {
		return s + "，只有注释或写法不同", nil
	}
	const shown = 3
	s += "："
	for i, d := range found[:min(shown, len(found))] {
		if i > 0 {
			s += "；"
		}
		s += d.Sentence
	}
	if len(found) > shown {
		s += fmt.Sprintf("；等共 %d 处", len(found))
	}
	return s + "（全部差别见两个规则包的比较）", nil
}

// ReadFile reads a stored pack without compiling it.
func ReadFile(ctx context.Context, scope postgres.Scope, hash string) (*packfile.File, error) {
	var body string
	err := scope.Tx.QueryRow(ctx, `SELECT body FROM pack WHERE region = $1 AND hash = $2`, scope.Region, hash).Scan(&body)
	if err != nil {
		return nil, fmt.Errorf("read pack %s: %w", hash, err)
	}
	file, err := packfile.ParseStored([]byte(body))
	if err != nil {
		return nil, fmt.Errorf("parse pack %s: %w", hash, err)
	}
	return file, nil
}

// CheckNotFrozen refuses (fault.Refused) an action on a day on which the adopted pack
// freezes the books (关账). what names the action in the sentence: 提交, 作废, 登记收回.
func CheckNotFrozen(ctx context.Context, scope postgres.Scope, at time.Time, what string) error {
	file, err := RulesInForce(ctx, scope)
	if err != nil {
		return err
	}
	return approval.CheckFreeze(file, at, what)
}

// RulesInForce returns the adopted pack, whatever pack a command names: freezing must not
// be evaded by another pack. nil before the first run.
func RulesInForce(ctx context.Context, scope postgres.Scope) (*packfile.File, error) {
	hash, err := AdoptedAt(ctx, scope.At(math.MaxInt64))
	if err != nil || hash == "" {
		return nil, err
	}
	return ReadFile(ctx, scope, hash)
}
