package console_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"disburse/internal/approval"
	"disburse/internal/console/web"
	"disburse/internal/journal"
	"disburse/internal/population"
	"disburse/internal/store/users"
)

// TestAWholeMonthInTheBrowser takes a month from the empty database to the reconciled
// books with the pages alone: the administrator makes the users; 经办, 复核 and 审批 do the
// rest. What the bank answers is written from the files it was given.
func TestAWholeMonthInTheBrowser(t *testing.T) {
	t.Parallel()
	s := openSite(t, func(o *web.Options) { o.SetupCode = "ABCD-EFGH" })
	s.usersByPages()
	w := wholeMonth{clerk: s.openWindow("王经办"), reviewer: s.openWindow("李复核"), approver: s.openWindow("赵审批")}

	w.takeIn(s)
	w.clerk.open("/")
	w.clerk.says("2026年11月还没有计算")
	w.clerk.press("计算")
	w.clerk.follow("看检查结果")
	w.clerk.press("看检查结果")
	w.decide()
	w.sign("第1批")

	first := w.files(t)
	if len(first) < 20 {
		t.Fatalf("the bank is given %d payments", len(first))
	}
	w.clerk.shoot("month-files")
	w.clerk.open("/bank")
	w.clerk.press("登记送银行")
	w.clerk.says("等银行答复")

	// The bank refuses one payment, does not know about another, and pays the rest.
	codes := make([]string, len(first))
	for i := range codes {
		codes[i] = "成功,"
	}
	codes[3], codes[5] = "失败,账户不存在", "未知,处理中"
	w.answer(answersTo(first, codes))
	w.clerk.says("失败付款 1 笔")
	codes = make([]string, len(first))
	codes[5] = "成功,"
	w.answer(answersTo(first, codes))

	s.confirmAccounts("王经办", "李复核", "赵审批")
	w.mendAccount(first[3])
	w.clerk.open("/month/2026-11")
	w.clerk.press("重新计算2026年11月")
	w.clerk.says("2026年11月已计算")
	w.clerk.open("/month/2026-11")
	w.clerk.press("去提交")
	w.sign("第2批")
	second := w.files(t)
	if len(second) != 1 || second[0].amount != first[3].amount || second[0].account != newAccount {
		t.Fatalf("given again: %v, after %v failed", second, first[3])
	}
	w.clerk.open("/bank")
	w.clerk.press("登记送银行")
	w.clerk.says("等银行答复")
	w.answer(answersTo(second, []string{"成功,"}))

	w.clerk.open("/bank/month/2026-11/reconcile")
	w.clerk.says("账平", "已重发成功")
	if text := w.clerk.text("main"); strings.Contains(text, "未回齐") || strings.Contains(text, "账不平") {
		t.Errorf("the month is not reconciled: %s", text)
	}
	w.clerk.shoot("month-reconciled")
	name, book := w.clerk.download(".panel a.button")
	if f, err := excelize.OpenReader(bytes.NewReader(book)); err != nil || !strings.HasSuffix(name, "对账表.xlsx") {
		t.Errorf("%s: %v", name, err)
	} else {
		_ = f.Close()
	}
	w.clerk.open("/month/2026-11")
	w.clerk.says("全部付到", "现在没有要办的事")
	w.clerk.shoot("month-done")
	w.clerk.press("第2批")
	w.clerk.says("补充批次，不与上月比")
}

const newAccount = "6200000000000000017"

// wholeMonth is the three people's windows.
type wholeMonth struct{ clerk, reviewer, approver *window }

// ownPassword is what a user does first with a password that was handed to them.
func (s *site) ownPassword(name, handed string) {
	s.t.Helper()
	w := s.openWindow("")
	w.open("/login")
	w.fill("input[name=name]", name)
	w.fill("input[name=password]", handed)
	w.click("button.main")
	w.says("先换成自己的口令")
	w.fill("input[name=old]", handed)
	w.fill("input[name=password]", sitePassword)
	w.fill("input[name=again]", sitePassword)
	w.press("修改")
	w.says("今天要办")
}

// usersByPages makes the administrator and the three users, who set passwords of their own.
func (s *site) usersByPages() {
	s.t.Helper()
	const handed = "交给本人的一个长口令"
	w := s.openWindow("")
	w.open("/")
	w.says("建立第一个管理用户")
	w.shoot("setup")
	w.fill("input[name=code]", "ABCD-EFGH")
	w.fill("input[name=name]", "陈管理")
	w.fill("input[name=password]", sitePassword)
	w.fill("input[name=again]", sitePassword)
	w.press("建立并登录")
	w.wait(".side")
	for _, u := range [][2]string{{"王经办", "经办"}, {"李复核", "复核"}, {"赵审批", "审批"}} {
		w.open("/users")
		w.fill("form.narrow input[name=name]", u[0])
		w.choose("form.narrow select[name=post]", u[1])
		w.choose("form.narrow select[name=bureau]", civil)
		w.fill("form.narrow input[name=password]", handed)
		w.fill("form.narrow input[name=again]", handed)
		w.press("新建")
		w.says("已新建用户")
		s.ownPassword(u[0], handed)
	}
}

