package console_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/office/export"
	"disburse/internal/office/monthly"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/work"
	"disburse/reports"
	"disburse/reports/filing"
)

var batchTabs = []string{"", "/checks", "/lines", "/held", "/bridge", "/past", "/files"}

// batchOf is a bureau's latest batch of the month, and its page.
func (s *site) batchOf(m month.Month, bureau string) (payrun.Batch, string) {
	s.t.Helper()
	b, err := batches.Latest(s.t.Context(), s.db, siteRegion, m, bureau)
	if err != nil {
		s.t.Fatal(err)
	}
	return b, fmt.Sprintf("/batch/%d", b.Number)
}

var (
	fullID  = regexp.MustCompile(`\b[1-9][0-9]{16}[0-9X]\b`)
	mainTag = regexp.MustCompile(`(?s)<main.*</main>`)
)

// TestBatchTabsBelongToTheirBureau: every tab as every user, with no full number on any,
// and no button for who only looks.
func TestBatchTabsBelongToTheirBureau(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(300)
	s.run(november)
	_, path := s.batchOf(november, civil)
	may := map[string]map[string]int{
		"甲经办":  {"": 200, "else": 200},
		"乙复核":  {"": 200, "else": 200},
		"人社经办": {"": 403, "else": 403},
		"丁管理":  {"": 200, "else": 403},
		"戊审计":  {"": 200, "else": 200},
	}
	for name, expect := range may {
		m := s.as(name)
		for _, tab := range batchTabs {
			want := expect["else"]
			if tab == "" {
				want = expect[""]
			}
			status, text := m.get(path + tab)
			if status != want {
				t.Errorf("%s opens %s: %d, want %d", name, path+tab, status, want)
			}
			if id := fullID.FindString(text); id != "" {
				t.Errorf("%s sees a full number on %s: %s", name, tab, id)
			}
			// The form that searches the page is sent, so that no name stands in an address.
			acting := strings.ReplaceAll(mainTag.FindString(text), `method="post" action="`+path+tab+`"`, "")
			if name == "戊审计" && tab != "/files" && strings.Contains(acting, `method="post"`) {
				t.Errorf("the auditor has a form on %q, which changes something", tab)
			}
			if status == 200 && !strings.Contains(text, "草稿") {
				t.Errorf("%q of a draft does not say so", tab)
			}
		}
	}
	if text := s.as("丁管理").page(path); strings.Contains(text, "/people/") || strings.Contains(text, "/lines") {
		t.Error("管理 is led to people")
	}
}

// TestBatchActionsAreRefused: who may not do something on a batch's page.
func TestBatchActionsAreRefused(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	s.run(november)
	b, path := s.batchOf(november, civil)
	actions := map[string]string{"/submit": "甲经办", "/review": "乙复核", "/approve": "丙审批", "/return": "乙复核丙审批", "/void": "乙复核丙审批",
		"/sent": "甲经办乙复核丙审批", "/judge": "甲经办乙复核丙审批", "/files": "甲经办乙复核丙审批戊审计", // what it writes is the auditor's to look at
		"/checks/decide": "甲经办乙复核丙审批", "/checks/kind": "甲经办乙复核丙审批", "/checks/upload": "甲经办乙复核丙审批"}
	for _, u := range siteUsers {
		m := s.as(u.Name)
		for action, who := range actions {
			if strings.Contains(who, u.Name) {
				continue
			}
			status, _ := m.post(path+action, url.Values{"digest": {b.Digest}, "reason": {"试"}})
			if status != http.StatusForbidden {
				t.Errorf("%s does %s: %d", u.Name, action, status)
			}
		}
	}
	now, _ := s.batchOf(november, civil)
	if now.State != payrun.Open {
		t.Errorf("the batch is %s", now.State)
	}
}

// take sends a signature's form and returns what the work says.
func (m *member) take(path, action string, form url.Values) string {
	m.s.t.Helper()
	status, where := m.post(path+action, form)
	if status != http.StatusSeeOther {
		m.s.t.Fatalf("%s: %d\n%s", action, status, where)
	}
	return m.finish(where)
}

