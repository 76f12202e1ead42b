package console_test

import (
	"net/url"
	"strings"
	"testing"

	"disburse/internal/roster"
)

// lastRow is the selector of an input in the last, blank row of a history.
func lastRow(name string) string { return `tbody tr:last-child [name="` + name + `"]` }

// TestWhatWasTriedIsSaved adds a row to a history as a browser does: the form that comes
// back from the trial has one more blank row, and 登记 does what was tried.
func TestWhatWasTriedIsSaved(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(100)
	d := s.somebody(func(d *roster.Dossier) bool {
		_, low := factOf(d, "低保")
		return withAccount(d) && !low && len(d.Awards) > 0 && s.office.Pack.Payer(d.Awards[0].Item) == civil
	})
	page := "/people/" + number(d.Number)
	w := s.openWindow("甲经办")
	w.open(page + "/change/fact?fact=" + url.QueryEscape("低保"))
	w.choose(lastRow("value"), "是")
	w.fill(lastRow("since"), "2026-10-01")
	w.fill("input[name=reason]", "平民字〔2026〕31号")
	w.press("看会有什么变化")
	w.says("登记后的变化", "情况有改动")
	w.press("登记")
	w.says("已登记（修订", "平民字〔2026〕31号")

	item := d.Awards[0].Item
	w.open(page + "/change/award?item=" + item)
	w.fill(lastRow("amount"), "123.45")
	w.fill(lastRow("first"), "2027-06")
	w.fill("input[name=reason]", "核定书第 9 号")
	w.press("看会有什么变化")
	w.says("登记后的变化", "核定金额有改动")
	// What was changed since is not saved unseen, and the page says so.
	w.fill(`input[name=amount][value="123.45"]`, "123.40")
	w.press("登记")
	w.says("与看过变化的不同，还没有登记")
	w.press("登记")
	w.says("已登记（修订", "核定书第 9 号", "123.40")

	after := s.somebody(func(x *roster.Dossier) bool { return x.Number == d.Number })
	if f, ok := factOf(after, "低保"); !ok || f.Since.String() != "2026-10-01" {
		t.Errorf("known now: %+v", after.Facts)
	}
	if n := len(after.Awards); n != len(d.Awards)+1 {
		t.Errorf("%d amounts, were %d", n, len(d.Awards))
	}
	if text := s.as("甲经办").page(page); strings.Contains(text, "123.45") {
		t.Error("what was typed first is known")
	}
}
