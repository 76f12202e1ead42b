package write

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/roster/clean"
	"disburse/internal/roster/layout"
	"disburse/internal/roster/read"
	"disburse/internal/roster/rostertest"
)

// slicesHave reports whether all are among the names.
func slicesHave(names []string, all ...string) bool {
	return !slices.ContainsFunc(all, func(name string) bool { return !slices.Contains(names, name) })
}

// written writes people and payees with the exporter and returns the file's path.
func written(t testing.TB, limit int, people []*roster.Dossier, payees []roster.Payee) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "导出.xlsx")
	w, err := newRoster(path, rostertest.Words(), limit)
	rostertest.Must(t, err)
	for _, d := range people {
		rostertest.Must(t, w.Person(d))
	}
	for i := range payees {
		rostertest.Must(t, w.Payee(&payees[i]))
	}
	rostertest.Must(t, w.Close())
	return path
}

// readBack reads a workbook that as a whole is fine.
func readBack(t testing.TB, path string) *roster.Import {
	t.Helper()
	imp, err := read.Roster(t.Context(), path, rostertest.Words(), rostertest.Day, nil)
	rostertest.Must(t, err)
	return imp
}

// anyText is text that Read keeps as it is: tidy, readable, and sometimes troublesome.
func anyText(limit int) *rapid.Generator[string] {
	letters := []rune("张试王赵·𠮷㐂abcXYZ019 =+-@'\"<>&;_x00DA_（），。/#")
	return rapid.Custom(func(t *rapid.T) string {
		s := clean.Name(rapid.StringOfN(rapid.RuneFrom(letters), 1, limit, -1).Draw(t, "text"))
		if s == "" || s == layout.None {
			return "文"
		}
		return s
	})
}

// orNone is a value or, half the time, none.
func orNone(t *rapid.T, g *rapid.Generator[string], label string) string {
	if rapid.Bool().Draw(t, label+"?") {
		return ""
	}
	return g.Draw(t, label)
}

func anyDate(t *rapid.T, from month.Date, label string) month.Date {
	return rapid.Custom(func(t *rapid.T) month.Date {
		return month.Date(rapid.IntRange(int(from), int(month.DateOf(2099, 12, 31))).Draw(t, "day"))
	}).Draw(t, label)
}

func anyPerson(t *rapid.T, n int) *roster.Dossier {
	birth := anyDate(t, month.DateOf(1850, 1, 1), "birth")
	d := &roster.Dossier{Person: roster.Person{Name: anyText(clean.MaxName).Draw(t, "name"), Street: rapid.SampledFrom(rostertest.Words().Streets).Draw(t, "street"), Birth: birth}}
	if rapid.Bool().Draw(t, "temporary") {
		d.ID = fmt.Sprintf("临-%s%d", rapid.StringMatching(`[A-Za-z0-9]{0,12}`).Draw(t, "number"), n)
	} else {
		d.ID = roster.MakeID("140213", birth, n)
	}
	d.Community, d.Address = orNone(t, anyText(clean.MaxText), "community"), orNone(t, anyText(clean.MaxText), "address")
	d.Phone = orNone(t, rapid.StringMatching(`[+]?[0-9-]{1,15}`), "phone")
	dates := []*month.Date{&d.MovedIn, &d.MovedOut, &d.Died}
	for i, p := range dates {
		if rapid.Bool().Draw(t, "dated") {
			*p = anyDate(t, birth, fmt.Sprint("date", i))
		}
	}
	d.Account = roster.Account{Bank: orNone(t, anyText(clean.MaxText), "bank"), Number: orNone(t, rapid.StringMatching(`[0-9]{1,30}`), "account"), Holder: orNone(t, anyText(clean.MaxName), "holder")}
	d.Deputy = roster.Deputy{Name: orNone(t, anyText(clean.MaxName), "deputy"), Relation: orNone(t, anyText(clean.MaxText), "relation"), Reason: orNone(t, anyText(clean.MaxText), "why")}
	d.Facts, d.Awards = anyFacts(t, birth), anyAwards(t, birth)
	return d
}

// anyFacts makes histories in the order of the vocabulary, each in the order of time.
func anyFacts(t *rapid.T, birth month.Date) []roster.Fact {
	var out []roster.Fact
	for _, kind := range rostertest.Words().Facts {
		next := max(month.DateOf(1990, 1, 1), birth)
		for range rapid.IntRange(0, 3).Draw(t, "records") {
			since := next.Add(rapid.IntRange(0, 4000).Draw(t, "since"))
			f := roster.Fact{Name: kind.Name, Since: since, Until: since.Add(rapid.IntRange(0, 900).Draw(t, "until")),
				Value: anyValue(t, kind), Basis: orNone(t, anyText(clean.MaxText), "basis")}
			next = f.Until + 1
			out = append(out, f)
		}
		if len(out) > 0 && out[len(out)-1].Name == kind.Name && rapid.Bool().Draw(t, "open") {
			out[len(out)-1].Until = 0
		}
	}
	return out
}

