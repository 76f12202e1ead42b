package packfile

import (
	"fmt"
	"strconv"
	"strings"

	"disburse/internal/month"
)

// File is a policy pack as it is written: the shape of the YAML file, in the
// order of its keys, with nothing resolved. policy.Load compiles it.
// docs/policy-pack.md explains every key to those who write packs. At, which is no
// key, is where a part begins: the place of errors about what it lacks.
type File struct {
	At          Pos
	Language    Int         `yaml:"language"` // meaning of expressions; 1
	Region      Text        `yaml:"region"`   // six-digit division code (行政区划代码)
	District    Text        `yaml:"district"` // 平城区
	Title       Text        `yaml:"title"`    // name of the published list
	Source      Text        `yaml:"source"`   // where the list was published
	Streets     []Text      `yaml:"streets"`  // 街道, in the order of all sheets
	Bureaus     []Bureau    `yaml:"bureaus"`
	Facts       []Fact      `yaml:"facts"`
	Rates       []Rate      `yaml:"rates"`
	Derived     []Derived   `yaml:"derived"`
	Items       []Item      `yaml:"items"`
	HigherOf    []Group     `yaml:"higher_of"`    // 不重复享受，就高
	Replaces    []Group     `yaml:"replacements"` // 替代组, in the order of netting
	Suspension  Text        `yaml:"suspension"`   // the text fact that holds every line of a person (暂停发放)
	Checks      Checks      `yaml:"checks"`
	MatchLists  []MatchList `yaml:"match_lists"`  // 比对名单
	ResultCodes []BankCodes `yaml:"result_codes"` // what banks mean by the codes of their answers
	Examples    []Example   `yaml:"examples"`
	Banks       []Bank      `yaml:"banks"`
	Funds       []Fund      `yaml:"funds"`    // 资金来源 with their shares
	Clearing    *Clearing   `yaml:"clearing"` // 省级补助清算; absent: none
	Shapes      []Shape     `yaml:"shapes"`   // of bank files

	Certification *Certification `yaml:"certification"` // 生存认证; absent: none is asked for
	Approval      *Approval      `yaml:"approval"`      // a second 审批 above a sum; absent: none
	Freezes       []Freeze       `yaml:"freezes"`       // 关账
}

// Bureau is one that pays or serves (牵头落实部门).
type Bureau struct {
	At   Pos
	Name Text `yaml:"name"`
	Code Text `yaml:"code"` // ASCII letters, in file numbers: MZ
	Bank Text `yaml:"bank"` // the bank that pays for it, on the 资金拨付申请
}

// Fact declares one dated fact.
type Fact struct {
	At     Pos
	Name   Text   `yaml:"name"`
	Type   Text   `yaml:"type"`   // flag | choice | choices | text | amount
	Values []Text `yaml:"values"` // of choice and choices
	Note   Text   `yaml:"note"`   // help for those who fill in the workbook
	Unit   Text   `yaml:"unit"`   // of an amount; empty: 元
	Public Text   `yaml:"public"` // what letters call it; {值} stands for the value, which a flag has not
}

// Rate is a named number with values from months on. By names what the value
// depends on besides the month: 年龄, a choice fact, or a flag; empty for nothing.
type Rate struct {
	At     Pos
	Name   Text        `yaml:"name"`
	Unit   Text        `yaml:"unit"` // 元/月, 倍, 次/月, 元/年
	By     Text        `yaml:"by"`
	Values []RateValue `yaml:"values"`
}

// RateValue is one value of a rate, in force From … To. Where the rate has no To,
// it is in force until the next value of the same When.
type RateValue struct {
	At          Pos
	From        Month   `yaml:"from"`
	To          Month   `yaml:"to"`
	When        Text    `yaml:"when"`  // of a rate with By: an age band 80- or 60-79, a value of the fact, 是 or 否
	Value       Decimal `yaml:"value"` // exact decimal, written as text or as an integer
	Floor       Decimal `yaml:"floor"` // the value may never be below it (不低于)
	Source      Text    `yaml:"source"`
	Unconfirmed Text    `yaml:"unconfirmed"` // 待核定: why the value is not yet certain; empty for a confirmed one
}

// Derived is a named expression, a flag or a number.
type Derived struct {
	At     Pos
	Name   Text     `yaml:"name"`
	Is     []Clause `yaml:"is"` // dated versions; one is in force in a month
	Source Text     `yaml:"source"`
}

// Clause is an expression with the months it is in force; both ends optional.
// In the file it is either the bare expression or {from, to, is}.
type Clause struct {
	At   Pos
	From Month `yaml:"from"`
	To   Month `yaml:"to"`
	Is   Text  `yaml:"is"`
}

