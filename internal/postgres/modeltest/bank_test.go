package modeltest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/payments"
	"disburse/internal/store/signing"
)

// samePayments compares the bank files of an approved batch with the model's payments:
// each payee and item once, nothing that is not above zero.
func (d *district) samePayments(b *batch) error {
	files, err := batches.PaymentFiles(d.ctx, d.db, region, b.number)
	if err != nil {
		return err
	}
	found := 0
	for _, f := range files {
		var sum money.Fen
		seq := 0
		err := batches.Payments(d.ctx, d.db, region, f, func(got approval.Payment) error {
			seq++
			sum += got.Amount
			want := b.paid[payee{got.Person, got.Payee, got.Item}]
			if want == nil || want.number != "" || got.Seq != seq || got.Amount <= 0 || got.Amount != want.amount || got.Account != want.account || got.Account.Bank != f.Bank {
				return fmt.Errorf("payment %+v, want %+v", got, want)
			}
			want.number, want.seq = f.Number, got.Seq
			found++
			return nil
		})
		if err != nil {
			return err
		}
		if seq == 0 || seq != f.Rows || sum != f.Amount {
			return fmt.Errorf("file %+v has %d rows of %s", f, seq, sum)
		}
	}
	if found != len(b.paid) {
		return fmt.Errorf("%d payments, want %d", found, len(b.paid))
	}
	d.did["paid"] += found
	return nil
}

// send marks a batch as handed to the banks.
func (d *district) send() error {
	b := d.some(func(b *batch) bool { return b.state == payrun.Approved && (!b.sent || d.chance(5)) })
	if b == nil {
		return d.through()
	}
	s := d.signing(b, approval.Clerk)
	_, err := signing.MarkSent(d.ctx, d.db, s, b.n)
	if b.sent {
		return refused(err)
	}
	b.sent, d.paidIn = true, b.month
	d.did["sent"]++
	return err
}

func (d *district) signing(b *batch, post approval.Post) signing.Order {
	u := d.user(b.bureau, post)
	return signing.Order{Region: region, Month: b.month, Bureau: b.bureau, User: u, By: by(u.Name, "有误")}
}

// void gives one of the two signatures that void a batch.
func (d *district) void() error {
	b := d.some(func(b *batch) bool { return b.state == payrun.Approved && (!b.sent || d.chance(10)) })
	if b == nil {
		return d.through()
	}
	s := d.signing(b, one(d.rand, approval.Reviewer, approval.Approver))
	_, err := signing.Void(d.ctx, d.db, s, b.n)
	busy := slices.ContainsFunc(d.batches, func(o *batch) bool { return o.bureau == b.bureau && o.state.InSigning() })
	switch {
	case b.sent || busy || b.voiding == s.User.Name:
		return refused(err)
	case err != nil:
		return err
	case b.voiding == "":
		b.voiding = s.User.Name
		if d.chance(30) {
			return nil // it waits
		}
		if s.User.Post == approval.Reviewer {
			s = d.signing(b, approval.Approver)
		} else {
			s = d.signing(b, approval.Reviewer)
		}
		if _, err := signing.Void(d.ctx, d.db, s, b.n); err != nil {
			return err
		}
	}
	b.state, d.paidIn = payrun.Voided, b.month
	for k, l := range b.lines {
		if l.hold == 0 {
			d.undo(b, []lineKey{k})
		}
	}
	d.did["voided"]++
	return nil
}

