package policy

import (
	"slices"
)

// order lays down in which order items are computed: each item by itself, 就高
// groups once all their members are known, and an item that asks granted() of
// others after them and after the groups that may take their grants away.
func (c *compiler) order() {
	o := &orderer{compiler: c, state: map[*item]int{}, settled: map[*group]int{}}
	for _, it := range c.pack.items {
		o.visit(it)
	}
	for _, g := range c.pack.higher {
		o.settle(g)
	}
	c.pack.plan = o.plan
}

type orderer struct {
	*compiler
	plan    []step
	state   map[*item]int  // 1 being visited, 2 placed
	settled map[*group]int // 1 being settled, 2 placed
	path    []*item
}

func (o *orderer) visit(it *item) {
	switch o.state[it] {
	case 2:
		return
	case 1:
		o.Fail(it.def.Code.Pos, "项目之间互相引用，成了循环：%s", describeItems(append(o.path, it)))
		return
	}
	o.state[it] = 1
	o.path = append(o.path, it)
	for _, code := range asked(it) {
		other := o.pack.byCode[code]
		o.visit(other)
		for _, g := range o.pack.higher {
			if slices.Contains(g.items, other) {
				o.settle(g)
			}
		}
	}
	o.path = o.path[:len(o.path)-1]
	o.state[it] = 2
	o.plan = append(o.plan, step{item: it})
}

func (o *orderer) settle(g *group) {
	switch o.settled[g] {
	case 2:
		return
	case 1: // a member asks, perhaps through others, for what the group has yet to settle
		asking := o.path[len(o.path)-1]
		o.Fail(asking.def.Code.Pos, "项目之间经过就高组互相引用，成了循环：%s", describeItems(o.path))
		return
	}
	o.settled[g] = 1
	for _, it := range g.items {
		o.visit(it)
	}
	o.settled[g] = 2
	o.plan = append(o.plan, step{group: g})
}

// asked lists the items whose grants an item's rules ask for.
func asked(it *item) []string {
	var codes []string
	add := func(cs []clause) {
		for _, c := range cs {
			codes = append(codes, c.expr.Items...)
		}
	}
	add(it.when)
	add(it.unless)
	if it.pay == nil {
		return codes
	}
	add(it.pay.when)
	for _, a := range it.pay.amount {
		codes = append(codes, a.is.Items...)
	}
	return codes
}
