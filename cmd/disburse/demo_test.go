package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"disburse/internal/money"
)

// TestDemo goes the whole way on a private database of its own: two months with changes
// between them, all files, a summary, what to open next. It takes the place of an
// earlier demo.
func TestDemo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, parent := range []string{dir, filepath.Dir(dir)} { // the server's own user must get through
		if err := os.Chmod(parent, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(dir, "out")
	args := []string{"demo", "--people", "300", "--month", "2026-12", "--out", out}
	stale := []string{filepath.Join(out, "demo-data", "旧"), filepath.Join(out, "2026-12", "旧", "发放清册.xlsx")}
	for _, file := range stale {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, file, "上次的")
	}
	// The demo keeps to its own database.
	code, printed, errors := execWith(t, map[string]string{"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}, "", args...)
	if code != exitDone {
		t.Fatalf("exit %d\n%s%s", code, printed, errors)
	}
	for _, part := range []string{"300 名", "2026年11月", "2026年12月", "独立复算一致", "补发", "扣回", "暂缓", "接下来可以打开", "发放清册.xlsx", "disburse --data"} {
		if !strings.Contains(printed, part) {
			t.Errorf("%q is not in:\n%s", part, printed)
		}
	}
	for _, file := range stale {
		if _, err := os.Stat(file); err == nil {
			t.Errorf("%s of an earlier demo is still there", file)
		}
	}
	o := &desk{t: t, dir: dir}
	for _, m := range []string{"2026-11", "2026-12"} {
		found := o.manifest(out, m)
		if len(found.Batches) != 10 {
			t.Errorf("%s: %d batches", m, len(found.Batches))
		}
		for _, b := range found.Batches {
			if b.State != "approved" {
				t.Errorf("%s: %+v", m, b)
			}
		}
		for _, f := range found.Files {
			if _, err := os.Stat(filepath.Join(out, m, f.Path)); err != nil {
				t.Errorf("%s: %v", m, err)
			}
		}
		pays, err := money.Parse(found.Batches[0].Pays)
		if err != nil || pays <= 0 {
			t.Errorf("%s pays %s", m, found.Batches[0].Pays)
		}
	}
	// Another command attaches to what the demo has left.
	data := []string{"--data", filepath.Join(out, "demo-data")}
	if code, printed, errors := execIn(t, "", append([]string{"verify", "2026-12"}, data...)...); code != exitDone {
		t.Errorf("verify: exit %d\n%s%s", code, printed, errors)
	}
	if code, printed, _ := execIn(t, "", append([]string{"recovery", "--format", "csv"}, data...)...); code != exitDone || strings.Count(printed, "\n") < 2 {
		t.Errorf("recovery: exit %d\n%s", code, printed)
	}
	demoFunds(t, out, data)
	if code, _, errors := execIn(t, "", "demo", "--db", "postgres://x@y/z"); code != exitUsage || !strings.Contains(errors, "--db") {
		t.Errorf("a demo on somebody's database: exit %d, %s", code, errors)
	}
	if code, _, _ := execIn(t, "", "demo", "--people", "0", "--out", out); code != exitFailed {
		t.Errorf("a demo of nobody: exit %d", code)
	}
	if _, err := os.Stat(data[1]); err != nil {
		t.Errorf("a refused demo took the last one's data: %v", err)
	}
}

// fundFigures are 应发, 跨资金转入, 跨资金转出 and 实拨 of a fund, as a paper prints them.
type fundFigures [4]string

// demoFunds reads the demo's second month back from the application, the reconciliation and
// the year: by fund they say the same, and what crosses funds is what the demo's people who
// changed from one entitlement to another make it.
func demoFunds(t *testing.T, out string, data []string) {
	t.Helper()
	for _, args := range [][]string{{"bank", "reconcile", "2026-12", "--bureau", minzheng, "--out", out}, {"year", "2026", "--bureau", minzheng, "--out", out}} {
		if code, printed, errors := execIn(t, "", append(args, data...)...); code != exitDone {
			t.Fatalf("%v: exit %d\n%s%s", args, code, printed, errors)
		}
	}
	read := func(sheet string, path ...string) [][]string {
		f, err := excelize.OpenFile(filepath.Join(append([]string{out}, path...)...), excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	applied, reconciled, year := map[string]fundFigures{}, map[string]fundFigures{}, map[string]fundFigures{}
	isFund := func(row []string) bool {
		return len(row) > 0 && strings.HasSuffix(row[0], "资金") && row[0] != "资金来源"
	}
	for _, row := range read("资金拨付申请", "2026-12", minzheng, "资金拨付申请.xlsx") {
		if isFund(row) && len(row) == 8 {
			applied[row[0]] = fundFigures(row[4:8])
		}
	}
	for _, row := range read("资金分担", "2026-12", minzheng, "对账表.xlsx") {
		if isFund(row) {
			reconciled[row[0]] = fundFigures(row[1:5])
		}
	}
	names := []string{"应发", "跨资金转入", "跨资金转出", "实拨"}
	for _, row := range read("汇总", "2026", minzheng, "领取情况.xlsx") {
		if !isFund(row) || len(row) < 14 || row[13] == "" {
			continue
		}
		figures, ok := year[row[0]]
		if !ok {
			figures = fundFigures{"0.00", "0.00", "0.00", "0.00"}
		}
		figures[slices.Index(names, row[1])] = row[13] // December
		year[row[0]] = figures
	}
	if diff := cmp.Diff(applied, reconciled); diff != "" {
		t.Errorf("application and reconciliation (-application +reconciliation):\n%s", diff)
	}
	if diff := cmp.Diff(applied, year); diff != "" {
		t.Errorf("application and year (-application +year):\n%s", diff)
	}
	for fund, want := range map[string][2]string{"养老服务补贴资金": {"170.00", "100.00"}, "困难群众救助补助资金": {"0.00", "170.00"}, "残疾人两项补贴资金": {"100.00", "0.00"}} {
		if got := applied[fund]; got[1] != want[0] || got[2] != want[1] || got[0] == got[3] {
			t.Errorf("%s: %v, want %v to cross", fund, got, want)
		}
	}
	people := fmt.Sprint(read("跨资金抵扣", "2026-12", minzheng, "资金拨付申请.xlsx"))
	for _, part := range []string{"13 养老服务补贴", "16 护理补贴", "23-2 重度残疾人护理补贴", "困难群众救助补助资金 转给 养老服务补贴资金"} {
		if !strings.Contains(people, part) {
			t.Errorf("%q is not among the people of 跨资金抵扣:\n%s", part, people)
		}
	}
}