// takeIn imports the roster, after a trial; one of its rows is refused.
func (w *wholeMonth) takeIn(s *site) {
	t := s.t
	t.Helper()
	p, err := population.Generate(population.Options{People: 150, Seed: 7, Month: november})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "花名册2026年11月.xlsx")
	if err := p.WriteRoster(file, s.office.Pack.Vocabulary(), func(int) {}); err != nil {
		t.Fatal(err)
	}
	// One lives on somebody else's account, and one row lacks the name.
	other, bad := newcomer(5), newcomer(7)
	other.Name, other.Account.Holder, bad.Name = "试户名", "别人", ""
	more := filepath.Join(t.TempDir(), "补录.xlsx")
	if err := os.WriteFile(more, s.rosterBook(other, bad), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ file, says string }{{file, "新增人员"}, {more, "退回的行"}} {
		w.clerk.open("/imports")
		w.clerk.file("input[type=file]", x.file)
		w.clerk.press("试导入")
		w.clerk.follow("试导入，还没有改动")
		w.clerk.says(x.says)
		w.clerk.press("导入")
		w.clerk.says("已导入（修订")
	}
}

// decide rules on whatever is open among the checks.
func (w *wholeMonth) decide() {
	w.clerk.t.Helper()
	w.clerk.says("未决")
	w.clerk.shoot("month-checks")
	kinds := evaluate[[]string](w.clerk, `[...document.querySelectorAll("td.n a")].map(a => a.getAttribute("href"))`)
	if len(kinds) == 0 {
		w.clerk.t.Fatal("nothing is to be decided")
	}
	for _, k := range kinds {
		w.clerk.open(k)
		w.clerk.click(`input[data-all=finding]`)
		w.clerk.click(`.panel.act input[value=release]`)
		w.clerk.fill(`.panel.act input[name=reason]`, "街道已上门核实")
		w.clerk.press("决定")
		w.clerk.says("已决定")
	}
	w.clerk.says("重新计算才生效")
	w.clerk.press("重新计算")
	w.clerk.says("已计算")
	w.clerk.open("/")
	w.clerk.press("去提交")
}

// sign takes the batch that the clerk has before them through the three posts.
func (w *wholeMonth) sign(batch string) {
	w.clerk.t.Helper()
	w.clerk.says(batch, "办理")
	if evaluate[bool](w.clerk, `!!document.querySelector("input[name=acknowledged]")`) {
		w.clerk.click("input[name=acknowledged]")
	}
	if evaluate[bool](w.clerk, `!!document.querySelector('form[action$="/submit"] input[name=reason]')`) {
		w.clerk.fill(`form[action$="/submit"] input[name=reason]`, "已逐项核对")
	}
	w.clerk.press("提交")
	w.clerk.says("待复核")
	w.reviewer.open("/")
	w.reviewer.press("去复核")
	w.reviewer.says(batch)
	w.reviewer.press("复核通过")
	w.reviewer.says("待审批")
	w.approver.open("/")
	w.approver.press("去审批")
	w.approver.says(batch)
	w.approver.press("审批通过")
	w.approver.says("已审批")
}

// filed is one row of a bank file as the bank reads it.
type filed struct {
	file, seq, account, holder string
	amount                     string // 元
}

// files has the clerk write and download everything, compares the sheets with what the
// page says, and returns the rows of the bank files.
func (w *wholeMonth) files(t *testing.T) []filed {
	t.Helper()
	w.clerk.open("/month/2026-11")
	w.clerk.press("取银行文件")
	w.clerk.press("写出文件")
	w.clerk.says("写好的文件")
	_, content := w.clerk.download(`.todo-list a`)
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var all []filed
	var kinds []string
	for _, f := range z.File {
		rows := sheetOf(t, f)
		kinds = append(kinds, path.Base(f.Name))
		if strings.HasPrefix(path.Base(f.Name), "140213-202611-MZ-") {
			all = append(all, bankRows(t, strings.TrimSuffix(path.Base(f.Name), ".xlsx"), rows)...)
		}
	}
	for _, want := range []string{"发放清册", "资金拨付申请", "服务名册"} {
		if !slices.ContainsFunc(kinds, func(k string) bool { return strings.Contains(k, want) }) {
			t.Errorf("no %s among %v", want, kinds)
		}
	}
	sum := decimal.Zero
	for _, f := range all {
		sum = sum.Add(decimal.RequireFromString(f.amount))
	}
	if says := w.clerk.text("tfoot"); !strings.Contains(strings.ReplaceAll(says, ",", ""), sum.StringFixed(2)) {
		t.Errorf("the files hold %s, the page says %s", sum, says)
	}
	return all
}

