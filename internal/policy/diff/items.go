package diff

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"disburse/internal/policy/lang"
	"disburse/internal/policy/packfile"
)

// derived compares the names that expressions define.
func (d *differ) derived(a, b []packfile.Derived) {
	find := func(all []packfile.Derived, name string) *packfile.Derived {
		i := slices.IndexFunc(all, func(x packfile.Derived) bool { return x.Name.Value == name })
		if i < 0 {
			return nil
		}
		return &all[i]
	}
	for i := range a {
		if name := a[i].Name.Value; find(b, name) == nil {
			d.say(name, "去掉派生名称“%s”（原为：%s）", name, clausesText(a[i].Is))
		}
	}
	for i := range b {
		x := &b[i]
		name := x.Name.Value
		was := find(a, name)
		if was == nil {
			d.say(name, "新增派生名称“%s”：%s", name, clausesText(x.Is))
			continue
		}
		d.clauses(name, "“"+name+"”", "含义", was.Is, x.Is)
		d.value(name, "“"+name+"”的依据", reflect.ValueOf(was.Source), reflect.ValueOf(x.Source))
	}
}

// clauses compares lists of dated expressions. One that changed in its place is said as
// a change, else as one that came or went.
func (d *differ) clauses(subject, what, kind string, a, b []packfile.Clause) {
	if sameAs(&a, &b) {
		return
	}
	text := func(c *packfile.Clause) string { return monthsText(c.From, c.To) + plainOrRaw(c.Is.Value) }
	d.statements(subject, what, kind, texts(a, text, func(c *packfile.Clause) string { return dump(reflect.ValueOf(*c)) }),
		texts(b, text, func(c *packfile.Clause) string { return dump(reflect.ValueOf(*c)) }))
}

// statement is one clause, case or amount: what it says in full, and in plain words.
type statement struct{ exact, plain string }

func texts[T any](all []T, plain, exact func(*T) string) []statement {
	var list []statement
	for i := range all {
		list = append(list, statement{exact(&all[i]), plain(&all[i])})
	}
	return list
}

func (d *differ) statements(subject, what, kind string, a, b []statement) {
	same := func(all []statement, s statement) bool {
		return slices.ContainsFunc(all, func(o statement) bool { return o.exact == s.exact })
	}
	var gone, came []statement
	for _, s := range a {
		if !same(b, s) {
			gone = append(gone, s)
		}
	}
	for _, s := range b {
		if !same(a, s) {
			came = append(came, s)
		}
	}
	pairs := 0
	if len(gone) == len(came) {
		pairs = len(gone)
	}
	for i := range pairs {
		if gone[i].plain == came[i].plain {
			d.say(subject, "%s的%s“%s”的写法有改动", what, kind, came[i].plain)
			continue
		}
		d.say(subject, "%s的%s由“%s”改为“%s”", what, kind, gone[i].plain, came[i].plain)
	}
	for _, s := range gone[pairs:] {
		d.say(subject, "%s取消%s“%s”", what, kind, s.plain)
	}
	for _, s := range came[pairs:] {
		d.say(subject, "%s增加%s“%s”", what, kind, s.plain)
	}
	if len(gone)+len(came) == 0 && !slices.Equal(a, b) {
		d.say(subject, "%s的%s的次序或重复有改动", what, kind)
	}
}

// plainOrRaw is an expression in everyday words.
func plainOrRaw(source string) string { return lang.Plain(source) }

// monthsText says from when to when something is in force, as a prefix.
func monthsText(from, to packfile.Month) string {
	switch {
	case from.Value != 0 && to.Value != 0:
		return from.Value.Chinese() + "至" + to.Value.Chinese() + "："
	case from.Value != 0:
		return "自" + from.Value.Chinese() + "起："
	case to.Value != 0:
		return "至" + to.Value.Chinese() + "止："
	}
	return ""
}

func clausesText(all []packfile.Clause) string {
	var parts []string
	for _, c := range all {
		parts = append(parts, monthsText(c.From, c.To)+plainOrRaw(c.Is.Value))
	}
	return strings.Join(parts, "；")
}

