package bank

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"disburse/internal/bank"
	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/books"
	"disburse/internal/store/payments"
	"disburse/reports"
)

// failedData is the page of failed payments.
type failedData struct {
	BankHead
	Rows  []failedRow
	All   payments.Sum
	Waits *books.Unmade // of them, those that were not made good; nil: they are still being counted
	Next  string
}

// failedRow is a failed payment with what became of it and what is to be done.
type failedRow struct {
	*payments.FailedPayment
	ItemName string
	People   string // whom its lines are about
	Fates    []fateRow
	Advice   string
	Ask      bool // the user may decide to try the account again
	Path     string
}

// fateRow is what became of some of the payment's lines.
type fateRow struct {
	What   reports.Fate
	Where  string
	Tone   string
	Lines  int
	Amount money.Fen
}

func bankFailed(v *web.Visit) error {
	h, err := bankHead(v, "failed")
	if err != nil {
		return err
	}
	d := failedData{BankHead: h}
	for i := range h.Batches {
		f := h.Batches[i].Total.Failed
		d.All.Payments, d.All.Amount = d.All.Payments+f.Payments, d.All.Amount.Add(f.Amount)
	}
	if d.All.Payments > 0 {
		if d.Waits, err = unmadeOfMonth(v, h, d.All.Payments); err != nil {
			return err
		}
		if err := addFailed(v, &d, placeOf(v.Form("after"))); err != nil {
			return err
		}
	}
	return v.Page("bankfailed", "失败的付款 "+h.Month.Chinese(), d)
}

func (r failedRow) place() string {
	at := r.PaymentKey
	return fmt.Sprintf("%d-%d-%d", at.Batch, at.File, at.Seq)
}

// closed reports whether nothing is left to be done about it: all of it was made good, set
// off or is due no more.
func (r failedRow) closed() bool {
	return len(r.Fates) > 0 && !slices.ContainsFunc(r.Fates, func(f fateRow) bool { return f.Tone != "good" && f.What != reports.NotDue })
}

// placeOf reads a place out of an address; what is none is the beginning.
func placeOf(text string) (at payments.PaymentKey) {
	if _, err := fmt.Sscanf(text, "%d-%d-%d", &at.Batch, &at.File, &at.Seq); err != nil {
		return payments.PaymentKey{}
	}
	return at
}

// comparePlaces is the order of payments.
func comparePlaces(a, b payments.PaymentKey) int {
	return cmp.Or(cmp.Compare(a.Batch, b.Batch), cmp.Compare(a.File, b.File), cmp.Compare(a.Seq, b.Seq))
}

// addFailed adds the page behind a place.
func addFailed(v *web.Visit, d *failedData, after payments.PaymentKey) error {
	files := filesWith(d.Batches, after, func(f *payments.AnsweredFile) int { return f.Failed.Payments })
	all, err := payments.FailedPage(v.R.Context(), v.Office.DB, v.Office.Region, d.Month, files, after, web.BankRows+1)
	if err != nil {
		return err
	}
	for i := range all[:min(web.BankRows, len(all))] {
		d.Rows = append(d.Rows, showFailed(v, &all[i]))
	}
	if len(all) > web.BankRows {
		d.Next = v.R.URL.Path + "?after=" + d.Rows[web.BankRows-1].place()
	}
	return nil
}

func showFailed(v *web.Visit, p *payments.FailedPayment) failedRow {
	r := failedRow{FailedPayment: p, ItemName: v.ItemTitle(p.Item), People: namesIn(p.Trail), Path: v.PersonPath(p.Person)}
	for i := range p.Trail {
		t := &p.Trail[i]
		if t.Try > 1 { // what came before has come to an end
			r.Fates = r.Fates[:len(r.Fates)-1]
		}
		r.Fates = append(r.Fates, fateOf(t))
	}
	r.Fates = joinFates(r.Fates)
	r.Ask = r.toned("bad") && p.Retry != nil && !p.Retry.Released && v.ClerkOf(p.Bureau)
	r.Advice = r.advice()
	return r
}

// mostNames is how many of those whom a payment is about are named.
const mostNames = 3

