package source

import (
	"cmp"
	"strings"
	"unicode"

	"disburse/internal/month"
	"disburse/internal/policy/packfile"
)

// Catalogue is the pack as the sheets of one bureau need it.
type Catalogue struct {
	File   *packfile.File
	bureau string
	items  map[string]*packfile.Item
	Order  map[string]int
	Funds  map[string]string // fund source by paying item
	Street map[string]int
}

// NewCatalogue is a pack as the sheets of a bureau need it.
func NewCatalogue(file *packfile.File, bureau string) *Catalogue {
	c := &Catalogue{File: file, bureau: bureau, items: map[string]*packfile.Item{}, Order: map[string]int{}, Street: map[string]int{}, Funds: map[string]string{}}
	for i := range file.Items {
		code := file.Items[i].Code.Value
		c.items[code], c.Order[code], c.Funds[code] = &file.Items[i], i, file.FundOf(code)
	}
	for i, s := range file.Streets {
		c.Street[s.Value] = i
	}
	return c
}

// Pays are the items that the bureau pays, in the pack's order.
func (c *Catalogue) Pays() []*packfile.Item {
	return c.filter(func(it *packfile.Item) bool { return it.Pay != nil && it.Bureaus[0].Value == c.bureau })
}

// Lists are the list items that the bureau serves, in the pack's order.
func (c *Catalogue) Lists() []*packfile.Item {
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

// FundPlace is where a fund source comes in the pack's order: with its first item.
func (c *Catalogue) FundPlace(name string) int {
	for i := range c.File.Items {
		if it := &c.File.Items[i]; it.Pay != nil && c.Funds[it.Code.Value] == name {
			return i
		}
	}
	return len(c.File.Items)
}

func (c *Catalogue) filter(keep func(*packfile.Item) bool) []*packfile.Item {
	var items []*packfile.Item
	for i := range c.File.Items {
		if it := &c.File.Items[i]; len(it.Bureaus) > 0 && keep(it) {
			items = append(items, it)
		}
	}
	return items
}

// Title names an item as sheets do: 11 高龄津贴.
func (c *Catalogue) Title(code string) string {
	if it := c.items[code]; it != nil {
		return code + " " + it.Name.Value
	}
	return code
}

// Name returns the item's name alone.
func (c *Catalogue) Name(code string) string {
	if it := c.items[code]; it != nil {
		return it.Name.Value
	}
	return code
}

// PaidAs is what bank memos and letters call what an item pays.
func (c *Catalogue) PaidAs(code string) string {
	if it := c.items[code]; it != nil {
		return it.PaidAs()
	}
	return code
}

// CompareStreets orders streets as the pack does, those it does not name after them.
func (c *Catalogue) CompareStreets(a, b string) int {
	return cmp.Or(cmp.Compare(c.place(a), c.place(b)), strings.Compare(a, b))
}

func (c *Catalogue) place(street string) int {
	if at, ok := c.Street[street]; ok {
		return at
	}
	return len(c.Street)
}

// Bank is the bank that pays for the bureau.
func (c *Catalogue) Bank() string {
	for _, b := range c.File.Bureaus {
		if b.Name.Value == c.bureau && b.Bank.Value != "" {
			return b.Bank.Value
		}
	}
	return "待核定"
}

// Unconfirmed says what of an item's money is 待核定 in months from … to: its
// formula, and the values of rates that its expressions name.
func (c *Catalogue) Unconfirmed(it *packfile.Item, from, to month.Month) []string {
	var notes []string
	if it.Pay != nil && it.Pay.Unconfirmed.Value != "" {
		notes = append(notes, it.Pay.Unconfirmed.Value)
	}
	used := c.names(it)
	for i := range c.File.Rates {
		r := &c.File.Rates[i]
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
func (c *Catalogue) names(it *packfile.Item) map[string]bool {
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

func (c *Catalogue) derived(name string) []string {
	var texts []string
	for _, d := range c.File.Derived {
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