// sheetOf reads the first sheet of a workbook in the archive; nil: it is none.
func sheetOf(t *testing.T, f *zip.File) [][]string {
	t.Helper()
	if path.Ext(f.Name) != ".xlsx" {
		return nil
	}
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	defer func() { _ = book.Close() }()
	rows, err := book.GetRows(book.GetSheetName(0), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	return rows
}

// bankRows finds a file's payments under its heads, wherever the columns stand.
func bankRows(t *testing.T, number string, rows [][]string) []filed {
	t.Helper()
	at := map[string]int{}
	var all []filed
	for _, row := range rows {
		if len(at) == 0 {
			if slices.Contains(row, "账号") && slices.Contains(row, "金额") {
				for i, head := range row {
					at[head] = i
				}
			}
			continue
		}
		cell := func(head string) string {
			i, ok := at[head]
			if !ok {
				t.Fatalf("%s has no column %s: %v", number, head, at)
			}
			if i < len(row) {
				return row[i]
			}
			return ""
		}
		if account := cell("账号"); regexp.MustCompile(`^[0-9]{10,}$`).MatchString(account) {
			all = append(all, filed{number, cell("序号"), account, cell("户名"), decimal.RequireFromString(cell("金额")).StringFixed(2)})
		}
	}
	return all
}

// answersTo is the bank's result of its files, as far as there is a code.
func answersTo(all []filed, codes []string) []byte {
	var b strings.Builder
	b.WriteString("批次号,序号,账号,户名,金额,结果码,原因\n")
	for i, f := range all {
		if codes[i] != "" {
			fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s\n", f.file, f.seq, f.account, f.holder, f.amount, codes[i])
		}
	}
	return []byte(b.String())
}

// answer takes a result in, after its trial.
func (w *wholeMonth) answer(result []byte) {
	w.clerk.t.Helper()
	file := filepath.Join(w.clerk.t.TempDir(), "回盘.csv")
	if err := os.WriteFile(file, result, 0o600); err != nil {
		w.clerk.t.Fatal(err)
	}
	w.clerk.open("/bank")
	w.clerk.file("input[type=file]", file)
	w.clerk.press("核对")
	w.clerk.follow("涉及的银行文件")
	w.clerk.press("登记")
	w.clerk.follow("由王经办登记过")
	w.clerk.says("已登记")
}

// confirmAccounts has an auditor whom the operator made confirm accounts: two that one 管理
// opened are not two people for a change of account.
func (s *site) confirmAccounts(names ...string) {
	s.t.Helper()
	ctx, by := s.t.Context(), journal.By{Actor: "os:root", Origin: "主机", At: s.clock()}
	auditor := approval.User{Name: "钱审计", Post: approval.Auditor, Active: true}
	if err := users.Add(ctx, s.db, s.office.Region, auditor, sitePassword, by); err != nil {
		s.t.Fatal(err)
	}
	by.Actor = auditor.Name
	for _, name := range names {
		_, standing, err := users.Events(ctx, s.db, s.office.Region, name)
		if err == nil {
			err = users.Confirm(ctx, s.db, s.office.Region, name, standing.Last, by)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

// mendAccount gives the payee of a refused payment another account, by two people.
func (w *wholeMonth) mendAccount(refused filed) {
	w.clerk.t.Helper()
	w.clerk.open("/bank/month/2026-11/failed")
	w.clerk.says("账户不存在", refused.holder)
	w.clerk.click("tbody td a")
	w.clerk.wait(".figures, dl")
	person := evaluate[string](w.clerk, "location.pathname")
	w.clerk.open(person + "/change/account")
	w.clerk.fill("input[name=bank]", "测试银行平城支行")
	w.clerk.fill("input[name=number]", newAccount)
	w.clerk.fill("input[name=again]", newAccount)
	w.clerk.fill("input[name=reason]", "本人申请书、新存折复印件")
	w.clerk.press("提出申请")
	w.clerk.says("要另一位复核或审批岗位的人确认")
	w.reviewer.open("/")
	w.reviewer.press("去确认")
	w.reviewer.fill("input[name=number]", newAccount)
	w.reviewer.press("确认变更")
	w.reviewer.says("账户已变更")
}
