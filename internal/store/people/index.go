package people

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// IndexStatus is the progress of the search index (person_now), which is updated in the
// background: an import of a whole district must not wait for it.
type IndexStatus struct {
	Head   int64 // last revision of the region
	Rev    int64 // the revision that is completely indexed; 0: none yet
	Target int64 // the revision being indexed
	Next   int64 // of Target: the first person number not indexed yet; 0: all are
	End    int64 // the first unused person number
}

// UpToDate reports whether the index has the head revision.
func (m IndexStatus) UpToDate() bool { return m.Next == 0 && m.Rev == m.Head }

// Building reports whether the index was never complete yet: searches then miss people.
func (m IndexStatus) Building() bool { return m.Rev == 0 && m.Head > 0 }

// ReadIndexStatus reads the progress of the search index.
func ReadIndexStatus(ctx context.Context, db *postgres.DB, region int32) (IndexStatus, error) {
	var m IndexStatus
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) (err error) {
		m, err = readIndexStatus(ctx, scope)
		return err
	})
	return m, err
}

func readIndexStatus(ctx context.Context, scope postgres.Scope) (IndexStatus, error) {
	var m IndexStatus
	err := scope.Tx.QueryRow(ctx, `SELECT head, next_person FROM region WHERE region = $1`, scope.Region).Scan(&m.Head, &m.End)
	if errors.Is(err, pgx.ErrNoRows) {
		return m, nil // a region without a roster
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

// UpdateIndex indexes up to limit people who changed since the last update, and returns the
// progress; call it until UpToDate. While another process updates the index it does
// nothing (SKIP LOCKED).
func UpdateIndex(ctx context.Context, db *postgres.DB, region int32, limit int) (IndexStatus, error) {
	var m IndexStatus
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
		if m, err = readIndexStatus(ctx, postgres.In(tx, region)); err != nil || !mine || m.UpToDate() {
			return err
		}
		if m.Next == 0 {
			m.Target, m.Next = m.Head, 1
		}
		return m.indexNext(ctx, postgres.In(tx, region), limit)
	})
	return m, err
}

// indexNext indexes the next people of the target revision and stores the progress.
func (m *IndexStatus) indexNext(ctx context.Context, scope postgres.Scope, limit int) error {
	people, err := m.nextPeople(ctx, scope, limit)
	if err != nil {
		return err
	}
	if err := indexPeople(ctx, scope.At(m.Target), people); err != nil {
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

// nextPeople returns the next people to index: while the index is built the next range of
// numbers, later those with a row since the indexed revision, or merged since.
func (m *IndexStatus) nextPeople(ctx context.Context, scope postgres.Scope, limit int) ([]int64, error) {
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

// indexPeople replaces the index rows of people, given in ascending order, as of the scope's
// revision. Merged records get none: a search must not offer them.
func indexPeople(ctx context.Context, scope postgres.Scope, people []int64) error {
	if len(people) == 0 {
		return nil
	}
	if _, err := scope.Tx.Exec(ctx, fmt.Sprintf(`DELETE FROM person_now WHERE region = %d AND %s`, scope.Region, Among(people)), pgx.QueryExecModeExec); err != nil {
		return fmt.Errorf("delete people for search: %w", err)
	}
	var now []roster.Person
	there := Among(people) + condition(" AND NOT "+WasMerged("person", scope.Region, scope.Rev))
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
		FROM STDIN (FORMAT binary)`, len(now), func(w *postgres.RowWriter, i int) { writeIndexRow(w, scope.Region, &now[i]) })
	if err != nil {
		return fmt.Errorf("write people for search: %w", err)
	}
	return nil
}

func writeIndexRow(w *postgres.RowWriter, region int32, p *roster.Person) {
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
