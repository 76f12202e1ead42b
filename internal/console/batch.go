package console

import (
	"cmp"
	"fmt"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

func batchRoutes() []route {
	return []route{
		{pattern: "GET /batches", posts: everyone, do: (*visit).batchList},
		{pattern: "GET /batch/{batch}", posts: everyone, do: (*visit).batchOverview},
		{pattern: "GET /batch/{batch}/running", posts: everyone, do: (*visit).batchRunning},
		{pattern: "GET /batch/{batch}/checks", posts: readers, do: (*visit).batchChecks},
		{pattern: "GET /batch/{batch}/checks/workbook", posts: readers, do: (*visit).checksWorkbook},
		{pattern: "POST /batch/{batch}/checks/decide", posts: signers, do: (*visit).decideChecks},
		{pattern: "POST /batch/{batch}/checks/kind", posts: signers, do: (*visit).decideKind},
		{pattern: "POST /batch/{batch}/checks/upload", posts: signers, long: true, do: (*visit).uploadRulings},
		{pattern: "GET /batch/{batch}/lines", search: true, posts: readers, do: (*visit).batchLines},
		{pattern: "GET /batch/{batch}/held", search: true, posts: readers, do: (*visit).batchHeld},
		{pattern: "GET /batch/{batch}/bridge", posts: readers, do: (*visit).batchBridge},
		{pattern: "GET /batch/{batch}/past", search: true, posts: readers, do: (*visit).batchPast},
		{pattern: "GET /batch/{batch}/files", posts: readers, do: (*visit).batchFiles},
		{pattern: "POST /batch/{batch}/files", posts: readers, do: (*visit).writeFiles},
		{pattern: "GET /batch/{batch}/files/{file}", posts: readers, do: (*visit).downloadFile},
		{pattern: "POST /batch/{batch}/submit", posts: clerk, do: (*visit).submitBatch},
		{pattern: "POST /batch/{batch}/review", posts: []approval.Post{approval.Reviewer}, do: (*visit).reviewBatch},
		{pattern: "POST /batch/{batch}/approve", posts: approver, do: (*visit).approveBatch},
		{pattern: "POST /batch/{batch}/return", posts: checkers, do: (*visit).returnBatch},
		{pattern: "POST /batch/{batch}/sent", posts: signers, do: (*visit).sendBatch},
		{pattern: "POST /batch/{batch}/void", posts: checkers, do: (*visit).voidBatch},
		{pattern: "POST /batch/{batch}/judge", posts: signers, do: (*visit).judgeBatch},
	}
}

// pageRows is how many rows of a long list are on a page.
const pageRows = 50

// batchPage is what all tabs of a batch show.
type batchPage struct {
	Batch  payrun.Batch
	Stand  postgres.Stand
	Steps  []step
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

// batchPage reads the batch that the path names, for the tab.
func (v *visit) batchPage(tab string) (*batchPage, error) {
	b, err := v.batch()
	if err != nil {
		return nil, err
	}
	p := &batchPage{Batch: b, Path: fmt.Sprintf("/batch/%d", b.Number), Names: v.itemNames(),
		People: slices.Contains(readers, v.user.Post), Signs: v.user.Post.Signs() && v.user.Bureau == b.Bureau,
		Draft: b.State.Unsigned() || b.State.InSigning()}
	if p.Stand, err = v.standOf(b); err != nil {
		return nil, err
	}
	p.Steps, p.Doing = steps(&b, p.Stand)
	p.Why = returnedWhy(&b, p.Stand)
	if p.Next, err = v.office.DB.NextBatch(v.r.Context(), v.office.Region, b); err != nil {
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

// standOf reads where a batch stands, once a revision: to count what a million payments
// were answered takes its time.
func (v *visit) standOf(b payrun.Batch) (postgres.Stand, error) {
	head, _, err := v.office.DB.Head(v.r.Context(), v.office.Region)
	if err != nil {
		return postgres.Stand{}, err
	}
	stand, err := standCache.of(v.Server).get(fmt.Sprintf("%d %d", b.Number, head), func() (postgres.Stand, error) {
		return v.office.DB.Stand(v.life, v.office.Region, b.Number)
	})
	if a := &stand.Payments; err == nil && b.State == payrun.Approved && a.Failed.Payments > 0 {
		stand.Unmade, err = v.unmade(b, a.Failed.Payments, head)
	}
	return stand, err
}

// itemNames are the items' names by code.
func (v *visit) itemNames() map[string]string {
	names := map[string]string{}
	for _, it := range v.office.Pack.Items() {
		names[it.Code.Value] = it.Code.Value + " " + it.Name.Value
	}
	return names
}

// Item names an item; one that the pack no longer has is named by its code.
func (p *batchPage) Item(code string) string { return cmp.Or(p.Names[code], code) }

func (v *visit) showBatch(name string, p *batchPage, data any) error {
	p.Data = data
	return v.page(name, approval.Title(p.Batch), p)
}

var standCache = newKind(smallRoom, nothing[postgres.Stand])
