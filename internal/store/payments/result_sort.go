package payments

import (
	"fmt"

	"disburse/internal/bank"
	"disburse/internal/payrun"
)

// sorter parts the rows of a result file into those that go in and those that do not.
type sorter struct {
	order  *ResultOrder
	report *ResultReport
}

// sort returns the rows that go in. Two rows of one payment that contradict each other
// both stay out: nobody knows which is right.
func (s *sorter) sort(rows []attempt) []answer {
	type payment struct {
		number string
		seq    int
	}
	first := map[payment]int{} // index of the payment's first row
	var taken []answer
	contradicted := map[payment]bool{}
	for i := range rows {
		key := payment{rows[i].Number, rows[i].Seq}
		j, twice := first[key]
		if !twice {
			first[key] = i
			continue
		}
		contradicted[key] = contradicted[key] || !sameAnswer(&rows[i], &rows[j])
	}
	for i := range rows {
		a, key := &rows[i], payment{rows[i].Number, rows[i].Seq}
		switch {
		case contradicted[key]:
			s.refuse(a, "", "", "同一笔付款在文件里出现多次，内容互相矛盾，都没有登记，请与银行核实")
		case first[key] != i:
			s.refuse(a, "", "", fmt.Sprintf("与第 %d 行是同一笔付款，重复的行不再登记", rows[first[key]].Row))
		default:
			if outcome, ok := s.fits(a); ok {
				taken = append(taken, answer{*a, outcome})
				sum := s.report.Taken[outcome]
				s.report.Taken[outcome] = Sum{sum.Payments + 1, sum.Amount.Add(a.amount)}
			}
		}
	}
	return taken
}

func sameAnswer(a, b *attempt) bool {
	return a.Code == b.Code && a.Account == b.Account && a.ResultRow.Amount == b.ResultRow.Amount
}

func (s *sorter) refuse(a *attempt, column, value, reason string) {
	s.report.Refused = append(s.report.Refused, bank.ResultProblem{Place: a.Place, Column: column, Value: value, Reason: reason})
}

func (s *sorter) repeat(a *attempt, reason string) {
	s.report.Repeated = append(s.report.Repeated, bank.ResultProblem{Place: a.Place, Column: "结果码", Value: a.Code, Reason: reason})
}

// fits reports whether a row may go in, and with which outcome; it says why not.
func (s *sorter) fits(a *attempt) (bank.Outcome, bool) {
	if column, value, reason := s.mismatch(a); reason != "" {
		s.refuse(a, column, value, reason)
		return 0, false
	}
	meaning, known := s.order.Codes.Meaning(a.bank, a.Code)
	if a.Reason == "" {
		a.Reason = meaning.Words
	}
	switch {
	case a.before.Final() && meaning.Outcome == a.before:
		s.repeat(a, fmt.Sprintf("已登记过银行的答复“%s”，没有改动", a.before))
		return 0, false
	case a.before.Final():
		s.refuse(a, "结果码", a.Code, fmt.Sprintf("这笔付款银行已答复为“%s”，是最终结果，不再改动，请与银行核实", a.before))
		return 0, false
	case a.before == bank.Unknown && meaning.Outcome == bank.Unknown && a.code == a.Code && a.reason == a.Reason:
		s.repeat(a, "已登记为未知，没有新的答复")
		return 0, false
	}
	if !known {
		s.report.Codes = append(s.report.Codes, bank.ResultProblem{Place: a.Place, Column: "结果码", Value: a.Code,
			Reason: fmt.Sprintf("不认识银行的结果码“%s”，这一行只能按未知登记，不算付到，也不会重发；请问银行这个码是什么意思，再请管理员把它补进规则包的结果码表，"+
				"采用以后重新导入这个回盘文件", a.Code)})
	}
	return meaning.Outcome, true
}

// mismatch says what does not agree between a row and the payment it names; an empty
// reason: nothing.
func (s *sorter) mismatch(a *attempt) (column, value, reason string) {
	switch {
	case a.batch.Number == 0:
		return "批次号", a.Number, "没有这个编号的银行文件，请核对批次号"
	case s.order.Bureau != "" && a.batch.Bureau != s.order.Bureau:
		return "批次号", a.Number, fmt.Sprintf("这是%s的文件，不是%s的", a.batch.Bureau, s.order.Bureau)
	case a.batch.State == payrun.Voided:
		return "批次号", a.Number, a.title() + "已经作废，不应有回盘，请立即与银行核实"
	case !a.sent:
		return "批次号", a.Number, a.title() + "还没有登记送银行，请先登记送银行，再导入回盘"
	case !a.payment:
		return "序号", fmt.Sprint(a.Seq), "这个文件里没有这个序号，请核对"
	case a.Account != a.account:
		return "账号", a.Account, "与送出的账号 " + a.account + " 不一致，请与银行核实"
	case a.ResultRow.Amount != a.amount:
		return "金额", a.ResultRow.Amount.String(), "与送出的金额 " + a.amount.String() + " 元不一致，请与银行核实"
	}
	return "", "", ""
}
