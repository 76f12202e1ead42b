package storetest

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"disburse/internal/fault"
)

// WantFault checks that err is a fault of the code whose sentence has the part.
func WantFault(t *testing.T, err error, code fault.Code, part string) {
	t.Helper()
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != code || !strings.Contains(f.Sentence, part) {
		t.Errorf("got %v, want a %s fault with %q", err, code, part)
	}
}

// Refused checks that err is of the code and its text has says.
func Refused(t testing.TB, err error, code fault.Code, says string) {
	t.Helper()
	if err == nil || !fault.Is(err, code) || !strings.Contains(err.Error(), says) {
		t.Errorf("got %v (%s), want %s saying %q", err, fault.CodeOf(err), code, says)
	}
}

// Saying checks that err is of the code and its text has all of the words.
func Saying(t testing.TB, err error, code fault.Code, words ...string) {
	t.Helper()
	if err == nil || !fault.Is(err, code) {
		t.Fatalf("got %v (%s), want %s", err, fault.CodeOf(err), code)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

func (d *Desk) Must(err error) {
	d.T.Helper()
	if err != nil {
		d.T.Fatal(err)
	}
}

func (d *District) Want(what string, got []string, expected ...string) {
	d.T.Helper()
	if diff := cmp.Diff(expected, got, cmpopts.EquateEmpty()); diff != "" {
		d.T.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Snapshot returns the contents of all tables that a run may write, as text.
func (d *District) Snapshot() string {
	d.T.Helper()
	var all []string
	for _, table := range []string{"region", "journal", "pack", "batch", "batch_item", "draft_line", "line", "debt", "later_register", "later_debt", "finding", "ledger", "payment"} {
		var s string
		if err := d.Owner.QueryRow(d.T.Context(), `SELECT coalesce(string_agg(r, E'\n' ORDER BY r), '') FROM (SELECT t::text AS r FROM `+table+` t) all_rows`).Scan(&s); err != nil {
			d.T.Fatal(err)
		}
		all = append(all, table+":\n"+s)
	}
	return strings.Join(all, "\n")
}

// Unchanged checks that no such table was written since the snapshot.
func (d *District) Unchanged(before string) {
	d.T.Helper()
	if diff := cmp.Diff(before, d.Snapshot()); diff != "" {
		d.T.Errorf("something was left behind:\n%s", diff)
	}
}
