package runs

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres"
	"disburse/internal/store/people"
)

const (
	// seenPerPerson is the size of the filter below, in bits for each person. More bits
	// would let through fewer texts that only look like one before.
	seenPerPerson = 128
	// seenLeast and seenMost bound it: 8 KB, and 16 MB however many people there are.
	seenLeast, seenMost = 1 << 16, 1 << 27
	// candidateLimit is where looking candidates up one by one stops paying.
	candidateLimit = 200_000
)

// filter lets through every text it was given before, and a few that only look so. It
// forgets none, in memory that does not grow with what it sees.
type filter struct {
	seed  maphash.Seed
	seen  []uint64
	found map[string]bool
}

// newFilter makes a filter for so many people: 16 MB for the few of a small district, or of
// a test, would cost more than reading them.
func newFilter(people int64) *filter {
	bits := int64(seenLeast)
	for bits < seenMost && bits/seenPerPerson < people {
		bits *= 2
	}
	return &filter{maphash.MakeSeed(), make([]uint64, bits/64), map[string]bool{}}
}

func (f *filter) pass(text []byte) {
	if len(text) == 0 {
		return
	}
	h := maphash.Bytes(f.seed, text) % (64 * uint64(len(f.seen)))
	word, bit := h/64, uint64(1)<<(h%64)
	if f.seen[word]&bit != 0 && len(f.found) < candidateLimit {
		f.found[string(text)] = true
	}
	f.seen[word] |= bit
}

// candidates returns what came through, in order.
func (f *filter) candidates() []string {
	list := make([]string, 0, len(f.found))
	for text := range f.found {
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}

// sharedNumbers finds account numbers, and ID numbers, that more than one person has
// as known at rev, with the numbers of those people.
//
// Grouping a million accounts takes the server longer than reading them all. So they
// are read once past a filter, and what comes through is looked up exactly.
//
// On the way it finds candidates for alike.
func sharedNumbers(ctx context.Context, scope postgres.Scope) (accounts, ids map[string][]int64, namesakes []string, err error) {
	var people int64 // at most; they are numbered from 1
	err = scope.Tx.QueryRow(ctx, `SELECT coalesce(max(person), 0) FROM person WHERE region = $1`, scope.Region).Scan(&people)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("count people: %w", err)
	}
	accountFilter, idFilter, nameFilter := newFilter(people), newFilter(people), newFilter(people)
	sql := fmt.Sprintf(`COPY (SELECT account, id_number, birth, name FROM person WHERE region = %d AND rev <= %d) TO STDOUT (FORMAT binary)`, scope.Region, scope.Rev)
	err = postgres.CopyOut(ctx, scope.Tx.Conn().PgConn(), sql, func(r *postgres.RowReader) error {
		var key []byte
		for r.Next() {
			accountFilter.pass(r.Bytes(0))
			idFilter.pass(r.Bytes(1))
			key = AlikeKey(key[:0], r.Date(2), r.Bytes(3))
			nameFilter.pass(key)
		}
		return r.Err()
	})
	if err != nil {
		return nil, nil, nil, fmt.Errorf("read accounts and ID numbers: %w", err)
	}
	if accounts, err = SharedOf(ctx, scope, "account", accountFilter.candidates()); err != nil {
		return nil, nil, nil, err
	}
	ids, err = SharedOf(ctx, scope, "id_number", idFilter.candidates())
	return accounts, ids, nameFilter.candidates(), err
}

// SharedOf looks candidates up: who has them in the column now.
func SharedOf(ctx context.Context, scope postgres.Scope, column string, candidates []string) (map[string][]int64, error) {
	if len(candidates) == 0 {
		return nil, nil
	}
	where, args := "", []any{pgx.QueryExecModeExec, scope.Region, scope.Rev}
	if len(candidates) < candidateLimit {
		where, args = " AND "+column+" = ANY($3)", append(args, candidates)
	}
	rows, err := scope.Tx.Query(ctx, `
		SELECT value, array_agg(person ORDER BY person) FROM (
		    SELECT DISTINCT `+column+` AS value, person FROM person p
		    WHERE region = $1 AND rev <= $2 AND `+column+` <> ''`+where+`
		      AND NOT EXISTS (SELECT FROM person later WHERE later.region = p.region AND later.person = p.person
		                      AND later.rev > p.rev AND later.rev <= $2)
		      AND NOT `+people.WasMerged("p", scope.Region, scope.Rev)+`) known
		GROUP BY value HAVING count(*) > 1`, args...)
	if err != nil {
		return nil, fmt.Errorf("read shared %s: %w", column, err)
	}
	shared := map[string][]int64{}
	var value string
	var people []int64
	_, err = pgx.ForEachRow(rows, []any{&value, &people}, func() error {
		shared[value] = slices.Clone(people)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read shared %s: %w", column, err)
	}
	return shared, nil
}
