package rosters

import (
	"cmp"
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/payrun/engine"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
	"disburse/internal/roster/read"
	"disburse/internal/store/imports"
	"disburse/reports/worklists"
)

// MatchOrder asks for a list of another authority (比对名单) to be matched.
type MatchOrder struct {
	File   string
	Kind   string      // a name in the pack's match_lists
	Month  month.Month // for which 应享未享 is looked for; 0: that of By
	DryRun bool        // do the work and roll it back
	Report string      // a workbook; empty: none
	By     journal.By
	Rows   func(rows int) // told while reading; may be nil
}

// Matched is what matching found, in both directions.
type Matched struct {
	Kind   *packfile.MatchList
	List   *roster.MatchList
	Found  *imports.MatchReport // nil where the list has no row to match
	Report *worklists.Matching
}

// Match matches a list against the roster; the roster does not change by it. It fails
// with fault.Invalid when no row could be matched; List says why, then.
func Match(ctx context.Context, o *office.Office, x *MatchOrder) (*Matched, error) {
	kind, err := o.Pack.MatchList(x.Kind)
	if err != nil {
		return nil, err
	}
	if x.Report != "" {
		if err := office.Replaceable(x.Report, office.TitleBegins("比对名单（")); err != nil {
			return nil, err
		}
	}
	r := &Matched{Kind: kind}
	defer office.SaveMemory()()
	if r.List, err = read.MatchList(ctx, x.File, office.Today(x.By), rows(x.Rows)); err != nil {
		return nil, err
	}
	if len(r.List.Rows) == 0 {
		return r, fault.New(fault.Invalid, "“%s”里没有一行可以比对，什么都没有改动；原因见上", x.File)
	}
	found, err := imports.MatchList(ctx, o.DB, imports.MatchOrder{Region: o.Region, Kind: kind, List: r.List, By: x.By, DryRun: x.DryRun})
	if err != nil {
		return r, err
	}
	if r.Report, err = matching(ctx, o, r, found, x); err != nil {
		return r, err
	}
	r.Found = found
	if x.Report == "" {
		return r, nil
	}
	if err := o.LogAccess(ctx, x.By, journal.Exported, "比对报告", 0, x.Kind, filepath.Base(x.Report)); err != nil {
		return r, err
	}
	return r, office.SaveWhole(x.Report, func(w io.Writer) error { return worklists.WriteMatching(w, filepath.Dir(x.Report), r.Report) })
}

// matching turns what was found into the report of both directions.
func matching(ctx context.Context, o *office.Office, x *Matched, found *imports.MatchReport, order *MatchOrder) (*worklists.Matching, error) {
	day := office.Today(order.By)
	r := &worklists.Matching{Kind: x.Kind.Name.Value, File: x.List.File, Date: day, Month: cmp.Or(order.Month, day.Month()), Problems: x.List.Problems}
	if err := hits(ctx, o, r, x, found); err != nil {
		return nil, err
	}
	for _, i := range found.Unmatched {
		row := x.List.Rows[i]
		missing, err := missing(o, x.Kind, row, r.Month)
		if err != nil {
			return nil, err
		}
		if missing != nil {
			r.Missing = append(r.Missing, *missing)
			continue
		}
		r.Unmatched = append(r.Unmatched, row)
	}
	slices.SortStableFunc(r.Missing, func(x, y worklists.MissingPerson) int {
		return cmp.Or(cmp.Compare(streetOrder(o, x.Row.Street), streetOrder(o, y.Row.Street)),
			cmp.Compare(x.Row.Street, y.Row.Street), cmp.Compare(x.Row.Birth, y.Row.Birth))
	})
	return r, nil
}

// hits adds those who are on the roster, and what they are paid.
func hits(ctx context.Context, o *office.Office, r *worklists.Matching, x *Matched, found *imports.MatchReport) error {
	var people []int64
	for _, hit := range found.Matches {
		people = append(people, hit.Person.Number)
	}
	paid, pays, err := imports.CurrentPay(ctx, o.DB, o.Region, people)
	if err != nil {
		return err
	}
	r.Paid = paid
	for i := range found.Matches {
		hit := &found.Matches[i]
		row := x.List.Rows[hit.Row]
		r.Hits = append(r.Hits, worklists.MatchHit{Row: row, Person: hit.Person, How: hit.How,
			Pays: payText(o, pays[hit.Person.Number]), Remark: matchRemark(x.Kind, &row, &hit.Person)})
	}
	return nil
}

// missing is what somebody who is not on the roster would get; nil for nothing, or where
// the list is not read for that.
func missing(o *office.Office, kind *packfile.MatchList, row roster.ListRow, m month.Month) (*worklists.MissingPerson, error) {
	if !kind.Missing() || row.Birth == 0 {
		return nil, nil
	}
	grants, err := o.Pack.Unregistered(row.ID, row.Birth, m)
	if err != nil || len(grants) == 0 {
		return nil, err
	}
	var items []string
	for _, g := range grants {
		items = append(items, itemText(o, g.Item)+" "+g.Amount.String())
	}
	return &worklists.MissingPerson{Row: row, Age: month.Age(row.Birth, m), Items: strings.Join(items, "；")}, nil
}

func itemText(o *office.Office, code string) string {
	it, err := o.Pack.Item(code)
	if err != nil {
		return code
	}
	return code + " " + it.Name.Value
}

func payText(o *office.Office, pays []imports.PersonPay) string {
	var all []string
	for _, p := range pays {
		text := itemText(o, p.Item) + " " + p.Amount.String()
		if p.Held {
			text += "（暂缓）"
		}
		all = append(all, text)
	}
	return strings.Join(all, "；")
}

// streetOrder is a street's place in the pack, behind all others where it has none.
func streetOrder(o *office.Office, street string) int {
	i := slices.IndexFunc(o.Pack.File.Streets, func(t packfile.Text) bool { return t.Value == street })
	if i < 0 {
		return len(o.Pack.File.Streets)
	}
	return i
}

// matchRemark says what differs between list and roster, and suggests what to record:
// nothing of a list goes into the roster by itself.
func matchRemark(kind *packfile.MatchList, row *roster.ListRow, p *roster.Person) string {
	var all []string
	if row.Name != "" && row.Name != p.Name {
		all = append(all, "姓名不同")
	}
	if row.ID != "" && row.ID != p.ID {
		all = append(all, "身份证号不同")
	}
	if kind.Deaths.Value {
		switch {
		case p.Died == 0 && row.Date != 0:
			all = append(all, "花名册没有死亡日期，核实后建议登记 "+row.Date.String()+"（"+engine.DeathRule(row.Date)+"）")
		case p.Died == 0:
			all = append(all, "花名册没有死亡日期，请查明后登记")
		case row.Date != 0 && row.Date != p.Died:
			all = append(all, "花名册的死亡日期是 "+p.Died.String()+"，请核实")
		default:
			all = append(all, "花名册已登记死亡")
		}
	}
	return strings.Join(all, "；")
}