// items compares the entitlements.
func (d *differ) items(a, b []packfile.Item) {
	find := func(all []packfile.Item, code string) *packfile.Item {
		i := slices.IndexFunc(all, func(x packfile.Item) bool { return x.Code.Value == code })
		if i < 0 {
			return nil
		}
		return &all[i]
	}
	var was, is []string
	for i := range a {
		code := a[i].Code.Value
		was = append(was, code)
		if find(b, code) == nil {
			d.say(code, "去掉%s（发过钱的项目不能去掉，应写明终止月 to）", itemTitle(&a[i]))
		}
	}
	for i := range b {
		it := &b[i]
		is = append(is, it.Code.Value)
		old := find(a, it.Code.Value)
		if old == nil {
			d.say(it.Code.Value, "新增%s", itemText(it))
			continue
		}
		if sameAs(old, it) {
			continue
		}
		before := len(d.found)
		d.item(old, it)
		if len(d.found) == before {
			d.say(it.Code.Value, "%s的写法有改动", itemTitle(it))
		}
	}
	if sameSet(was, is) && !slices.Equal(was, is) {
		d.say("", "项目的次序改变，现为 %s", strings.Join(is, "、"))
	}
}

func itemTitle(it *packfile.Item) string {
	return "项目 " + it.Code.Value + "“" + it.Name.Value + "”"
}

// item compares one entitlement key by key, in the order of the file.
func (d *differ) item(a, b *packfile.Item) {
	code, what := b.Code.Value, itemTitle(b)
	if a.Name.Value != b.Name.Value {
		d.say(code, "项目 %s 改名：由“%s”改为“%s”", code, a.Name.Value, b.Name.Value)
	}
	if x, y := packfile.JoinTexts(a.Bureaus), packfile.JoinTexts(b.Bureaus); x != y {
		d.say(code, "%s的单位由“%s”改为“%s”", what, x, y)
	}
	d.itemMonths(a, b)
	d.word(code, what+"的在册要求", presences, a.Presence, b.Presence)
	d.word(code, what+"的计算口径", dayWords, a.Reads, b.Reads)
	switch {
	case a.Temporary.Value && !b.Temporary.Value:
		d.say(code, "%s不再给临时编号的人", what)
	case !a.Temporary.Value && b.Temporary.Value:
		d.say(code, "%s也给临时编号的人", what)
	}
	d.clauses(code, what, "条件", a.When, b.When)
	d.clauses(code, what, "排除情形", a.Unless, b.Unless)
	d.word(code, what+"的名册", listWords, a.List, b.List)
	exact := func(x *packfile.Detail) string { return dump(reflect.ValueOf(*x)) }
	d.statements(code, what, "名册详情", texts(a.Detail, detailText, exact), texts(b.Detail, detailText, exact))
	d.pay(code, what, a.Pay, b.Pay)
	d.value(code, what+"的说明", reflect.ValueOf(a.Note), reflect.ValueOf(b.Note))
	d.value(code, what+"的公示用语", reflect.ValueOf(a.Public), reflect.ValueOf(b.Public))
	// Keys that are newer than this comparison.
	d.rest(code, what, reflect.ValueOf(*a), reflect.ValueOf(*b), "code", "name", "bureaus", "from", "to", "presence", "reads", "temporary", "when", "unless",
		"list", "detail", "pay", "note", "public")
}

// rest compares the keys that have no words of their own.
func (d *differ) rest(subject, what string, a, b reflect.Value, done ...string) {
	for _, f := range keysOf(a.Type()) {
		if !slices.Contains(done, f.key) {
			d.value(subject, what+"的"+labelOf(a.Type().Name(), f.key), a.Field(f.index), b.Field(f.index))
		}
	}
}

func (d *differ) itemMonths(a, b *packfile.Item) {
	code, what := b.Code.Value, itemTitle(b)
	d.value(code, what+"的起始月", reflect.ValueOf(a.From), reflect.ValueOf(b.From))
	switch was, is := a.To.Value, b.To.Value; {
	case was == is:
	case was == 0:
		d.say(code, "%s自%s起停止（终止月 %s）", what, (is + 1).Chinese(), is.Chinese())
	case is == 0:
		d.say(code, "%s不再于%s终止", what, was.Chinese())
	default:
		d.say(code, "%s的终止月由 %s 改为 %s", what, was.Chinese(), is.Chinese())
	}
}

// word compares a key whose values are words of the pack's own language.
func (d *differ) word(code, what string, words map[string]string, a, b packfile.Text) {
	if a.Value == b.Value {
		return
	}
	if words[a.Value] == words[b.Value] {
		d.say(code, "%s的写法有改动，含义仍是“%s”", what, words[b.Value])
		return
	}
	d.say(code, "%s由“%s”改为“%s”", what, words[a.Value], words[b.Value])
}

