package export

import (
	"disburse/internal/month"
	"disburse/reports/yearly"
)

// A statement as JSON: amounts are strings with two decimals, months 2026-11.
type YearJSON struct {
	Year      int           `json:"year"`
	Revision  int64         `json:"revision"`
	Known     string        `json:"known"`
	ID        string        `json:"id_number"`
	Name      string        `json:"name"`
	Street    string        `json:"street"`
	Community string        `json:"community"`
	Payments  []yearPayment `json:"payments"`
	Totals    yearTotals    `json:"totals"`
	Held      []yearHeld    `json:"held"`
	Debts     []yearDebt    `json:"debts"`
}

type yearPayment struct {
	Month      string   `json:"pay_month"`
	Bureau     string   `json:"bureau"`
	N          int      `json:"batch"`
	Item       string   `json:"item"`
	Payee      string   `json:"payee"`
	Current    string   `json:"current"`
	Arrears    string   `json:"arrears"`
	ArrearsOf  []string `json:"arrears_months"`
	Recovery   string   `json:"recovery"`
	RecoveryOf []string `json:"recovery_months"`
	RecoveryOn []string `json:"recovery_items"`
	Due        string   `json:"due"`
	Status     string   `json:"status"`
	Answered   string   `json:"answered"`
	Reason     string   `json:"reason"`
	Received   string   `json:"received"`
	Number     string   `json:"file_number"`
	Seq        int      `json:"seq"`
}

type yearTotals struct {
	Current         string `json:"current"`
	Arrears         string `json:"arrears"`
	Recovery        string `json:"recovery"`
	Due             string `json:"due"`
	DueChinese      string `json:"due_chinese"`
	Received        string `json:"received"`
	ReceivedChinese string `json:"received_chinese"`
	Failed          string `json:"failed"`
	Open            string `json:"open"`
	Held            string `json:"held"`
	Owed            string `json:"owed"`
}

type yearHeld struct {
	Bureau string `json:"bureau"`
	Batch  string `json:"pay_month"`
	Item   string `json:"item"`
	Payee  string `json:"payee"`
	Month  string `json:"benefit_month"`
	Amount string `json:"amount"`
	Reason string `json:"reason"`
}

type yearDebt struct {
	Item   string `json:"item"`
	Payee  string `json:"payee"`
	Month  string `json:"benefit_month"`
	Amount string `json:"amount"`
}

func statementJSON(s *yearly.Statement) YearJSON {
	y := YearJSON{Year: s.Year, Revision: s.Revision, Known: s.Known.String(), ID: s.Person.ID, Name: s.Person.Name, Street: s.Person.Street,
		Community: s.Person.Community, Payments: []yearPayment{}, Held: []yearHeld{}, Debts: []yearDebt{}, Totals: totalsJSON(s.Totals())}
	for i := range s.Payments {
		p := &s.Payments[i]
		y.Payments = append(y.Payments, yearPayment{
			Month: p.Month.String(), Bureau: p.Bureau, N: p.N, Item: p.Item, Payee: p.Payee,
			Current: p.Current.String(), Arrears: p.Arrears.String(), ArrearsOf: monthTexts(p.ArrearsOf),
			Recovery: p.Recovery.String(), RecoveryOf: monthTexts(p.RecoveryOf), RecoveryOn: append([]string{}, p.RecoveryOn...), Due: p.Due().String(),
			Status: p.Status(), Answered: p.Answered.String(), Reason: p.Words, Received: p.Received().String(), Number: p.Number, Seq: p.Seq,
		})
	}
	for _, h := range s.Held {
		y.Held = append(y.Held, yearHeld{h.Bureau, h.Batch.String(), h.Item, h.Payee, h.Month.String(), h.Amount.String(), h.Hold.String()})
	}
	for _, d := range s.Debts {
		y.Debts = append(y.Debts, yearDebt{d.Item, d.Payee, d.Month.String(), d.Amount.String()})
	}
	return y
}

func totalsJSON(t yearly.Totals) yearTotals {
	return yearTotals{t.Current.String(), t.Arrears.String(), t.Recovery.String(), t.Due.String(), t.Due.Chinese(),
		t.Received.String(), t.Received.Chinese(), t.Failed.String(), t.Open.String(), t.Held.String(), t.Owed.String()}
}

func monthTexts(months []month.Month) []string {
	all := make([]string, len(months))
	for i, m := range months {
		all[i] = m.String()
	}
	return all
}
