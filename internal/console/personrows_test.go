package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"disburse/internal/roster"
)

// TestFormCountsItsRows: what is wrong with a history is said of the row as it stands in
// the form, and nothing is said of imports.
func TestFormCountsItsRows(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(60)
	m := s.as("甲经办")
	d := s.somebody(func(d *roster.Dossier) bool { _, low := factOf(d, "低保"); return withAccount(d) && !low })
	path := "/people/" + number(d.Number) + "/change/fact?fact=" + url.QueryEscape("低保")
	form := url.Values{"value": {"是", "是"}, "since": {"2026-01-01", "2026-03-01"}, "until": {"2026-06-30", ""}, "basis": {"甲", "乙"}, "reason": {"平民字〔2026〕31号"}, "step": {"try"}}
	for _, c := range []struct{ field, row2, says string }{
		{"since", "2026-03-01", "表里第 2 行：起“2026-03-01”：与第 1 行的起止时间重叠"},
		{"since", "2026-13-01", "表里第 2 行：起“2026-13-01”"},
		{"value", "", "表里第 2 行：没有填值"},
	} {
		form["since"][1], form["value"][1] = "2026-07-01", "是"
		form[c.field][1] = c.row2
		status, text := m.post(path, form)
		if status != http.StatusUnprocessableEntity || !strings.Contains(text, c.says) || strings.Contains(text, "重新导入") || strings.Contains(text, "没有导入") {
			t.Errorf("%s %q: %d %s", c.field, c.row2, status, text)
		}
	}
	const hint = "新填的行没有写依据的"
	if !strings.Contains(m.page(path), hint) || strings.Contains(m.page("/people/"+number(d.Number)+"/change/who"), hint) {
		t.Error("the hint about rows is not on the form with rows alone")
	}
}
