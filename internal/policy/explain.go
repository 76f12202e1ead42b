package policy

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"disburse/internal/month"
	"disburse/internal/policy/lang"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// Explanation says why one person gets what they get for a month, and not the rest.
type Explanation struct {
	Month month.Month
	Age   int
	Items []ItemExplanation
}

// Verdict is how an item came out.
type Verdict string

// The verdicts.
const (
	Granted    Verdict = "享受"
	OnList     Verdict = "列入名册"
	NotGranted Verdict = "不享受"
	Lower      Verdict = "就高不重复"
	Incomplete Verdict = "资料不全"
)

// ItemExplanation is one item's part.
type ItemExplanation struct {
	Code    string      `json:"item"`
	Name    string      `json:"name"`
	Who     string      `json:"who,omitempty"`  // 服务对象, as citizens know it
	What    string      `json:"what,omitempty"` // 服务内容
	Verdict Verdict     `json:"verdict"`
	Amount  string      `json:"amount,omitempty"` // 元, two decimals
	Payee   string      `json:"payee,omitempty"`
	Detail  string      `json:"detail,omitempty"`
	Tests   []Test      `json:"conditions"`
	Sum     *Arithmetic `json:"arithmetic,omitempty"`
	Remarks []string    `json:"remarks,omitempty"`
}

// Test is one condition with what it found.
type Test struct {
	Text    string  `json:"condition"`         // as the pack has it
	Plain   string  `json:"plain"`             // in everyday words
	Exclude bool    `json:"exclude,omitempty"` // one of unless: holding speaks against
	Holds   bool    `json:"holds"`
	Inputs  []Input `json:"inputs,omitempty"`
}

// Input is a name with its value, and for a fact the record behind it.
type Input struct {
	Name        string `json:"name"`
	Value       string `json:"value"`
	Since       string `json:"since,omitempty"`
	Until       string `json:"until,omitempty"`
	KnownAt     int64  `json:"known_at_revision,omitempty"`
	Basis       string `json:"basis,omitempty"`
	Source      string `json:"source,omitempty"`      // of a rate
	Unconfirmed string `json:"unconfirmed,omitempty"` // 待核定

	Item string `json:"-"` // code of the item whose amount it is; empty: of none
}

// Arithmetic is how the amount was found.
type Arithmetic struct {
	Formula     string  `json:"formula"`
	Plain       string  `json:"plain"`
	Inputs      []Input `json:"inputs,omitempty"`
	Result      string  `json:"result"`               // 元 before rounding
	Determined  bool    `json:"determined,omitempty"` // a 核定金额: its one input
	Parts       []Part  `json:"parts,omitempty"`      // summands of a sum
	Limit       string  `json:"limit,omitempty"`      // 元, the most that min(…, limit) allows
	Source      string  `json:"source,omitempty"`
	Unconfirmed string  `json:"unconfirmed,omitempty"`
}

// Part is one summand of an amount.
type Part struct {
	Name   string `json:"name"`
	Amount string `json:"amount"` // 元
	Minus  bool   `json:"minus,omitempty"`
}

// Explain explains every item for the person and month.
func (p *Pack) Explain(d *roster.Dossier, m month.Month) (*Explanation, error) {
	e, err := p.evaluate(d, m)
	if err != nil {
		return nil, err
	}
	defer e.release()
	x := &Explanation{Month: m, Age: month.Age(d.Birth, m)}
	for i := range e.results {
		ix, err := e.explain(&e.results[i])
		if err != nil {
			return nil, err
		}
		x.Items = append(x.Items, *ix)
	}
	return x, nil
}

