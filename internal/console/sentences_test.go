package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"disburse/internal/office/monthly"
	"disburse/internal/roster"
)

// TestReturnReasonComesFirst: who returned a batch and why is above its tabs and the
// first thing that its 经办 is asked, until it is submitted again.
func TestReturnReasonComesFirst(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(120)
	s.run(november)
	_, path := s.batchOf(november, civil)
	clerk, reviewer := s.as("甲经办"), s.as("乙复核")
	submit := func() {
		_, where := clerk.post(path+"/submit", digestForm(t, clerk.page(path), "acknowledged", "1", "reason", "已核对"))
		clerk.finish(where)
	}
	submit()
	_, where := reviewer.post(path+"/return", digestForm(t, reviewer.page(path), "reason", "古城街道的低保名单漏了一页"))
	reviewer.finish(where)
	const why = "乙复核退回：古城街道的低保名单漏了一页"
	look := func(when string, want bool) {
		t.Helper()
		for _, tab := range []string{"", "/checks", "/lines", "/files"} {
			text := clerk.page(path + tab)
			at, tabs := strings.Index(text, why), strings.Index(text, `aria-label="批次的各页"`)
			if shown := at >= 0 && at < tabs; shown != want {
				t.Errorf("%s, %s%s says above its tabs why it was returned: %v", when, path, tab, shown)
			}
		}
		home := clerk.page("/")
		first := home[strings.Index(home, "今天要办"):]
		if i := strings.Index(first, "<li>"); i >= 0 {
			first = first[i:]
		}
		if shown := strings.HasPrefix(first, `<li><span class="what"><b class="text-bad">`+why); shown != want {
			t.Errorf("%s, 今天要办 begins with it: %v", when, shown)
		}
	}
	look("returned", true)
	s.run(november)
	look("computed again", true)
	submit()
	look("submitted again", false)
}

// TestRegisteredOnAPage: what somebody registers on a person's page is not called an import,
// in the person's history, in the explanation and in the list; it can be undone there.
func TestRegisteredOnAPage(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(100)
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	m := s.as("甲经办")
	line := s.linesOf(november, civil)[0]
	d := s.somebody(func(d *roster.Dossier) bool { return d.Number == line.Person })
	person := "/people/" + number(d.Number)
	form := url.Values{"name": {d.Name}, "street": {d.Street}, "community": {d.Community}, "address": {d.Address}, "died": {"2026-10-03"}, "reason": {"死亡证明"}}
	status, text := m.post(person+"/change/who", form)
	if status != http.StatusOK {
		t.Fatalf("try: %d %s", status, text)
	}
	if status, where := m.post(person+"/change/who", triedForm(t, text, form)); status != http.StatusSeeOther {
		t.Fatalf("do: %d %s", status, where)
	}
	why := m.page(person + "/why/2026-11")
	since := regexp.MustCompile(`(?s)计算以后得知的.*?</table>`).FindString(why)
	if !strings.Contains(since, "由人员页登记") || strings.Contains(since, "导入") {
		t.Errorf("the explanation: %s", since)
	}
	list := m.page("/imports")
	row, _, _ := strings.Cut(list[strings.Index(list, "<tbody>"):], "</tr>") // the latest is the first
	if !strings.Contains(row, "由人员页登记") || strings.Contains(row, ">导入<") {
		t.Errorf("the list: %s", row)
	}
	undo := regexp.MustCompile(`/imports/undo/\d+`).FindString(row)
	_, where := m.post(undo, url.Values{"step": {"try"}})
	if page := m.page(m.leadsTo(where)); !strings.Contains(page, "撤销这次登记") || strings.Contains(page, "撤销这次导入") {
		t.Errorf("undoing it: %s", mainTag.FindString(page))
	}
	_, where = m.post(undo, url.Values{"step": {"do"}, "reason": {"证明不是此人的"}})
	if text := m.finish(where); !strings.Contains(text, "已撤销修订") {
		t.Errorf("undone: %s", mainTag.FindString(text))
	}
	if d := s.somebody(func(x *roster.Dossier) bool { return x.Number == d.Number }); d.Died != 0 {
		t.Error("the death is still known")
	}
}

// TestNewPersonHasNoTelephoneYet: of somebody new nothing is registered, so nothing is said
// of what is.
func TestNewPersonHasNoTelephoneYet(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(60)
	m := s.as("甲经办")
	if text := m.page("/people/new"); strings.Contains(text, "现在") {
		t.Error("the form of somebody new says what is registered now")
	}
	d := s.somebody(withAccount)
	if text := m.page("/people/" + number(d.Number) + "/change/who"); !strings.Contains(text, "现在是 ") && !strings.Contains(text, "现在没有登记") {
		t.Error("the form of somebody known does not say what is registered")
	}
}

// TestWaitingIsCountedAlike: home, the batch and the bank's tab name the same number of
// payments that wait for an answer, what the bank does not know included.
func TestWaitingIsCountedAlike(t *testing.T) {
	t.Parallel()
	s := paidMonth(t, 150)
	s.sent()
	m := s.as("甲经办")
	m.takeAnswers(mixed) // three without an answer, one unknown
	_, batch := s.batchOf(november, civil)
	for _, path := range []string{"/", batch, "/batches"} {
		if text := m.page(path); !strings.Contains(text, "等银行答复付款 4 笔（其中银行答复“未知”的付款 1 笔）") {
			t.Errorf("%s: %s", path, mainTag.FindString(text))
		}
	}
	if text := m.page("/bank"); !strings.Contains(text, `未知和未答复<span class="count">4</span>`) {
		t.Error("the tab counts otherwise")
	}
}

