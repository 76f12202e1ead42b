package roster

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestOddNames: what names do not have is warned of by row and comes in as written.
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
	imp := read(t, workbook(t, nil, peopleSheet("姓名 身份证号 街道", []any{"<b>张</b>", idA, "平城"}, []any{"李四", idB, "平城"})))
	wantRefused(t, imp.Problems)
	if len(imp.People) != 2 || imp.People[0].Person.Name != "<b>张</b>" {
		t.Fatalf("%d people", len(imp.People))
	}
	var odd []string
	for _, w := range imp.PeopleWarnings(everybody) {
		if w.Column == "姓名" {
			odd = append(odd, fmt.Sprintf("%d %s", w.Place.Row, w.Value))
		}
	}
	if strings.Join(odd, "，") != "2 <b>张</b>" {
		t.Errorf("warned of %v", odd)
	}
}

// TestManyOddNames: a workbook full of them is not answered with as many warnings.
func TestManyOddNames(t *testing.T) {
	t.Parallel()
	people := make([]*Dossier, maxOddNames+7)
	for n := range people {
		people[n] = madeUpPerson(n)
		people[n].Name = "某#"
	}
	imp := read(t, written(t, fullSheet, people, nil))
	var said []Problem
	for _, w := range imp.PeopleWarnings(everybody) {
		if w.Column == "姓名" {
			said = append(said, w)
		}
	}
	more := slices.ContainsFunc(said, func(w Problem) bool { return strings.Contains(w.Reason, "另有 7 行") })
	if len(said) != maxOddNames+1 || !more {
		t.Errorf("%d warnings, the first %+v", len(said), said[0])
	}
}

// everybody comes in.
func everybody(int) bool { return true }
