package register

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/policy/packfile"
	"disburse/reports/control"
	"disburse/reports/filing"
	"disburse/reports/sheet"
	"disburse/reports/source"
	"disburse/reports/workbook"
)

// Writer is 发放清册.xlsx: every sheet but the last is filled while the lines of
// the items stream by, once.
type Writer struct {
	*sheet.Paper
	src     source.Rows
	summary *summary
	sheets  map[string]sheet.TableOf[itemRow] // by item
	adjust  *adjustments
	held    *heldSheet
	bridge  *bridge
	notice  *notice
	clear   *clearing
	check   sheet.TableOf[checkSheetRow]
	app     *application // 资金拨付申请, a workbook of its own
	items   []*packfile.Item
	totals  map[string]*control.Sums
	all     control.Sums
	funds   payrun.Funds // of the lines that are to be paid
}

// Name is 发放清册.xlsx.
const Name = "发放清册"

// New lays the sheets out, in the order in which they lie in the workbook.
func New(is *source.Issue, cat *source.Catalogue, src source.Rows, dir string) (*Writer, error) {
	p, err := sheet.NewPaper(is, cat, dir, Name)
	if err != nil {
		return nil, err
	}
	r := &Writer{Paper: p, src: src, sheets: map[string]sheet.TableOf[itemRow]{}, items: cat.Pays(), totals: map[string]*control.Sums{}}
	r.summary = newSummary(p)
	for _, it := range r.items {
		r.sheets[it.Code.Value] = newItemTable(p, it)
		r.totals[it.Code.Value] = &control.Sums{}
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
func (r *Writer) Close() error { return errors.Join(r.app.p.Close(), r.Paper.Close()) }

// Fill writes everything but the 核对单, and checks the sums.
func (r *Writer) Fill(ctx context.Context) error {
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

// Finish writes what names the bank files, which must pay what the lines say: the 核对单 and
// the application for funds. paid is what an approved batch's bank files come to by fund.
func (r *Writer) Finish(files []filing.File, paid *payrun.Funds) error {
	if err := r.finishCheck(files); err != nil {
		return err
	}
	if r.Issue.Batch.State == payrun.Approved {
		if err := r.checkFunds(paid); err != nil {
			return err
		}
	}
	return r.app.finish(r, files)
}

// Application is 资金拨付申请.
func (r *Writer) Application() *workbook.Book { return r.app.p.Book }

// Lines is how many lines are to be paid.
func (r *Writer) Lines() int { return r.all.Lines }

// Pays is what they come to.
func (r *Writer) Pays() money.Fen { return r.all.Pays() }

// Changes are those of each item since last month.
func (r *Writer) Changes() map[string]*control.Moves { return r.bridge.moves }

// item writes the lines of one item into all sheets that show them.
func (r *Writer) item(ctx context.Context, it *packfile.Item) error {
	code := it.Code.Value
	s := newItemSheet(r.sheets[code], it, r.summary)
	order := control.NewOrder(r.Catalogue)
	err := r.src.Lines(ctx, code, func(l *explain.DetailedLine) error {
		if l.Item != code {
			return fmt.Errorf("source gave a line of item %s for %s", l.Item, code)
		}
		if err := order.Next(ctx, l.Street, l.ID, l.Month); err != nil {
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
		r.funds.Line(r.Catalogue.Funds[l.Item], r.Catalogue.Funds[l.Against], l.Amount)
		return s.Err()
	})
	if err != nil {
		return err
	}
	s.finish()
	r.notice.flush()
	r.totals[code] = &s.sum
	r.all.Join(&s.sum)
	return s.Err()
}

// checkTotals holds what was written against the batch: item by item, then whole.
func (r *Writer) checkTotals() error {
	seen := map[string]bool{}
	for _, want := range r.Issue.Totals {
		got := r.totals[want.Item]
		if got == nil {
			return control.Disagree("项目 "+want.Item+" 不在本单位的清册中", 0, want.Current.Add(want.Arrears).Add(want.Recovery))
		}
		seen[want.Item] = true
		if err := control.CheckItem(r.Catalogue.Title(want.Item), got, want); err != nil {
			return err
		}
	}
	for code, got := range r.totals {
		if !seen[code] && got.Lines+got.HeldLines > 0 {
			return control.Disagree(r.Catalogue.Title(code)+" 明细条数", got.Lines+got.HeldLines, 0)
		}
	}
	// People of several items count once in the batch.
	r.all.Heads = r.summary.heads
	r.all.HeldHeads = r.summary.heldHeads
	return control.CheckBatch(&r.all, &r.Issue.Batch)
}

// inOrder are the figures of the funds in the order of the pack's items.
func (r *Writer) inOrder() []payrun.FundSum {
	all := slices.Clone(r.funds.Sums)
	slices.SortFunc(all, func(a, b payrun.FundSum) int {
		return cmp.Compare(r.Catalogue.FundPlace(a.Fund), r.Catalogue.FundPlace(b.Fund))
	})
	return all
}

// checkFunds holds what banks are given to the lines, fund by fund.
func (r *Writer) checkFunds(paid *payrun.Funds) error {
	for _, want := range r.inOrder() {
		got := paid.Sum(want.Fund)
		if got.Paid() != want.Paid() {
			return control.Disagree(want.Fund+" 银行文件实拨（元）", got.Paid(), want.Paid())
		}
	}
	return nil
}