// TestFailedWorkIsNotLeft: a page of work that failed does not tell people to go and do
// something else.
func TestFailedWorkIsNotLeft(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(60)
	m := s.as("甲经办")
	_, where := m.sendFile("/bank/results", "空.csv", []byte("甲,乙\n1,2\n"), nil)
	if text := m.finish(where); !strings.Contains(text, "flash bad") || strings.Contains(text, "可以离开") {
		t.Errorf("failed: %s", mainTag.FindString(text))
	}
	if _, state := m.get(where + "/state"); !strings.Contains(state, "flash bad") || strings.Contains(state, "可以离开") {
		t.Errorf("the part that follows it: %s", state)
	}
}

// TestFailedPaymentsSayWhomAndWhere: the table of failed payments names the person beside
// the holder of the account, and calls a payment sent again only once it was.
func TestFailedPaymentsSayWhomAndWhere(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(120)
	s.exec(`UPDATE person SET holder = '代收亲属' WHERE account <> ''`)
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	s.sent()
	m := s.as("甲经办")
	const page = "/bank/month/2026-11/failed"
	var person int64
	var name string
	var at int
	err := s.owner.QueryRow(t.Context(), `
		SELECT p.person, h.name, p.i FROM (SELECT region, person, row_number() OVER (ORDER BY batch, file, seq) - 1 AS i FROM payment) p
		JOIN person h ON h.region = p.region AND h.person = p.person ORDER BY p.i LIMIT 1`).Scan(&person, &name, &at)
	if err != nil {
		t.Fatal(err)
	}
	m.takeAnswers(func(i int) string {
		if i == at {
			return "失败,户名不符"
		}
		return "成功,"
	})
	if text := m.page(page); !strings.Contains(text, `<td class="w"><a href="/people/`+number(person)+`">`+name+`</a></td><td class="w">代收亲属</td>`) {
		t.Errorf("whom the payment is for: %s", mainTag.FindString(text))
	}
	says := func(want string, not ...string) {
		t.Helper()
		text := mainTag.FindString(m.page(page))
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s: %s", want, text)
		}
		for _, n := range not {
			if strings.Contains(text, n) {
				t.Errorf("the page says %s, too", n)
			}
		}
	}
	december := november + 1
	s.run(december)
	finding := regexp.MustCompile(`name="finding" value="([^"]+)"`).FindStringSubmatch(m.page(page))
	m.post("/bank/month/2026-11/retry", url.Values{"finding": {finding[1]}, "reason": {"本人已解除挂失"}})
	s.run(december)
	says("还没有审批；审批、送银行以后才重发", "已在重发")
	s.sign(december, civil, "甲经办", "乙复核", "丙审批")
	says("还没有送银行", "已在重发", "还没有审批")
	if _, err := monthly.Sent(t.Context(), s.office, monthly.Signing{Month: december, Bureau: civil, By: s.by("甲经办")}, 1); err != nil {
		t.Fatal(err)
	}
	says("已在重发，等银行答复", "还没有审批")
	if text := m.page("/bank/month/2026-12/open"); !strings.Contains(text, `">`+name+`</a></td><td class="w">代收亲属</td>`) {
		t.Error("payments without an answer do not name the person")
	}
}

// TestFailedOfAnotherMonthAsks: payments of November that failed after December was computed
// are asked about on December's page, until they are computed again.
func TestFailedOfAnotherMonthAsks(t *testing.T) {
	t.Parallel()
	s := paidMonth(t, 150)
	s.sent()
	s.run(november + 1)
	m := s.as("甲经办")
	m.takeAnswers(mixed)
	const asks = "银行退回付款 2 笔，其中 2 笔此后还没有重新计算"
	if text := m.page("/"); !strings.Contains(text, asks) || !strings.Contains(text, `href="/bank/month/2026-11/failed">看失败的付款</a>`) {
		t.Errorf("home is silent about what failed: %s", mainTag.FindString(text))
	}
	s.run(november + 1)
	if text := m.page("/"); strings.Contains(text, "还没有重新计算") {
		t.Error("home still asks for what was computed again")
	}
}

// TestUnsentIsNotUnanswered: what was not handed to the banks is not among what they have
// not answered, in any of the page's counts.
func TestUnsentIsNotUnanswered(t *testing.T) {
	t.Parallel()
	s := paidMonth(t, 100)
	m := s.as("甲经办")
	answered := regexp.MustCompile(`<td class="n[^"]*">[1-9][0-9,]*</td><td class="n[^"]*">[0-9.,]+</td></tr>`)
	if text := m.page("/bank/month/2026-11"); answered.MatchString(text) || !strings.Contains(text, "还没有送") {
		t.Errorf("files that were not sent wait for answers: %s", answered.FindString(text))
	}
	s.sent()
	if text := m.page("/bank/month/2026-11"); !answered.MatchString(text) || strings.Contains(text, "还没有送<") {
		t.Error("files that were sent wait for nothing")
	}
}
