package policy

import (
	"slices"
	"sync"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/policy/lang"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// Pack is a checked policy pack, ready to grant. It is never changed after Load
// and may be used by several goroutines, each with a Granter of its own.
type Pack struct {
	File *packfile.File
	Hash string
	Body []byte

	names   *names
	items   []*item // in the order of the list
	byCode  map[string]*item
	plan    []step   // order of computation
	higher  []*group // 就高
	streets map[string]int
	facts   map[string]int // index of a fact in File.Facts
	ages    []int          // ages at which something changes; nil: every year may matter

	particular          []bool // by fact: see findParticular
	everybodyParticular bool

	views sync.Pool // of *view

	suspend   string
	conflicts []conflict
}

// Load parses and checks a pack. Nothing invalid loads in part: the error is
// Problems with all that is wrong, or a fault.
func Load(body []byte) (*Pack, error) { return loadAs(body, false) }

// loadAs is Load; of a stored pack it leaves out the checks that came after packs were
// stored (months without an amount, values cut by a comma): what was adopted and computed
// with must stay readable for ever.
func loadAs(body []byte, stored bool) (*Pack, error) {
	read := packfile.Parse
	if stored {
		read = packfile.ParseStored
	}
	file, err := read(body)
	if err != nil {
		return nil, err
	}
	found := packfile.Check(file, stored)
	pack := compile(file, found)
	if err := found.Err(); err != nil {
		return nil, err
	}
	pack.findParticular()
	pack.Body, pack.Hash = body, packfile.Hash(body)
	return pack, nil
}

// item is a compiled item.
type item struct {
	def    *packfile.Item
	code   string
	index  int
	when   []clause
	unless []clause
	detail []detailCase
	pay    *pay
}

type clause struct {
	from, to packfile.Month
	expr     *lang.Expr
}

func (c *clause) inForce(m month.Month) bool { return packfile.InForce(c.from, c.to, m) }

type detailCase struct {
	def   *packfile.Detail
	cond  *lang.Expr // nil: always
	value *lang.Expr
	slot  int // of Fact
}

type pay struct {
	def    *packfile.Pay
	when   []clause
	needs  []int // slots
	amount []amountCase
	payee  int // slot of the fact that names the payee; -1: none
}

type amountCase struct {
	def  *packfile.Amount
	cond *lang.Expr // nil: always
	is   *lang.Expr
}

type group struct {
	def   *packfile.Group
	items []*item
}

type conflict struct {
	name string
	cond *lang.Expr
}

// step computes one item by itself, or settles one 就高 group.
type step struct {
	item  *item
	group *group
}

// Items returns the items in the order of the list.
func (p *Pack) Items() []packfile.Item { return p.File.Items }

// Item returns the item of a code; fault.NotFound when there is none.
func (p *Pack) Item(code string) (*packfile.Item, error) {
	if it, ok := p.byCode[code]; ok {
		return it.def, nil
	}
	return nil, fault.New(fault.NotFound, "清单里没有项目“%s”，请核对编号（如 11、18-1）", code)
}

// ItemOrder returns where an item stands in the list, from 0; -1 for an unknown code.
func (p *Pack) ItemOrder(code string) int {
	if it, ok := p.byCode[code]; ok {
		return it.index
	}
	return -1
}

// StreetOrder returns where a 街道 stands in the pack; those the pack does not know
// come after all others.
func (p *Pack) StreetOrder(street string) int {
	if i, ok := p.streets[street]; ok {
		return i
	}
	return len(p.streets)
}

// Pays reports whether the bureau is the one that pays some item.
func (p *Pack) Pays(bureau string) bool {
	return slices.ContainsFunc(p.File.Items, func(it packfile.Item) bool { return it.Pay != nil && it.Bureaus[0].Value == bureau })
}

// LimitsArrears reports whether some item pays 补发 only so many months back.
func (p *Pack) LimitsArrears() bool {
	return slices.ContainsFunc(p.File.Items, func(it packfile.Item) bool { return it.Pay != nil && it.Pay.ArrearsMax.Value > 0 })
}

// Payer returns the bureau that pays an item; empty for one the pack does not have.
func (p *Pack) Payer(code string) string {
	if it, ok := p.byCode[code]; ok {
		return it.def.Bureaus[0].Value
	}
	return ""
}

// Bureau returns a bureau of the pack; fault.NotFound when there is none.
func (p *Pack) Bureau(name string) (*packfile.Bureau, error) {
	for i := range p.File.Bureaus {
		if p.File.Bureaus[i].Name.Value == name {
			return &p.File.Bureaus[i], nil
		}
	}
	return nil, fault.New(fault.NotFound, "清单里没有单位“%s”，请写全称，如“区民政局”", name)
}

// Replacements returns the 替代组 in force for a month, in the order of netting,
// each with its items in list order.
func (p *Pack) Replacements(m month.Month) [][]string {
	var all [][]string
	for i := range p.File.Replaces {
		g := &p.File.Replaces[i]
		if !packfile.InForce(g.From, g.To, m) {
			continue
		}
		var codes []string
		for _, code := range g.Items {
			codes = append(codes, code.Value)
		}
		slices.SortFunc(codes, func(a, b string) int { return p.ItemOrder(a) - p.ItemOrder(b) })
		all = append(all, codes)
	}
	return all
}

var factTypes = map[string]roster.FactType{"flag": roster.Flag, "choice": roster.Choice, "choices": roster.Choices, "text": roster.Text, "amount": roster.Amount}

// Vocabulary returns what the roster workbook needs to know of the pack.
func (p *Pack) Vocabulary() *roster.Vocabulary {
	v := &roster.Vocabulary{Title: p.File.Title.Value}
	for _, s := range p.File.Streets {
		v.Streets = append(v.Streets, s.Value)
	}
	for _, f := range p.File.Facts {
		kind := roster.FactKind{Name: f.Name.Value, Type: factTypes[f.Type.Value], Note: f.Note.Value}
		for _, value := range f.Values {
			kind.Values = append(kind.Values, value.Value)
		}
		v.Facts = append(v.Facts, kind)
	}
	for _, it := range p.File.Items {
		if it.Pay != nil && it.Pay.Determined.Value {
			v.Items = append(v.Items, roster.ItemName{Code: it.Code.Value, Name: it.Name.Value})
		}
	}
	return v
}
