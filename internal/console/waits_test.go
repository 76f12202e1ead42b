package console_test

import (
	"context"
	"net/http"
	"testing"
	"time"
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