// TestBatchIsSignedOnItsPage takes a batch through all posts, with a return, and on to the
// bank.
func TestBatchIsSignedOnItsPage(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(300)
	s.run(november)
	b, path := s.batchOf(november, civil)
	seen := url.Values{"digest": {b.Digest}}
	with := func(pairs ...string) url.Values {
		f := url.Values{"digest": {b.Digest}}
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	clerk, reviewer, approver := s.as("甲经办"), s.as("乙复核"), s.as("丙审批")
	text := clerk.page(path)
	if !strings.Contains(text, "提交前须确认的检查结果") {
		t.Fatalf("nothing is to be acknowledged:\n%s", text)
	}
	if text := clerk.take(path, "/submit", seen); !strings.Contains(text, "须先确认") {
		t.Errorf("submitted without acknowledging: %s", text)
	}
	acknowledged := with("acknowledged", "1", "reason", "已逐项核对")
	if text := clerk.take(path, "/submit", acknowledged); !strings.Contains(text, "待复核") {
		t.Fatalf("submit: %s", text)
	}
	if text := reviewer.take(path, "/return", with("reason", "总额要再看")); !strings.Contains(text, "已退回") {
		t.Fatalf("return: %s", text)
	}
	if text := clerk.page(path); !strings.Contains(text, "总额要再看") || !strings.Contains(text, ">提交</button>") {
		t.Error("the clerk does not see why the batch came back, or cannot submit it again")
	}
	clerk.take(path, "/submit", acknowledged)
	if text := reviewer.take(path, "/review", seen); !strings.Contains(text, "待审批") {
		t.Fatalf("review: %s", text)
	}
	if text := approver.take(path, "/approve", seen); !strings.Contains(text, "已审批") {
		t.Fatalf("approve: %s", text)
	}
	text = clerk.page(path)
	for _, word := range []string{"第2轮", "乙复核", "丙审批", "登记送银行", "已逐项核对"} {
		if word != "已逐项核对" && !strings.Contains(text, word) {
			t.Errorf("the approved batch does not say %s", word)
		}
	}
	if strings.Contains(text, "草稿") {
		t.Error("an approved batch is called a draft")
	}
	if text := clerk.take(path, "/sent", seen); !strings.Contains(text, "登记送银行") {
		t.Fatalf("sent: %s", text)
	}
	if text := approver.page(path); strings.Contains(text, "申请作废") {
		t.Error("a batch that was sent can be voided")
	}
}

// TestSignsOnlyWhatWasSeen: a form that was opened before the month was computed again
// signs nothing.
func TestSignsOnlyWhatWasSeen(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	s.run(november)
	_, path := s.batchOf(november, civil)
	status, text := s.as("甲经办").post(path+"/submit", url.Values{"digest": {strings.Repeat("0", 64)}, "acknowledged": {"1"}, "reason": {"核对过"}})
	if status != http.StatusConflict || !strings.Contains(text, "重新计算过") {
		t.Errorf("a batch that was not seen is submitted: %d", status)
	}
	// The same holds for a run between the page's look and the signature.
	_, err := monthly.Submit(t.Context(), s.office, monthly.Signing{Month: november, Bureau: civil, By: s.by("甲经办"), Digest: strings.Repeat("0", 64)},
		monthly.Submission{AcknowledgeAll: true})
	if !fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), "重新计算过") {
		t.Errorf("another digest is signed: %v", err)
	}
}

// TestVoidedOnItsPage: two people void a batch, and its page says what that means.
func TestVoidedOnItsPage(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	b, path := s.batchOf(november, civil)
	form := url.Values{"digest": {b.Digest}, "reason": {"标准用错了"}}
	reviewer, approver := s.as("乙复核"), s.as("丙审批")
	reviewer.take(path, "/void", form)
	if text := reviewer.page(path); !strings.Contains(text, "必须由另一位") || strings.Contains(text, "确认作废</button>") {
		t.Error("one person can void a batch alone")
	}
	if text := reviewer.take(path, "/void", form); !strings.Contains(text, "已经申请作废") {
		t.Errorf("asked twice: %s", text)
	}
	if text := approver.page(path); !strings.Contains(text, "确认作废</button>") {
		t.Error("the second person cannot confirm")
	}
	if text := approver.take(path, "/void", form); !strings.Contains(text, "已作废") {
		t.Fatalf("void: %s", text)
	}
	s.run(november)
	next, _ := s.batchOf(november, civil)
	text := s.as("甲经办").page(path)
	for _, word := range []string{"这一批已作废", "标准用错了", fmt.Sprintf("/batch/%d", next.Number)} {
		if !strings.Contains(text, word) {
			t.Errorf("a voided batch's page lacks %q", word)
		}
	}
	for _, tab := range batchTabs {
		s.as("甲经办").page(path + tab)
	}
}

