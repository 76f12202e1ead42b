package packs

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/policy"
	"disburse/internal/postgres"
)

// ByPrefix returns the stored pack whose hash has the prefix. Errors: fault.NotFound;
// fault.Invalid where several match.
func ByPrefix(ctx context.Context, db *postgres.DB, region int32, prefix string) (*policy.Pack, error) {
	var pack *policy.Pack
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		rows, err := scope.Tx.Query(ctx, `SELECT hash FROM pack WHERE region = $1 AND starts_with(hash, $2) LIMIT 2`, region, strings.ToLower(prefix))
		if err != nil {
			return fmt.Errorf("look for pack: %w", err)
		}
		hashes, err := pgx.CollectRows(rows, pgx.RowTo[string])
		switch {
		case err != nil:
			return fmt.Errorf("look for pack: %w", err)
		case len(hashes) == 0:
			return fault.New(fault.NotFound, "没有哈希以“%s”开头的规则包，请用 policy list 核对", prefix)
		case len(hashes) > 1:
			return fault.New(fault.Invalid, "哈希以“%s”开头的规则包不止一个，请多写几位", prefix)
		}
		pack, err = ByHash(ctx, scope, hashes[0])
		return err
	})
	return pack, err
}

// ByHash reads and compiles a stored pack. Errors: fault.NotFound.
func ByHash(ctx context.Context, scope postgres.Scope, hash string) (*policy.Pack, error) {
	var body string
	err := scope.Tx.QueryRow(ctx, `SELECT body FROM pack WHERE region = $1 AND hash = $2`, scope.Region, hash).Scan(&body)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "没有规则包“%s”，请核对", ShortHash(hash))
	}
	if err != nil {
		return nil, fmt.Errorf("read pack %s: %w", hash, err)
	}
	return policy.LoadStored([]byte(body))
}
