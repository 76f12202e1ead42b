package batch

import (
	"bytes"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"disburse/internal/console/web"
	"disburse/internal/money"
	"disburse/internal/payrun"
)

// lineFilter selects lines of a batch. Empty fields match all lines.
type lineFilter struct {
	Item, Street, Bank string
	Kind               string // 当月, 补发, 扣回, or 往月 for the last two
	Status             string // 可发, 暂缓
	Hold               string // one reason
	Who                string // part of a name, or an ID number or its beginning
	After              string // cursor: the last line of the previous page, as person.place
}

const pastKinds = "往月" // 补发 and 扣回

// noBank is the filter for lines without a bank: an empty field matches all lines.
const noBank = "未填开户行"

func filterOf(v *web.Visit) lineFilter {
	text := v.Form
	return lineFilter{Item: text("item"), Street: text("street"), Bank: text("bank"), Kind: text("kind"), Status: text("status"),
		Hold: text("hold"), Who: v.SearchTerm("who"), After: text("after")}
}

// query is the filter as the query of an address.
func (f lineFilter) query() url.Values {
	q := url.Values{}
	for _, p := range [][2]string{{"item", f.Item}, {"street", f.Street}, {"bank", f.Bank}, {"kind", f.Kind}, {"status", f.Status},
		{"hold", f.Hold}, {"who", f.Who}, {"after", f.After}} {
		if p[1] != "" {
			q.Set(p[0], p[1])
		}
	}
	return q
}

// Narrow reports whether anything is filtered beyond what the tab itself selects.
func (f lineFilter) Narrow() bool {
	return f.Item != "" || f.Street != "" || f.Bank != "" || f.Hold != "" || f.Who != ""
}

// lineHit identifies a line: the person and the line's index among theirs, from 0.
type lineHit struct {
	person int64
	place  int
}

func (h lineHit) cursor() string {
	return strconv.FormatInt(h.person, 10) + "." + strconv.Itoa(h.place)
}

func parseCursor(text string) (lineHit, bool) {
	person, place, ok := strings.Cut(text, ".")
	if !ok {
		return lineHit{}, false
	}
	n, err := strconv.ParseInt(person, 10, 64)
	p, wrong := strconv.Atoi(place)
	return lineHit{n, p}, err == nil && wrong == nil
}

// filterResult is the result of a filter: one page of lines, and counts and sums of all.
type filterResult struct {
	Hits          []lineHit // lines of the page
	More          bool      // there is another page
	Lines, People int       // of all pages
	Pays, Held    money.Fen
}

// find scans all lines. people, if not nil, restricts it to those people, in ascending order;
// otherwise f.Who is searched for in the names that the batch was computed with. A page has
// at most limit lines.
func (x *lineIndex) find(f lineFilter, people []int64, limit int) filterResult {
	m := x.matcher(f)
	after, begun := parseCursor(f.After)
	var out filterResult
	name := []byte(f.Who)
	for i := range x.people {
		p := &x.people[i]
		if people != nil {
			if _, ok := slices.BinarySearch(people, p.number); !ok {
				continue
			}
		} else if len(name) > 0 && !bytes.Contains(x.name(i), name) {
			continue
		}
		from, to := x.linesOf(i)
		counted := false
		for at := from; at < to; at++ {
			l := &x.lines[at]
			if !m.matches(l) {
				continue
			}
			out.count(l)
			if !counted {
				counted = true
				out.People++
			}
			hit := lineHit{p.number, at - from}
			switch {
			case begun && (hit.person < after.person || (hit.person == after.person && hit.place <= after.place)):
			case len(out.Hits) == limit:
				out.More = true
			default:
				out.Hits = append(out.Hits, hit)
			}
		}
	}
	return out
}

func (o *filterResult) count(l *lineEntry) {
	o.Lines++
	if l.hold != 0 {
		o.Held = o.Held.Add(l.amount)
	} else {
		o.Pays = o.Pays.Add(l.amount)
	}
}

// matcher is a filter translated into the numbers of an index, so that matching compares only
// integers. A text that is not in the batch matches nothing.
type matcher struct {
	item, street, bank int // -1: any
	nothing            bool
	kinds              [4]bool
	status             string
	hold               payrun.Hold
}

func (x *lineIndex) matcher(f lineFilter) matcher {
	m := matcher{status: f.Status}
	number := func(w *dictionary, asked, text string) int {
		if asked == "" {
			return -1
		}
		n, ok := w.number[text]
		m.nothing = m.nothing || !ok
		return int(n)
	}
	m.item, m.street = number(&x.items, f.Item, f.Item), number(&x.streets, f.Street, f.Street)
	m.bank = number(&x.banks, f.Bank, strings.TrimSuffix(f.Bank, noBank))
	for k := payrun.Current; k <= payrun.Recovery; k++ {
		m.kinds[k] = f.Kind == "" || f.Kind == k.String() || (f.Kind == pastKinds && k != payrun.Current)
	}
	for _, r := range holdReasons {
		if r.Bit.String() == f.Hold {
			m.hold = r.Bit
		}
	}
	m.nothing = m.nothing || (f.Hold != "" && m.hold == 0)
	return m
}

func (m *matcher) matches(l *lineEntry) bool {
	switch {
	case m.nothing, !m.kinds[l.kind]:
		return false
	case m.item >= 0 && int(l.item) != m.item, m.street >= 0 && int(l.street) != m.street, m.bank >= 0 && int(l.bank) != m.bank:
		return false
	case m.status != "" && (m.status == statusHeld) != (l.hold != 0):
		return false
	}
	return m.hold == 0 || l.hold&m.hold != 0
}

// The two values of payrun.Line.Status.
const (
	statusPays = "可发"
	statusHeld = "暂缓"
)
