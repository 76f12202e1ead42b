package judge

import (
	"fmt"
	"sort"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// Difference is one thing on which the engine and the judge do not agree. Person and
// Item are empty where it is a total.
type Difference struct {
	Person  int64
	ID      string
	Name    string
	Item    string
	Payee   string
	Month   month.Month
	Kind    payrun.Kind // 0 where it is not about a line
	Against string
	What    string // 金额, 暂缓原因, 账户, 姓名, 待追缴, 合计 …
	Engine  string // as staff read it; 无 where there is none
	Judge   string
}

// None is the value of what one of the two does not have.
const None = "无"

// Sentence says in Chinese what differs: person with masked number, item, month and
// both values.
func (d *Difference) Sentence() string {
	return fmt.Sprintf("%s：%s不一致，系统为%s，复算为%s", d.where(), d.What, d.Engine, d.Judge)
}

// where names person, item, month and kind, as far as the difference has them.
func (d *Difference) where() string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if d.Person != 0 {
		add("%s（%s）", d.Name, mask(d.ID))
	}
	if d.Item != "" {
		add("项目 %s", d.Item)
	}
	if d.Month != 0 {
		m := monthOf(d.Month)
		add("%04d-%02d", m.year, m.month)
	}
	if d.Kind != 0 {
		add("%s", d.Kind)
	}
	if d.Payee != "" && d.Payee != roster.Myself {
		add("付给%s", d.Payee)
	}
	if d.Against != "" && d.Against != d.Item {
		add("从项目 %s 扣", d.Against)
	}
	if len(parts) == 0 {
		return "整批"
	}
	return strings.Join(parts, "，")
}

// mask leaves the first six and the last four of an ID number; of a short one only
// the ends.
func mask(id string) string {
	runes := []rune(id)
	head, tail := 6, 4
	if len(runes) < 15 {
		head, tail = 2, 1
	}
	if len(runes) <= head+tail {
		return "****"
	}
	for i := head; i < len(runes)-tail; i++ {
		runes[i] = '*'
	}
	return string(runes)
}

// lineKey is what a batch has at most one line of.
type lineKey struct {
	person  int64
	item    string
	payee   string
	month   month.Month
	kind    payrun.Kind
	against string
}

func keyOf(l *payrun.Line) lineKey {
	return lineKey{l.Person, l.Item, l.Payee, l.Month, l.Kind, l.Against}
}

// Compare returns every difference between the engine's lines and the judge's, in
// the order of persons and items. The order of the lines does not matter.
func Compare(engine, judge []payrun.Line) []Difference {
	mine := map[lineKey]*payrun.Line{}
	for i := range judge {
		mine[keyOf(&judge[i])] = &judge[i]
	}
	var found []Difference
	seen := map[lineKey]bool{}
	for i := range engine {
		theirs := &engine[i]
		key := keyOf(theirs)
		if seen[key] {
			found = append(found, differ(theirs, "行数", "重复", None))
			continue
		}
		seen[key] = true
		if line, ok := mine[key]; ok {
			found = append(found, compareLine(theirs, line)...)
		} else {
			found = append(found, differ(theirs, "金额", yuan(theirs.Amount), None))
		}
	}
	for i := range judge {
		if !seen[keyOf(&judge[i])] {
			found = append(found, differ(&judge[i], "金额", None, yuan(judge[i].Amount)))
		}
	}
	sortDifferences(found)
	return found
}

func compareLine(engine, judge *payrun.Line) []Difference {
	var found []Difference
	check := func(what, theirs, mine string) {
		if theirs != mine {
			found = append(found, differ(judge, what, orNone(theirs), orNone(mine)))
		}
	}
	check("金额", yuan(engine.Amount), yuan(judge.Amount))
	check("暂缓原因", engine.Hold.String(), judge.Hold.String())
	check("姓名", engine.Name, judge.Name)
	check("身份证号", engine.ID, judge.ID)
	check("街道", engine.Street, judge.Street)
	check("社区", engine.Community, judge.Community)
	check("开户银行", engine.Account.Bank, judge.Account.Bank)
	check("银行账号", engine.Account.Number, judge.Account.Number)
	check("账户户名", holder(engine), holder(judge))
	return found
}

// holder is the name on the account: whether an empty one is already replaced by the
// payee's own name makes no difference.
func holder(l *payrun.Line) string {
	switch {
	case l.Account.Holder != "":
		return l.Account.Holder
	case l.Payee == roster.Myself:
		return l.Name
	}
	return l.Payee
}

func differ(l *payrun.Line, what, engine, judge string) Difference {
	return Difference{l.Person, l.ID, l.Name, l.Item, l.Payee, l.Month, l.Kind, l.Against, what, engine, judge}
}

func yuan(a money.Fen) string { return a.String() + "元" }

func orNone(s string) string {
	if s == "" {
		return None
	}
	return s
}

// CompareDebts does the same for the overpayments that a batch could not net.
func CompareDebts(engine, judge []payrun.Debt) []Difference {
	type key struct {
		person      int64
		item, payee string
		month       month.Month
	}
	keyOf := func(d *payrun.Debt) key { return key{d.Person, d.Item, d.Payee, d.Month} }
	differ := func(d *payrun.Debt, engine, judge string) Difference {
		return Difference{Person: d.Person, ID: d.ID, Name: d.Name, Item: d.Item, Payee: d.Payee,
			Month: d.Month, What: "待追缴金额", Engine: engine, Judge: judge}
	}
	mine := map[key]*payrun.Debt{}
	for i := range judge {
		mine[keyOf(&judge[i])] = &judge[i]
	}
	var found []Difference
	seen := map[key]bool{}
	for i := range engine {
		d := &engine[i]
		seen[keyOf(d)] = true
		other, ok := mine[keyOf(d)]
		switch {
		case !ok:
			found = append(found, differ(d, yuan(d.Amount), None))
		case other.Amount != d.Amount:
			found = append(found, differ(d, yuan(d.Amount), yuan(other.Amount)))
		}
	}
	for i := range judge {
		if d := &judge[i]; !seen[keyOf(d)] {
			found = append(found, differ(d, None, yuan(d.Amount)))
		}
	}
	sortDifferences(found)
	return found
}

// CompareBirth reports a birth date that is not the one in the ID number: every age
// is counted from it (docs/rules.md §2.1).
func CompareBirth(p *roster.Person) []Difference {
	if len(p.ID) != 18 {
		return nil
	}
	d := dayOf(p.Birth)
	stored := fmt.Sprintf("%04d%02d%02d", d.year, d.month, d.day)
	if inNumber := p.ID[6:14]; stored != inNumber {
		return []Difference{{Person: p.Number, ID: p.ID, Name: p.Name, What: "出生日期", Engine: stored, Judge: inNumber}}
	}
	return nil
}

func sortDifferences(d []Difference) {
	sort.SliceStable(d, func(a, b int) bool {
		x, y := &d[a], &d[b]
		switch {
		case x.Person != y.Person:
			return x.Person < y.Person
		case x.Month != y.Month:
			return x.Month < y.Month
		case x.Item != y.Item:
			return x.Item < y.Item
		}
		return x.Kind < y.Kind
	})
}