func anyValue(t *rapid.T, kind roster.FactKind) string {
	switch kind.Type {
	case roster.Flag:
		return layout.Yes
	case roster.Choice:
		return rapid.SampledFrom(kind.Values).Draw(t, "value")
	case roster.Choices:
		var chosen []string
		for _, v := range kind.Values {
			if rapid.Bool().Draw(t, v) {
				chosen = append(chosen, v)
			}
		}
		if len(chosen) == 0 {
			return kind.Values[0]
		}
		return strings.Join(chosen, "、")
	case roster.Amount:
		return money.Fen(rapid.Int64Range(0, 1e8).Draw(t, "amount")).String()
	}
	return anyText(clean.MaxText).Draw(t, "text value")
}

func anyAwards(t *rapid.T, birth month.Date) []roster.Award {
	var out []roster.Award
	for _, item := range rostertest.Words().Items {
		first := max(month.Of(2020, 1), birth.Month())
		for range rapid.IntRange(0, 2).Draw(t, "awards") {
			a := roster.Award{Item: item.Code, Amount: money.Fen(rapid.Int64Range(1, 1e9).Draw(t, "fen")), First: first,
				Last: first.Add(rapid.IntRange(0, 20).Draw(t, "months")), Payee: orNone(t, anyText(clean.MaxText), "payee"), Basis: orNone(t, anyText(clean.MaxText), "basis")}
			first = a.Last + 1
			out = append(out, a)
		}
	}
	return out
}

// dossiers puts an import together again as the people it was written from.
func dossiers(imp *roster.Import) []*roster.Dossier {
	var out []*roster.Dossier
	byID := map[string]*roster.Dossier{}
	for _, row := range imp.People {
		d := &roster.Dossier{Person: row.Person}
		byID[d.ID] = d
		out = append(out, d)
	}
	for _, h := range imp.Facts {
		byID[h.ID].Facts = append(byID[h.ID].Facts, h.Facts...)
	}
	for _, h := range imp.Awards {
		byID[h.ID].Awards = append(byID[h.ID].Awards, h.Awards...)
	}
	return out
}

