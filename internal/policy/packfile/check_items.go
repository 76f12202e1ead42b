package packfile

import (
	"slices"
)

// checkItems checks the items but for their expressions: the list may have each code once,
// and a sentence about an item has its code.
func (c *fileChecker) checkItems() {
	if len(c.file.Items) == 0 {
		c.Fail(Pos{1, 1}, "规则包没有项目 items")
	}
	var once []*Item
	for i := range c.file.Items {
		it := &c.file.Items[i]
		code := it.Code.Value
		c.Here = it.At
		if !itemCode.MatchString(code) {
			c.Fail(it.Code.Or(it.Name.Pos), "项目编号“%s”应为清单序号，如 \"11\" 或 \"18-1\"", code)
		}
		if c.items[code] != nil {
			c.Fail(it.Code.Pos, "项目编号“%s”重复", code)
			continue
		}
		c.items[code] = it
		once = append(once, it)
	}
	for _, it := range once {
		c.item(it)
	}
	c.Here = c.file.At
}

func (c *fileChecker) item(d *Item) {
	at, code := d.Code.Pos, d.Code.Value
	c.Here = d.At
	c.required(at, d.Name, "项目名称 name")
	c.public(d)
	c.itemBureaus(d)
	c.oneOf(d.Presence, "presence", "", "district", "alive", "any")
	c.oneOf(d.Reads, "reads", "", "first_day", "any_day", "day_of_death")
	c.oneOf(d.List, "list", "", "full", "changes")
	c.InOrder("项目 "+code+" ", d.From, d.To)
	if len(d.When) == 0 {
		c.Fail(at, "项目 %s 没有 when（享受条件）", code)
	}
	if d.List.Value == "" && d.Pay == nil {
		c.Fail(at, "项目 %s 既不列名册（list）也不发钱（pay）", code)
	}
	if d.List.Value == "" && len(d.Detail) > 0 {
		c.Fail(at, "项目 %s 没有 list，不能写 detail", code)
	}
	c.clauses(d.When)
	c.clauses(d.Unless)
	for i := range d.Detail {
		c.detail(d, &d.Detail[i])
	}
	c.Here = d.At
	if d.Pay != nil {
		c.pay(d)
	}
}

func (c *fileChecker) itemBureaus(d *Item) {
	if len(d.Bureaus) == 0 {
		c.Fail(d.Code.Pos, "项目 %s 没有写牵头单位 bureaus", d.Code.Value)
	}
	for _, b := range d.Bureaus {
		if !slices.ContainsFunc(c.file.Bureaus, func(x Bureau) bool { return x.Name.Value == b.Value }) {
			c.Fail(b.Pos, "项目 %s 的单位“%s”没有在 bureaus 里列出", d.Code.Value, b.Value)
		}
	}
	if d.Pay != nil && len(d.Bureaus) > 1 {
		c.Fail(d.Bureaus[1].Pos, "项目 %s 发钱，只能有一个单位", d.Code.Value)
	}
}

func (c *fileChecker) oneOf(t Text, key string, allowed ...string) {
	if !slices.Contains(allowed, t.Value) {
		c.Fail(t.Pos, "%s 不能是“%s”", key, t.Value)
	}
}

// clauses checks the months of conditions.
func (c *fileChecker) clauses(all []Clause) {
	for i := range all {
		c.Here = all[i].At
		c.InOrder("条件", all[i].From, all[i].To)
	}
}

func (c *fileChecker) detail(it *Item, d *Detail) {
	c.Here = d.At
	if given(d.Text.Value != "", d.Value.Value != "", d.Fact.Value != "") != 1 {
		c.Fail(d.At, "项目 %s 的每个 detail 要写 text、value、fact 中的一个", it.Code.Value)
	}
}

// given counts what is written of several ways.
func given(ways ...bool) int {
	n := 0
	for _, written := range ways {
		if written {
			n++
		}
	}
	return n
}

func (c *fileChecker) pay(it *Item) {
	d := it.Pay
	c.clauses(d.When)
	c.Here = it.At
	c.amounts(it)
	c.payee(it)
	if d.OnceYear.Value > 12 {
		c.Fail(d.OnceYear.Pos, "once_a_year_from 应为 1 到 12 月")
	}
	if d.OnceYear.Value > 0 && d.Determined.Value {
		c.Fail(d.OnceYear.Pos, "核定金额自带起止月，不能再写 once_a_year_from")
	}
	if d.FirstOnly.Value && !d.Determined.Value {
		c.Fail(d.FirstOnly.Pos, "first_only 只用于核定金额（determined: true）")
	}
	c.required(it.Code.Pos, d.Fund, "资金来源 fund")
}

func (c *fileChecker) amounts(it *Item) {
	d := it.Pay
	if d.Determined.Value == (len(d.Amount) > 0) {
		c.Fail(it.Code.Pos, "项目 %s 的 pay 要写 amount 或 determined: true 中的一个", it.Code.Value)
	}
	for i := range d.Amount {
		a := &d.Amount[i]
		c.Here = a.At
		c.InOrder("金额", a.From, a.To)
	}
	c.Here = it.At
	if !c.stored {
		c.amountMonths(it)
	}
}

func (c *fileChecker) payee(it *Item) {
	d := it.Pay.Payee
	if d.Determined.Value && !it.Pay.Determined.Value {
		c.Fail(d.Determined.Pos, "payee 的 determined 只用于核定金额")
	}
	if given(d.Fact.Value != "", d.Name.Value != "", d.Determined.Value) > 1 {
		c.Fail(it.Code.Pos, "项目 %s 的 payee 只能写一种", it.Code.Value)
	}
	if d.Required.Value && !d.Determined.Value {
		c.Fail(d.Required.Pos, "payee 的 required 要和 determined: true 一起写")
	}
}
