package console_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"disburse/internal/office/monthly"
)

// TestUnresolvedFailedPayments: the list of batches says of failed payments whether they still
// wait, until the last of them was paid by a later batch.
func TestUnresolvedFailedPayments(t *testing.T) {
	t.Parallel()
	s := paidMonth(t, 120)
	s.sent()
	m := s.as("甲经办")
	answer := func(code func(int) string) {
		t.Helper()
		_, where := m.sendFile("/bank/results", fmt.Sprintf("回盘%d.csv", s.clock().Unix()), s.answers(code), nil)
		path, text := m.ledTo(where)
		if strings.Contains(text, "没有新的结果") {
			t.Fatalf("nothing is answered: %s", text)
		}
		_, where = m.post(path, nil)
		m.finish(where)
	}
	says := func(want string) {
		t.Helper()
		if text := m.page("/batches"); !strings.Contains(text, want) {
			t.Errorf("the list lacks %s: %s", want, text[strings.Index(text, "<main"):])
		}
	}
	answer(func(i int) string {
		if i < 2 {
			return "失败,户名不符"
		}
		return "成功,"
	})
	says("已回盘，失败付款 2 笔，查清账户后随下次计算重发")
	next := november + 1
	s.run(next)
	finding := regexp.MustCompile(`name="finding" value="([^"]+)"`)
	for {
		id := finding.FindStringSubmatch(m.page("/bank/month/2026-11/failed"))
		if id == nil {
			break
		}
		m.post("/bank/month/2026-11/retry", url.Values{"finding": {id[1]}, "reason": {"本人已解除挂失"}})
	}
	s.run(next)
	s.sign(next, civil, "甲经办", "乙复核", "丙审批")
	if _, err := monthly.Sent(t.Context(), s.office, monthly.Signing{Month: next, Bureau: civil, By: s.by("甲经办")}, 1); err != nil {
		t.Fatal(err)
	}
	says("失败付款 2 笔，查清账户后随下次计算重发")
	failed := 0
	if err := s.owner.QueryRow(t.Context(), `SELECT count(*) FROM payment_result WHERE outcome = 2`).Scan(&failed); err != nil || failed != 2 {
		t.Fatalf("%d failed: %v", failed, err)
	}
	answer(func(i int) string { // those of November were answered for good
		return "成功,"
	})
	says("已回盘，失败付款 2 笔，已更正发放")
	if text := m.page("/month/2026-11"); !strings.Contains(text, "失败付款 2 笔，已更正发放") {
		t.Error("the month does not say so")
	}
}