func (e *evaluation) explain(r *result) (*ItemExplanation, error) {
	def := r.it.def
	x := &ItemExplanation{Code: r.it.code, Name: def.Name.Value, Verdict: NotGranted, Detail: r.detail}
	if def.Public != nil {
		x.Who, x.What = def.Public.Who.Value, def.Public.What.Value
	}
	x.Tests = append(x.Tests, e.presence(r)...)
	v := e.view(r.it.reading())
	for i := range r.it.when {
		e.test(x, &r.it.when[i], v, false)
	}
	for i := range r.it.unless {
		e.test(x, &r.it.unless[i], e.view(firstDay), true)
	}
	if r.holds && r.it.pay != nil {
		for i := range r.it.pay.when {
			e.test(x, &r.it.pay.when[i], v, false)
		}
	}
	if r.holds && def.List.Value != "" {
		x.Verdict = OnList
	}
	if err := e.explainMoney(x, r, v); err != nil {
		return nil, err
	}
	x.Remarks = append(x.Remarks, r.notes...)
	if def.Note.Value != "" {
		x.Remarks = append(x.Remarks, def.Note.Value)
	}
	return x, nil
}

// explainMoney fills verdict, amount and arithmetic from the result.
func (e *evaluation) explainMoney(x *ItemExplanation, r *result, v *view) error {
	switch {
	case r.amount > 0:
		x.Verdict, x.Amount, x.Payee = Granted, r.amount.String(), r.payee
	case r.losesTo != nil:
		x.Verdict = Lower
		x.Remarks = append(x.Remarks, fmt.Sprintf("应得 %s 元，与 %s %s 不重复享受，就高发放后者", r.lost, r.losesTo.code, r.losesTo.def.Name.Value))
	case r.gap != nil:
		x.Verdict = Incomplete
		x.Remarks = append(x.Remarks, r.gap.Sentence)
	case r.once:
		x.Remarks = append(x.Remarks, "本年度在以前月份已经享受，一年一次")
	case r.zero:
		x.Remarks = append(x.Remarks, "按规则计算为 0 元，不发放")
	case r.unmet:
		x.Remarks = append(x.Remarks, "有核定金额，但不符合条件，不发放")
	case r.holds && r.it.pay != nil && r.it.pay.def.Determined.Value:
		x.Remarks = append(x.Remarks, "本月没有核定金额")
	}
	if r.it.pay == nil || (r.amount == 0 && r.losesTo == nil && !r.zero) {
		return nil
	}
	return e.explainSum(x, r, v)
}

func (e *evaluation) explainSum(x *ItemExplanation, r *result, v *view) error {
	p := r.it.pay.def
	x.Sum = &Arithmetic{Source: p.Source.Value, Unconfirmed: p.Unconfirmed.Value}
	if p.Determined.Value {
		a := e.award(r.it)
		x.Sum.Formula, x.Sum.Plain, x.Sum.Result, x.Sum.Determined = "核定金额", "核定金额", a.Amount.String(), true
		x.Sum.Inputs = []Input{{Name: "核定金额", Value: a.Amount.String(), Since: a.First.String(), Until: a.Last.String(), KnownAt: a.Rev, Basis: a.Basis}}
		return nil
	}
	for i := range r.it.pay.amount {
		a := &r.it.pay.amount[i]
		if !packfile.InForce(a.def.From, a.def.To, e.month) {
			continue
		}
		if a.cond != nil {
			if ok, err := a.cond.Holds(v); err != nil || !ok {
				continue
			}
		}
		yuan, err := a.is.Amount(v)
		if err != nil {
			return fmt.Errorf("explain amount of %s: %w", r.it.code, err)
		}
		x.Sum.Formula, x.Sum.Result = strings.Join(strings.Fields(a.def.Is.Value), " "), yuan.String()
		x.Sum.Plain, x.Sum.Inputs = lang.Plain(a.def.Is.Value), e.inputs(a.is, v)
		return e.explainParts(x.Sum, a.is, v)
	}
	return nil
}

func (e *evaluation) explainParts(s *Arithmetic, is *lang.Expr, v *view) error {
	made, err := is.Makeup(v)
	if err != nil {
		return err
	}
	if made.Limit != nil {
		s.Limit = made.Limit.StringFixed(2)
	}
	if len(made.Parts) < 2 {
		return nil
	}
	for _, part := range made.Parts {
		name := part.Words
		if part.Item != "" {
			name = e.pack.byCode[part.Item].def.PaidAs()
		}
		s.Parts = append(s.Parts, Part{name, part.Value.StringFixed(2), part.Minus})
	}
	return nil
}

