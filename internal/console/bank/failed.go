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
	"disburse/internal/office/monthly"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/books"
	"disburse/internal/store/payments"
	"disburse/reports/reconcile"
)

// failedData is the data of the page of failed payments.
type failedData struct {
	MonthHead
	Rows       []failedRow
	All        payments.Sum
	Unresolved *books.OpenFailures // those that are unresolved; nil: still being counted
	Next       string
}

// failedRow is a failed payment, what later batches did about it, and the advice.
type failedRow struct {
	*payments.FailedPayment
	ItemName string
	People   string // names of the people of its lines
	Fates    []fateRow
	Advice   string
	Ask      bool // the user may decide to retry the account
	Path     string
}

// fateRow is what became of some of a payment's lines in later batches.
type fateRow struct {
	What   reconcile.Fate
	Where  string
	Tone   string
	Lines  int
	Amount money.Fen
}

func bankFailed(v *web.Visit) error {
	h, err := readHead(v, "failed")
	if err != nil {
		return err
	}
	d := failedData{MonthHead: h}
	for i := range h.Batches {
		f := h.Batches[i].Total.Failed
		d.All.Payments, d.All.Amount = d.All.Payments+f.Payments, d.All.Amount.Add(f.Amount)
	}
	if d.All.Payments > 0 {
		if d.Unresolved, err = unresolvedOfMonth(v, h, d.All.Payments); err != nil {
			return err
		}
		if err := addFailed(v, &d, parsePlace(v.Form("after"))); err != nil {
			return err
		}
	}
	return v.Page("bankfailed", "失败的付款 "+h.Month.Chinese(), d)
}

func (r failedRow) cursor() string {
	at := r.PaymentKey
	return fmt.Sprintf("%d-%d-%d", at.Batch, at.File, at.Seq)
}

// resolved reports whether nothing is left to do: every line was paid again, netted, or is no
// longer due.
func (r failedRow) resolved() bool {
	return len(r.Fates) > 0 && !slices.ContainsFunc(r.Fates, func(f fateRow) bool { return f.Tone != "good" && f.What != reconcile.NotDue })
}

// parsePlace parses a cursor; an invalid one is the beginning.
func parsePlace(text string) (at payments.PaymentKey) {
	if _, err := fmt.Sscanf(text, "%d-%d-%d", &at.Batch, &at.File, &at.Seq); err != nil {
		return payments.PaymentKey{}
	}
	return at
}

// comparePlaces is the order of payments.
func comparePlaces(a, b payments.PaymentKey) int {
	return cmp.Or(cmp.Compare(a.Batch, b.Batch), cmp.Compare(a.File, b.File), cmp.Compare(a.Seq, b.Seq))
}

// addFailed adds the page of failed payments after a cursor.
func addFailed(v *web.Visit, d *failedData, after payments.PaymentKey) error {
	files := filesWith(d.Batches, after, func(f *payments.AnsweredFile) int { return f.Failed.Payments })
	all, err := payments.FailedPage(v.R.Context(), v.Office.DB, v.Office.Region, d.Month, files, after, web.PageRows+1)
	if err != nil {
		return err
	}
	for i := range all[:min(web.PageRows, len(all))] {
		d.Rows = append(d.Rows, showFailed(v, &all[i]))
	}
	if len(all) > web.PageRows {
		d.Next = v.R.URL.Path + "?after=" + d.Rows[web.PageRows-1].cursor()
	}
	return nil
}

// showFailed makes the row of a failed payment.
func showFailed(v *web.Visit, p *payments.FailedPayment) failedRow {
	r := failedRow{FailedPayment: p, ItemName: v.ItemTitle(p.Item), People: namesIn(p.Trail), Path: v.PersonPath(p.Person)}
	for i := range p.Trail {
		t := &p.Trail[i]
		if t.Try > 1 { // a further attempt replaces the outcome of the one before
			r.Fates = r.Fates[:len(r.Fates)-1]
		}
		r.Fates = append(r.Fates, fateOf(t))
	}
	r.Fates = joinFates(r.Fates)
	r.Ask = r.hasTone("bad") && p.Retry != nil && !p.Retry.Released && v.IsClerkOf(p.Bureau)
	r.Advice = r.advice()
	return r
}

