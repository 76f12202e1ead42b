package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/console"
	"disburse/internal/policy"
	"disburse/internal/roster"
	"disburse/internal/store/users"
)

// Where a page says what came of an action.
var (
	flashed = regexp.MustCompile(`id="flash"[^>]*><p class="flash[^"]*">([^<]+)<`)
	saidBad = regexp.MustCompile(`id="wrong"[^>]*>([^<]+)<`)
	shown   = regexp.MustCompile(`(已记入访问记录|登记后的变化|合并的结果)`) // what a page shows at once is what came of it
)

// entrances lead to a page before the login, or to the user's first, which is what comes of
// them.
var entrances = []string{"POST /login", "POST /logout", "POST /setup"}

// outcome is the sentence that an answer of an action leads to; empty: it ends in silence.
func (m *member) outcome(status int, answer string) string {
	m.s.t.Helper()
	text := answer
	if status == http.StatusSeeOther {
		if strings.HasPrefix(answer, "/work/") {
			text = m.finish(answer)
			if found := regexp.MustCompile(`<p class="flash[^"]*"[^>]*>([^<]+)<`).FindStringSubmatch(mainTag.FindString(text)); found != nil {
				return found[1]
			}
			return ""
		}
		if text = m.page(answer); flashed.FindStringSubmatch(text) == nil {
			return ""
		}
	}
	for _, where := range []*regexp.Regexp{flashed, saidBad, shown} {
		if found := where.FindStringSubmatch(text); found != nil {
			return strings.TrimSpace(found[1])
		}
	}
	return ""
}

// TestNoActionEndsInSilence sends every action of the console as it should be and with an
// empty form: each answer says in a sentence what came of it, at once or where it leads.
func TestNoActionEndsInSilence(t *testing.T) {
	t.Parallel()
	s, _ := owing(t, 200, 12)
	a := &actions{s: s, members: map[string]*member{}, done: map[string]bool{}}
	a.month()
	a.people()
	a.files()
	a.money()
	a.rules()
	a.system()
	for _, r := range console.RoutesOfTest() {
		if !strings.HasPrefix(r.Pattern, http.MethodPost) || r.Searches || slices.Contains(entrances, r.Pattern) {
			continue
		}
		if !a.done[r.Pattern] {
			t.Errorf("%s was not sent as it should be: add it here", r.Pattern)
		}
		m := a.as(a.nameOf(r.Posts))
		status, answer := s.try(m, r.Pattern)
		if m.outcome(status, answer) == "" {
			t.Errorf("%s with an empty form ends in silence: %d %.300s", r.Pattern, status, answer)
		}
	}
}

type actions struct {
	s       *site
	members map[string]*member
	done    map[string]bool
}

func (a *actions) as(name string) *member {
	if a.members[name] == nil {
		a.members[name] = a.s.as(name)
	}
	return a.members[name]
}

// nameOf is a user of the civil bureau who may.
func (a *actions) nameOf(posts []approval.Post) string {
	at := slices.IndexFunc(siteUsers, func(u approval.User) bool { return slices.Contains(posts, u.Post) && u.Bureau != labour })
	return siteUsers[at].Name
}

// did notes what came of an action that was sent as it should be.
func (a *actions) did(pattern, says string, m *member, status int, answer string) {
	a.s.t.Helper()
	a.done[pattern] = true
	switch said := m.outcome(status, answer); {
	case said == "":
		a.s.t.Errorf("%s ends in silence: %d %.300s", pattern, status, answer)
	case !strings.Contains(said, says):
		a.s.t.Errorf("%s says %q, want %q", pattern, said, says)
	}
}

// send sends a form; the values stand in pairs.
func (a *actions) send(pattern, who, path, says string, pairs ...string) {
	a.s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	m := a.as(who)
	status, answer := m.post(path, form)
	a.did(pattern, says, m, status, answer)
}

// upload sends a file and returns where it leads.
func (a *actions) upload(pattern, path, says, field, name string, content []byte, form url.Values) string {
	a.s.t.Helper()
	m := a.as("甲经办")
	status, answer := m.sendAs(field, path, name, content, form)
	a.did(pattern, says, m, status, answer)
	return m.leadsTo(answer)
}

