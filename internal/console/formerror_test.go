package console_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"disburse/internal/month"
	"disburse/internal/store/calendar"
	"disburse/jobs"
)

// inView reports whether what is wrong with the form is within the window and has the focus.
const inView = `(function () {
	var w = document.getElementById("wrong");
	if (!w) return "nothing is said";
	var r = w.getBoundingClientRect();
	if (r.top < 0 || r.bottom > window.innerHeight || r.height === 0) return "it is out of view: " + r.top + "–" + r.bottom;
	return document.activeElement === w ? "" : "the focus is elsewhere: " + document.activeElement.tagName;
})()`

// TestWrongFormsSayItInView sends forms that fail from wherever they are on their pages:
// what is wrong is in view and has the focus, and its link leads to the input, which is
// marked. Scripts fill the forms in: nobody scrolls.
func TestWrongFormsSayItInView(t *testing.T) {
	t.Parallel()
	s, m := owing(t, 200, 40)
	_, batch := s.batchOf(november, civil)
	person := "/people/" + number(s.somebody(withAccount).Number)
	debtor := regexp.MustCompile(`/recovery/person/\d+`).FindString(m.page("/recovery"))
	days, err := jobs.Span(month.DateOf(2027, 2, 1), month.DateOf(2027, 2, 25), true, "春节")
	if err == nil {
		err = calendar.SetHolidays(t.Context(), s.db, siteRegion, days, s.by("丁管理")) // the form comes below a long list
	}
	if err != nil {
		t.Fatal(err)
	}
	windows := map[string]*window{}
	for _, f := range []struct {
		name, who, page, form string
		fill                  map[string]string
		says, input           string
	}{
		{"fact", "甲经办", person + "/change/fact?fact=" + url.QueryEscape("低保"), "change", map[string]string{"value": "是", "since": "2026-13-45", "reason": "证明"}, "2026-13-45", "since"},
		{"who", "甲经办", person + "/change/who", "change", map[string]string{"died": "昨天", "reason": "证明"}, "昨天", "died"},
		{"account", "甲经办", person + "/change/account", "account", map[string]string{"bank": "测试银行", "number": "620000000017", "again": "620000000018", "reason": "申请书"}, "不一样", "again"},
		{"waive", "甲经办", debtor, "waive", map[string]string{"amount": "一百", "why": "去世"}, "一百", "amount"},
		{"merge", "甲经办", "/imports/merge", "merge", map[string]string{"kept": "123", "gone": "124", "reason": "同一人"}, "3 位", "kept"},
		{"holiday", "丁管理", "/calendar", "adding", map[string]string{"from": "2027-10-01", "to": "2027-09-01", "name": "国庆", "reason": "通知"}, "不是一段日子", ""},
		{"job", "丁管理", "/calendar/job/" + url.PathEscape("备份"), "setting", map[string]string{"hour": "三", "reason": "改时间"}, "三", "hour"},
		{"user", "丁管理", "/users", "adding", map[string]string{"name": "新人", "password": sitePassword, "again": "别的口令别的口令啊"}, "不一样", "again"},
		{"password", "丁管理", "/users", "password-甲经办", map[string]string{"password": sitePassword, "again": "别的口令别的口令啊", "reason": "忘记"}, "不一样", "again"},
		{"head", "戊审计", "/audit", "verify", map[string]string{"anchor": "zz"}, "zz", "anchor"},
		{"decision", "甲经办", batch + "/checks", "decide", map[string]string{"reason": "已核实"}, "没有选中", "finding"},
	} {
		t.Run(f.name, func(t *testing.T) { //nolint:paralleltest // one browser, one after the other
			w := windows[f.who]
			if w == nil {
				w = s.openWindow(f.who)
				windows[f.who] = w
			}
			w.t = t
			defer func() { w.t = s.t }()
			w.expects("the server responded with a status of 422")
			w.open(f.page)
			w.sendForm(f.form, f.fill)
			w.says(f.says)
			problem := evaluate[string](w, inView)
			for tries := 0; problem != "" && tries < 50; tries++ { // the script runs once the page is read
				time.Sleep(100 * time.Millisecond)
				problem = evaluate[string](w, inView)
			}
			if problem != "" {
				t.Fatalf("%s\n%s", problem, w.text("main"))
			}
			link := `#wrong a`
			if f.input != "" {
				link += `[data-input="` + f.input + `"]`
			}
			w.click(link)
			at := evaluate[string](w, `(document.activeElement.form || {id: ""}).id + " " + document.activeElement.name + " " + document.activeElement.getAttribute("aria-invalid")`)
			if want := f.form + " " + f.input + " true"; f.input != "" && at != want || !strings.HasPrefix(at, f.form+" ") {
				t.Errorf("the link leads to %q, want %q", at, want)
			}
			w.shoot("wrong-" + f.name)
		})
	}
}