// mostNames is how many names of a payment are listed.
const mostNames = 3

// namesIn lists the people of the lines of a payment.
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

// hasFate reports whether a line of the payment has that fate, and in which batch.
func (r *failedRow) hasFate(what reconcile.Fate) (where string, is bool) {
	at := slices.IndexFunc(r.Fates, func(f fateRow) bool { return f.What == what })
	if at < 0 {
		return "", false
	}
	return r.Fates[at].Where, true
}

// hasTone reports whether a line of the payment has a fate of that tone.
func (r *failedRow) hasTone(tone string) bool {
	return slices.ContainsFunc(r.Fates, func(f fateRow) bool { return f.Tone == tone })
}

// notComputedSince reports whether no run has taken the failure of some line into account: none
// since it first failed, or it failed again.
func (r *failedRow) notComputedSince() bool {
	return slices.ContainsFunc(r.Trail, func(t bank.ReconcileAgain) bool {
		return t.Kind != payrun.Recovery && ((t.Try == 0 && !t.Run) || t.Answer == bank.Failed)
	})
}

// fateOf is the fate of one line with its tone.
func fateOf(t *bank.ReconcileAgain) fateRow {
	f := fateRow{What: reconcile.FateOf(t), Where: reconcile.FateWhere(t), Lines: 1, Amount: t.Amount}
	switch f.What {
	case reconcile.PaidAgain, reconcile.SetOff, reconcile.RecallAnew:
		f.Tone = "good"
	case reconcile.FailedAgain, reconcile.StillHeld:
		f.Tone = "bad"
	case reconcile.SentAgain, reconcile.FileAgain, reconcile.InSigning:
		f.Tone = "busy"
	default:
		f.Tone = "warn"
	}
	return f
}

// joinFates merges equal fates of several lines and adds up their amounts.
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

// advice is what staff should do about the payment.
func (r *failedRow) advice() string {
	change := "请登记新账户"
	if r.Payee != roster.Myself {
		change = "请在花名册工作簿的“收款单位”表里改好这个单位的账户，从“导入花名册”导入"
	}
	held := r.hasTone("bad")
	signing, inSigning := r.hasFate(reconcile.InSigning)
	_, inFile := r.hasFate(reconcile.FileAgain)
	_, sent := r.hasFate(reconcile.SentAgain)
	_, due := r.hasFate(reconcile.NotDue)
	switch {
	case r.resolved() && due:
		return "以后的批次不再应发，不用再办"
	case r.resolved():
		return "不用再办"
	case held && r.Retry != nil && r.Retry.Released:
		return "已决定再试原账户，重新计算后进入下一批"
	case held && r.Retry != nil:
		return change + "，再重新计算；原账户已恢复使用的，可以决定再试"
	case r.notComputedSince():
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

// bankRetry decides that a refused account is paid to again.
func bankRetry(v *web.Visit) error {
	m, err := v.PathMonth("month")
	if err != nil {
		return err
	}
	finding, reason := v.Form("finding"), v.Form("reason")
	if !strings.HasPrefix(finding, payrun.RefusedAccount) {
		return web.NotFound()
	}
	if reason == "" {
		return fault.New(fault.Invalid, "再试原账户必须写明理由（如“本人已解除挂失”），请返回补上")
	}
	if err := monthly.Decide(v.R.Context(), v.Office, finding, true, v.By(reason)); err != nil {
		return err
	}
	return v.Redirect("/bank/month/"+m.String()+"/failed", "已决定再试原账户；重新计算后进入下一批，再失败的话仍会暂缓。")
}
