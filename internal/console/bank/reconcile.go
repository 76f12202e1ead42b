package bank

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"sync"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/office/finance"
	"disburse/internal/payrun"
	"disburse/reports/reconcile"
)

// foregroundPayments is how many payments of a month are reconciled within a request; more are
// reconciled as a task.
const foregroundPayments = 20_000

// reconcileData is the data of a month's reconciliation.
type reconcileData struct {
	MonthHead
	Rev     int64
	Bureaus []bureauBalance
	Others  []string // bureaus without a reconciliation as of the present revision
}

// bureauBalance is a bureau's month, summed up in the ways that must agree.
type bureauBalance struct {
	*reconcile.Report
	Sums        reconcile.Sums
	Conclusion  string
	Differences []string
	Tone        string
	Items       []balanceRow
	Total       balanceRow
	Funds       []payrun.FundSum
	FundTotal   payrun.FundSum
	Fates       []fateRow
	Voided      int
	Old         bool // of an earlier revision than the present one
	Book        string
}

// balanceRow is the sum of an item. Amounts are 分.
type balanceRow struct {
	Name                           string
	Payments                       int
	Due, Carried, Paid             money.Fen // Carried: its 扣回 netted against other items' payments, less theirs netted against its own
	Done, Failed, Unknown, Waiting money.Fen // Waiting: unanswered, or not sent
}

// Gap is 名单 + 跨项目抵扣 − 拨付. Anything but 0 is an error of this program, not of a bank.
func (r balanceRow) Gap() money.Fen { return r.Due.Add(r.Carried).Sub(r.Paid) }

// cachedBalance is the latest reconciliation of a bureau's month that was computed.
type cachedBalance struct {
	mu  sync.Mutex
	rev int64
	r   *reconcile.Report
}

// cachedBalanceOf is the cache entry of a bureau's month.
func cachedBalanceOf(v *web.Visit, m month.Month, bureau string) (*cachedBalance, error) {
	return balanceCache.Of(v.Server).Get(fmt.Sprintf("%s/%s", m, bureau), func() (*cachedBalance, error) { return &cachedBalance{}, nil })
}

// refresh computes the reconciliation unless it is of that revision or a later one. Concurrent
// callers wait for one computation.
func (x *cachedBalance) refresh(ctx context.Context, v *web.Visit, m month.Month, bureau string, rev int64) (*reconcile.Report, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.r != nil && x.rev >= rev {
		return x.r, nil
	}
	found, err := finance.Balance(ctx, v.Office, m, bureau)
	if err != nil {
		return nil, err
	}
	x.r, x.rev = found[0], found[0].Rev
	return x.r, nil
}

// last is the latest one, possibly outdated; nil: none yet.
func (x *cachedBalance) last() *reconcile.Report {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.r
}

// bureaus lists the bureaus of the batches, in order of first appearance.
func (all Batches) bureaus() []string {
	var names []string
	for i := range all {
		if !slices.Contains(names, all[i].Bureau) {
			names = append(names, all[i].Bureau)
		}
	}
	return names
}

// of selects the batches of one bureau.
func (all Batches) of(bureau string) Batches {
	var own Batches
	for i := range all {
		if all[i].Bureau == bureau {
			own = append(own, all[i])
		}
	}
	return own
}

func bankReconcile(v *web.Visit) error {
	h, err := readHead(v, "reconcile")
	if err != nil {
		return err
	}
	d := reconcileData{MonthHead: h}
	if d.Rev, _, err = v.Office.DB.Head(v.R.Context(), v.Office.Region); err != nil {
		return err
	}
	for _, bureau := range h.bureaus() {
		x, err := cachedBalanceOf(v, h.Month, bureau)
		if err != nil {
			return err
		}
		r := x.last()
		if small := h.of(bureau).Sum().Rows <= foregroundPayments; small {
			if r, err = x.refresh(v.R.Context(), v, h.Month, bureau, d.Rev); err != nil {
				return err
			}
		}
		if r == nil || r.Rev < d.Rev {
			d.Others = append(d.Others, bureau)
		}
		if r != nil {
			d.Bureaus = append(d.Bureaus, balanceOfBureau(v, r, d.Rev))
		}
	}
	return v.Page("bankreconcile", "对账 "+h.Month.Chinese(), d)
}

