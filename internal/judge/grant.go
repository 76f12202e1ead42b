package judge

import (
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"disburse/internal/money"
	"disburse/internal/policy/packfile"
)

// Grant is what one item grants a person for one month; Amount is above 0.
type Grant struct {
	Item   string
	Payee  string
	Amount money.Fen // 分
}

// Listing puts a person on an item's list (名册).
type Listing struct {
	Item   string
	Detail string
}

// Gap is an amount that could not be computed, and what it lacks: never a zero.
type Gap struct {
	Item string
	What string
}

// result is one person's month, by item.
type result struct {
	grants map[string]Grant
	lists  map[string]Listing
	gaps   map[string]Gap
}

// grantMonth keeps the order of docs/rules.md §4.4: every item by itself, then 就高, then the
// items that use what was really granted. items are those asked for, in list order.
func (j *Judge) grantMonth(p *subject, m calendarMonth, items []*packfile.Item) (*result, error) {
	r := &result{map[string]Grant{}, map[string]Listing{}, map[string]Gap{}}
	var later []*packfile.Item
	for _, item := range items {
		if len(j.deducts[item.Code.Value]) > 0 {
			later = append(later, item)
			continue
		}
		if err := j.grantItem(r, p, item, m); err != nil {
			return nil, err
		}
	}
	j.keepHigher(r, m)
	return r, j.grantLater(r, p, later, m)
}

// grantLater grants items that use granted(), each after those that it names.
func (j *Judge) grantLater(r *result, p *subject, waiting []*packfile.Item, m calendarMonth) error {
	for len(waiting) > 0 {
		var still []*packfile.Item
		for _, item := range waiting {
			if j.waitsFor(item, waiting) {
				still = append(still, item)
				continue
			}
			if err := j.grantItem(r, p, item, m); err != nil {
				return err
			}
		}
		if len(still) == len(waiting) {
			return fmt.Errorf("judge: item %s uses granted() in a circle", waiting[0].Code.Value)
		}
		waiting = still
	}
	return nil
}

func (j *Judge) waitsFor(item *packfile.Item, waiting []*packfile.Item) bool {
	for _, code := range j.deducts[item.Code.Value] {
		for _, other := range waiting {
			if other.Code.Value == code {
				return true
			}
		}
	}
	return false
}

// keepHigher is 不重复享受，就高: of a group only the highest grant is left; of equal
// ones the first in the list.
func (j *Judge) keepHigher(r *result, m calendarMonth) {
	for _, group := range j.File.HigherOf {
		if !inForce(group.From, group.To, m) {
			continue
		}
		best := ""
		for i := range j.File.Items {
			code := j.File.Items[i].Code.Value
			grant, granted := r.grants[code]
			if !granted || !inGroup(group, code) {
				continue
			}
			if best == "" || grant.Amount > r.grants[best].Amount {
				best = code
			}
		}
		for _, code := range group.Items {
			if code.Value != best {
				delete(r.grants, code.Value)
			}
		}
	}
}

func inGroup(group packfile.Group, code string) bool {
	for _, c := range group.Items {
		if c.Value == code {
			return true
		}
	}
	return false
}

// grantItem lists and pays one item, or notes what its amount lacks.
func (j *Judge) grantItem(r *result, p *subject, item *packfile.Item, m calendarMonth) error {
	err := j.listAndPay(r, p, item, m)
	var lacking *lack
	if errors.As(err, &lacking) {
		r.gaps[item.Code.Value] = Gap{item.Code.Value, lacking.what}
		return nil
	}
	if err != nil {
		return fmt.Errorf("item %s: %w", item.Code.Value, err)
	}
	return nil
}

func (j *Judge) listAndPay(r *result, p *subject, item *packfile.Item, m calendarMonth) error {
	v := j.look(p, item, m, r)
	qualifies, err := j.qualifies(v, item)
	if err != nil || !qualifies {
		return err
	}
	paying := j.payItem(r, v, item)
	listing := r.list(v, item)
	if paying != nil {
		return paying
	}
	return listing
}

func (j *Judge) payItem(r *result, v *view, item *packfile.Item) error {
	if item.Pay == nil {
		return nil
	}
	yuan, payee, err := j.pay(v, item)
	if err != nil {
		return err
	}
	fen, err := toFen(yuan)
	if err != nil {
		return err
	}
	if fen > 0 { // zero grants make no line
		r.grants[item.Code.Value] = Grant{item.Code.Value, payee, fen}
	}
	return nil
}

// look is the person as the item's conditions read them.
func (j *Judge) look(p *subject, item *packfile.Item, m calendarMonth, r *result) *view {
	v := &view{j: j, person: p, month: m, reads: item.Reads.Value}
	v.granted = func(code string) (decimal.Decimal, error) {
		if _, ok := j.items[code]; !ok {
			return decimal.Decimal{}, fmt.Errorf("judge: granted(%q): there is no such item", code)
		}
		if gap, ok := r.gaps[code]; ok {
			return decimal.Decimal{}, &lack{gap.What}
		}
		return decimal.New(int64(r.grants[code].Amount), -2), nil
	}
	return v
}

// on is the same view of another month. What was granted then is not known here.
func (v *view) on(m calendarMonth) *view {
	other := &view{j: v.j, person: v.person, month: m, reads: v.reads}
	other.granted = func(code string) (decimal.Decimal, error) {
		return decimal.Decimal{}, fmt.Errorf("judge: granted(%q) asked of another month", code)
	}
	return other
}

// reading is the same view with facts read in another way.
func (v *view) reading(reads string) *view {
	other := *v
	other.reads = reads
	return &other
}

// qualifies reports whether the person fulfils the item's conditions in the month.
func (j *Judge) qualifies(v *view, item *packfile.Item) (bool, error) {
	switch {
	case !inForce(item.From, item.To, v.month):
		return false, nil
	case v.person.temporary() && !item.Temporary.Value:
		return false, nil
	case !v.person.present(item.Presence.Value, v.month):
		return false, nil
	case v.reads == dayOfDeath && (v.person.died.none() || v.person.died.afterLastDayOf(v.month)):
		return false, nil
	}
	all, err := v.all(item.When)
	if err != nil || !all {
		return false, err
	}
	// What an item excludes always reads the first day.
	excluded, err := v.reading(firstDay).any(item.Unless)
	return !excluded, err
}

// all reports whether all clauses in force hold.
func (v *view) all(clauses []packfile.Clause) (bool, error) {
	for _, c := range clauses {
		if !inForce(c.From, c.To, v.month) {
			continue
		}
		holds, err := v.condition(c.Is.Value)
		if err != nil || !holds {
			return false, err
		}
	}
	return true, nil
}

// any reports whether a clause in force holds.
func (v *view) any(clauses []packfile.Clause) (bool, error) {
	for _, c := range clauses {
		if !inForce(c.From, c.To, v.month) {
			continue
		}
		holds, err := v.condition(c.Is.Value)
		if err != nil || holds {
			return holds, err
		}
	}
	return false, nil
}
