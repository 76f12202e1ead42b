package people

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// PeopleMark says how far the people for search (person_now) have come.
type PeopleMark struct {
	Head   int64 // last revision of the region
	Rev    int64 // taken in whole
	Target int64 // being taken in
	Next   int64 // of Target: people from this number on are missing; 0: nobody is
	End    int64 // the first number that nobody has
}

// Whole reports whether everything known is there.
func (m PeopleMark) Whole() bool { return m.Next == 0 && m.Rev == m.Head }

// Building reports whether the people were never whole yet.
func (m PeopleMark) Building() bool { return m.Rev == 0 && m.Head > 0 }

// ReadPeopleMark reads how far the people for search have come.
func ReadPeopleMark(ctx context.Context, db *postgres.DB, region int32) (PeopleMark, error) {
	var m PeopleMark
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) (err error) {
		m, err = readPeopleMark(ctx, scope)
		return err
	})
	return m, err
}

func readPeopleMark(ctx context.Context, scope postgres.Scope) (PeopleMark, error) {
	var m PeopleMark
	err := scope.Tx.QueryRow(ctx, `SELECT head, next_person FROM region WHERE region = $1`, scope.Region).Scan(&m.Head, &m.End)
	if errors.Is(err, pgx.ErrNoRows) {
		return m, nil // a region that has nobody yet
	}
	if err != nil {
		return m, fmt.Errorf("read region: %w", err)
	}
	err = scope.Tx.QueryRow(ctx, `SELECT rev, target, next FROM people_mark WHERE region = $1`, scope.Region).Scan(&m.Rev, &m.Target, &m.Next)
	if errors.Is(err, pgx.ErrNoRows) {
		return m, nil
	}
	if err != nil {
		return m, fmt.Errorf("read mark of people: %w", err)
	}
	return m, nil
}

// CatchUpPeople takes in up to limit people of whom something became known since the last
// time, and says how far it has come. While another server is at it, it does nothing.
func CatchUpPeople(ctx context.Context, db *postgres.DB, region int32, limit int) (PeopleMark, error) {
	var m PeopleMark
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `
			INSERT INTO people_mark (region, rev, target, next) SELECT region, 0, 0, 0 FROM region WHERE region = $1 ON CONFLICT DO NOTHING`, region); err != nil {
			return fmt.Errorf("insert mark of people: %w", err)
		}
		var mine bool
		err := tx.QueryRow(ctx, `SELECT true FROM people_mark WHERE region = $1 FOR UPDATE SKIP LOCKED`, region).Scan(&mine)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("lock mark of people: %w", err)
		}
		if m, err = readPeopleMark(ctx, postgres.In(tx, region)); err != nil || !mine || m.Whole() {
			return err
		}
		if m.Next == 0 {
			m.Target, m.Next = m.Head, 1
		}
		return m.step(ctx, postgres.In(tx, region), limit)
	})
	return m, err
}

// step takes in the next people of the target revision.
func (m *PeopleMark) step(ctx context.Context, scope postgres.Scope, limit int) error {
	people, err := m.missing(ctx, scope, limit)
	if err != nil {
		return err
	}
	if err := takeInPeople(ctx, scope.At(m.Target), people); err != nil {
		return err
	}
	m.Next += int64(limit)
	if m.Rev > 0 && len(people) > 0 {
		m.Next = people[len(people)-1] + 1
	}
	if (m.Rev > 0 && len(people) < limit) || (m.Rev == 0 && m.Next >= m.End) {
		m.Rev, m.Next = m.Target, 0
	}
	if _, err := scope.Tx.Exec(ctx, `UPDATE people_mark SET rev = $2, target = $3, next = $4 WHERE region = $1`, scope.Region, m.Rev, m.Target, m.Next); err != nil {
		return fmt.Errorf("move mark of people: %w", err)
	}
	return nil
}

// missing are the next people of the target: at the first time all of a range of numbers,
// later those of whom a revision says something, or who were merged.
func (m *PeopleMark) missing(ctx context.Context, scope postgres.Scope, limit int) ([]int64, error) {
	if m.Rev == 0 {
		var all []int64
		for n := m.Next; n < min(m.End, m.Next+int64(limit)); n++ {
			all = append(all, n)
		}
		return all, nil
	}
	rows, err := scope.Tx.Query(ctx, `
		WITH changed AS MATERIALIZED (
		    SELECT person FROM person WHERE region = $1 AND rev > 1 AND rev > $2 AND rev <= $3
		    UNION SELECT gone FROM merge WHERE region = $1 AND rev > $2 AND rev <= $3)
		SELECT person FROM changed WHERE person >= $4 ORDER BY person LIMIT $5`, scope.Region, m.Rev, m.Target, m.Next, limit)
	if err != nil {
		return nil, fmt.Errorf("read changed people: %w", err)
	}
	people, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("read changed people: %w", err)
	}
	return people, nil
}

// takeInPeople replaces the rows of people, given in order, by what is known of them at a
// revision. Those who were merged are not there.
func takeInPeople(ctx context.Context, scope postgres.Scope, people []int64) error {
	if len(people) == 0 {
		return nil
	}
	if _, err := scope.Tx.Exec(ctx, fmt.Sprintf(`DELETE FROM person_now WHERE region = %d AND %s`, scope.Region, Among(people)), pgx.QueryExecModeExec); err != nil {
		return fmt.Errorf("delete people for search: %w", err)
	}
	var now []roster.Person
	there := Among(people) + selection(" AND NOT "+WasMerged("person", scope.Region, scope.Rev))
	err := EachPersonRow(ctx, scope, there, func(p roster.Person) error {
		if n := len(now); n > 0 && now[n-1].Number == p.Number {
			now[n-1] = p
			return nil
		}
		now = append(now, p)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read people: %w", err)
	}
	err = postgres.CopyRows(ctx, scope.Tx, `COPY person_now (region, person, rev, name, given, initials, id_number, street, birth, died, moved_out)
		FROM STDIN (FORMAT binary)`, len(now), func(w *postgres.RowWriter, i int) { writePersonNow(w, scope.Region, &now[i]) })
	if err != nil {
		return fmt.Errorf("write people for search: %w", err)
	}
	return nil
}

func writePersonNow(w *postgres.RowWriter, region int32, p *roster.Person) {
	given := []rune(p.Name)
	w.Row(11)
	w.Int32(region)
	w.Int64(p.Number)
	w.Int64(p.Rev)
	for _, s := range [...]string{p.Name, string(given[min(1, len(given)):]), roster.Initials(p.Name), p.ID, p.Street} {
		w.Text(s)
	}
	w.Date(p.Birth)
	w.Date(p.Died)
	if p.MovedIn >= p.MovedOut {
		p.MovedOut = 0 // never left, or came back
	}
	w.Date(p.MovedOut)
}
