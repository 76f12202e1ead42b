package people

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// Found is a search result.
type Found struct {
	Number   int64
	Name     string
	ID       string
	Street   string
	Birth    month.Date
	Died     month.Date
	MovedOut month.Date
	Old      bool // matched by a former ID number, or by that of a merged record
}

// SearchQuery asks for a page of search results.
type SearchQuery struct {
	Words  string       // name, given name, pinyin initials, an ID number's prefix or suffix; empty: everybody
	Street string       // empty: all
	After  SearchCursor // cursor
	Limit  int
}

// SearchCursor is the position after a result: the strategy that found it, and the person.
// The zero value is the beginning.
type SearchCursor struct {
	Way    int
	Person int64
}

// strategy is one way to search: a prefix scan of an indexed column of person_now, so that
// each page costs an index range however large the roster is.
type strategy struct {
	column string // indexed; also the order of the results
	prefix string
	except string // prefix whose people an earlier strategy has already returned
}

// strategies returns the strategies for the query's words, the likeliest first. Results are
// paged through one strategy after the other.
func (q *SearchQuery) strategies() []strategy {
	words := roster.CleanID(q.Words)
	letters := strings.Trim(strings.ToLower(words), "abcdefghijklmnopqrstuvwxyz") == ""
	digits := strings.Trim(strings.TrimSuffix(strings.ToUpper(words), "X"), "0123456789") == ""
	switch {
	case words == "":
		return []strategy{{column: "name"}}
	case letters:
		return []strategy{{column: "initials", prefix: strings.ToLower(words)}}
	case digits && len(words) >= 4:
		return []strategy{{column: "id_number", prefix: words}, {column: "reverse(id_number)", prefix: reversed(strings.ToUpper(words)), except: words}}
	case digits, strings.HasPrefix(words, "临"):
		return []strategy{{column: "id_number", prefix: words}}
	}
	return []strategy{{column: "name", prefix: words}, {column: "given", prefix: words, except: words}}
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// Search returns a page of people, and the cursor of the next page; nil: there is none.
func Search(ctx context.Context, db *postgres.DB, region int32, q SearchQuery) ([]Found, *SearchCursor, error) {
	var all []Found
	var next *SearchCursor
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		all, next = nil, nil
		if q.After == (SearchCursor{}) {
			old, err := searchFormerNumber(ctx, scope, q)
			if err != nil {
				return err
			}
			all = old
		}
		place := q.After
		ways := q.strategies()
		for ; place.Way < len(ways); place = (SearchCursor{Way: place.Way + 1}) {
			found, err := searchBy(ctx, scope, q, ways[place.Way], place.Person, q.Limit+1-len(all))
			if err != nil {
				return err
			}
			all = append(all, found...)
			if len(all) > q.Limit {
				all = all[:q.Limit]
				next = &SearchCursor{place.Way, all[q.Limit-1].Number}
				return nil
			}
		}
		return nil
	})
	return all, next, err
}

const foundColumns = `person, name, id_number, street, birth, died, moved_out`

// searchBy reads people by one strategy after a person (keyset paging).
func searchBy(ctx context.Context, scope postgres.Scope, q SearchQuery, w strategy, after int64, limit int) ([]Found, error) {
	sql := fmt.Sprintf(`SELECT %[1]s FROM person_now WHERE region = $1 AND %[2]s >= $2 AND %[2]s < $3`, foundColumns, w.column)
	args := []any{scope.Region, w.prefix, w.prefix + "\U0010FFFF", limit}
	add := func(condition string, arg any) {
		args = append(args, arg)
		sql += fmt.Sprintf(condition, len(args))
	}
	if q.Street != "" {
		add(" AND street = $%d", q.Street)
	}
	if after != 0 {
		add(" AND ("+w.column+", person) > (SELECT "+w.column+", person FROM person_now WHERE region = $1 AND person = $%d)", after)
	}
	switch {
	case w.except != "" && w.column == "given":
		add(" AND NOT starts_with(name, $%d)", w.except)
	case w.except != "":
		add(" AND NOT starts_with(id_number, $%d)", w.except)
	}
	rows, err := scope.Tx.Query(ctx, sql+" ORDER BY "+w.column+", person LIMIT $4", args...)
	if err != nil {
		return nil, fmt.Errorf("find people: %w", err)
	}
	return collectFound(rows)
}

