package reports

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/policy/packfile"
	"disburse/reports/workbook"
)

// register is 发放清册.xlsx: every sheet but the last is filled while the lines of
// the items stream by, once.
type register struct {
	*paper
	src     Source
	summary *summary
	sheets  map[string]tableOf[itemRow] // by item
	adjust  *adjustments
	held    *heldSheet
	bridge  *bridge
	notice  *notice
	clear   *clearing
	check   tableOf[checkSheetRow]
	app     *application // 资金拨付申请, a workbook of its own
	items   []*packfile.Item
	totals  map[string]*sums
	all     sums
	funds   payrun.Funds // of the lines that are to be paid
}

// registerName is 发放清册.xlsx.
const registerName = "发放清册"

// newRegister lays the sheets out, in the order in which they lie in the workbook.
func newRegister(is *Issue, cat *catalogue, src Source, dir string) (*register, error) {
	p, err := newPaper(is, cat, dir, registerName)
	if err != nil {
		return nil, err
	}
	r := &register{paper: p, src: src, sheets: map[string]tableOf[itemRow]{}, items: cat.pays(), totals: map[string]*sums{}}
	r.summary = newSummary(p)
	for _, it := range r.items {
		r.sheets[it.Code.Value] = newItemTable(p, it)
		r.totals[it.Code.Value] = &sums{}
	}
	r.adjust = newAdjustments(p)
	r.held = newHeldSheet(p)
	r.bridge = newBridge(p, r.items)
	r.notice = newNotice(p)
	r.clear = newClearing(p)
	r.check = newCheckSheet(p)
	if r.app, err = newApplication(is, cat, dir); err != nil {
		_ = p.Close()
		return nil, err
	}
	return r, nil
}

// Close lets go of both workbooks.
func (r *register) Close() error { return errors.Join(r.app.p.Close(), r.paper.Close()) }

// fill writes everything but the 核对单, and checks the sums.
func (r *register) fill(ctx context.Context) error {
	for _, it := range r.items {
		if err := r.item(ctx, it); err != nil {
			return err
		}
	}
	if err := r.checkTotals(); err != nil {
		return err
	}
	if err := r.bridge.fill(ctx, r.src, r.totals); err != nil {
		return err
	}
	r.summary.finish(r)
	r.adjust.finish(&r.all)
	r.held.finish(&r.all)
	r.notice.finish(&r.all)
	return r.clear.finish()
}

// finish writes what names the bank files, which must pay what the lines say: the 核对单 and
// the application for funds. paid is what an approved batch's bank files come to by fund.
func (r *register) finish(files []File, paid *payrun.Funds) error {
	if err := r.finishCheck(files); err != nil {
		return err
	}
	if r.is.Batch.State == payrun.Approved {
		if err := r.checkFunds(paid); err != nil {
			return err
		}
	}
	return r.app.finish(r, files)
}

// application is 资金拨付申请.
func (r *register) application() *workbook.Book { return r.app.p.Book }

// lines is how many lines are to be paid.
func (r *register) lines() int { return r.all.lines }

// pays is what they come to.
func (r *register) pays() money.Fen { return r.all.pays() }

// changes are those of each item since last month.
func (r *register) changes() map[string]*moves { return r.bridge.moves }

// item writes the lines of one item into all sheets that show them.
func (r *register) item(ctx context.Context, it *packfile.Item) error {
	code := it.Code.Value
	s := newItemSheet(r.sheets[code], it, r.summary)
	order := newOrder(r.cat)
	err := r.src.Lines(ctx, code, func(l *explain.DetailedLine) error {
		if l.Item != code {
			return fmt.Errorf("source gave a line of item %s for %s", l.Item, code)
		}
		if err := order.next(ctx, l.Street, l.ID, l.Month); err != nil {
			return fmt.Errorf("lines of item %s: %w", code, err)
		}
		s.line(l)
		if l.Hold != 0 {
			r.held.line(l)
			return s.Err()
		}
		if l.Kind != payrun.Current {
			r.adjust.line(l)
		}
		r.notice.line(l)
		r.clear.line(l)
		r.app.line(l)
		r.funds.Line(r.cat.funds[l.Item], r.cat.funds[l.Against], l.Amount)
		return s.Err()
	})
	if err != nil {
		return err
	}
	s.finish()
	r.notice.flush()
	r.totals[code] = &s.sum
	r.all.join(&s.sum)
	return s.Err()
}

// checkTotals holds what was written against the batch: item by item, then whole.
func (r *register) checkTotals() error {
	seen := map[string]bool{}
	for _, want := range r.is.Totals {
		got := r.totals[want.Item]
		if got == nil {
			return disagree("项目 "+want.Item+" 不在本单位的清册中", 0, want.Current.Add(want.Arrears).Add(want.Recovery))
		}
		seen[want.Item] = true
		if err := checkItem(r.cat.title(want.Item), got, want); err != nil {
			return err
		}
	}
	for code, got := range r.totals {
		if !seen[code] && got.lines+got.heldLines > 0 {
			return disagree(r.cat.title(code)+" 明细条数", got.lines+got.heldLines, 0)
		}
	}
	// People of several items count once in the batch.
	r.all.heads = r.summary.heads
	r.all.heldHeads = r.summary.heldHeads
	return checkBatch(&r.all, &r.is.Batch)
}

// inOrder are the figures of the funds in the order of the pack's items.
func (r *register) inOrder() []payrun.FundSum {
	all := slices.Clone(r.funds.Sums)
	slices.SortFunc(all, func(a, b payrun.FundSum) int { return cmp.Compare(r.cat.fundPlace(a.Fund), r.cat.fundPlace(b.Fund)) })
	return all
}

// checkFunds holds what banks are given to the lines, fund by fund.
func (r *register) checkFunds(paid *payrun.Funds) error {
	for _, want := range r.inOrder() {
		got := paid.Sum(want.Fund)
		if got.Paid() != want.Paid() {
			return disagree(want.Fund+" 银行文件实拨（元）", got.Paid(), want.Paid())
		}
	}
	return nil
}

// order holds a source to the order it promises, without which subtotals would be
// wrong, and looks at ctx now and then.
type order struct {
	cat    *catalogue
	n      int
	street string
	id     string
	month  month.Month
}

// newOrder begins with the first row.
func newOrder(cat *catalogue) *order { return &order{cat: cat} }

// next takes the row that comes next; an error where it belongs before the last one.
func (o *order) next(ctx context.Context, street, id string, m month.Month) error {
	o.n++
	if o.n&1023 == 1 {
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if o.n > 1 {
		c := 0
		if street != o.street {
			c = o.cat.compareStreets(o.street, street)
		}
		if c == 0 {
			c = strings.Compare(o.id, id)
		}
		if c > 0 || (c == 0 && o.month > m) {
			return fmt.Errorf("row %d is out of order", o.n)
		}
	}
	o.street, o.id, o.month = street, id, m
	return nil
}
