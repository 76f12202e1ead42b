package console_test

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"
)

// TestBatchInTheBrowser takes a batch through its posts with the pages alone, and looks at
// every tab on the way.
func TestBatchInTheBrowser(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(400)
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	for _, l := range s.linesOf(november, civil)[:6] {
		s.exec(`UPDATE person SET holder = '别人', deputy_reason = '' WHERE person = $1`, l.Person)
	}
	for _, l := range s.linesOf(november, civil)[8:11] {
		s.dies(l.Person, "2026-11-20")
	}
	s.dies(s.linesOf(november, civil)[14].Person, "2026-10-05")
	s.run(november + 1)
	_, path := s.batchOf(november+1, civil)

	clerk := s.openWindow("甲经办")
	clerk.open("/batches")
	clerk.says("批次", "待提交")
	clerk.shoot("batches")
	clerk.open(path + "/checks")
	clerk.says("户名不符")
	clerk.shoot("batch-checks")
	clerk.click(`input[data-all=finding]`)
	clerk.click(`.panel.act input[value=release]`)
	clerk.fill(`.panel.act input[name=reason]`, "家人代领，街道已核实")
	clerk.press("决定")
	clerk.says("已决定", "重新计算才生效", "家人代领，街道已核实")
	s.dies(s.linesOf(november+1, civil)[30].Person, "2026-11-25")
	clerk.open(path)
	clerk.says("算出以后得知的变更", "不能签字")
	clerk.shoot("batch-later")
	clerk.press("重新计算")
	clerk.says("已计算")
	for _, tab := range []string{"lines", "held", "bridge", "past", "files"} {
		clerk.open(path + "/" + tab)
		clerk.shoot("batch-" + tab)
	}
	clerk.open(path + "/bridge")
	clerk.says("去世", "本月当月")
	clerk.printed("batch-bridge")
	clerk.open(path)
	clerk.says("办理", "按项目")
	clerk.shoot("batch-clerk")
	clerk.printed("batch-overview")
	clerk.click("input[name=acknowledged]")
	clerk.fill(`form[action$="/submit"] input[name=reason]`, "已逐项核对")
	clerk.press("提交")
	clerk.says("待复核", "等复核")

	reviewer := s.openWindow("乙复核")
	reviewer.open(path)
	reviewer.says("复核通过", "退回")
	reviewer.shoot("batch-reviewer")
	reviewer.press("复核通过")
	reviewer.says("待审批")

	approver := s.openWindow("丙审批")
	approver.open(path)
	approver.press("审批通过")
	approver.says("已审批", "登记送银行")
	approver.shoot("batch-approved")

	clerk.open(path + "/files")
	clerk.says("银行文件")
	clerk.press("写出文件")
	clerk.says("写好的文件")
	clerk.shoot("batch-files-ready")
	name, content := clerk.download(`.todo-list a`)
	if z, err := zip.NewReader(bytes.NewReader(content), int64(len(content))); err != nil || len(z.File) < 5 || !strings.HasSuffix(name, ".zip") {
		t.Errorf("%s: %v", name, err)
	}
	auditor := s.openWindow("戊审计")
	auditor.open(path)
	auditor.says("签字", "乙复核")
	auditor.shoot("batch-auditor")
	auditor.open(path + "/files")
	auditor.press("写出文件")
	auditor.says("写好的文件")
	if name, content := auditor.download(`.todo-list a`); !strings.HasSuffix(name, ".zip") || len(content) < 1000 {
		t.Errorf("the auditor gets %s, %d bytes", name, len(content))
	}
}