// TestCarriedOver: a batch nobody submitted says where its money went.
func TestCarriedOver(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	s.run(november)
	_, path := s.batchOf(november, civil)
	s.run(november + 1)
	next, nextPath := s.batchOf(november+1, civil)
	text := s.as("甲经办").page(path)
	if !strings.Contains(text, "没有提交") || !strings.Contains(text, nextPath) || strings.Contains(text, ">提交</button>") {
		t.Errorf("a carried batch does not lead to %s: %s", nextPath, text)
	}
	past := s.as("甲经办").page(nextPath + "/past?kind=补发")
	if !strings.Contains(past, november.Chinese()+"第1批没有提交，已结转") {
		t.Errorf("batch %d does not say why it pays November: %s", next.Number, past)
	}
}

func TestBatchList(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	if text := s.as("甲经办").page("/batches"); !strings.Contains(text, "还没有计算过任何月份") {
		t.Error("an empty office is not told what to do")
	}
	s.people(200)
	s.run(november)
	ours, labours := "区民政局</td><td class=\"w\"><a href=\"/batch/", "区人社局</td><td class=\"w\"><a href=\"/batch/"
	for name, sees := range map[string][2]bool{"甲经办": {true, false}, "人社经办": {false, true}, "丁管理": {true, true}, "戊审计": {true, true}} {
		m := s.as(name)
		for _, path := range []string{"/batches", "/batches?bureau=" + url.QueryEscape(civil)} {
			text := m.page(path)
			if got := [2]bool{strings.Contains(text, ours), strings.Contains(text, labours)}; path == "/batches" && got != sees {
				t.Errorf("%s sees %v", name, got)
			}
			if sees == [2]bool{false, true} && strings.Contains(text, ours) {
				t.Errorf("%s sees another bureau's batches on %s", name, path)
			}
		}
	}
	if text := s.as("戊审计").page("/batches?state=voided"); !strings.Contains(text, "没有符合条件的批次") {
		t.Error("the filter by state finds something")
	}
}