// answer takes in a bank's result file: some rows right, some wrong, some twice.
func (d *district) answer() error {
	b := d.some(func(b *batch) bool {
		unanswered := false
		for _, p := range b.paid {
			unanswered = unanswered || !p.answer.Final()
		}
		return b.state == payrun.Approved && len(b.paid) > 0 && (b.sent || d.chance(5)) && (unanswered || d.chance(10))
	})
	if b == nil {
		return d.send()
	}
	d.paidIn = b.month
	file, answers := d.resultFile(b)
	want := map[bank.Outcome]money.Fen{}
	for _, to := range slices.SortedFunc(maps.Keys(b.paid), comparePlaces(b)) { // the last refusal of an account is the one that counts
		p := b.paid[to]
		if code, ok := answers[p]; ok {
			meaning, _ := codes.Meaning(p.account.Bank, code)
			want[meaning.Outcome] += p.amount
			d.answered(b, p, code, meaning)
		}
	}
	report, err := payments.BankResult(d.ctx, d.db, payments.ResultOrder{Region: region, File: file, Codes: codes, By: by("os:tester", "")})
	if err != nil {
		return err
	}
	taken, left := 0, len(report.Refused)+len(report.Repeated)
	for o, sum := range report.Taken {
		taken += sum.Payments
		if sum.Amount != want[o] {
			return fmt.Errorf("taken %s %s, want %s", o, sum.Amount, want[o])
		}
	}
	if taken != len(answers) || taken+left != len(file.Rows) {
		return fmt.Errorf("%d of %d rows taken, %d not; want %d: %+v", taken, len(file.Rows), left, len(answers), report)
	}
	d.did["answered"] += taken
	d.did["rows refused"] += left
	return nil
}

// resultFile draws what a bank answers about a batch, and says which payments get which
// code by it: not those whose row is wrong, or says nothing new.
func (d *district) resultFile(b *batch) (*bank.Results, map[*payment]string) {
	file, answers := &bank.Results{Name: "回盘.xlsx", SHA256: strings.Repeat("cd", 32)}, map[*payment]string{}
	for _, to := range slices.SortedFunc(maps.Keys(b.paid), comparePayees) {
		p := b.paid[to]
		row := bank.ResultRow{Place: bank.Place{Row: len(file.Rows) + 2}, Number: p.number, Seq: p.seq, Account: p.account.Number, Amount: p.amount,
			Code: one(d.rand, "0000", "0000", "成功", "3018", "3018", "失败", "2000", "未知", "9999")}
		if d.chance(25) {
			continue // not answered yet
		}
		good := b.sent
		switch d.rand.IntN(14) {
		case 0:
			row.Amount, good = row.Amount+1, false
		case 1:
			row.Account, good = row.Account+"0", false
		case 2:
			row.Number, good = row.Number+"9", false
		case 3:
			row.Seq, good = row.Seq+1000, false
		case 4: // the same row twice counts once
			file.Rows = append(file.Rows, row)
		case 5: // a row that contradicts the other
			other := row
			other.Code, good = "失败", false
			row.Code = "成功"
			file.Rows = append(file.Rows, other)
		}
		file.Rows = append(file.Rows, row)
		if good && d.newAnswer(p, row.Code) {
			answers[p] = row.Code
		}
	}
	return file, answers
}

// newAnswer reports whether a code says something new of a payment.
func (d *district) newAnswer(p *payment, code string) bool {
	meaning, _ := codes.Meaning(p.account.Bank, code)
	return !p.answer.Final() && !(p.answer == bank.Unknown && meaning.Outcome == bank.Unknown && p.code == code)
}

// answered enters an answer: what failed is undone, and its account refused.
func (d *district) answered(b *batch, p *payment, code string, meaning bank.Meaning) {
	p.answer, p.code = meaning.Outcome, code
	if meaning.Outcome == bank.Failed {
		d.undo(b, p.carries)
		d.refused[p.account] = fmt.Sprintf("%s/%d", p.number, p.seq)
		d.did["failed"]++
	}
}

// comparePlaces orders payments as they stand in the bank files.
func comparePlaces(b *batch) func(x, y payee) int {
	return func(x, y payee) int {
		p, q := b.paid[x], b.paid[y]
		return cmp.Or(strings.Compare(p.number, q.number), p.seq-q.seq)
	}
}

func comparePayees(a, b payee) int {
	return strings.Compare(fmt.Sprint(a.person, a.name, a.item), fmt.Sprint(b.person, b.name, b.item))
}
