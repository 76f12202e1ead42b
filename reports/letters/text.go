package letters

import (
	"fmt"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/roster"
)

// monthRun is a run of months of one item that are told in one breath.
type monthRun struct {
	explain.DetailedLine // the first month's
	last                 month.Month
	sum                  money.Fen
	reason               string // of each month, without its name
}

// entitled is what the reason of a 补发 says after the month's name.
const entitled = "应发"

// spans gathers lines, which stand in order of item and month, month after month as long
// as there is the same to say of them.
func spans(lines []explain.DetailedLine, take func(*explain.DetailedLine) bool) []*monthRun {
	var all []*monthRun
	for i := range lines {
		l := &lines[i]
		if !take(l) {
			continue
		}
		reason := strings.Replace(l.Reason, l.Month.Chinese()+entitled, entitled, 1)
		if s := follows(all, l, reason); s != nil {
			s.last, s.sum = l.Month, s.sum.Add(l.Amount)
			continue
		}
		all = append(all, &monthRun{*l, l.Month, l.Amount, reason})
	}
	return all
}

// follows finds the span that a line goes on with.
func follows(all []*monthRun, l *explain.DetailedLine, reason string) *monthRun {
	for _, s := range all {
		same := s.Item == l.Item && s.Payee == l.Payee && s.Against == l.Against && s.Hold == l.Hold
		kind := s.Kind == l.Kind && s.reason == reason || l.Hold != 0 // what waits is told together
		if same && kind && l.Month == s.last+1 {
			return s
		}
	}
	return nil
}

// months names the months of a span.
func (s *monthRun) months() string { return monthSpan(s.Month, s.last) }

func monthSpan(first, last month.Month) string {
	switch {
	case first == last:
		return first.Chinese()
	case first.Year() == last.Year():
		return fmt.Sprintf("%s至%d月（%d 个月）", first.Chinese(), last.InYear(), last-first+1)
	}
	return fmt.Sprintf("%s至%s（%d 个月）", first.Chinese(), last.Chinese(), last-first+1)
}

// why is the reason of a span, in general words where there is none.
func (s *monthRun) why() string {
	switch {
	case s.reason == "":
		return "按现有登记重新计算"
	case s.reason == s.Reason: // it names no month
		return s.reason
	case s.last > s.Month:
		return strings.Replace(s.reason, entitled, "每月"+entitled, 1)
	}
	return strings.Replace(s.reason, entitled, "该月"+entitled, 1)
}

// citizenRemedies say to people what ends a hold.
var citizenRemedies = []struct {
	hold       payrun.Hold
	self, paid string // when the person is paid, and when an institution is
}{
	{payrun.NoAccount, "没有登记银行账户，请带身份证和银行卡（存折）到社区或街道登记", "收款单位没有登记银行账户，由我单位办理"},
	{payrun.AccountRefused, "登记的账户银行不能入账，请到开户银行核对户名和卡号后，到社区或街道登记", "收款单位的账户银行不能入账，由我单位办理"},
	{payrun.AwaitingHeir, "老人已经去世，还没有登记代领人，请亲属带身份证和关系证明到社区或街道登记", "老人已经去世，还没有登记代领人，请亲属到社区或街道登记"},
	{payrun.Suspended, "已经暂停发放，请到社区或街道核实情况", "已经暂停发放，请到社区或街道核实情况"},
	{payrun.Undecided, "有情况正在核实，需要配合时我单位会联系", "有情况正在核实，需要配合时我单位会联系"},
	{payrun.KeptBack, "经核实暂缓发放，原因可以向我单位询问", "经核实暂缓发放，原因可以向我单位询问"},
}

func citizenRemedy(l *payrun.Line) string {
	var parts []string
	for _, r := range citizenRemedies {
		if l.Hold&r.hold == 0 {
			continue
		}
		if l.Payee == roster.Myself {
			parts = append(parts, r.self)
		} else {
			parts = append(parts, r.paid)
		}
	}
	return strings.Join(parts, "；") + "。"
}
