package batch

import (
	"slices"
	"strings"

	"disburse/internal/console/web"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/store/batches"
	"disburse/internal/store/people"
	"disburse/internal/store/recovery"
)

// linesData is a page of a batch's lines: 明细, 暂缓 and 补发扣回 show it.
type linesData struct {
	Filter  lineFilter
	Found   found
	Rows    []payrun.Line
	Details []payrun.DetailedLine // in place of Rows where reasons and decisions are shown
	Next    string                // address of the next page; empty: there is none
	Items   []policy.Item
	Streets []string
	Banks   []string
	Holds   []holdRow
	Debts   int
	Debt    money.Fen
	Totals  indexTotals
}

// holdRow is what one reason holds, and what ends it.
type holdRow struct {
	groupTotal
	Release string
}

// Decides reports whether the reason ends with a decision about a 疑点.
func (r holdRow) Decides() bool { return r.Bit&(payrun.Undecided|payrun.KeptBack) != 0 }

// batchLines lists a batch's lines (明细).
func batchLines(v *web.Visit) error {
	return listLines(v, "lines", "batch-lines", filterOf(v), nil)
}

// batchHeld lists what is held, by reason.
func batchHeld(v *web.Visit) error {
	f := filterOf(v)
	f.Status = statusHeld
	return listLines(v, "held", "batch-held", f, addDetails)
}

// batchPast lists 补发 and 扣回, with why each is due.
func batchPast(v *web.Visit) error {
	f := filterOf(v)
	if f.Kind != payrun.Arrears.String() && f.Kind != payrun.Recovery.String() {
		f.Kind = pastKinds
	}
	return listLines(v, "past", "batch-past", f, addReasons)
}

// listLines shows a page of the lines that a filter finds.
func listLines(v *web.Visit, tab, name string, f lineFilter, add func(*web.Visit, *batchPage, *linesData) error) error {
	p, err := pageOf(v, tab)
	if err != nil {
		return err
	}
	x, err := indexOf(v, p.Batch)
	if err != nil {
		return err
	}
	people, err := peopleOf(v, f.Who)
	if err != nil {
		return err
	}
	d := &linesData{Filter: f, Totals: x.totals, Items: v.Office.Pack.Items(), Streets: streetNames(v, x), Found: x.find(f, people, pageRows)}
	for _, b := range x.totals.Banks {
		if b.Name != "" {
			d.Banks = append(d.Banks, b.Name)
		}
	}
	for _, g := range x.totals.Holds {
		at := slices.IndexFunc(holdReasons, func(r holdReason) bool { return r.Bit == g.Bit })
		release := strings.ReplaceAll(holdReasons[at].Release, suspensionMark, v.Office.Pack.File.Suspension.Value)
		d.Holds = append(d.Holds, holdRow{g, release})
	}
	if n := len(d.Found.Hits); d.Found.More && n > 0 {
		next := f
		next.After = d.Found.Hits[n-1].cursor()
		d.Next = v.Address(p.Path+"/"+tab, next.query())
	}
	if d.Rows, err = readHits(v, p.Batch, d.Found.Hits); err != nil {
		return err
	}
	if add != nil {
		if err := add(v, p, d); err != nil {
			return err
		}
	}
	return showBatch(v, name, p, d)
}

// peopleOf reads whom an ID number stands for; nil when what was typed is no number.
func peopleOf(v *web.Visit, who string) ([]int64, error) {
	number := strings.ToUpper(who)
	isNumber := len(number) >= 6 && strings.Trim(number, "0123456789X") == ""
	if !isNumber && !strings.HasPrefix(who, "临-") {
		return nil, nil
	}
	found, err := people.ByNumberPrefix(v.R.Context(), v.Office.DB, v.Office.Region, number)
	if found == nil {
		found = []int64{}
	}
	return found, err
}

func streetNames(v *web.Visit, x *lineIndex) []string {
	var names []string
	for _, s := range byPlace(v, x.totals.Streets) {
		names = append(names, s.Name)
	}
	return names
}

// peopleIn lists the people of hits, once each.
func peopleIn(hits []lineHit) []int64 {
	var people []int64
	for _, h := range hits {
		people = append(people, h.person)
	}
	return slices.Compact(people)
}

// readHits reads the lines of a page by their key.
func readHits(v *web.Visit, b payrun.Batch, hits []lineHit) ([]payrun.Line, error) {
	if len(hits) == 0 {
		return nil, nil
	}
	lines, err := batches.LinesOfPeople(v.R.Context(), v.Office.DB, v.Office.Region, b, peopleIn(hits))
	if err != nil {
		return nil, err
	}
	var rows []payrun.Line
	place, person := 0, int64(-1)
	for _, l := range lines {
		if place++; l.Person != person {
			place, person = 0, l.Person
		}
		if slices.Contains(hits, lineHit{person, place}) {
			rows = append(rows, l)
		}
	}
	return rows, nil
}

// addReasons reads why the lines of the page are due, and what the batch leaves to be got
// back.
func addReasons(v *web.Visit, p *batchPage, d *linesData) error {
	var err error
	if d.Debts, d.Debt, err = recovery.DebtTotal(v.R.Context(), v.Office.DB, v.Office.Region, p.Batch.Number); err != nil {
		return err
	}
	return addDetails(v, p, d)
}

// addDetails reads what sheets say of the lines of the page.
func addDetails(v *web.Visit, p *batchPage, d *linesData) error {
	if len(d.Found.Hits) == 0 {
		return nil
	}
	details, err := v.Office.Details(v.R.Context(), p.Batch, peopleIn(d.Found.Hits))
	if err != nil {
		return err
	}
	for _, x := range details {
		if slices.ContainsFunc(d.Rows, func(l payrun.Line) bool { return l.Compare(&x.Line) == 0 }) {
			d.Details = append(d.Details, x)
		}
	}
	return nil
}
