package roster

import (
	"cmp"
	"slices"

	"disburse/internal/month"
)

// MatchedBy says how a row of a list was matched to a person, the surest first.
type MatchedBy int8

// The ways of matching.
const (
	ByNumber    MatchedBy = 1 // 身份证号
	ByOldNumber MatchedBy = 2 // a number that the person carried before (原身份证号)
	ByName      MatchedBy = 3 // name and birth date
	ByNameMany  MatchedBy = 4 // name and birth date, which several people have
)

// Chinese returns the way as staff read it.
func (m MatchedBy) Chinese() string {
	return [...]string{"", "身份证号相符", "与原身份证号相符", "姓名和出生日期相符", "姓名和出生日期相符，但有几个人如此"}[m]
}

// Match is a row of a list and a person of the roster whom it may be about.
type Match struct {
	Row    int // index into MatchList.Rows
	How    MatchedBy
	Person Person
}

// Matcher matches the rows of a list with people, whom it is shown one by one. A row is
// matched in the surest way that finds anybody; then with all whom it finds that way.
type Matcher struct {
	rows    []ListRow
	byID    map[string][]int
	byName  map[nameBirth][]int
	matches []Match
	best    []MatchedBy // by row, of what was found so far; 0: nothing
}

type nameBirth struct {
	name  string
	birth month.Date
}

// NewMatcher prepares a list's rows for matching.
func NewMatcher(rows []ListRow) *Matcher {
	m := &Matcher{rows: rows, byID: map[string][]int{}, byName: map[nameBirth][]int{}, best: make([]MatchedBy, len(rows))}
	for i := range rows {
		r := &rows[i]
		if r.ID != "" {
			m.byID[r.ID] = append(m.byID[r.ID], i)
		}
		if r.Name != "" && r.Birth != 0 {
			key := nameBirth{r.Name, r.Birth}
			m.byName[key] = append(m.byName[key], i)
		}
	}
	return m
}

// Person shows somebody as known now, with the numbers carried before.
func (m *Matcher) Person(p *Person, past []string) {
	found := map[int]bool{}
	add := func(rows []int, how MatchedBy) {
		for _, i := range rows {
			if found[i] || (m.best[i] != 0 && m.best[i] < how) {
				continue
			}
			found[i] = true
			m.best[i] = how
			m.matches = append(m.matches, Match{i, how, *p})
		}
	}
	add(m.byID[p.ID], ByNumber)
	for _, id := range past {
		add(m.byID[id], ByOldNumber)
	}
	add(m.byName[nameBirth{p.Name, p.Birth}], ByName)
}

// Matches returns what was found, by row and person number, and the rows that nobody
// matches.
func (m *Matcher) Matches() (matches []Match, unmatched []int) {
	found := slices.DeleteFunc(m.matches, func(x Match) bool { return x.How != m.best[x.Row] })
	count := make([]int, len(m.rows))
	for i := range found {
		count[found[i].Row]++
	}
	for i := range found {
		if found[i].How == ByName && count[found[i].Row] > 1 {
			found[i].How = ByNameMany
		}
	}
	slices.SortFunc(found, func(a, b Match) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Person.Number, b.Person.Number))
	})
	for i, n := range count {
		if n == 0 {
			unmatched = append(unmatched, i)
		}
	}
	return found, unmatched
}
