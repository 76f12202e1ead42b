package roster

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestOddNames: what names do not have is warned of by row.
func TestOddNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"张三", "阿不都·热合曼", "阿布•都", "王〇", "〇一", "㐂三", "𠮷田", "Anna-Maria J. O", "ئابدۇ", "བསྟན"} {
		if r := oddIn(name); r != 0 {
			t.Errorf("%s: %q is odd", name, r)
		}
	}
	for name, want := range map[string]rune{"=1+1": '=', "<b>张</b>": '<', "@SUM": '@', "张三2": '2', "张三（小）": '（', "张,三": ','} {
		if r := oddIn(name); r != want {
			t.Errorf("%s: %q, want %q", name, r, want)
		}
	}
	imp := &Import{People: []PersonRow{
		{Place: Place{"人员", 2}, Person: Person{Name: "<b>张</b>"}}, {Place: Place{"人员", 3}, Person: Person{Name: "李四"}},
	}}
	var odd []string
	for _, w := range imp.PeopleWarnings(everybody) {
		odd = append(odd, fmt.Sprintf("%s %d %s", w.Column, w.Place.Row, w.Value))
	}
	if strings.Join(odd, "，") != "姓名 2 <b>张</b>" {
		t.Errorf("warned of %v", odd)
	}
}

// TestManyOddNames: a workbook full of them is not answered with as many warnings.
func TestManyOddNames(t *testing.T) {
	t.Parallel()
	imp := &Import{People: make([]PersonRow, maxOddNames+7)}
	for n := range imp.People {
		imp.People[n].Person.Name = "某#"
	}
	said := imp.PeopleWarnings(everybody)
	more := slices.ContainsFunc(said, func(w Problem) bool { return strings.Contains(w.Reason, "另有 7 行") })
	if len(said) != maxOddNames+1 || !more {
		t.Errorf("%d warnings, the first %+v", len(said), said[0])
	}
}

// everybody comes in.
func everybody(int) bool { return true }