// month takes November through its posts.
func (a *actions) month() {
	s, clerk := a.s, a.as("甲经办")
	_, batch := s.batchOf(november, civil)
	digest := func(who string) string { return digestForm(s.t, a.as(who).page(batch)).Get("digest") }
	opening := a.upload("POST /recovery/opening", "/recovery/opening", "已逐行核对", "file", "期初.xlsx", s.openingBook(14), nil)
	a.send("POST /recovery/opening/{upload}", "甲经办", opening, "期初已导入")
	a.send("POST /month/{month}/run", "甲经办", "/month/2026-11/run", "已计算")
	kind := regexp.MustCompile(`checks\?kind=([^"&]+)&amp;open=1`).FindStringSubmatch(clerk.page(batch + "/checks"))
	if kind == nil {
		s.t.Fatal("there is nothing to decide")
	}
	name, _ := url.QueryUnescape(kind[1])
	finding := regexp.MustCompile(`name="finding" value="([^"]+)"`).FindStringSubmatch(clerk.page(batch + "/checks?open=1&kind=" + kind[1]))
	a.send("POST /batch/{batch}/checks/decide", "甲经办", batch+"/checks/decide", "已决定", "kind", name, "finding", finding[1], "ruling", "hold", "reason", "核实中")
	a.send("POST /batch/{batch}/checks/kind", "甲经办", batch+"/checks/kind", "已决定", "kind", name, "ruling", "release", "reason", "已核实")
	_, _, book := clerk.takeFile(batch + "/checks/workbook")
	a.upload("POST /batch/{batch}/checks/upload", batch+"/checks/upload", "已按", "workbook", "疑点.xlsx", fillRulings(s.t, book, finding[1], "发放", "已核实"), nil)
	a.send("POST /batch/{batch}/judge", "甲经办", batch+"/judge", "逐行一致")
	a.send("POST /batch/{batch}/files", "甲经办", batch+"/files", "已写出")
	submit := []string{"digest", "", "acknowledged", "1", "reason", "已核对"}
	for range 2 {
		submit[1] = digest("甲经办")
		a.send("POST /batch/{batch}/submit", "甲经办", batch+"/submit", "已办理", submit...)
		if !a.done["POST /batch/{batch}/return"] {
			a.send("POST /batch/{batch}/return", "乙复核", batch+"/return", "已办理", "digest", digest("乙复核"), "reason", "街道有误")
		}
	}
	a.send("POST /batch/{batch}/review", "乙复核", batch+"/review", "已办理", "digest", digest("乙复核"))
	a.send("POST /batch/{batch}/approve", "丙审批", batch+"/approve", "已办理", "digest", digest("丙审批"))
	a.send("POST /batch/{batch}/void", "丙审批", batch+"/void", "已申请作废", "digest", digest("丙审批"), "reason", "有误")
	a.send("POST /batch/{batch}/sent", "甲经办", batch+"/sent", "已办理", "digest", digest("甲经办"), "reason", "文件已交银行")
}

// people changes what is known of somebody.
func (a *actions) people() {
	s := a.s
	d := s.somebody(withAccount)
	person := "/people/" + number(d.Number)
	a.send("POST /people/{person}/reveal", "甲经办", person+"/reveal", "已记入访问记录")
	other := newcomer(3)
	for _, f := range []struct {
		path, pattern string
		form          url.Values
	}{
		{person + "/change/fact?fact=" + url.QueryEscape("低保"), "POST /people/{person}/change/fact", url.Values{"value": {"是"}, "since": {"2026-10-01"}}},
		{person + "/change/award?item=17", "POST /people/{person}/change/award", url.Values{"amount": {"100"}, "first": {"2026-11"}}},
		{person + "/change/who", "POST /people/{person}/change/who", url.Values{"name": {d.Name}, "street": {d.Street}, "address": {"新址"}}},
		{person + "/change/number", "POST /people/{person}/change/number", url.Values{"id": {other.ID}, "again": {other.ID}}},
		{"/people/new", "POST /people/new", url.Values{"id": {newcomer(4).ID}, "name": {"新来"}, "street": {"古城"}}},
	} {
		f.form.Set("reason", "证明 1 号")
		m := a.as("甲经办")
		status, text := m.post(f.path, f.form)
		a.did(f.pattern, "登记后的变化", m, status, text)
		status, text = m.post(f.path, triedForm(s.t, text, f.form))
		a.did(f.pattern, "已登记", m, status, text)
	}
	a.send("POST /people/{person}/change/account", "甲经办", person+"/change/account", "已申请变更账户", "bank", "测试银行", "number", "6200000000000000017",
		"again", "6200000000000000017", "reason", "申请书")
	a.send("POST /accounts/{n}/reveal", "乙复核", "/accounts/1/reveal", "已记入访问记录")
	a.send("POST /accounts/{n}", "乙复核", "/accounts/1", "账户已变更", "answer", "grant", "number", "6200000000000000017")
}