func collectFound(rows pgx.Rows) ([]Found, error) {
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Found, err error) {
		var birth, died, out *time.Time
		err = row.Scan(&p.Number, &p.Name, &p.ID, &p.Street, &birth, &died, &out)
		p.Birth, p.Died, p.MovedOut = postgres.NullableDate(birth), postgres.NullableDate(died), postgres.NullableDate(out)
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("find people: %w", err)
	}
	return all, nil
}

// searchFormerNumber finds whoever carried the ID number and now carries another one, also
// through a merged record. Only whole numbers are looked up: a prefix would scan all
// former rows.
func searchFormerNumber(ctx context.Context, scope postgres.Scope, q SearchQuery) ([]Found, error) {
	id := roster.CleanID(strings.ToUpper(q.Words))
	if !roster.ValidID(id) {
		return nil, nil
	}
	rows, err := scope.Tx.Query(ctx, `
		WITH RECURSIVE `+SurvivorsCTE+`
		SELECT `+foundColumns+` FROM person_now WHERE region = $1 AND id_number <> $2 AND ($3 = '' OR street = $3) AND person IN (
		    SELECT coalesce(b.survivor, p.person) FROM person p LEFT JOIN became b USING (person)
		    WHERE p.region = $1 AND p.id_number = $2 AND p.rev NOT IN (SELECT undone FROM roster_undo WHERE region = $1))
		ORDER BY person LIMIT $4`, scope.Region, id, q.Street, q.Limit)
	if err != nil {
		return nil, fmt.Errorf("find people by old number: %w", err)
	}
	all, err := collectFound(rows)
	for i := range all {
		all[i].Old = true
	}
	return all, err
}

// CountReaching counts, for each age, the living and registered people who reach it in the
// month.
func CountReaching(ctx context.Context, db *postgres.DB, region int32, m month.Month, ages ...int) ([]int, error) {
	counts := make([]int, len(ages))
	err := db.Read(ctx, func(tx pgx.Tx) error {
		for i, age := range ages {
			born := month.Of(m.Year()-age, m.InYear())
			err := tx.QueryRow(ctx, `SELECT count(*) FROM person_now WHERE `+reachingCondition, region, born.First().Time(), born.Last().Time(), m.First().Time()).Scan(&counts[i])
			if err != nil {
				return fmt.Errorf("count who reaches %d: %w", age, err)
			}
		}
		return nil
	})
	return counts, err
}

const reachingCondition = `region = $1 AND birth BETWEEN $2 AND $3 AND died IS NULL AND (moved_out IS NULL OR moved_out >= $4)`

// ReachingPeople returns a page of those whom CountReaching counts, by date of birth; after
// is the last person of the previous page, 0 for the first.
func ReachingPeople(ctx context.Context, db *postgres.DB, region int32, m month.Month, age int, after int64, limit int) ([]Found, error) {
	var all []Found
	born := month.Of(m.Year()-age, m.InYear())
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+foundColumns+` FROM person_now WHERE `+reachingCondition+`
			AND ($5 = 0 OR (birth, person) > (SELECT birth, person FROM person_now WHERE region = $1 AND person = $5))
			ORDER BY birth, person LIMIT $6`, region, born.First().Time(), born.Last().Time(), m.First().Time(), after, limit)
		if err != nil {
			return fmt.Errorf("read who reaches %d: %w", age, err)
		}
		all, err = collectFound(rows)
		return err
	})
	return all, err
}

// maxFound is how many records an ID number's prefix may match: more would not fit a page.
const maxFound = 1000

// ByNumberPrefix returns the people with an ID number (身份证号), present or former, that has
// the prefix, in order. Errors: fault.Invalid where they are too many.
func ByNumberPrefix(ctx context.Context, db *postgres.DB, region int32, beginning string) ([]int64, error) {
	var all []int64
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT person FROM person WHERE region = $1 AND id_number >= $2 AND id_number < $2 || '~' LIMIT $3`,
			region, beginning, maxFound)
		if err != nil {
			return fmt.Errorf("look for people: %w", err)
		}
		if all, err = pgx.CollectRows(rows, pgx.RowTo[int64]); err != nil {
			return fmt.Errorf("look for people: %w", err)
		}
		return nil
	})
	if len(all) == maxFound {
		return nil, fault.New(fault.Invalid, "身份证号以“%s”开头的人太多，请多输几位", beginning)
	}
	slices.Sort(all)
	return slices.Compact(all), err
}