func TestExportReadsBackAsItWas(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		var people []*roster.Dossier
		for n := range rapid.IntRange(0, 6).Draw(t, "people") {
			people = append(people, anyPerson(t, n))
		}
		payees := []roster.Payee{{Name: anyText(clean.MaxText).Draw(t, "payee"), Account: roster.Account{Bank: anyText(clean.MaxText).Draw(t, "bank"), Number: "00123"}}}
		path := filepath.Join(dir, "往返.xlsx")
		limit := rapid.SampledFrom([]int{3, 5, fullSheet}).Draw(t, "limit")
		w, err := newRoster(path, rostertest.Words(), limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range people {
			if err := w.Person(d); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Payee(&payees[0]); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		imp, err := read.Roster(t.Context(), path, rostertest.Words(), month.DateOf(2300, 1, 1), nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(imp.Problems)+len(imp.Warnings) > 0 {
			t.Fatalf("problems %v, warnings %v", imp.Problems, imp.Warnings)
		}
		if diff := cmp.Diff(people, dossiers(imp)); diff != "" {
			t.Fatalf("people changed (-written +read):\n%s", diff)
		}
		if diff := cmp.Diff(payees[0], imp.Payees[0].Payee); diff != "" {
			t.Fatalf("payee changed (-written +read):\n%s", diff)
		}
	})
}

func TestExportContinuesFullSheets(t *testing.T) {
	t.Parallel()
	var people []*roster.Dossier
	for n := range 10 {
		people = append(people, madeUpPerson(n))
	}
	path := written(t, 6, people, nil)
	f, err := excelize.OpenFile(path)
	rostertest.Must(t, err)
	defer f.Close()
	if got := f.GetSheetList(); !slicesHave(got, "人员2", "情况2", "情况3") {
		t.Errorf("sheets are %v", got)
	}
	imp := readBack(t, path)
	if diff := cmp.Diff(people, dossiers(imp)); diff != "" {
		t.Errorf("people changed (-written +read):\n%s", diff)
	}
	for _, h := range imp.Facts {
		if len(h.More) > 0 {
			t.Errorf("%s of %s is split over two sheets", h.Fact, h.ID)
		}
	}
}

func TestExportSaysNoneWhereNoneIsKnown(t *testing.T) {
	t.Parallel()
	d := madeUpPerson(1)
	d.Facts = []roster.Fact{{Name: "低保"}}
	d.Awards = []roster.Award{{Item: "17"}}
	imp := readBack(t, written(t, fullSheet, []*roster.Dossier{d}, nil))
	if len(imp.Facts) != 1 || len(imp.Facts[0].Facts) != 0 || imp.Facts[0].Fact != "低保" {
		t.Errorf("facts read back as %+v", imp.Facts)
	}
	if len(imp.Awards) != 1 || len(imp.Awards[0].Awards) != 0 || imp.Awards[0].Item != "17" {
		t.Errorf("awards read back as %+v", imp.Awards)
	}
	all := roster.Columns{Name: true, Street: true, Community: true, Address: true, Phone: true, MovedIn: true, MovedOut: true, Died: true, Bank: true, Number: true, Holder: true, Deputy: true, DeputyRelation: true, DeputyReason: true, Birth: true, PayeeBank: true, PayeeNumber: true, PayeeHolder: true}
	if diff := cmp.Diff(all, imp.Columns); diff != "" {
		t.Errorf("columns (-all +read):\n%s", diff)
	}
}

func TestExportIsTheSameTwice(t *testing.T) {
	t.Parallel()
	people := []*roster.Dossier{madeUpPerson(0), madeUpPerson(1), madeUpPerson(2)}
	first, err := os.ReadFile(written(t, 4, people, []roster.Payee{{Name: "某养老院"}}))
	rostertest.Must(t, err)
	for range 4 { // excelize orders sheets by chance
		again, err := os.ReadFile(written(t, 4, people, []roster.Payee{{Name: "某养老院"}}))
		rostertest.Must(t, err)
		if !bytes.Equal(first, again) {
			t.Fatal("the same roster gave other bytes")
		}
	}
}

func TestExportedFile(t *testing.T) {
	t.Parallel()
	path := written(t, fullSheet, []*roster.Dossier{madeUpPerson(0)}, nil)
	info, err := os.Stat(path)
	rostertest.Must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v", info.Mode())
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	f, err := excelize.OpenFile(path)
	rostertest.Must(t, err)
	defer f.Close()
	size, err := f.GetSheetDimension("人员")
	rostertest.Must(t, err)
	if size != "A1:Q2" {
		t.Errorf("dimension of 人员 is %s", size)
	}
	for _, cell := range []string{"B2", "K2"} {
		style, err := f.GetCellStyle("人员", cell)
		rostertest.Must(t, err)
		s, err := f.GetStyle(style)
		rostertest.Must(t, err)
		if s.NumFmt != 49 {
			t.Errorf("cell %s has number format %d, not text", cell, s.NumFmt)
		}
	}
}

func TestExportNeutralisesFormulas(t *testing.T) {
	t.Parallel()
	d := madeUpPerson(0)
	d.Address, d.Community, d.Deputy.Reason = "=HYPERLINK(1)", "'@x", "-1"
	path := written(t, fullSheet, []*roster.Dossier{d}, nil)
	f, err := excelize.OpenFile(path)
	rostertest.Must(t, err)
	defer f.Close()
	for cell, want := range map[string]string{"E2": "'=HYPERLINK(1)", "D2": "''@x", "O2": "'-1"} {
		got, err := f.GetCellValue("人员", cell)
		rostertest.Must(t, err)
		if got != want {
			t.Errorf("%s is %q, want %q", cell, got, want)
		}
	}
	if diff := cmp.Diff(d.Person, readBack(t, path).People[0].Person); diff != "" {
		t.Errorf("read back changed:\n%s", diff)
	}
}

func TestExportThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	w, err := NewRoster(filepath.Join(t.TempDir(), "没有", "导出.xlsx"), rostertest.Words())
	rostertest.Must(t, err)
	rostertest.Must(t, w.Person(madeUpPerson(0)))
	if err := w.Close(); !fault.Is(err, fault.Refused) {
		t.Errorf("Close: %v, want a refusal", err)
	}
	w, err = NewRoster(filepath.Join(t.TempDir(), "导出.xlsx"), rostertest.Words())
	rostertest.Must(t, err)
	rostertest.Must(t, w.Discard())
	if _, err := os.Stat(w.path); !os.IsNotExist(err) {
		t.Errorf("a discarded export left a file: %v", err)
	}
}