// files takes in rosters and lists.
func (a *actions) files() {
	s := a.s
	bad := newcomer(7)
	bad.Name = ""
	sheet := a.upload("POST /imports", "/imports", "试导入完成", "file", "新增.xlsx", s.rosterBook(newcomer(5), bad), nil)
	upload := "/imports/roster/" + strings.TrimPrefix(sheet, "/imports/")
	a.send("POST /imports/roster/{upload}/try", "甲经办", upload+"/try", "试导入完成")
	a.send("POST /imports/roster/{upload}/commit", "甲经办", upload+"/commit", "已导入")
	rev, _, err := s.db.Head(s.t.Context(), siteRegion)
	if err != nil {
		s.t.Fatal(err)
	}
	undo := "/imports/undo/" + number(rev)
	a.send("POST /imports/undo/{rev}", "甲经办", undo, "试撤销完成", "step", "try")
	a.send("POST /imports/undo/{rev}", "甲经办", undo, "已撤销", "step", "do", "reason", "导错了")
	sheet = a.upload("POST /imports", "/imports", "试导入完成", "file", "又一次.xlsx", s.rosterBook(newcomer(5)), nil)
	a.send("POST /imports/roster/{upload}/drop", "甲经办", "/imports/roster/"+strings.TrimPrefix(sheet, "/imports/")+"/drop", "已放弃")
	paid := s.paidPeople(1)[0]
	moved := *s.somebody(func(d *roster.Dossier) bool { return d.Number == paid })
	moved.Account.Number = "6200000000000000025"
	sheet = a.upload("POST /imports", "/imports", "试导入完成", "file", "账户.xlsx", s.rosterBook(&moved), nil)
	a.send("POST /imports/roster/{upload}/commit", "甲经办", "/imports/roster/"+strings.TrimPrefix(sheet, "/imports/")+"/commit", "已导入")
	a.send("POST /accounts", "乙复核", "/accounts", "不同意 1 件变更", "answer", "refuse", "n", "2", "reason", "与存折不符")
	a.send("POST /imports/export", "甲经办", "/imports/export", "花名册已写出")
	list := a.upload("POST /imports/match", "/imports/match", "试比对完成", "file", "死亡.csv", []byte("姓名,身份证号\n新来,"+newcomer(4).ID+"\n"), url.Values{"kind": {"死亡"}})
	a.send("POST /imports/match/{upload}/commit", "甲经办", list+"/commit", "名单已登记", "kind", "死亡")
	kept := s.somebody(withAccount)
	merge := []string{"kept", kept.ID, "gone", newcomer(4).ID, "reason", "同一人", "step", "try"}
	a.send("POST /imports/merge", "甲经办", "/imports/merge", "合并的结果", merge...)
	merge[7] = "do"
	a.send("POST /imports/merge", "甲经办", "/imports/merge", "已合并", merge...)
}

// money is what banks and debtors bring.
func (a *actions) money() {
	s, clerk := a.s, a.as("甲经办")
	result := a.upload("POST /bank/results", "/bank/results", "已逐行核对", "file", "回盘.csv", s.answers(mixed), nil)
	a.send("POST /bank/results/{upload}", "甲经办", result, "已登记")
	result = a.upload("POST /bank/results", "/bank/results", "已逐行核对", "file", "回盘2.csv", s.answers(mixed), nil)
	a.send("POST /bank/results/{upload}/drop", "甲经办", result+"/drop", "已放弃")
	a.send("POST /bank/month/{month}/reconcile", "甲经办", "/bank/month/2026-11/reconcile", "已对账")
	a.send("POST /month/{month}/run", "甲经办", "/month/2026-11/run", "已计算")
	retry := regexp.MustCompile(`name="finding" value="([^"]+)"`).FindStringSubmatch(clerk.page("/bank/month/2026-11/failed"))
	if retry == nil {
		s.t.Fatal("no account can be tried again")
	}
	a.send("POST /bank/month/{month}/retry", "甲经办", "/bank/month/2026-11/retry", "已决定再试", "finding", retry[1], "reason", "已解除挂失")
	a.send("POST /month/{month}/run", "甲经办", "/month/2026-11/run", "已计算")
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	b, _ := s.batchOf(november, civil)
	a.send("POST /bank/sent/{batch}", "甲经办", "/bank/sent/"+number(int64(b.Number)), "已登记送银行")

	debtor := regexp.MustCompile(`/recovery/person/\d+`).FindString(clerk.page("/recovery"))
	debt := regexp.MustCompile(`<option value="([^"|]+\|[^"]+)"`).FindStringSubmatch(clerk.page(debtor))
	a.send("POST /recovery/person/{person}/collect", "甲经办", debtor+"/collect", "已登记收回", "amount", "1", "day", "2026-11-10", "basis", "收据 1 号")
	a.send("POST /recovery/person/{person}/plan", "甲经办", debtor+"/plan", "已登记分期", "amount", "12", "first", "2026-12", "months", "12", "why", "协议书")
	a.send("POST /recovery/person/{person}/endplan", "甲经办", debtor+"/endplan", "已终止分期", "why", "改为一次还")
	a.send("POST /recovery/person/{person}/waive", "甲经办", debtor+"/waive", "已申请核销", "debt", debt[1], "amount", "1", "why", "无力偿还")
	a.send("POST /recovery/waivers/{n}", "丙审批", "/recovery/waivers/1", "核销申请", "answer", "grant")
}

