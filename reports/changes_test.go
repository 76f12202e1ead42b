package reports

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/money"
	"disburse/internal/payrun/explain"
	"disburse/reports/control"
	"disburse/reports/reporttest"
	"disburse/reports/source"
)

// withChange makes the small batch have changes of all three kinds that balance.
func withChange(t *testing.T) (*source.Issue, *reporttest.Rows) {
	t.Helper()
	is, src := small(t)
	is.PreviousTotals[0].Current = 6000 + 3000 // 王一 got 60.00, somebody 30.00
	src.Moved[0] = explain.BridgeRow{Item: "11", Name: "李二", ID: src.Moved[0].ID, Street: "御河", Community: "河西社区", This: 7000, Reason: "本月满 80 周岁"}
	src.Moved = append([]explain.BridgeRow{
		{Item: "11", Name: "王一", ID: "140203194001010011", Street: "永泰", Community: "东街社区", Last: 6000, This: 7000, Reason: "高龄津贴标准由 60元/月变为 70元/月"},
		{Item: "11", Name: "孙四", ID: "140203194001010044", Street: "永泰", Community: "东街社区", Last: 3000, Reason: "2026-10-02 去世"},
	}, src.Moved...)
	return is, src
}

// TestChangeLists: every change is on the sheet of its kind, by street and person, with
// sums that are those of the sheet 变动.
func TestChangeLists(t *testing.T) {
	t.Parallel()
	is, src := withChange(t)
	dir, files := write(t, is, src, Options{})
	book := reporttest.Open(t, filepath.Join(dir, reporttest.Civil, "变动名单.xlsx"), "")
	office := "街道核实人：　　　　　　　　　　核实日期：　　　　年　　月　　日　　　　　　街道盖章："
	note := "注：只比两个月第1批的当月金额，不含补发、扣回和暂缓；与发放清册“变动”表一致。请街道逐人核实，不符的在“核实情况”写明后退回。"
	for name, want := range map[string][][]string{
		"新增": {
			{"1", "王一", "140203194001010011", "永泰", "16 护理补贴", "0.00", "100.00", "100.00", "由 23-2 改为 16"},
			{"永泰　小计　1 人　1 项", "0.00", "100.00", "100.00"}, {office},
			{"2", "李二", "140203193001010022", "御河", "河西社区", "11 高龄津贴", "0.00", "70.00", "70.00", "本月满 80 周岁"},
			{"御河　小计　1 人　1 项", "0.00", "70.00", "70.00"}, {office},
			{"各街道合计"}, {"永泰　1 人　1 项", "0.00", "100.00", "100.00"}, {"御河　1 人　1 项", "0.00", "70.00", "70.00"},
			{"新增合计　2 人　2 项", "0.00", "170.00", "170.00"}, {note},
		},
		"停发": {
			{"1", "王一", "140203194001010011", "永泰", "23-2 重度残疾人护理补贴", "100.00", "0.00", "-100.00", "由 23-2 改为 16"},
			{"2", "孙四", "140203194001010044", "永泰", "东街社区", "11 高龄津贴", "30.00", "0.00", "-30.00", "2026-10-02 去世"},
			{"永泰　小计　2 人　2 项", "130.00", "0.00", "-130.00"}, {office},
			{"3", "赵三", "140203192601010033", "御河", "12 百岁补贴", "300.00", "0.00", "-300.00", "暂缓：无账户、暂停发放"},
			{"御河　小计　1 人　1 项", "300.00", "0.00", "-300.00"}, {office},
			{"各街道合计"}, {"永泰　2 人　2 项", "130.00", "0.00", "-130.00"}, {"御河　1 人　1 项", "300.00", "0.00", "-300.00"},
			{"停发合计　3 人　3 项", "430.00", "0.00", "-430.00"}, {note},
		},
		"变更": {
			{"1", "王一", "140203194001010011", "永泰", "东街社区", "11 高龄津贴", "60.00", "70.00", "10.00", "高龄津贴标准由 60元/月变为 70元/月"},
			{"永泰　小计　1 人　1 项", "60.00", "70.00", "10.00"}, {office},
			{"变更合计　1 人　1 项", "60.00", "70.00", "10.00"}, {note},
		},
	} {
		if diff := cmp.Diff(want, body(reporttest.Sheet(t, book, name))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, f := range files {
		if f.Kind == KindChanges && (f.Rows != 6 || f.Amount != -25000 || f.Path != reporttest.Civil+"/变动名单.xlsx") {
			t.Errorf("%+v", f)
		}
	}
}

// A batch without a month before it, and a supplementary one, have no 变动名单.
func TestNoChangeLists(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*source.Issue){func(is *source.Issue) { is.Previous = nil }, func(is *source.Issue) { is.Batch.N, is.Batch.Extra = 2, true }} {
		is, src := small(t)
		change(is)
		_, files := write(t, is, src, Options{})
		for _, f := range files {
			if f.Kind == KindChanges {
				t.Errorf("batch %d has %s", is.Batch.N, f.Path)
			}
		}
	}
}

// What pays again what a bank refused says so beside the name, whatever its month.
func TestReissueIsRemarked(t *testing.T) {
	t.Parallel()
	is, src := small(t)
	is.Batch.N, is.Batch.Extra = 2, true
	again := explain.Reissue + "：原 140213-202611-MZ-1-003 第 5 号，户名不符"
	for i := range src.ByItem["11"] {
		if l := &src.ByItem["11"][i]; l.Name == "李二" {
			l.Reason = again
		} else {
			l.Reason = "其他原因"
		}
	}
	dir, _ := write(t, is, src, Options{})
	book := reporttest.Open(t, filepath.Join(dir, reporttest.Civil, "发放清册-2.xlsx"), "")
	rows := body(reporttest.Sheet(t, book, "11 高龄津贴"))
	for at, want := range map[int]string{0: "王一", 2: again, 3: again} {
		if got := rows[at][len(rows[at])-1]; got != want {
			t.Errorf("row %v ends with %q, want %q", rows[at], got, want)
		}
	}
	if text := reporttest.Flat(reporttest.Sheet(t, book, "补发扣回")); !strings.Contains(text, again) {
		t.Errorf("补发扣回 lacks %q:\n%s", again, text)
	}
}

// TestManyChanges: nobody is lost over streets and pages, and no money.
func TestManyChanges(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 1500)
	dir, _ := write(t, is, src, Options{})
	book := reporttest.Open(t, filepath.Join(dir, reporttest.Civil, "变动名单.xlsx"), "")
	want := money.Fen(0)
	for _, r := range src.Moved {
		want += r.This - r.Last
	}
	got, n := money.Fen(0), 0
	for _, name := range []string{control.Begun, control.Stopped, control.Changed} {
		sum, rows := reporttest.AddUp(t, reporttest.Sheet(t, book, name), "增减")
		got, n = got+sum, n+rows
	}
	if got != want || n != len(src.Moved) || n == 0 {
		t.Errorf("%s in %d rows, want %s in %d", got, n, want, len(src.Moved))
	}
}