// Item is one entitlement of the list.
type Item struct {
	At        Pos
	Code      Text     `yaml:"code"` // 11, 18-1
	Name      Text     `yaml:"name"`
	Bureaus   []Text   `yaml:"bureaus"` // the first one pays
	From      Month    `yaml:"from"`
	To        Month    `yaml:"to"`
	Presence  Text     `yaml:"presence"`  // district (default): alive and registered; alive: alive; any: no test
	Reads     Text     `yaml:"reads"`     // first_day (default) | any_day | day_of_death
	Temporary Bool     `yaml:"temporary"` // people with a temporary number (临-) may get it
	When      []Clause `yaml:"when"`      // all of those in force must hold
	Unless    []Clause `yaml:"unless"`    // none may hold; always read on the first day
	List      Text     `yaml:"list"`      // empty: no list; full; changes: the sheet shows changes only
	Detail    []Detail `yaml:"detail"`    // the list's 详情: the first case that holds
	Pay       *Pay     `yaml:"pay"`
	Note      Text     `yaml:"note"` // in plain words, for explanations
	Public    *Public  `yaml:"public"`
}

// PaidAs is what bank memos and letters call what the item pays.
func (it *Item) PaidAs() string {
	if it.Pay != nil && it.Pay.Name.Value != "" {
		return it.Pay.Name.Value
	}
	return it.Name.Value
}

// Public are the words in which citizens know an item, as the published list has them:
// for letters and screens, never for deciding anything.
type Public struct {
	At   Pos
	Who  Text `yaml:"who"`  // 服务对象: 80 周岁至 99 周岁的老年人
	What Text `yaml:"what"` // 服务内容: 按月发放高龄津贴
}

// Detail is one case of a list item's detail.
type Detail struct {
	At    Pos
	If    Text `yaml:"if"`
	Text  Text `yaml:"text"`  // fixed words, or
	Value Text `yaml:"value"` // a number expression, or
	Fact  Text `yaml:"fact"`  // the text of a fact
	Check Text `yaml:"check"` // what staff must know when this case holds
}

// Pay says what money an item grants.
type Pay struct {
	When        []Clause `yaml:"when"`       // who on the list is paid; empty: everybody
	Needs       []Text   `yaml:"needs"`      // facts the amount needs: lacking one, no line is made and a check names it
	Amount      []Amount `yaml:"amount"`     // the first case that holds, or
	Determined  Bool     `yaml:"determined"` // the person's 核定金额
	FirstOnly   Bool     `yaml:"first_only"` // a 核定金额 is paid in its first month only
	Payee       PayeeOf  `yaml:"payee"`
	OnceYear    Int      `yaml:"once_a_year_from"` // 1–12: granted once in the year that begins with this month
	ArrearsMax  Int      `yaml:"arrears_months"`   // 补发 at most so many months back; 0: no limit
	Name        Text     `yaml:"name"`             // what payments and letters call it (临时救助); empty: the item's name
	Fund        Text     `yaml:"fund"`             // fund source (资金来源)
	Unconfirmed Text     `yaml:"unconfirmed"`      // 待核定: why the formula is not yet certain
	Source      Text     `yaml:"source"`
}

// Amount is one case of an amount, in 元.
type Amount struct {
	At    Pos
	From  Month `yaml:"from"`
	To    Month `yaml:"to"`
	If    Text  `yaml:"if"`
	Is    Text  `yaml:"is"`
	Check Text  `yaml:"check"`
}

// PayeeOf says who is paid: the person (empty), the institution a text fact names,
// a fixed bureau, or whom the 核定金额 names.
type PayeeOf struct {
	Fact       Text `yaml:"fact"`
	Name       Text `yaml:"name"`
	Determined Bool `yaml:"determined"` // whom the 核定金额 names, else the person
	Required   Bool `yaml:"required"`   // with Determined: none named, the line is held (已故待领)
}

// Group is a set of items, in force From … To.
type Group struct {
	At     Pos
	From   Month  `yaml:"from"`
	To     Month  `yaml:"to"`
	Items  []Text `yaml:"items"`
	Source Text   `yaml:"source"`
}

// Checks are the thresholds and conflicts of docs/rules.md §6.
type Checks struct {
	AgeOver       Int        `yaml:"age_over"`       // 疑点 above this age
	TotalPercent  Int        `yaml:"total_percent"`  // a total or heads outside this share of last month's
	PersonPercent Int        `yaml:"person_percent"` // a person's amount changed by more than this share
	EndsWithin    Int        `yaml:"facts_end_days"` // facts that end within so many days
	Conflicts     []Conflict `yaml:"conflicts"`      // facts that exclude each other: 疑点
}