// rules changes the pack.
func (a *actions) rules() {
	a.send("POST /policy/lists/{month}", "甲经办", "/policy/lists/2026-11", "已统计")
	dearer := strings.Replace(string(policy.Builtin()), "value: 300", "value: 320", 1)
	pack := a.upload("POST /packs", "/packs", "影响已测算", "file", "新.yaml", []byte(dearer), nil)
	a.send("POST /packs/upload/{upload}/adopt", "甲经办", pack+"/adopt", "采用", "reason", "区政府文件", "retroactive", "1")
	a.send("POST /packs/proposal/{proposal}/effect", "甲经办", "/packs/proposal/1/effect", "影响已测算")
	a.send("POST /packs/proposal/{proposal}/confirm", "丙审批", "/packs/proposal/1/confirm", "已采用", "reason", "已核对")
}

// system is what 管理 and 审计 do, and what everybody does for themselves.
func (a *actions) system() {
	s := a.s
	job := "/calendar/job/" + url.PathEscape("备份")
	a.send("POST /calendar/job/{job}", "丁管理", job, "已改为", "enabled", "1", "every", "每日", "day", "0", "hour", "3", "minute", "30", "shift", "不移", "p-保留", "7", "reason", "错开")
	a.send("POST /calendar/job/{job}/run", "丁管理", job+"/run", "没有启动日历") // this console has no scheduler
	a.send("POST /calendar/holidays", "丁管理", "/calendar/holidays", "已登记 2 天", "from", "2027-10-01", "to", "2027-10-02", "off", "1", "name", "国庆节", "reason", "通知")
	a.send("POST /calendar/holidays/remove", "丁管理", "/calendar/holidays/remove", "已去掉", "day", "2027-10-01", "reason", "有误")
	s.exec(`SET session_replication_role = replica`) // without the job that left it
	s.exec(`INSERT INTO notice (region, job, due, k, kind, bureau, post, title, body, link, created) VALUES ($1, '备份', $2, 1, '', '', '', '备份失败', '磁盘已满', '', $2)`,
		siteRegion, s.clock())
	s.exec(`RESET session_replication_role`)
	a.send("POST /notices/{notice}/read", "丁管理", "/notices/1/read", "已读", "next", "/notices")
	a.send("POST /users", "丁管理", "/users", "已新建用户", "name", "新人", "post", "经办", "bureau", civil, "password", sitePassword, "again", sitePassword)
	a.send("POST /users/password", "丁管理", "/users/password", "口令", "name", "新人", "password", sitePassword+"新", "again", sitePassword+"新", "reason", "忘记")
	if err := users.SetPassword(s.t.Context(), s.db, siteRegion, "新人", sitePassword+"自己的", s.by("新人")); err != nil {
		s.t.Fatal(err)
	}
	a.send("POST /users/confirm", "戊审计", "/users/confirm", "已确认", "name", "新人", "seen", s.confirming("新人").Get("seen"))
	a.send("POST /users/active", "丁管理", "/users/active", "已停用", "name", "新人", "active", "0", "reason", "调离")
	a.send("POST /audit/verify", "戊审计", "/audit/verify", "")
	a.send("POST /audit/month", "戊审计", "/audit/month", "", "month", "2026-11")
	a.send("POST /me/password", "戊审计", "/me/password", "已修改口令", "old", sitePassword, "password", sitePassword+"新", "again", sitePassword+"新")
}
