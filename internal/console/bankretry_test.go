package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"disburse/internal/office/monthly"
)

// refusedMonth is November handed to the banks, with answers of which some are refusals.
func refusedMonth(t *testing.T, people int) (*site, *member) {
	s := paidMonth(t, people)
	s.sent()
	m := s.as("甲经办")
	m.takeAnswers(mixed)
	return s, m
}

var asksToRetry = regexp.MustCompile(`name="finding" value="([^"]+)"`)

// TestTriedAgainInTheSameMonth: a supplementary batch of the month asks as a later month's
// does, also beside a later month that was taken back; before it, the page says when.
func TestTriedAgainInTheSameMonth(t *testing.T) {
	t.Parallel()
	s, m := refusedMonth(t, 200)
	failed := "/bank/month/2026-11/failed"
	text := m.page(failed)
	if asksToRetry.MatchString(text) || !strings.Contains(text, "<td>请登记新账户，下次计算时自动重发；原账户已恢复使用的，重新计算以后才能决定再试") {
		t.Errorf("before the run: %s", text[strings.Index(text, "<main"):])
	}
	s.run(november)
	text = m.page(failed)
	id := asksToRetry.FindStringSubmatch(text)
	if id == nil {
		t.Errorf("after the run: %s", text[strings.Index(text, "<main"):])
	}
	s.run(november + 2)
	if _, err := monthly.Run(t.Context(), s.office, &monthly.RunOrder{Month: november, DiscardLater: true, By: s.by("甲经办")}); err != nil {
		t.Fatal(err)
	}
	if text = m.page(failed); !asksToRetry.MatchString(text) {
		t.Errorf("a later month was taken back: %s", text[strings.Index(text, "<main"):])
	}
	var batch int
	if err := s.owner.QueryRow(t.Context(), `SELECT batch FROM finding WHERE id = $1 ORDER BY batch DESC LIMIT 1`, id[1]).Scan(&batch); err != nil {
		t.Fatal(err)
	}
	text = m.page("/batch/" + number(int64(batch)) + "/checks?kind=" + url.QueryEscape("账户无效"))
	if !strings.Contains(text, "从下一次计算起再试原账户") || strings.Contains(text, "知道就行") {
		t.Errorf("the checks of refused accounts: %s", text[strings.Index(text, "<main"):])
	}
	if text = m.page("/batch/" + number(int64(batch)) + "/checks?kind=" + url.QueryEscape("即将到期")); strings.Contains(text, "再试原账户") {
		t.Error("the advice about accounts is given about something else")
	}
}

// TestRefusedInstitution: its account is changed in the roster's workbook.
func TestRefusedInstitution(t *testing.T) {
	t.Parallel()
	s := paidMonth(t, 300)
	s.sent()
	var institutions []bool // of the payments, in order
	rows, err := s.owner.Query(t.Context(), `SELECT person IS NULL FROM payment p JOIN batch b USING (region, batch) WHERE b.bureau = $1 ORDER BY p.batch, p.file, p.seq`, civil)
	if err != nil {
		t.Fatal(err)
	}
	if institutions, err = pgx.CollectRows(rows, pgx.RowTo[bool]); err != nil {
		t.Fatal(err)
	}
	at := slices.Index(institutions, true)
	if at < 0 {
		t.Fatal("no institution is paid")
	}
	m := s.as("甲经办")
	m.takeAnswers(func(i int) string {
		if i == at {
			return "失败,账号不存在"
		}
		return "成功,"
	})
	const change = "<td>请在花名册工作簿的“收款单位”表里改好这个单位的账户，从“导入花名册”导入"
	if text := m.page("/bank/month/2026-11/failed"); !strings.Contains(text, change) || strings.Contains(text, "<td>请登记新账户") || asksToRetry.MatchString(text) {
		t.Errorf("before the run: %s", text[strings.Index(text, "<main"):])
	}
	s.run(november)
	if text := m.page("/bank/month/2026-11/failed"); !strings.Contains(text, change) || !asksToRetry.MatchString(text) {
		t.Errorf("after the run: %s", text[strings.Index(text, "<main"):])
	}
}

// TestTriedAgainInVain: what was decided about an account does not count once it has
// failed again: a run asks anew.
func TestTriedAgainInVain(t *testing.T) {
	t.Parallel()
	s, m := refusedMonth(t, 200)
	s.run(november)
	failed := "/bank/month/2026-11/failed"
	for _, id := range asksToRetry.FindAllStringSubmatch(m.page(failed), -1) {
		if status, text := m.post("/bank/month/2026-11/retry", url.Values{"finding": {id[1]}, "reason": {"本人已解除挂失"}}); status != http.StatusSeeOther {
			t.Fatalf("decide: %d %s", status, text)
		}
	}
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	if _, err := monthly.Sent(t.Context(), s.office, monthly.Signing{Month: november, Bureau: civil, By: s.by("甲经办")}, 2); err != nil {
		t.Fatal(err)
	}
	var first int
	if err := s.owner.QueryRow(t.Context(), `SELECT count(*) FROM payment JOIN batch USING (region, batch) WHERE bureau = $1 AND n = 1`, civil).Scan(&first); err != nil {
		t.Fatal(err)
	}
	m.takeAnswers(func(i int) string {
		if i < first {
			return ""
		}
		return "失败,账户冻结"
	})
	text := m.page(failed)
	if n := strings.Count(text, "<td>请登记新账户，下次计算时自动重发；原账户已恢复使用的，重新计算以后才能决定再试"); n != 4 ||
		strings.Contains(text, "<td>已决定再试") || asksToRetry.MatchString(text) {
		t.Errorf("failed again, %d rows wait for a run: %s", n, text[strings.Index(text, "<main"):])
	}
	s.run(november)
	if text = m.page(failed); !asksToRetry.MatchString(text) {
		t.Errorf("after the run: %s", text[strings.Index(text, "<main"):])
	}
}
