package batch

import (
	"cmp"
	"fmt"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/console/bank"
	"disburse/internal/console/web"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
)

func BatchRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /batches", Posts: web.Everyone, Do: batchList},
		{Pattern: "GET /batch/{batch}", Posts: web.Everyone, Do: batchOverview},
		{Pattern: "GET /batch/{batch}/running", Posts: web.Everyone, Do: batchRunning},
		{Pattern: "GET /batch/{batch}/checks", Posts: web.Readers, Do: batchChecks},
		{Pattern: "GET /batch/{batch}/checks/workbook", Posts: web.Readers, Do: checksWorkbook},
		{Pattern: "POST /batch/{batch}/checks/decide", Posts: web.Signers, Do: decideChecks},
		{Pattern: "POST /batch/{batch}/checks/kind", Posts: web.Signers, Do: decideKind},
		{Pattern: "POST /batch/{batch}/checks/upload", Posts: web.Signers, Long: true, Do: uploadRulings},
		{Pattern: "GET /batch/{batch}/lines", Search: true, Posts: web.Readers, Do: batchLines},
		{Pattern: "GET /batch/{batch}/held", Search: true, Posts: web.Readers, Do: batchHeld},
		{Pattern: "GET /batch/{batch}/bridge", Posts: web.Readers, Do: batchBridge},
		{Pattern: "GET /batch/{batch}/past", Search: true, Posts: web.Readers, Do: batchPast},
		{Pattern: "GET /batch/{batch}/files", Posts: web.Readers, Do: batchFiles},
		{Pattern: "POST /batch/{batch}/files", Posts: web.Readers, Do: writeFiles},
		{Pattern: "GET /batch/{batch}/files/{file}", Posts: web.Readers, Do: downloadFile},
		{Pattern: "POST /batch/{batch}/submit", Posts: web.Clerk, Do: submitBatch},
		{Pattern: "POST /batch/{batch}/review", Posts: []approval.Post{approval.Reviewer}, Do: reviewBatch},
		{Pattern: "POST /batch/{batch}/approve", Posts: web.Approver, Do: approveBatch},
		{Pattern: "POST /batch/{batch}/return", Posts: web.Checkers, Do: returnBatch},
		{Pattern: "POST /batch/{batch}/sent", Posts: web.Signers, Do: sendBatch},
		{Pattern: "POST /batch/{batch}/void", Posts: web.Checkers, Do: voidBatch},
		{Pattern: "POST /batch/{batch}/judge", Posts: web.Signers, Do: judgeBatch},
	}
}

// pageRows is how many rows of a long list are on a page.
const pageRows = 50

// batchPage is what all tabs of a batch show.
type batchPage struct {
	Batch  payrun.Batch
	Stand  books.Stand
	Steps  []Step
	Doing  string
	Why    string        // who returned it and why, until it is submitted again
	Draft  bool          // nothing of it is final
	Next   *payrun.Batch // of the bureau; nil: this one is the last
	Path   string        // /batch/7
	Tabs   []batchTab
	People bool // the user may see people
	Signs  bool // the user signs for the batch's bureau
	Latest bool // the last of its month, which is what is signed and decided about
	Names  map[string]string
	Data   any
}

type batchTab struct {
	Name, Path string
	Here       bool
	Count      int // what waits there
}

var batchTabs = []struct{ key, name string }{
	{"", "概况"}, {"checks", "检查"}, {"lines", "明细"}, {"held", "暂缓"}, {"bridge", "变动"}, {"past", "补发扣回"}, {"files", "文件"},
}

// pageOf reads the batch that the path names, for the tab.
func pageOf(v *web.Visit, tab string) (*batchPage, error) {
	b, err := v.Batch()
	if err != nil {
		return nil, err
	}
	p := &batchPage{Batch: b, Path: fmt.Sprintf("/batch/%d", b.Number), Names: itemNames(v),
		People: slices.Contains(web.Readers, v.User.Post), Signs: v.User.Post.Signs() && v.User.Bureau == b.Bureau,
		Draft: b.State.Unsigned() || b.State.InSigning()}
	if p.Stand, err = StandOf(v, b); err != nil {
		return nil, err
	}
	p.Steps, p.Doing = Steps(&b, p.Stand)
	p.Why = ReturnedWhy(&b, p.Stand)
	if p.Next, err = batches.Next(v.R.Context(), v.Office.DB, v.Office.Region, b); err != nil {
		return nil, err
	}
	p.Latest = p.Next == nil || p.Next.Month != b.Month
	if !p.People {
		return p, nil // 管理 sees sums alone
	}
	for _, t := range batchTabs {
		x := batchTab{Name: t.name, Path: p.Path, Here: t.key == tab}
		if t.key != "" {
			x.Path += "/" + t.key
		}
		if t.key == "checks" && p.Draft {
			x.Count = p.Stand.Blocking + p.Stand.Undecided
		}
		p.Tabs = append(p.Tabs, x)
	}
	return p, nil
}

// StandOf reads where a batch stands, once a revision: to count what a million payments
// were answered takes its time.
func StandOf(v *web.Visit, b payrun.Batch) (books.Stand, error) {
	head, _, err := v.Office.DB.Head(v.R.Context(), v.Office.Region)
	if err != nil {
		return books.Stand{}, err
	}
	stand, err := standCache.Of(v.Server).Get(fmt.Sprintf("%d %d", b.Number, head), func() (books.Stand, error) {
		return books.ReadStand(v.Life, v.Office.DB, v.Office.Region, b.Number)
	})
	if a := &stand.Payments; err == nil && b.State == payrun.Approved && a.Failed.Payments > 0 {
		stand.Unmade, err = bank.Unmade(v, b, a.Failed.Payments, head)
	}
	return stand, err
}

// itemNames are the items' names by code.
func itemNames(v *web.Visit) map[string]string {
	names := map[string]string{}
	for _, it := range v.Office.Pack.Items() {
		names[it.Code.Value] = it.Code.Value + " " + it.Name.Value
	}
	return names
}

// Item names an item; one that the pack no longer has is named by its code.
func (p *batchPage) Item(code string) string { return cmp.Or(p.Names[code], code) }

func showBatch(v *web.Visit, name string, p *batchPage, data any) error {
	p.Data = data
	return v.Page(name, approval.Title(p.Batch), p)
}

var standCache = web.NewKind(web.SmallRoom, web.Nothing[books.Stand])

// ReturnedWhy is who returned a batch and why, until it is submitted again; empty: nobody did.
func ReturnedWhy(b *payrun.Batch, s books.Stand) string {
	if s.Return == nil || !b.State.Unsigned() {
		return ""
	}
	return fmt.Sprintf("%s退回：%s", s.Return.Actor, s.Return.Reason)
}
