package reports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/reports/filing"
	"disburse/reports/reporttest"
	"disburse/reports/sheet"
)

// A letter a person with lines, a sheet a street, a page break between two letters; what
// they pay together is what the batch pays.
func TestLettersToEverybody(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 300)
	dir, files := write(t, is, src, Options{Letters: true, AllPeople: true})
	at := slices.IndexFunc(files, func(f filing.File) bool { return f.Kind == KindLetters })
	if at < 0 {
		t.Fatalf("no 告知书 among %v", files)
	}
	everybody := src.AllLetters()
	if f := files[at]; f.Path != reporttest.Civil+"/告知书.xlsx" || f.Rows != len(everybody) || f.Amount != is.Batch.Pays {
		t.Errorf("file %+v, want %d letters of %s", f, len(everybody), is.Batch.Pays)
	}
	path := filepath.Join(dir, reporttest.Civil, "告知书.xlsx")
	book := reporttest.Open(t, path, "")
	var streets []string
	for _, l := range everybody {
		if n := len(streets); n == 0 || streets[n-1] != sheet.StreetName(l.Street) {
			streets = append(streets, sheet.StreetName(l.Street))
		}
	}
	if got := book.GetSheetList(); len(got) != len(streets) || got[0] != streets[0] {
		t.Errorf("sheets %v, streets %v", got, streets)
	}
	total := 0
	for _, name := range book.GetSheetList() {
		n := reporttest.PagesOf(reporttest.Sheet(t, book, name), "养老待遇发放告知书")
		total += n
		if got := rowBreaks(t, path, book, name); got != n-1 {
			t.Errorf("sheet %s: %d breaks between %d letters", name, got, n)
		}
	}
	if total != len(everybody) {
		t.Errorf("%d letters to %d people", total, len(everybody))
	}
}

func TestLettersOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 50)
	_, files := write(t, is, src, Options{})
	if slices.ContainsFunc(files, func(f filing.File) bool { return f.Kind == KindLetters }) {
		t.Error("告知书 without --letters")
	}
}

// forgetful leaves somebody out.
type forgetful struct {
	*reporttest.Rows
	letters, recalls bool
}

func (f *forgetful) Letters(_ context.Context, fn func(*explain.Letter) error) error {
	all := f.Rows.AllLetters()
	if f.letters {
		all = slices.DeleteFunc(all, func(l explain.Letter) bool {
			return slices.ContainsFunc(l.Lines, func(x explain.DetailedLine) bool { return x.Hold == 0 && x.Amount > 0 })
		})
	}
	return reporttest.Each(all, fn)
}

func (f *forgetful) Recalls(ctx context.Context, fn func(*explain.Recall) error) error {
	first := f.recalls
	return f.Rows.Recalls(ctx, func(r *explain.Recall) error {
		if first {
			first = false
			return nil
		}
		return fn(r)
	})
}

// Letters that leave somebody out are not written, and neither is anything else.
func TestLettersMustAgreeWithTheBatch(t *testing.T) {
	t.Parallel()
	for _, f := range []*forgetful{{letters: true}, {recalls: true}} {
		is, src := reporttest.Batch(t, reporttest.Civil, 200)
		f.Rows = src
		if len(src.Owed) == 0 {
			t.Fatal("nobody owes anything")
		}
		dir := t.TempDir()
		_, err := Write(t.Context(), dir, is, f, Options{Letters: true, AllPeople: true})
		var said *fault.Fault
		if !errors.As(err, &said) || !strings.Contains(err.Error(), "控制总数不符") {
			t.Errorf("%+v: error %v", f.letters, err)
		}
		if left := reporttest.Tree(t, dir); len(left) != 0 {
			t.Errorf("left %v", left)
		}
	}
}

// 追缴通知书 comes with every batch that leaves debts, a page a payee who owes.
func TestRecallsComeWithDebts(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 300)
	dir, files := write(t, is, src, Options{})
	owed, pages := money.Fen(0), map[string]bool{}
	for _, d := range src.Owed {
		owed += d.Amount
		pages[fmt.Sprint(d.Person, d.Payee)] = true
	}
	at := slices.IndexFunc(files, func(f filing.File) bool { return f.Kind == KindRecalls })
	if at < 0 || files[at].Amount != owed || files[at].Rows < len(pages) {
		t.Fatalf("file at %d of %+v, want %s on %d pages", at, files, owed, len(pages))
	}
	book := reporttest.Open(t, filepath.Join(dir, reporttest.Civil, "追缴通知书.xlsx"), "")
	got := 0
	for _, name := range book.GetSheetList() {
		rows := reporttest.Sheet(t, book, name)
		got += reporttest.PagesOf(rows, "追缴通知书")
		if all := reporttest.Flat(rows); strings.Count(all, "回　　执") != reporttest.PagesOf(rows, "追缴通知书") || !strings.Contains(all, "2026-08-31 去世") {
			t.Errorf("sheet %s lacks a 回执 or a reason", name)
		}
	}
	if got != files[at].Rows {
		t.Errorf("%d pages, file says %d", got, files[at].Rows)
	}
	is.Batch.State = payrun.Approved
	src.Owed = nil
	if _, files = write(t, is, src, Options{}); slices.ContainsFunc(files, func(f filing.File) bool { return f.Kind == KindRecalls }) {
		t.Error("追缴通知书 without debts")
	}
}

func TestLettersSameBytesAndMark(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 60)
	is.Batch.State, is.Signatures, is.Files = payrun.Open, nil, nil
	opt := Options{Letters: true, AllPeople: true}
	first, _ := write(t, is, src, opt)
	second, _ := write(t, is, src, opt)
	for _, name := range []string{"告知书.xlsx", "追缴通知书.xlsx"} {
		a, b := filepath.Join(first, reporttest.Civil, name), filepath.Join(second, reporttest.Civil, name)
		if !bytes.Equal(reporttest.Read(t, a), reporttest.Read(t, b)) {
			t.Errorf("%s differs when written again", name)
		}
		book := reporttest.Open(t, a, "")
		for _, s := range book.GetSheetList() {
			if rows := reporttest.Sheet(t, book, s); !strings.HasPrefix(rows[0][0], "【草稿】") {
				t.Errorf("%s %s begins with %s", name, s, rows[0][0])
			}
		}
	}
}