// fetch downloads a path.
func (m *member) fetch(path string) (status int, name string, content []byte) {
	m.s.t.Helper()
	resp, err := m.client.Get(m.s.http.URL + path)
	if err != nil {
		m.s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	content, err = io.ReadAll(resp.Body)
	if err != nil {
		m.s.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Content-Disposition"), content
}

// TestBatchThatWasTamperedWith: the page says so instead of showing sums that do not hold,
// and the batch can still be returned.
func TestBatchThatWasTamperedWith(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	s.run(november)
	b, path := s.batchOf(november, civil)
	if _, err := monthly.Submit(t.Context(), s.office, monthly.Signing{Month: november, Bureau: civil, By: s.by("甲经办")}, monthly.Submission{AcknowledgeAll: true}); err != nil {
		t.Fatal(err)
	}
	s.exec(`UPDATE draft_line SET amount = amount + 100 WHERE batch = $1 AND person = (SELECT min(person) FROM draft_line WHERE batch = $1)`, b.Number)
	m := s.as("乙复核")
	text := m.page(path)
	if !strings.Contains(text, "与批次的合计不符") || !strings.Contains(text, ">退回</button>") {
		t.Error("a batch that was tampered with is shown as if it were in order, or cannot be returned")
	}
	if status, text := m.get(path + "/lines"); status != http.StatusInternalServerError || !strings.Contains(text, "与批次的合计不符") {
		t.Errorf("its lines: %d", status)
	}
	if text := m.take(path, "/review", url.Values{"digest": {b.Digest}}); !strings.Contains(text, "不能签字") {
		t.Errorf("it is reviewed: %s", text)
	}
	if text := m.take(path, "/return", url.Values{"digest": {b.Digest}, "reason": {"明细被改动"}}); !strings.Contains(text, "已退回") {
		t.Errorf("it is not returned: %s", text)
	}
}

// TestBatchFollowsWhatRuns: while the month is computed its batch shows how far, and shows
// itself anew when that has ended.
func TestBatchFollowsWhatRuns(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	s.run(november)
	_, path := s.batchOf(november, civil)
	w := work.Task{Actor: "甲经办", Kind: "run", Title: "计算 2026年11月"}
	number, err := work.Begin(t.Context(), s.db, siteRegion, w, s.clock())
	if err == nil {
		err = work.Heartbeat(t.Context(), s.db, siteRegion, number, "计算", 8192, 20000, s.clock())
	}
	if err != nil {
		t.Fatal(err)
	}
	m := s.as("甲经办")
	for _, where := range []string{path, path + "/running"} {
		if text := m.page(where); !strings.Contains(text, "计算 8,192 / 20,000") {
			t.Errorf("%s does not show how far the run is", where)
		}
	}
	if text := s.as("乙复核").page(path); strings.Contains(text, "8,192") {
		t.Error("somebody else's work of the whole region is shown to a bureau")
	}
	if err := work.Finish(t.Context(), s.db, siteRegion, number, work.Done, "", "", s.clock()); err != nil {
		t.Fatal(err)
	}
	resp, err := m.client.Get(s.http.URL + path + "/running")
	if err != nil {
		t.Fatal(err)
	}
	if body(t, resp); resp.Header.Get("HX-Refresh") != "true" {
		t.Error("the page stays as it was after the run")
	}
}

func TestNoSuchBatch(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	s.run(november)
	for _, path := range []string{"/batch/999", "/batch/x", "/batch/4294967297", "/batch/999/lines"} {
		if status, _ := s.as("甲经办").get(path); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
}

// TestReplacementOfAVoidedBatch: a batch that was voided leaves no trace in the one that
// takes its place: that is compared with the month before, checks and change lists too. The
// next one is supplementary.
func TestReplacementOfAVoidedBatch(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(150)
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	s.run(november + 1)
	s.sign(november+1, civil, "甲经办", "乙复核", "丙审批")
	for _, name := range []string{"乙复核", "丙审批"} {
		if _, err := monthly.Void(t.Context(), s.office, monthly.Signing{Month: november + 1, Bureau: civil, By: s.by(name)}, 1); err != nil {
			t.Fatal(err)
		}
	}
	s.run(november + 1)
	replaced, path := s.batchOf(november+1, civil)
	if replaced.N != 2 || replaced.Extra {
		t.Fatalf("the replacement is %+v", replaced)
	}
	m := s.as("甲经办")
	if text := m.page(path); !strings.Contains(text, "比上月") || strings.Contains(text, "补充批次") {
		t.Error("the replacement is not compared with the month before")
	}
	if text := m.page(path + "/bridge"); !strings.Contains(text, "停发") || !strings.Contains(text, "上月") {
		t.Error("the replacement has no bridge from the month before")
	}
	s.sign(november+1, civil, "甲经办", "乙复核", "丙审批")
	dir := t.TempDir()
	written, err := export.Write(t.Context(), s.office, &export.Order{Month: november + 1, Bureau: civil, Batch: 2, Dir: dir, By: s.by("甲经办")})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(written.Files, func(f filing.File) bool { return f.Kind == reports.KindChanges }) {
		t.Error("the replacement has no 变动名单")
	}
	s.dies(s.linesOf(november+1, civil)[3].Person, "2026-10-02")
	more := newcomer(5)
	if status, where := m.send("/imports", "新增.xlsx", s.rosterBook(more)); status == http.StatusSeeOther {
		_, where = m.post(strings.Replace(m.leadsTo(where), "/imports/", "/imports/roster/", 1)+"/commit", nil)
		m.finish(where)
	}
	s.run(november + 1)
	if extra, _ := s.batchOf(november+1, civil); extra.N != 3 || !extra.Extra {
		t.Errorf("the third batch is %+v", extra)
	}
}
