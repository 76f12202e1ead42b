package reports

import (
	"cmp"
	"strings"
	"unicode"

	"disburse/internal/month"
	"disburse/internal/policy/packfile"
)

// catalogue is the pack as the sheets of one bureau need it.
type catalogue struct {
	file   *packfile.File
	bureau string
	items  map[string]*packfile.Item
	order  map[string]int
	funds  map[string]string // fund source by paying item
	street map[string]int
}

// newCatalogue is a pack as the sheets of a bureau need it.
func newCatalogue(file *packfile.File, bureau string) *catalogue {
	c := &catalogue{file: file, bureau: bureau, items: map[string]*packfile.Item{}, order: map[string]int{}, street: map[string]int{}, funds: map[string]string{}}
	for i := range file.Items {
		code := file.Items[i].Code.Value
		c.items[code], c.order[code], c.funds[code] = &file.Items[i], i, file.FundOf(code)
	}
	for i, s := range file.Streets {
		c.street[s.Value] = i
	}
	return c
}

// pays are the items that the bureau pays, in the pack's order.
func (c *catalogue) pays() []*packfile.Item {
	return c.filter(func(it *packfile.Item) bool { return it.Pay != nil && it.Bureaus[0].Value == c.bureau })
}

// lists are the list items that the bureau serves, in the pack's order.
func (c *catalogue) lists() []*packfile.Item {
	return c.filter(func(it *packfile.Item) bool {
		if it.List.Value == "" {
			return false
		}
		for _, b := range it.Bureaus {
			if b.Value == c.bureau {
				return true
			}
		}
		return false
	})
}

// fundPlace is where a fund source comes in the pack's order: with its first item.
func (c *catalogue) fundPlace(name string) int {
	for i := range c.file.Items {
		if it := &c.file.Items[i]; it.Pay != nil && c.funds[it.Code.Value] == name {
			return i
		}
	}
	return len(c.file.Items)
}

func (c *catalogue) filter(keep func(*packfile.Item) bool) []*packfile.Item {
	var items []*packfile.Item
	for i := range c.file.Items {
		if it := &c.file.Items[i]; len(it.Bureaus) > 0 && keep(it) {
			items = append(items, it)
		}
	}
	return items
}

// title names an item as sheets do: 11 高龄津贴.
func (c *catalogue) title(code string) string {
	if it := c.items[code]; it != nil {
		return code + " " + it.Name.Value
	}
	return code
}

// name returns the item's name alone.
func (c *catalogue) name(code string) string {
	if it := c.items[code]; it != nil {
		return it.Name.Value
	}
	return code
}

// paidAs is what bank memos and letters call what an item pays.
func (c *catalogue) paidAs(code string) string {
	if it := c.items[code]; it != nil {
		return it.PaidAs()
	}
	return code
}

// compareStreets orders streets as the pack does, those it does not name after them.
func (c *catalogue) compareStreets(a, b string) int {
	return cmp.Or(cmp.Compare(c.place(a), c.place(b)), strings.Compare(a, b))
}

func (c *catalogue) place(street string) int {
	if at, ok := c.street[street]; ok {
		return at
	}
	return len(c.street)
}

// streetName is how sheets write a street.
func streetName(s string) string {
	if s == "" {
		return "（未填街道）"
	}
	return s
}

// bank is the bank that pays for the bureau.
func (c *catalogue) bank() string {
	for _, b := range c.file.Bureaus {
		if b.Name.Value == c.bureau && b.Bank.Value != "" {
			return b.Bank.Value
		}
	}
	return "待核定"
}

// unconfirmed says what of an item's money is 待核定 in months from … to: its
// formula, and the values of rates that its expressions name.
func (c *catalogue) unconfirmed(it *packfile.Item, from, to month.Month) []string {
	var notes []string
	if it.Pay != nil && it.Pay.Unconfirmed.Value != "" {
		notes = append(notes, it.Pay.Unconfirmed.Value)
	}
	used := c.names(it)
	for i := range c.file.Rates {
		r := &c.file.Rates[i]
		if !used[r.Name.Value] {
			continue
		}
		for _, v := range r.Values {
			if v.Unconfirmed.Value != "" && v.From.Value <= to && from <= rateEnd(r, v) {
				notes = append(notes, rateNote(r, v))
			}
		}
	}
	return notes
}

// rateEnd is the last month of a value: its own, or the one before the next value
// of the same case.
func rateEnd(r *packfile.Rate, v packfile.RateValue) month.Month {
	const forever = month.Month(1 << 30)
	if v.To.Value != 0 {
		return v.To.Value
	}
	end := forever
	for _, o := range r.Values {
		if o.When.Value == v.When.Value && o.From.Value > v.From.Value {
			end = min(end, o.From.Value-1)
		}
	}
	return end
}

func rateNote(r *packfile.Rate, v packfile.RateValue) string {
	name := r.Name.Value
	if v.When.Value != "" {
		name += "（" + v.When.Value + "）"
	}
	return name + " " + v.Value.Value + " " + r.Unit.Value + "：" + v.Unconfirmed.Value
}

// names are all names that the item's money and list details depend on.
func (c *catalogue) names(it *packfile.Item) map[string]bool {
	used := map[string]bool{}
	var texts []string
	if it.Pay != nil {
		for _, a := range it.Pay.Amount {
			texts = append(texts, a.If.Value, a.Is.Value)
		}
	}
	for _, d := range it.Detail {
		texts = append(texts, d.If.Value, d.Value.Value)
	}
	for len(texts) > 0 {
		text := texts[0]
		texts = texts[1:]
		for _, name := range identifiers(text) {
			if used[name] {
				continue
			}
			used[name] = true
			texts = append(texts, c.derived(name)...)
		}
	}
	return used
}

func (c *catalogue) derived(name string) []string {
	var texts []string
	for _, d := range c.file.Derived {
		if d.Name.Value == name {
			for _, clause := range d.Is {
				texts = append(texts, clause.Is.Value)
			}
		}
	}
	return texts
}

// identifiers are the names in an expression, without what stands in quotes.
func identifiers(expression string) []string {
	var plain strings.Builder
	quote := rune(0)
	for _, r := range expression {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
			r = ' '
		case r == '"' || r == '\'':
			quote, r = r, ' '
		}
		plain.WriteRune(r)
	}
	return strings.FieldsFunc(plain.String(), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_'
	})
}
