package storetest

import (
	"fmt"
	"strings"

	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/store/imports"
)

// Listing is a match list as it comes out of the reader.
func Listing(rows ...roster.Listed) *roster.MatchList {
	l := &roster.MatchList{File: "名单.xlsx", SHA256: strings.Repeat("cd", 32)}
	for i, r := range rows {
		l.Rows = append(l.Rows, roster.ListRow{Place: roster.Place{Sheet: "名单", Row: i + 2}, Listed: r})
	}
	return l
}

// ByNumber is a row about somebody born in June of a year.
func ByNumber(year int, died month.Date) roster.Listed {
	return roster.Listed{ID: IdOf(year), Name: fmt.Sprintf("某%d", year), Birth: Day(year, 6, 15), Date: died}
}

func (d *District) TryMatch(kind string, l *roster.MatchList, dry bool) (*imports.MatchReport, error) {
	d.T.Helper()
	k, err := d.Pack.MatchList(kind)
	if err != nil {
		d.T.Fatal(err)
	}
	return imports.MatchList(d.T.Context(), d.Db, imports.MatchOrder{Region: DeskRegion, Kind: k, List: l, By: RunBy, DryRun: dry})
}

func (d *District) Match(kind string, l *roster.MatchList) *imports.MatchReport {
	d.T.Helper()
	r, err := d.TryMatch(kind, l, false)
	if err != nil {
		d.T.Fatal(err)
	}
	return r
}
