package payments

import (
	"fmt"

	"disburse/internal/bank"
	"disburse/internal/payrun"
)

// rowSorter sorts the rows of a result file into accepted, repeated and refused ones.
type rowSorter struct {
	order  *ResultOrder
	report *ResultReport
}

// sort returns the accepted rows. Contradicting rows of one payment are all refused: which is
// right cannot be told.
func (s *rowSorter) sort(rows []matchedRow) []answer {
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
			if outcome, ok := s.accept(a); ok {
				taken = append(taken, answer{*a, outcome})
				sum := s.report.Taken[outcome]
				s.report.Taken[outcome] = Sum{sum.Payments + 1, sum.Amount.Add(a.amount)}
			}
		}
	}
	return taken
}

func sameAnswer(a, b *matchedRow) bool {
	return a.Code == b.Code && a.Account == b.Account && a.ResultRow.Amount == b.ResultRow.Amount
}

func (s *rowSorter) refuse(a *matchedRow, column, value, reason string) {
	s.report.Refused = append(s.report.Refused, bank.ResultProblem{Place: a.Place, Column: column, Value: value, Reason: reason})
}

func (s *rowSorter) repeat(a *matchedRow, reason string) {
	s.report.Repeated = append(s.report.Repeated, bank.ResultProblem{Place: a.Place, Column: "结果码", Value: a.Code, Reason: reason})
}

// accept reports whether a row is accepted, and with which outcome; otherwise it adds the
// reason to the report.
func (s *rowSorter) accept(a *matchedRow) (bank.Outcome, bool) {
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

// mismatch returns in which column a row disagrees with the payment that it names; an empty
// reason: it agrees.
func (s *rowSorter) mismatch(a *matchedRow) (column, value, reason string) {
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
