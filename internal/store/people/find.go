package people

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// FoundPerson is somebody in a list of people.
type FoundPerson struct {
	Number   int64
	Name     string
	ID       string
	Street   string
	Birth    month.Date
	Died     month.Date
	MovedOut month.Date
	Old      bool // found by a number carried before, or by that of a merged record
}

// PeopleQuery asks for a page of people.
type PeopleQuery struct {
	Words  string      // name, given name, pinyin initials, a number's beginning or end; empty: all of the street
	Street string      // empty: all
	After  PeoplePlace // where the page begins
	Limit  int
}

// PeoplePlace is behind somebody in the list of a query: by which of its ways the person
// was found, and who it is. The zero place is the beginning.
type PeoplePlace struct {
	Way    int
	Person int64
}

// way is one way to look for words: an index of person_now, and what of it is looked for.
type way struct {
	column string // by which people are found, and in whose order they come
	begins string
	except string // people whose name begins so were found before
}

// ways lists how words are looked for, the likeliest first.
func (q *PeopleQuery) ways() []way {
	words := roster.CleanID(q.Words)
	letters := strings.Trim(strings.ToLower(words), "abcdefghijklmnopqrstuvwxyz") == ""
	digits := strings.Trim(strings.TrimSuffix(strings.ToUpper(words), "X"), "0123456789") == ""
	switch {
	case words == "":
		return []way{{column: "name"}}
	case letters:
		return []way{{column: "initials", begins: strings.ToLower(words)}}
	case digits && len(words) >= 4:
		return []way{{column: "id_number", begins: words}, {column: "reverse(id_number)", begins: backwards(strings.ToUpper(words)), except: words}}
	case digits, strings.HasPrefix(words, "临"):
		return []way{{column: "id_number", begins: words}}
	}
	return []way{{column: "name", begins: words}, {column: "given", begins: words, except: words}}
}

func backwards(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// FindPeople returns a page of people, and where the next one begins; nil: there is none.
func FindPeople(ctx context.Context, db *postgres.DB, region int32, q PeopleQuery) ([]FoundPerson, *PeoplePlace, error) {
	var all []FoundPerson
	var next *PeoplePlace
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		all, next = nil, nil
		if q.After == (PeoplePlace{}) {
			old, err := findOldNumber(ctx, scope, q)
			if err != nil {
				return err
			}
			all = old
		}
		place := q.After
		ways := q.ways()
		for ; place.Way < len(ways); place = (PeoplePlace{Way: place.Way + 1}) {
			found, err := findWay(ctx, scope, q, ways[place.Way], place.Person, q.Limit+1-len(all))
			if err != nil {
				return err
			}
			all = append(all, found...)
			if len(all) > q.Limit {
				all = all[:q.Limit]
				next = &PeoplePlace{place.Way, all[q.Limit-1].Number}
				return nil
			}
		}
		return nil
	})
	return all, next, err
}

const foundColumns = `person, name, id_number, street, birth, died, moved_out`

// findWay reads people in the order of a way's column, behind a person.
func findWay(ctx context.Context, scope postgres.Scope, q PeopleQuery, w way, after int64, limit int) ([]FoundPerson, error) {
	sql := fmt.Sprintf(`SELECT %[1]s FROM person_now WHERE region = $1 AND %[2]s >= $2 AND %[2]s < $3`, foundColumns, w.column)
	args := []any{scope.Region, w.begins, w.begins + "\U0010FFFF", limit}
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

func collectFound(rows pgx.Rows) ([]FoundPerson, error) {
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p FoundPerson, err error) {
		var birth, died, out *time.Time
		err = row.Scan(&p.Number, &p.Name, &p.ID, &p.Street, &birth, &died, &out)
		p.Birth, p.Died, p.MovedOut = postgres.DateOf(birth), postgres.DateOf(died), postgres.DateOf(out)
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("find people: %w", err)
	}
	return all, nil
}

// findOldNumber finds who is known now under another number than the whole one that is
// looked for.
func findOldNumber(ctx context.Context, scope postgres.Scope, q PeopleQuery) ([]FoundPerson, error) {
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

// CountReaching counts, for each of the ages, who is known to be alive and registered and
// reaches it in the month.
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

// ReachingPeople returns a page of those whom CountReaching counts, by day of birth, behind a person.
func ReachingPeople(ctx context.Context, db *postgres.DB, region int32, m month.Month, age int, after int64, limit int) ([]FoundPerson, error) {
	var all []FoundPerson
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