// Conflict is a 疑点 that a condition finds.
type Conflict struct {
	At   Pos
	Name Text `yaml:"name"`
	When Text `yaml:"when"`
}

// Example is a golden case: facts in, lines out, and why.
type Example struct {
	At     Pos
	Name   Text            `yaml:"name"`
	Why    Text            `yaml:"why"`
	Month  Month           `yaml:"month"`
	Person ExamplePerson   `yaml:"person"`
	Facts  []ExampleFact   `yaml:"facts"`
	Awards []ExampleAward  `yaml:"determined"`
	Pays   []ExamplePays   `yaml:"pays"`  // exactly these lines, in this order
	Lists  []Text          `yaml:"lists"` // exactly these list items; absent: not compared
	Gaps   []Text          `yaml:"gaps"`  // items whose amount lacks something
	Detail []ExampleDetail `yaml:"details"`
	Proof  Text            `yaml:"certification"` // 不要求 | 有效 | 宽限 | 逾期; absent: not compared
}

// ExamplePerson is the person of an example.
type ExamplePerson struct {
	Born      Day  `yaml:"born"`
	MovedIn   Day  `yaml:"moved_in"`
	MovedOut  Day  `yaml:"moved_out"`
	Died      Day  `yaml:"died"`
	Temporary Bool `yaml:"temporary"`
}

// ExampleFact is a dated fact of an example; without Since it holds since 2000-01-01.
type ExampleFact struct {
	At    Pos
	Fact  Text `yaml:"fact"`
	Value Text `yaml:"value"` // of a flag: empty
	Since Day  `yaml:"since"`
	Until Day  `yaml:"until"`
}

// ExampleAward is a 核定金额 of an example.
type ExampleAward struct {
	At     Pos
	Item   Text    `yaml:"item"`
	Amount Decimal `yaml:"amount"`
	First  Month   `yaml:"first"`
	Last   Month   `yaml:"last"`
	Payee  Text    `yaml:"payee"`
}

// ExamplePays is a grant that an example expects.
type ExamplePays struct {
	At     Pos
	Item   Text    `yaml:"item"`
	Amount Decimal `yaml:"amount"`
	Payee  Text    `yaml:"payee"` // empty: 本人
}

// ExampleDetail is a list detail that an example expects.
type ExampleDetail struct {
	At   Pos
	Item Text `yaml:"item"`
	Is   Text `yaml:"is"`
}

// Pos is a place in the file, both counted from 1; the zero Pos is none.
type Pos struct{ Line, Col int }

func (p Pos) String() string { return fmt.Sprintf("第%d行第%d列", p.Line, p.Col) }

// Or is the place, or where there is none, another.
func (p Pos) Or(other Pos) Pos {
	if p == (Pos{}) {
		return other
	}
	return p
}

// Scalars of the file, each with its place.
type (
	// Text is a string.
	Text struct {
		Value string
		Pos
		places []Pos // of each character, where Pos and counting on do not give it
	}
	// Int is a whole number.
	Int struct {
		Value int
		Pos
	}
	// Bool is true or false.
	Bool struct {
		Value bool
		Pos
	}
	// Decimal is an exact decimal, kept as it was written; empty for none.
	Decimal struct {
		Value string
		Pos
	}
	// Month is a month, 2006-01.
	Month struct {
		Value month.Month
		Pos
	}
	// Day is a date, 2006-01-02.
	Day struct {
		Value month.Date
		Pos
	}
)

// InForce reports whether something dated from … to holds in m; zero ends are open.
func InForce(from, to Month, m month.Month) bool {
	return (from.Value == 0 || from.Value <= m) && (to.Value == 0 || m <= to.Value)
}

func JoinTexts(ts []Text) string {
	var all []string
	for _, t := range ts {
		all = append(all, t.Value)
	}
	return strings.Join(all, "、")
}

// AgeBand reads an age band: 80- or 60-79; top is -1 for an open end.
func AgeBand(s string) (low, top int, ok bool) {
	a, b, dash := strings.Cut(s, "-")
	low, err := strconv.Atoi(a)
	if err != nil || !dash || low < 0 || low > 200 {
		return 0, 0, false
	}
	if b == "" {
		return low, -1, true
	}
	top, err = strconv.Atoi(b)
	return low, top, err == nil && top >= low && top <= 200
}
