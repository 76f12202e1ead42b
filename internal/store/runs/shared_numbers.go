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
	// filterBitsPerPerson is the size of the Bloom filter below. More bits give fewer false
	// positives.
	filterBitsPerPerson = 128
	// minFilterBits and maxFilterBits bound it: 8 KB, and 16 MB however many people there are.
	minFilterBits, maxFilterBits = 1 << 16, 1 << 27
	// candidateLimit is from how many candidates on one query over everybody is faster than
	// looking them up one by one.
	candidateLimit = 200_000
)

// repeatFilter is a Bloom filter with one hash function that collects the texts which were
// added more than once. It misses none below candidateLimit, may have false positives, and
// its memory does not grow with the number of different texts.
type repeatFilter struct {
	seed     maphash.Seed
	bits     []uint64
	repeated map[string]bool
}

// newRepeatFilter sizes the filter for so many people: clearing 16 MB for the few of a small
// district, or of a test, would cost more than reading them.
func newRepeatFilter(people int64) *repeatFilter {
	bits := int64(minFilterBits)
	for bits < maxFilterBits && bits/filterBitsPerPerson < people {
		bits *= 2
	}
	return &repeatFilter{maphash.MakeSeed(), make([]uint64, bits/64), map[string]bool{}}
}

func (f *repeatFilter) add(text []byte) {
	if len(text) == 0 {
		return
	}
	h := maphash.Bytes(f.seed, text) % (64 * uint64(len(f.bits)))
	word, bit := h/64, uint64(1)<<(h%64)
	if f.bits[word]&bit != 0 && len(f.repeated) < candidateLimit {
		f.repeated[string(text)] = true
	}
	f.bits[word] |= bit
}

// candidates returns the texts that were probably added more than once, sorted.
func (f *repeatFilter) candidates() []string {
	list := make([]string, 0, len(f.repeated))
	for text := range f.repeated {
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}

// sharedNumbers finds account numbers, and ID numbers, that more than one person has as of
// the scope's revision, with the numbers of those people. The third result are candidates
// for Alike, found in the same pass.
//
// Grouping a million accounts takes the server longer than streaming them all. So they are
// streamed once through a filter, and only the candidates are looked up exactly.
func sharedNumbers(ctx context.Context, scope postgres.Scope) (accounts, ids map[string][]int64, namesakes []string, err error) {
	var people int64 // at most; they are numbered from 1
	err = scope.Tx.QueryRow(ctx, `SELECT coalesce(max(person), 0) FROM person WHERE region = $1`, scope.Region).Scan(&people)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("count people: %w", err)
	}
	accountFilter, idFilter, nameFilter := newRepeatFilter(people), newRepeatFilter(people), newRepeatFilter(people)
	sql := fmt.Sprintf(`COPY (SELECT account, id_number, birth, name FROM person WHERE region = %d AND rev <= %d) TO STDOUT (FORMAT binary)`, scope.Region, scope.Rev)
	err = postgres.CopyOut(ctx, scope.Tx.Conn().PgConn(), sql, func(r *postgres.RowReader) error {
		var key []byte
		for r.Next() {
			accountFilter.add(r.Bytes(0))
			idFilter.add(r.Bytes(1))
			key = AlikeKey(key[:0], r.Date(2), r.Bytes(3))
			nameFilter.add(key)
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

// SharedOf looks up candidates and returns, by value, the people who have it in the column as
// of the scope's revision, where there is more than one. column is trusted text, not a value.
func SharedOf(ctx context.Context, scope postgres.Scope, column string, candidates []string) (map[string][]int64, error) {
	if len(candidates) == 0 {
		return nil, nil
	}
	where, args := "", []any{pgx.QueryExecModeExec, scope.Region, scope.Rev}
	// At candidateLimit the filter stopped collecting, so the list is incomplete: all are grouped.
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
