package batch

import (
	"slices"
	"strings"

	"disburse/internal/console/web"
	"disburse/internal/money"
	"disburse/internal/office/monthly"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/policy/packfile"
	"disburse/internal/store/batches"
	"disburse/internal/store/people"
	"disburse/internal/store/recovery"
)

// linesData is a page of a batch's lines, for 明细, 暂缓 and 补发扣回.
type linesData struct {
	Filter  lineFilter
	Found   filterResult
	Rows    []payrun.Line
	Details []explain.DetailedLine // instead of Rows, on the tabs with reasons and decisions
	Next    string                 // address of the next page; empty: this is the last
	Items   []packfile.Item
	Streets []string
	Banks   []string
	Holds   []holdRow
	Debts   int
	Debt    money.Fen
	Totals  indexTotals
}

// holdRow is the total of one reason to hold lines, and how staff release them.
type holdRow struct {
	groupTotal
	Release string
}

// Decides reports whether a decision about a 疑点 releases the lines.
func (r holdRow) Decides() bool { return r.Bit&(payrun.Undecided|payrun.KeptBack) != 0 }

// batchLines lists a batch's lines (明细).
func batchLines(v *web.Visit) error {
	return listLines(v, "lines", "batch-lines", filterOf(v), nil)
}

// batchHeld lists held lines by reason (暂缓).
func batchHeld(v *web.Visit) error {
	f := filterOf(v)
	f.Status = statusHeld
	return listLines(v, "held", "batch-held", f, addDetails)
}

// batchPast lists lines of earlier months, with their reasons (补发扣回).
func batchPast(v *web.Visit) error {
	f := filterOf(v)
	if f.Kind != payrun.Arrears.String() && f.Kind != payrun.Recovery.String() {
		f.Kind = pastKinds
	}
	return listLines(v, "past", "batch-past", f, addReasons)
}

// listLines shows a page of the lines that match a filter. add, which may be nil, adds details.
func listLines(v *web.Visit, tab, name string, f lineFilter, add func(*web.Visit, *batchPage, *linesData) error) error {
	p, err := pageOf(v, tab)
	if err != nil {
		return err
	}
	x, err := readIndex(v.Server, p.Batch)
	if err != nil {
		return err
	}
	people, err := peopleOf(v, f.Who)
	if err != nil {
		return err
	}
	d := &linesData{Filter: f, Totals: x.totals, Items: v.Office.Pack.Items(), Streets: streetNames(v, x), Found: x.find(f, people, web.PageRows)}
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

// temporaryMark begins temporary numbers (临时编号), which are searched as numbers, not names.
const temporaryMark = "临-"

// peopleOf reads the people of an ID number or its beginning, at least 6 characters; nil: who is
// no number but part of a name.
func peopleOf(v *web.Visit, who string) ([]int64, error) {
	number := strings.ToUpper(who)
	isNumber := len(number) >= 6 && strings.Trim(number, "0123456789X") == ""
	if !isNumber && !strings.HasPrefix(who, temporaryMark) {
		return nil, nil
	}
	found, err := people.ByNumberPrefix(v.R.Context(), v.Office.DB, v.Office.Region, number)
	if found == nil {
		found = []int64{}
	}
	return found, err
}

// streetNames lists the streets of a batch in the order of the pack.
func streetNames(v *web.Visit, x *lineIndex) []string {
	var names []string
	for _, s := range byPlace(v, x.totals.Streets) {
		names = append(names, s.Name)
	}
	return names
}

// peopleIn lists the people of hits without duplicates.
func peopleIn(hits []lineHit) []int64 {
	var people []int64
	for _, h := range hits {
		people = append(people, h.person)
	}
	return slices.Compact(people)
}

// readHits reads the lines of a page by primary key.
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

// addReasons adds the reasons of the lines on the page, and the batch's sum of debts.
func addReasons(v *web.Visit, p *batchPage, d *linesData) error {
	var err error
	if d.Debts, d.Debt, err = recovery.DebtTotal(v.R.Context(), v.Office.DB, v.Office.Region, p.Batch.Number); err != nil {
		return err
	}
	return addDetails(v, p, d)
}

// addDetails adds reasons, evidence and decisions of the lines on the page, as on the sheets.
func addDetails(v *web.Visit, p *batchPage, d *linesData) error {
	if len(d.Found.Hits) == 0 {
		return nil
	}
	details, err := monthly.Details(v.R.Context(), v.Office, p.Batch, peopleIn(d.Found.Hits))
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
