package reports

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/reports/reporttest"
	"disburse/reports/source"
)

// failing ends the lines with an error, or ends the context.
type failing struct {
	*reporttest.Rows
	after int
	end   func() error
}

func (f *failing) Lines(ctx context.Context, item string, fn func(*explain.DetailedLine) error) error {
	return f.Rows.Lines(ctx, item, func(l *explain.DetailedLine) error {
		if f.after--; f.after == 0 {
			if err := f.end(); err != nil {
				return err
			}
		}
		return fn(l)
	})
}

func TestFailureLeavesNothing(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 6000)
	ctx, cancel := context.WithCancel(t.Context())
	broken := errors.New("broken")
	for name, f := range map[string]*failing{
		"error":  {src, 2000, func() error { return broken }},
		"cancel": {src, 2000, func() error { cancel(); return nil }},
	} {
		dir := t.TempDir()
		if _, err := Write(ctx, dir, is, f, Options{}); !errors.Is(err, broken) && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		if left := reporttest.Tree(t, dir); len(left) > 0 {
			t.Errorf("%s: left behind %v", name, left)
		}
	}
}

// What was there stays when a later export fails.
func TestFailureKeepsOldFiles(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 50)
	dir := t.TempDir()
	if _, err := Write(t.Context(), dir, is, src, Options{}); err != nil {
		t.Fatal(err)
	}
	before := reporttest.Tree(t, dir)
	is.Batch.Pays++
	if _, err := Write(t.Context(), dir, is, src, Options{}); !fault.Is(err, fault.Internal) {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(before, reporttest.Tree(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// Any figure of the batch that is not what the lines add up to stops everything.
func TestTotalsThatDisagree(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*source.Issue, *reporttest.Rows){
		"当月":   func(is *source.Issue, _ *reporttest.Rows) { is.Totals[0].Current++ },
		"补发":   func(is *source.Issue, _ *reporttest.Rows) { is.Totals[0].Arrears++ },
		"扣回":   func(is *source.Issue, _ *reporttest.Rows) { is.Totals[0].Recovery-- },
		"暂缓":   func(is *source.Issue, _ *reporttest.Rows) { is.Totals[0].Held++ },
		"人数":   func(is *source.Issue, _ *reporttest.Rows) { is.Totals[0].Heads++ },
		"明细条数": func(is *source.Issue, _ *reporttest.Rows) { is.Batch.Lines++ },
		"应发合计": func(is *source.Issue, s *reporttest.Rows) {
			is.Batch.Pays, is.Files[0].Amount = is.Batch.Pays+1, is.Files[0].Amount+1
			s.ByFile[is.Files[0].Number][0].Amount++
		},
		"项目 99": func(is *source.Issue, _ *reporttest.Rows) {
			is.Totals = append(is.Totals, payrun.ItemTotal{Item: "99", Current: 1})
		},
		"高龄津贴": func(is *source.Issue, _ *reporttest.Rows) { is.Totals = is.Totals[1:] },
		"银行文件": func(is *source.Issue, s *reporttest.Rows) { s.ByFile[is.Files[0].Number][0].Amount++ },
		"付款笔数": func(is *source.Issue, s *reporttest.Rows) { f := is.Files[0].Number; s.ByFile[f] = s.ByFile[f][:5] },
		"变动后":  func(is *source.Issue, s *reporttest.Rows) { s.Moved[0].Last++ },
	} {
		is, src := reporttest.Batch(t, reporttest.Civil, 400)
		spoil(is, src)
		dir := t.TempDir()
		_, err := Write(t.Context(), dir, is, src, Options{})
		if !fault.Is(err, fault.Internal) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
		if left := reporttest.Tree(t, dir); len(left) > 0 {
			t.Errorf("%s: left behind %v", name, left)
		}
	}
}

func TestOutOfOrderFails(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 100)
	lines := src.ByItem["11"]
	lines[0], lines[len(lines)-1] = lines[len(lines)-1], lines[0]
	if _, err := Write(t.Context(), t.TempDir(), is, src, Options{}); err == nil {
		t.Error("written")
	}
}