// balanceOfBureau prepares a reconciliation for the page.
func balanceOfBureau(v *web.Visit, r *reconcile.Report, rev int64) bureauBalance {
	b := bureauBalance{Report: r, Sums: r.Sums(), Conclusion: r.Conclusion(), Differences: r.Differences(), Tone: "warn", Old: r.Rev < rev}
	b.Book = fmt.Sprintf("/bank/month/%s/reconcile/%s", r.Month, url.PathEscape(r.Bureau))
	switch {
	case len(b.Differences) > 0:
		b.Tone = "bad"
	case r.Balanced():
		b.Tone = ""
	}
	for _, x := range r.Batches {
		if x.State == payrun.Voided {
			b.Voided++
		}
	}
	addBalanceRows(v, &b)
	for i := range r.Trail {
		if r.Trail[i].Try > 1 {
			b.Fates = b.Fates[:len(b.Fates)-1]
		}
		f := fateOf(&r.Trail[i])
		f.Where = ""
		b.Fates = append(b.Fates, f)
	}
	b.Fates = joinFates(b.Fates)
	return b
}

// addBalanceRows adds the sums by item, in the order of the pack, and by fund.
func addBalanceRows(v *web.Visit, b *bureauBalance) {
	byItem := map[string]*balanceRow{}
	var codes []string
	of := func(item string) *balanceRow {
		if byItem[item] == nil {
			byItem[item] = &balanceRow{Name: v.ItemTitle(item)}
			codes = append(codes, item)
		}
		return byItem[item]
	}
	for _, c := range b.Cells {
		for _, to := range []*balanceRow{of(c.Item), &b.Total} {
			to.Due = to.Due.Add(c.Listed)
			to.Payments, to.Paid = to.Payments+c.Payments, to.Paid.Add(c.Paid)
			to.Waiting, to.Done = to.Waiting.Add(c.Amounts[0]), to.Done.Add(c.Amounts[1])
			to.Failed, to.Unknown = to.Failed.Add(c.Amounts[2]), to.Unknown.Add(c.Amounts[3])
		}
	}
	for _, c := range b.Carried { // cells count them with the item whose payment they were netted against
		own, payer := of(c.Item), of(c.Against)
		own.Due, own.Carried = own.Due.Add(c.Amount), own.Carried.Sub(c.Amount)
		payer.Due, payer.Carried = payer.Due.Sub(c.Amount), payer.Carried.Add(c.Amount)
	}
	slices.SortFunc(codes, func(x, y string) int {
		return cmp.Or(cmp.Compare(v.Office.Pack.ItemOrder(x), v.Office.Pack.ItemOrder(y)), cmp.Compare(x, y))
	})
	for _, code := range codes {
		b.Items = append(b.Items, *byItem[code])
	}
	all := payrun.Funds{Sums: b.Report.Funds()}
	b.Funds, b.FundTotal = all.Sums, all.Total()
}

// bankReconcileAgain reconciles a large month as a task.
func bankReconcileAgain(v *web.Visit) error {
	h, err := readHead(v, "reconcile")
	if err != nil {
		return err
	}
	link := v.R.URL.Path
	return v.Start(web.Task{Kind: "reconcile", Title: "对账 " + h.Month.Chinese(), Bureau: v.User.Bureau, Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		rev, _, err := v.Office.DB.Head(ctx, v.Office.Region)
		if err != nil {
			return "", link, err
		}
		for _, bureau := range h.bureaus() {
			p.Step("核对" + bureau)
			x, err := cachedBalanceOf(v, h.Month, bureau)
			if err == nil {
				_, err = x.refresh(ctx, v, h.Month, bureau, rev)
			}
			if err != nil {
				return "", link, err
			}
		}
		return "已对账。", link, nil
	}})
}

// bankReconcileBook sends a bureau's 对账表, which has full names and accounts; the access is
// logged.
func bankReconcileBook(v *web.Visit) error {
	h, err := readHead(v, "reconcile")
	if err != nil {
		return err
	}
	bureau := v.R.PathValue("bureau")
	own := h.of(bureau)
	if len(own) == 0 || !v.Sees(bureau) {
		return fault.New(fault.NotFound, "您的单位在%s没有可以对账的批次", h.Month.Chinese())
	}
	by, of := v.By(""), v.Office
	return v.Deliver(web.Download{Title: "写对账表 " + h.Month.Chinese(), Bureau: bureau, Long: own.Sum().Rows > foregroundPayments, Write: func(ctx context.Context, dir string) (string, error) {
		_, paths, err := finance.Reconcile(ctx, of, h.Month, bureau, dir, by)
		if err != nil {
			return "", err
		}
		return web.RenameFile(paths[0], fmt.Sprintf("%s%s对账表.xlsx", bureau, h.Month))
	}})
}

// balanceCache: entries are filled after they were added, so each counts with the weight it may
// reach.
var balanceCache = web.NewCache(web.LargeCache, func(*cachedBalance) int64 { return web.LargeCache / 48 })
