package console_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/policy"
)

// digestForm is what the forms of a batch send along.
func digestForm(t testing.TB, page string, more ...string) url.Values {
	t.Helper()
	found := regexp.MustCompile(`name="digest" value="([0-9a-f]+)"`).FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("the page has no form to sign: %s", page[strings.Index(page, "<main"):])
	}
	form := url.Values{"digest": {found[1]}}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// TestTwoApprovers: above the pack's sum a second 审批 signs, and 本月 asks only who may still sign.
func TestTwoApprovers(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.addUser(approval.User{Name: "己审批", Post: approval.Approver, Bureau: civil, Active: true})
	pack, err := policy.Load(append(policy.Builtin(), "\napproval: {second_above: \"100.00\"}\n"...))
	if err != nil {
		t.Fatal(err)
	}
	s.office.Pack = pack
	s.people(150)
	s.run(november)
	_, path := s.batchOf(november, civil)
	members := map[string]*member{}
	as := func(name string) *member {
		if members[name] == nil {
			members[name] = s.as(name)
		}
		return members[name]
	}
	asks := func(name, button string) bool {
		page := as(name).page("/")
		return strings.Contains(page, `href="`+path+`">`+button+`</a>`)
	}
	clerk := as("甲经办")
	_, where := clerk.post(path+"/submit", digestForm(t, clerk.page(path), "acknowledged", "1", "reason", "已核对"))
	clerk.finish(where)
	if !asks("乙复核", "去复核") || asks("丙审批", "去审批") {
		t.Error("a submitted batch asks for the wrong post")
	}
	reviewer := as("乙复核")
	_, where = reviewer.post(path+"/review", digestForm(t, reviewer.page(path)))
	reviewer.finish(where)
	if asks("乙复核", "去复核") || !asks("丙审批", "去审批") || !asks("己审批", "去审批") {
		t.Error("a reviewed batch asks for the wrong people")
	}
	first := as("丙审批")
	_, where = first.post(path+"/approve", digestForm(t, first.page(path)))
	first.finish(where)
	if text := first.page(path); !strings.Contains(text, "待终审") || strings.Contains(text, `action="`+path+`/approve"`) {
		t.Error("the first approver may sign again, or the batch does not wait")
	}
	if asks("丙审批", "去审批") || !asks("己审批", "去审批") {
		t.Error("an endorsed batch asks for the wrong approver")
	}
	if _, where = first.post(path+"/approve", digestForm(t, as("己审批").page(path))); strings.HasPrefix(where, "/work/") {
		if text := first.finish(where); !strings.Contains(text, "flash bad") {
			t.Errorf("the first approver signs twice: %s", text)
		}
	}
	second := as("己审批")
	page := second.page(path)
	if !strings.Contains(page, "终审通过") {
		t.Error("the second approver is not told what they sign")
	}
	_, where = second.post(path+"/approve", digestForm(t, page))
	second.finish(where)
	if text := second.page(path); !strings.Contains(text, "已审批") {
		t.Errorf("after both: %s", text)
	}

	// One asks for the batch to be voided; only the other is asked to confirm.
	_, where = first.post(path+"/void", digestForm(t, first.page(path), "reason", "街道名单有误"))
	if strings.HasPrefix(where, "/work/") {
		first.finish(where)
	}
	if asks("丙审批", "去看") || !asks("乙复核", "去看") || !asks("己审批", "去看") {
		t.Error("a batch to be voided asks for the wrong people")
	}
	if text := clerk.page("/"); !strings.Contains(text, "丙审批申请作废，等另一个人确认") {
		t.Error("who would send the files to the bank is not told that the batch is to be voided")
	}
	if text := clerk.page("/bank/month/2026-11"); !strings.Contains(text, "丙审批申请作废，等另一个人确认") || strings.Contains(text, "/bank/sent/") {
		t.Error("the page of the bank offers to send what is to be voided")
	}
	_, where = clerk.post(path+"/sent", digestForm(t, clerk.page(path)))
	if text := clerk.finish(where); !strings.Contains(text, "已由丙审批申请作废") {
		t.Errorf("sent while it is to be voided: %s", text)
	}
	_, where = clerk.post(path+"/sent", digestForm(t, clerk.page(path), "reason", "文件上午已交给银行"))
	if text := clerk.finish(where); !strings.Contains(text, "已办理") {
		t.Errorf("sent for a reason: %s", text)
	}
	if asks("乙复核", "去看") || strings.Contains(clerk.page("/"), "申请作废") {
		t.Error("the request outlives the files")
	}
}

// TestOtherMonthsAsk: what an earlier month waits for is on 本月, too, and what banks did not
// answer and what they refused are two things to do.
func TestOtherMonthsAsk(t *testing.T) {
	t.Parallel()
	s := paidMonth(t, 150)
	s.sent()
	m := s.as("甲经办")
	m.takeAnswers(mixed)
	text := m.page("/")
	if !strings.Contains(text, ">导入回盘</a>") || !strings.Contains(text, "银行退回付款 2 笔") {
		t.Errorf("November asks for other things: %s", mainTag.FindString(text))
	}
	s.run(november + 1)
	text = m.page("/")
	if !strings.Contains(text, "<h1>2026年12月</h1>") || !strings.Contains(text, `href="/bank/month/2026-11">导入回盘</a>`) {
		t.Error("November's answers are forgotten once December is computed")
	}
	_, december := s.batchOf(november+1, civil)
	if !strings.Contains(text, `href="`+december) {
		t.Error("December asks for nothing")
	}
	if text = s.as("人社经办").page("/"); strings.Contains(text, "2026-11\">导入回盘") {
		t.Error("another bureau is asked")
	}
}
