package yearly

import (
	"context"
	"path/filepath"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
	"disburse/reports/filing"
)

// Statement is one person's year (个人领取情况), over all bureaus.
type Statement struct {
	Pack     *packfile.File
	Year     int
	Revision int64
	Known    month.Date // of that revision
	Person   roster.Person
	Payments []Payment     // by pay month, bureau, batch, item
	Held     []Held        // now
	Debts    []payrun.Debt // now
}

// Payment is what an approved batch pays a person of one item. Amounts are 分.
type Payment struct {
	Month      month.Month // pay month
	Bureau     string
	N          int // of the batch
	Item       string
	Payee      string
	Current    money.Fen // 当月
	Arrears    money.Fen // 补发
	Recovery   money.Fen // 扣回, negative
	ArrearsOf  []month.Month
	RecoveryOf []month.Month
	RecoveryOn []string // for each of RecoveryOf the item that was overpaid
	Number     string   // of the bank file; empty: the lines netted to nothing
	Seq        int
	Sent       bool
	Answer     bank.Outcome // 0: none yet
	Answered   month.Date
	Words      string // the bank's code and reason
}

// Held is a line that waits (暂缓) in a bureau's latest batch.
type Held struct {
	Bureau string
	Batch  month.Month // of that batch
	Item   string
	Payee  string
	Month  month.Month
	Amount money.Fen
	Hold   payrun.Hold
}

// Due is what the batch pays: 应付.
func (p *Payment) Due() money.Fen { return p.Current.Add(p.Arrears).Add(p.Recovery) }

// Received is what the bank says has arrived: 实领.
func (p *Payment) Received() money.Fen {
	if p.Answer != bank.Paid {
		return 0
	}
	return p.Due()
}

// Status is what is known of the payment: 成功, 退回, 未知, 未回 (sent, no answer), 未送,
// or 无需付款 where the lines netted to nothing.
func (p *Payment) Status() string {
	switch {
	case p.Number == "":
		return "无需付款"
	case p.Answer == bank.Failed:
		return "退回"
	case p.Answer != 0:
		return p.Answer.String()
	case p.Sent:
		return "未回"
	}
	return "未送"
}

// Totals are the sums of a statement's payments, in 分.
type Totals struct {
	Current, Arrears, Recovery money.Fen
	Due                        money.Fen // 应付 = 当月 + 补发 + 扣回
	Received                   money.Fen // 实领: the bank says paid
	Failed                     money.Fen // 退回
	Open                       money.Fen // 未知, 未回, 未送
	Held                       money.Fen // 暂缓 now, no part of Due
	Owed                       money.Fen // 未追回 now
}

// Totals adds a statement up; Due = Received + Failed + Open.
func (s *Statement) Totals() Totals {
	var t Totals
	for i := range s.Payments {
		p := &s.Payments[i]
		t.Current, t.Arrears, t.Recovery = t.Current.Add(p.Current), t.Arrears.Add(p.Arrears), t.Recovery.Add(p.Recovery)
		t.Due, t.Received = t.Due.Add(p.Due()), t.Received.Add(p.Received())
		switch p.Answer {
		case bank.Paid:
		case bank.Failed:
			t.Failed = t.Failed.Add(p.Due())
		default:
			t.Open = t.Open.Add(p.Due())
		}
	}
	for _, h := range s.Held {
		t.Held = t.Held.Add(h.Amount)
	}
	for _, d := range s.Debts {
		t.Owed = t.Owed.Add(d.Amount)
	}
	return t
}

// WriteStatement writes a statement as a workbook, A4 upright, encrypted where there is a
// password. After an error path is as
// it was.
func WriteStatement(ctx context.Context, path string, s *Statement, password string) error {
	st, err := filing.NewStage(filepath.Dir(path), password)
	if err != nil {
		return filing.CannotWrite(path, err)
	}
	defer st.Discard()
	p, err := newStatement(s, st.Dir)
	if err == nil {
		_, err = st.Add(ctx, p.Book, filepath.Base(path))
	}
	if err == nil {
		err = st.Commit()
	}
	if err != nil {
		return filing.CannotWrite(path, err)
	}
	return nil
}
