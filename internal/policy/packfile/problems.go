package packfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one error in a pack, with its place.
type Problem struct {
	Pos
	Sentence string // Chinese: what is wrong and what to do
}

func (p Problem) String() string { return p.Pos.String() + "：" + p.Sentence }

// Problems are all errors of a pack, in the order of the file. Nothing of a pack
// that has any is used.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// maxProblems bounds what is listed: more helps nobody, and each quotes the pack.
const maxProblems = 500

// sorted puts problems in the order of the file and says where the list breaks off.
func sorted(ps Problems) Problems {
	more := len(ps) > maxProblems
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	ps = slices.Compact(ps)
	if more {
		ps = append(ps[:len(ps)-1], Problem{ps[len(ps)-1].Pos, fmt.Sprintf("错误太多，只列出 %d 处，请先改正这些", len(ps)-1)})
	}
	return ps
}

// Report gathers the problems that the checks of one file find, one check after another.
type Report struct {
	Here     Pos // the part being checked: the place of what it lacks
	problems Problems
}

// Err returns what was found, Problems in the order of the file; nil for nothing.
func (r *Report) Err() error {
	if len(r.problems) == 0 {
		return nil
	}
	return sorted(r.problems)
}

// Fail notes a problem at a place, or where it has none, at the part that is being checked.
func (r *Report) Fail(at Pos, format string, args ...any) {
	if len(r.problems) > maxProblems {
		return
	}
	at = at.Or(r.Here).Or(Pos{1, 1})
	r.problems = append(r.problems, Problem{at, fmt.Sprintf(format, args...)})
}

func (r *Report) required(at Pos, t Text, what string) bool {
	if t.Value == "" {
		r.Fail(at, "缺少%s", what)
	}
	return t.Value != ""
}

// InOrder refuses what ends before it begins: it would never be in force.
func (r *Report) InOrder(what string, from, to Month) {
	if from.Value != 0 && to.Value != 0 && from.Value > to.Value {
		r.Fail(from.Pos, "%s的起始月晚于终止月", what)
	}
}
