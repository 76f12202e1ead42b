package console_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestPagesWaitForNobody: while an import, a trial of one or the end of a run holds the
// region, and a run its turn, every page that the benchmark measures still answers. One
// that waited would do so until its client gives up.
func TestPagesWaitForNobody(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(300)
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	s.dies(s.linesOf(november, civil)[0].Person, "2026-10-20")
	s.run(november + 1)
	pages := s.benchPages(t)
	m := s.as("甲经办")
	m.client.Timeout = 20 * time.Second
	tx, err := s.owner.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	for _, sql := range []string{`SELECT FROM region FOR NO KEY UPDATE`, `SELECT FROM run_turn FOR UPDATE`} {
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range pages {
		resp, err := m.client.Get(s.http.URL + p.path)
		if err != nil {
			t.Errorf("%s: %v", p.name, err)
			continue
		}
		if text := body(t, resp); resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s", p.name, resp.StatusCode, text)
		}
	}
}

// TestFirstVisitorLeaves: what several visitors wait for is still computed when the first of
// them, whose request began it, goes away; the others get their page and no error.
func TestFirstVisitorLeaves(t *testing.T) {
	t.Parallel()
	s, m := owing(t, 150, 2)
	book := s.openingBook(2)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	s.sent()
	_, where := m.sendFile("/bank/results", "回盘.csv", s.answers(mixed), nil)
	result, _ := m.ledTo(where)
	_, where = m.sendFile("/recovery/opening", "期初.xlsx", book, nil)
	opening, _ := m.ledTo(where)
	s.dies(s.linesOf(november, civil)[0].Person, "2026-10-20") // at a new revision everything is computed again
	const changes = `SELECT FROM region FOR NO KEY UPDATE`
	s.firstLeaves(m, "/recovery", `LOCK TABLE waiver IN ACCESS EXCLUSIVE MODE`, "FROM waiver")
	s.firstLeaves(m, result, changes, "region")
	s.firstLeaves(m, opening, changes, "region")
}

// firstLeaves has two visitors ask for a page that a lock holds up, and the first leave
// before the lock is released. waiting is part of the statement that the lock holds up.
func (s *site) firstLeaves(m *member, path, lock, waiting string) {
	s.t.Helper()
	tx, err := s.owner.Begin(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(s.t.Context())) }()
	if _, err := tx.Exec(s.t.Context(), lock); err != nil {
		s.t.Fatal(err)
	}
	get := func(ctx context.Context) <-chan int {
		status := make(chan int, 1)
		go func() {
			defer close(status)
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.http.URL+path, nil)
			if err != nil {
				return
			}
			if resp, err := m.client.Do(req); err == nil {
				status <- resp.StatusCode
				_ = resp.Body.Close()
			}
		}()
		return status
	}
	ctx, leave := context.WithCancel(s.t.Context())
	defer leave()
	first := get(ctx)
	s.heldUp(tx, waiting)
	second := get(s.t.Context())
	time.Sleep(300 * time.Millisecond) // until it waits for the same value
	leave()
	<-first
	time.Sleep(300 * time.Millisecond) // until the server knows that the first has left
	if err := tx.Rollback(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	if status := <-second; status != http.StatusOK {
		s.t.Errorf("%s: the second visitor gets %d", path, status)
	}
}

// heldUp waits until a statement of the site's database waits for a lock.
func (s *site) heldUp(tx pgx.Tx, statement string) {
	s.t.Helper()
	for range 200 {
		if _, err := tx.Exec(s.t.Context(), `SELECT pg_stat_clear_snapshot()`); err != nil { // which a transaction has once
			s.t.Fatal(err)
		}
		var waiting bool
		err := tx.QueryRow(s.t.Context(), `
			SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%' || $1 || '%')`,
			statement).Scan(&waiting)
		if err != nil {
			s.t.Fatal(err)
		}
		if waiting {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Fatalf("nothing waits in %q", statement)
}