// presence explains the test that comes before all conditions.
func (e *evaluation) presence(r *result) []Test {
	d := e.dossier
	var tests []Test
	if !packfile.InForce(r.it.def.From, r.it.def.To, e.month) {
		tests = append(tests, presenceTest("本项目在该月有效", false, nil))
	}
	if roster.Temporary(d.ID) && !r.it.def.Temporary.Value {
		tests = append(tests, presenceTest("有身份证号（临时编号只享受社会救助）", false, nil))
	}
	presence := r.it.def.Presence.Value
	if presence != "any" {
		tests = append(tests, presenceTest("月初健在", d.Alive(e.month), dated("死亡日期", d.Died)))
	}
	if presence == "" || presence == "district" {
		inputs := append(dated("迁入日期", d.MovedIn), dated("迁出日期", d.MovedOut)...)
		tests = append(tests, presenceTest("月初户籍在本区", d.Registered(e.month), inputs))
	}
	return tests
}

func presenceTest(text string, holds bool, inputs []Input) Test {
	return Test{Text: text, Plain: text, Holds: holds, Inputs: inputs}
}

func dated(name string, day month.Date) []Input {
	if day == 0 {
		return nil
	}
	return []Input{{Name: name, Value: day.String()}}
}

func (e *evaluation) test(x *ItemExplanation, c *clause, v *view, exclude bool) {
	if !c.inForce(e.month) {
		return
	}
	holds, err := c.expr.Holds(v)
	t := Test{Text: strings.Join(strings.Fields(c.expr.Source), " "), Plain: lang.Plain(c.expr.Source), Exclude: exclude, Holds: holds && err == nil, Inputs: e.inputs(c.expr, v)}
	x.Tests = append(x.Tests, t)
}

// inputs lists the names an expression uses with their values; derived names are
// opened up to the facts and rates behind them.
func (e *evaluation) inputs(x *lang.Expr, v *view) []Input {
	var list []Input
	for _, name := range e.pack.behind(x, func(c *clause) bool { return c.inForce(e.month) }) {
		list = append(list, e.input(name, e.pack.names.slot[name], v))
	}
	for _, code := range x.Items {
		amount, err := v.Granted(code)
		list = append(list, Input{Item: code, Name: "项目 " + code + " " + e.pack.byCode[code].def.Name.Value, Value: orUnknown(amount, err)})
	}
	return list
}

func orUnknown(amount decimal.Decimal, err error) string {
	if err != nil {
		return "无法计算"
	}
	return amount.StringFixed(2)
}

func (e *evaluation) input(name string, slot int, v *view) Input {
	in := Input{Name: name}
	value, err := v.Value(slot)
	n := e.pack.names
	switch {
	case err != nil:
		in.Value = "无值"
	case !value.Known:
		in.Value = "未登记"
	default:
		in.Value = e.show(slot, value)
	}
	switch {
	case slot >= n.firstRate:
		e.rateSource(&in, n.rates[slot-n.firstRate], v)
	case slot >= n.firstFact && slot < n.firstDerived:
		several := n.symbols[slot].Type == lang.Texts
		for _, f := range inForce(e.dossier, name, e.month, v.reading, several) {
			in.Since, in.Until, in.KnownAt, in.Basis = f.Since.String(), f.Until.String(), f.Rev, f.Basis
		}
	}
	return in
}

func (e *evaluation) rateSource(in *Input, r *rate, v *view) {
	rv, err := v.rate(r)
	if err != nil {
		return
	}
	in.Since, in.Source, in.Unconfirmed = rv.def.From.Value.String(), rv.def.Source.Value, rv.def.Unconfirmed.Value
}

func (e *evaluation) show(slot int, value lang.Value) string {
	switch e.pack.names.symbols[slot].Type {
	case lang.Bool:
		if value.Flag {
			return "是"
		}
		return "否"
	case lang.Number:
		return value.Num.String()
	case lang.Texts:
		return strings.Join(value.Texts, "、")
	default:
		return value.Text
	}
}
