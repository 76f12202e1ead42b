package packfile

import (
	"slices"
)

// checkExamples sees that examples speak of what the pack has; whether they come
// true is for Test.
func (c *fileChecker) checkExamples() {
	for i := range c.file.Examples {
		e := &c.file.Examples[i]
		c.Here = e.At
		c.required(e.Month.Pos, e.Name, "例子的名称 name")
		if e.Month.Value == 0 || e.Person.Born.Value == 0 {
			c.Fail(e.Name.Pos, "例子“%s”要写 month 和 person.born", e.Name.Value)
		}
		for _, f := range e.Facts {
			c.exampleFact(f)
		}
		for _, t := range slices.Concat(e.Lists, e.Gaps) {
			c.exampleItem(t)
		}
		for _, p := range e.Pays {
			c.Here = p.At
			c.exampleItem(p.Item)
			if p.Amount.Value == "" {
				c.Fail(p.Item.Pos, "例子应发的项目要写 amount")
			}
		}
		for _, a := range e.Awards {
			c.Here = a.At
			c.exampleItem(a.Item)
			if a.First.Value == 0 || a.Amount.Value == "" {
				c.Fail(a.Item.Pos, "例子的核定金额要写 amount 和 first")
			}
		}
		c.exampleProof(e.Proof)
		for _, d := range e.Detail {
			c.Here = d.At
			c.exampleItem(d.Item)
		}
	}
}

func (c *fileChecker) exampleItem(code Text) {
	if c.items[code.Value] == nil {
		c.Fail(code.Pos, "例子里的项目“%s”不存在", code.Value)
	}
}

func (c *fileChecker) exampleFact(f ExampleFact) {
	c.Here = f.At
	decl := c.facts[f.Fact.Value]
	if decl == nil {
		c.Fail(f.Fact.Pos, "例子里的事实“%s”不存在", f.Fact.Value)
		return
	}
	if !decl.admits(f.Value.Value) {
		c.Fail(f.Value.Or(f.Fact.Pos), "事实“%s”没有“%s”这个值", f.Fact.Value, f.Value.Value)
	}
}