var (
	presences = map[string]string{"": "月初健在且户籍在本区", "district": "月初健在且户籍在本区", "alive": "月初健在", "any": "不要求"}
	dayWords  = map[string]string{"": "看月初", "first_day": "看月初", "any_day": "看当月任一日", "day_of_death": "看去世当日"}
	listWords = map[string]string{"": "没有名册", "full": "全部人员的名册", "changes": "只列变动的名册"}
)

func detailText(x *packfile.Detail) string {
	s := ""
	if x.If.Value != "" {
		s = plainOrRaw(x.If.Value) + "时："
	}
	switch {
	case x.Text.Value != "":
		s += x.Text.Value
	case x.Value.Value != "":
		s += plainOrRaw(x.Value.Value)
	default:
		s += "登记的" + x.Fact.Value
	}
	return s + checkText(x.Check)
}

func checkText(check packfile.Text) string {
	if check.Value == "" {
		return ""
	}
	return "（提示：" + check.Value + "）"
}

// pay compares the money of an item.
func (d *differ) pay(code, what string, a, b *packfile.Pay) {
	switch {
	case a == nil && b == nil:
		return
	case a == nil:
		d.say(code, "%s改为发钱：%s", what, payText(b))
		return
	case b == nil:
		d.say(code, "%s不再发钱（原为：%s）", what, payText(a))
		return
	}
	d.clauses(code, what, "发钱的条件", a.When, b.When)
	d.value(code, what+"的所需资料", reflect.ValueOf(a.Needs), reflect.ValueOf(b.Needs))
	exact := func(x *packfile.Amount) string { return dump(reflect.ValueOf(*x)) }
	d.statements(code, what, "金额", texts(a.Amount, amountText, exact), texts(b.Amount, amountText, exact))
	switch {
	case !a.Determined.Value && b.Determined.Value:
		d.say(code, "%s改按核定金额发", what)
	case a.Determined.Value && !b.Determined.Value:
		d.say(code, "%s不再按核定金额发", what)
	}
	if x, y := payeeText(&a.Payee), payeeText(&b.Payee); x != y {
		d.say(code, "%s由%s改为%s", what, x, y)
	}
	d.rest(code, what, reflect.ValueOf(*a), reflect.ValueOf(*b), "when", "needs", "amount", "determined", "payee")
}

func amountText(x *packfile.Amount) string {
	s := monthsText(x.From, x.To)
	if x.If.Value != "" {
		s += plainOrRaw(x.If.Value) + "时："
	}
	return s + plainOrRaw(x.Is.Value) + checkText(x.Check)
}

func payeeText(p *packfile.PayeeOf) string {
	s := "付给本人"
	switch {
	case p.Fact.Value != "":
		s = "付给“" + p.Fact.Value + "”登记的机构"
	case p.Name.Value != "":
		s = "付给" + p.Name.Value
	case p.Determined.Value && p.Required.Value:
		return "付给核定金额写明的收款人（未写明的暂缓）"
	case p.Determined.Value:
		return "付给核定金额写明的收款人（未写明的付本人）"
	}
	if p.Required.Value {
		s += "（须指明收款人）"
	}
	return s
}

func payText(p *packfile.Pay) string {
	var parts []string
	for i := range p.Amount {
		parts = append(parts, amountText(&p.Amount[i]))
	}
	if p.Determined.Value {
		parts = append(parts, "按核定金额")
	}
	s := strings.Join(parts, "；") + "，" + payeeText(&p.Payee)
	if len(p.When) > 0 {
		s = "发给" + clausesText(p.When) + "的人，" + s
	}
	return s
}

func itemText(it *packfile.Item) string {
	s := fmt.Sprintf("%s（%s）", itemTitle(it), packfile.JoinTexts(it.Bureaus))
	if months := monthsText(it.From, it.To); months != "" {
		s += "，" + strings.TrimSuffix(months, "：")
	}
	s += "：条件 " + clausesText(it.When)
	if len(it.Unless) > 0 {
		s += "；排除 " + clausesText(it.Unless)
	}
	if it.Pay != nil {
		s += "；" + payText(it.Pay)
	}
	if it.List.Value != "" {
		s += "；" + listWords[it.List.Value]
	}
	return s
}