// namesIn are those whom the lines of a payment are about.
func namesIn(trail []bank.ReconcileAgain) string {
	var names []string
	for i := range trail {
		if !slices.Contains(names, trail[i].Name) {
			names = append(names, trail[i].Name)
		}
	}
	if n := len(names); n > mostNames {
		return fmt.Sprintf("%s 等 %d 人", strings.Join(names[:mostNames], "、"), n)
	}
	return strings.Join(names, "、")
}

// fated reports whether some of the payment has the fate, and where.
func (r *failedRow) fated(what reports.Fate) (where string, is bool) {
	at := slices.IndexFunc(r.Fates, func(f fateRow) bool { return f.What == what })
	if at < 0 {
		return "", false
	}
	return r.Fates[at].Where, true
}

// toned reports whether some of the payment had a fate of the tone.
func (r *failedRow) toned(tone string) bool {
	return slices.ContainsFunc(r.Fates, func(f fateRow) bool { return f.Tone == tone })
}

// unrun reports whether nothing was computed since some of the payment failed, for the
// first time or again.
func (r *failedRow) unrun() bool {
	return slices.ContainsFunc(r.Trail, func(t bank.ReconcileAgain) bool {
		return t.Kind != payrun.Recovery && ((t.Try == 0 && !t.Run) || t.Answer == bank.Failed)
	})
}

func fateOf(t *bank.ReconcileAgain) fateRow {
	f := fateRow{What: reports.FateOf(t), Where: reports.FateWhere(t), Lines: 1, Amount: t.Amount}
	switch f.What {
	case reports.PaidAgain, reports.SetOff, reports.RecallAnew:
		f.Tone = "good"
	case reports.FailedAgain, reports.StillHeld:
		f.Tone = "bad"
	case reports.SentAgain, reports.FileAgain, reports.InSigning:
		f.Tone = "busy"
	default:
		f.Tone = "warn"
	}
	return f
}

// joinFates tells the same of several lines once.
func joinFates(all []fateRow) []fateRow {
	var joined []fateRow
	for _, f := range all {
		at := slices.IndexFunc(joined, func(x fateRow) bool { return x.What == f.What && x.Where == f.Where })
		if at < 0 {
			joined = append(joined, f)
			continue
		}
		joined[at].Lines, joined[at].Amount = joined[at].Lines+1, joined[at].Amount.Add(f.Amount)
	}
	return joined
}

// advice says what is to be done about the payment.
func (r *failedRow) advice() string {
	change := "请登记新账户"
	if r.Payee != roster.Myself {
		change = "请在花名册工作簿的“收款单位”表里改好这个单位的账户，从“导入花名册”导入"
	}
	held := r.toned("bad")
	signing, inSigning := r.fated(reports.InSigning)
	_, inFile := r.fated(reports.FileAgain)
	_, sent := r.fated(reports.SentAgain)
	_, due := r.fated(reports.NotDue)
	switch {
	case r.closed() && due:
		return "以后的批次不再应发，不用再办"
	case r.closed():
		return "不用再办"
	case held && r.Retry != nil && r.Retry.Released:
		return "已决定再试原账户，重新计算后进入下一批"
	case held && r.Retry != nil:
		return change + "，再重新计算；原账户已恢复使用的，可以决定再试"
	case r.unrun():
		return change + "，下次计算时自动重发；原账户已恢复使用的，重新计算以后才能决定再试"
	case held:
		return "在批次里另有暂缓原因，请按这一批的“检查”办理"
	case inSigning:
		return "已列入 " + signing + "，还没有审批；审批、送银行以后才重发"
	case inFile:
		return "已列入更正发放的银行文件，还没有送银行"
	case sent:
		return "已在重发，等银行答复"
	}
	return ""
}

// bankRetry decides that an account which a bank refused is tried again.
func bankRetry(v *web.Visit) error {
	m, err := v.MonthOf("month")
	if err != nil {
		return err
	}
	finding, reason := v.Form("finding"), v.Form("reason")
	if !strings.HasPrefix(finding, payrun.RefusedAccount) {
		return web.Nowhere()
	}
	if reason == "" {
		return fault.New(fault.Invalid, "再试原账户必须写明理由（如“本人已解除挂失”），请返回补上")
	}
	if err := v.Office.Decide(v.R.Context(), finding, true, v.By(reason)); err != nil {
		return err
	}
	return v.GoTo("/bank/month/"+m.String()+"/failed", "已决定再试原账户；重新计算后进入下一批，再失败的话仍会暂缓。")
}
