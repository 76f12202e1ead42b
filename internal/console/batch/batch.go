package batch

import (
	"fmt"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/console/bank"
	"disburse/internal/console/web"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
)

// batchPage is the data of all tabs of a batch; Data is that of the one tab.
type batchPage struct {
	Batch        payrun.Batch
	Status       books.BatchStatus
	Steps        []Step
	NextStep     string
	ReturnReason string        // who returned it and why; empty once it is submitted again
	Draft        bool          // not approved: all figures may change
	Next         *payrun.Batch // the bureau's next batch; nil: none
	Path         string        // /batch/7
	Tabs         []batchTab
	People       bool // the user may see personal data
	Signs        bool // the user's post signs for the batch's bureau
	Latest       bool // the last of its month: only that one is signed and decided about
	title        func(item string) string
	Data         any
}

type batchTab struct {
	Name, Path string
	Here       bool
	Count      int // findings to be decided about
}

var batchTabs = []struct{ key, name string }{
	{"", "概况"}, {"checks", "检查"}, {"lines", "明细"}, {"held", "暂缓"}, {"bridge", "变动"}, {"past", "补发扣回"}, {"files", "文件"},
}

// pageOf reads the batch that the path names, for a tab.
func pageOf(v *web.Visit, tab string) (*batchPage, error) {
	b, err := v.Batch()
	if err != nil {
		return nil, err
	}
	p := &batchPage{Batch: b, Path: fmt.Sprintf("/batch/%d", b.Number), title: v.ItemTitle,
		People: slices.Contains(web.Readers, v.User.Post), Signs: v.User.Post.Signs() && v.User.Bureau == b.Bureau,
		Draft: b.State.Unsigned() || b.State.InSigning()}
	if p.Status, err = StatusOf(v, b); err != nil {
		return nil, err
	}
	p.Steps, p.NextStep = Steps(&b, p.Status)
	p.ReturnReason = ReturnReason(&b, p.Status)
	if p.Next, err = batches.Next(v.R.Context(), v.Office.DB, v.Office.Region, b); err != nil {
		return nil, err
	}
	p.Latest = p.Next == nil || p.Next.Month != b.Month
	if !p.People {
		return p, nil // 管理 sees only sums
	}
	for _, t := range batchTabs {
		x := batchTab{Name: t.name, Path: p.Path, Here: t.key == tab}
		if t.key != "" {
			x.Path += "/" + t.key
		}
		if t.key == "checks" && p.Draft {
			x.Count = p.Status.Blocking + p.Status.Undecided
		}
		p.Tabs = append(p.Tabs, x)
	}
	return p, nil
}

// StatusOf reads the progress of a batch. It is cached by revision: counting the results of a
// million payments takes long.
func StatusOf(v *web.Visit, b payrun.Batch) (books.BatchStatus, error) {
	head, _, err := v.Office.DB.Head(v.R.Context(), v.Office.Region)
	if err != nil {
		return books.BatchStatus{}, err
	}
	status, err := statusCache.Of(v.Server).Get(fmt.Sprintf("%d %d", b.Number, head), func() (books.BatchStatus, error) {
		return books.ReadBatchStatus(v.Server.Context, v.Office.DB, v.Office.Region, b.Number)
	})
	if a := &status.Payments; err == nil && b.State == payrun.Approved && a.Failed.Payments > 0 {
		status.Unmade, err = bank.Unresolved(v, b, a.Failed.Payments, head)
	}
	return status, err
}

// Item is an item's code and name, for templates.
func (p *batchPage) Item(code string) string { return p.title(code) }

func showBatch(v *web.Visit, name string, p *batchPage, data any) error {
	p.Data = data
	return v.Page(name, approval.Title(p.Batch), p)
}

var statusCache = web.NewCache(web.SmallCache, web.Weightless[books.BatchStatus])

// ReturnReason is who returned a batch and why; empty: nobody, or it was submitted again since.
func ReturnReason(b *payrun.Batch, s books.BatchStatus) string {
	if s.Return == nil || !b.State.Unsigned() {
		return ""
	}
	return fmt.Sprintf("%s退回：%s", s.Return.Actor, s.Return.Reason)
}
