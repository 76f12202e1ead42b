package office_test

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/office/admin"
	"disburse/internal/office/explain"
	"disburse/internal/office/monthly"
	"disburse/internal/office/rosters"
	"disburse/internal/policy"
	"disburse/internal/population"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/roster"
)

const region = 140213

var october = month.Of(2026, 10)

func by(reason string) journal.By {
	return journal.By{Actor: "os:tester", Origin: "here", At: time.Date(2026, 10, 20, 9, 0, 0, 0, month.Shanghai), Reason: reason}
}

func load(t *testing.T, tail string) *policy.Pack {
	t.Helper()
	pack, err := policy.Load(append(policy.Builtin(), tail...))
	if err != nil {
		t.Fatal(err)
	}
	return pack
}

// opened is an office with 300 made-up people.
func opened(t *testing.T) *office.Office {
	t.Helper()
	ctx := context.Background()
	o := office.New(pgtest.Open(t), region, load(t, ""))
	if err := o.DB.EnsureRegion(ctx, region, "平城区"); err != nil {
		t.Fatal(err)
	}
	p, err := population.Generate(population.Options{People: 300, Seed: 1, Month: october})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "花名册.xlsx")
	if err := p.WriteRoster(file, o.Pack.Vocabulary(), func(int) {}); err != nil {
		t.Fatal(err)
	}
	if _, err := rosters.Import(ctx, o, &rosters.Order{File: file, By: by("")}); err != nil {
		t.Fatal(err)
	}
	return o
}

// TestImportWaits: what waits is named as what it is, accounts, raises or both.
func TestImportWaits(t *testing.T) {
	t.Parallel()
	const account, raise = "已有账户的收款单位", "使发放增加的情况和核定金额"
	for name, c := range map[string]struct {
		report         roster.Report
		account, raise bool
	}{
		"nothing":  {roster.Report{Rev: 3, ChangedFacts: 1}, false, false},
		"accounts": {roster.Report{Rev: 3, Asked: 1, Waiting: 2}, true, false},
		"raises":   {roster.Report{Rev: 3, Asked: 2, Waiting: 2, Raises: 2}, false, true},
		"both":     {roster.Report{Rev: 3, Asked: 2, Waiting: 2, Raises: 1}, true, true},
	} {
		got := rosters.ImportWaits(&c.report)
		if strings.Contains(got, account) != c.account || strings.Contains(got, raise) != c.raise || (got == "") != (c.report.Waiting == 0) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestMonth: every bureau of the pack is there, with or without a batch.
func TestMonth(t *testing.T) {
	t.Parallel()
	o, ctx := opened(t), context.Background()
	if _, err := o.Batches(ctx, october, true); !fault.Is(err, fault.NotFound) {
		t.Errorf("batches of a month that was not run: %v", err)
	}
	before, err := o.Month(ctx, october)
	if err != nil || len(before) != len(o.Pack.File.Bureaus) {
		t.Fatalf("before the run: %d bureaus, %v", len(before), err)
	}
	report, err := monthly.Run(ctx, o, &monthly.RunOrder{Month: october, By: by("")})
	if err != nil {
		t.Fatal(err)
	}
	after, err := o.Month(ctx, october)
	if err != nil {
		t.Fatal(err)
	}
	batches := 0
	for i := range after {
		if before[i].Latest() != nil || before[i].Bureau != after[i].Bureau {
			t.Errorf("before the run: %+v", before[i])
		}
		if after[i].Latest() != nil {
			batches++
		}
	}
	if batches == 0 || batches != len(report.Bureaus) {
		t.Errorf("%d bureaus with a batch, the run made %d", batches, len(report.Bureaus))
	}
}

// TestCurrent: an office follows the pack that the region has adopted, and reads it once
// however many ask.
func TestCurrent(t *testing.T) {
	t.Parallel()
	o, ctx := opened(t), context.Background()
	other := o.Under(load(t, "\n# another hash\n"))
	if now, err := other.Current(ctx); err != nil || now != other {
		t.Errorf("nothing is adopted yet: %v, %v", now, err)
	}
	if _, err := monthly.Run(ctx, o, &monthly.RunOrder{Month: october, By: by("")}); err != nil { // adopts
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			now, err := other.Current(ctx)
			if err != nil || now.Pack.Hash != o.Pack.Hash {
				t.Errorf("got %v, %v", now, err)
			}
		})
	}
	wait.Wait()
	first, err := other.PackOf(ctx, o.Pack.Hash)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := other.PackOf(ctx, o.Pack.Hash); err != nil || again != first {
		t.Errorf("the pack was read again: %v", err)
	}
}

// TestLooksAreLogged: whoever gets full numbers stands in the access log, with the time
// of By.
func TestLooksAreLogged(t *testing.T) {
	t.Parallel()
	o, ctx := opened(t), context.Background()
	if _, err := monthly.Run(ctx, o, &monthly.RunOrder{Month: october, By: by("")}); err != nil {
		t.Fatal(err)
	}
	lines, err := monthly.Lines(ctx, o, &monthly.LinesOrder{Month: october, By: by("")})
	if err != nil || len(lines) == 0 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	if _, err := explain.Person(ctx, o, lines[0].ID, october, by("")); err != nil {
		t.Fatal(err)
	}
	log, err := admin.AccessLog(ctx, o, time.Time{}, time.Time{})
	if err != nil || len(log) != 2 {
		t.Fatalf("%d entries, %v", len(log), err)
	}
	if e := log[1]; e.Action != journal.Viewed || e.Subject != "待遇说明" || e.Who == "" || !e.At.Equal(by("").At) {
		t.Errorf("the entry of the explanation: %+v", e)
	}
}
