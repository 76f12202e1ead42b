package postgres

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"

	"github.com/jackc/pgx/v5"
)

const (
	// seenBits is the size of the filter below: 16 MB, however many people there are.
	seenBits = 1 << 27
	// candidateLimit is where looking candidates up one by one stops paying.
	candidateLimit = 200_000
)

// sharedAccounts finds account numbers that more than one person uses, as known at
// rev, with the numbers of those people.
//
// Grouping a million accounts takes the server longer than reading them all. So they
// are read once past a filter that lets through every account met before, and a few
// that only look so; these are then looked up exactly.
func sharedAccounts(ctx context.Context, tx pgx.Tx, region int32, rev int64) (map[string][]int64, error) {
	candidates, err := repeatedAccounts(ctx, tx, region, rev)
	if err != nil || len(candidates) == 0 {
		return nil, err
	}
	where, args := "", []any{region, rev}
	if len(candidates) < candidateLimit {
		where, args = " AND account = ANY($3)", append(args, candidates)
	}
	rows, err := tx.Query(ctx, `
		SELECT account, array_agg(person ORDER BY person) FROM (
		    SELECT DISTINCT account, person FROM person p
		    WHERE region = $1 AND rev <= $2 AND account <> ''`+where+`
		      AND NOT EXISTS (SELECT FROM person later WHERE later.region = p.region AND later.person = p.person
		                      AND later.rev > p.rev AND later.rev <= $2)) known
		GROUP BY account HAVING count(*) > 1`, append([]any{pgx.QueryExecModeExec}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("read shared accounts: %w", err)
	}
	shared := map[string][]int64{}
	var account string
	var people []int64
	_, err = pgx.ForEachRow(rows, []any{&account, &people}, func() error {
		shared[account] = slices.Clone(people)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read shared accounts: %w", err)
	}
	return shared, nil
}

// repeatedAccounts returns every account number that stands in more than one row, and
// some that do not: the filter forgets no account, but may take one for another.
func repeatedAccounts(ctx context.Context, tx pgx.Tx, region int32, rev int64) ([]string, error) {
	seen, seed := make([]uint64, seenBits/64), maphash.MakeSeed()
	found := map[string]bool{}
	sql := fmt.Sprintf(`COPY (SELECT account FROM person WHERE region = %d AND rev <= %d AND account <> '') TO STDOUT (FORMAT binary)`, region, rev)
	err := CopyOut(ctx, tx.Conn().PgConn(), sql, func(r *RowReader) error {
		for r.Next() {
			account := r.Bytes(0)
			h := maphash.Bytes(seed, account) % seenBits
			word, bit := h/64, uint64(1)<<(h%64)
			if seen[word]&bit != 0 && len(found) < candidateLimit {
				found[string(account)] = true
			}
			seen[word] |= bit
		}
		return r.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	candidates := make([]string, 0, len(found))
	for account := range found {
		candidates = append(candidates, account)
	}
	slices.Sort(candidates)
	return candidates, nil
}
