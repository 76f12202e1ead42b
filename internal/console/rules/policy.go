package rules

import (
	"cmp"
	"slices"
	"strings"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/office/monthly"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/policy/lang"
	"disburse/internal/policy/packfile"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
)

// listedItem is an item of the published list with its latest figures.
type listedItem struct {
	*packfile.Item
	Who, What string // as worded in the published list
	Bureaus   string
	Kind      string // 发放, 名册 or both, joined by 、
	Sums      *payrun.ItemTotal
	Listed    bool // On is counted
	On        int  // people on its list, if counted
	Secret    bool // another bureau's amounts, hidden
}

// policyData is the data of the published list.
type policyData struct {
	File  *packfile.File
	Hash  string
	Month month.Month // of the figures; 0: no batch yet
	Lists *listHeads  // nil: not counted yet
	Fresh bool        // Lists are of the present revision
	At    month.Month // the month of the lists
	Count bool        // the user may start counting them
	Items []listedItem
}

// policyPage shows the published list, each item with its rule in words and its sums.
func policyPage(v *web.Visit) error {
	d := policyData{File: v.Office.Pack.File, Hash: v.Office.Pack.Hash}
	sums, m, err := latestSums(v)
	if err != nil {
		return err
	}
	d.Month, d.At, d.Count = m, listMonth(v, m), slices.Contains(web.Readers, v.User.Post)
	if d.Lists, d.Fresh, err = readListHeads(v, d.At); err != nil {
		return err
	}
	items := v.Office.Pack.Items()
	for i := range items {
		d.Items = append(d.Items, listed(v, &items[i], sums, d.Lists))
	}
	return v.Page("policy", d.File.Title.Value, d)
}

// listed prepares an item for the list.
func listed(v *web.Visit, it *packfile.Item, sums map[string]payrun.ItemTotal, lists *listHeads) listedItem {
	x := listedItem{Item: it, Bureaus: monthly.BureauNames(it), Secret: !v.Sees(v.Office.Pack.Payer(it.Code.Value))}
	if it.Public != nil {
		x.Who, x.What = it.Public.Who.Value, it.Public.What.Value
	}
	var kinds []string
	if it.Pay != nil {
		kinds = append(kinds, "发放")
	}
	if it.List.Value != "" {
		kinds = append(kinds, "名册")
	}
	x.Kind = strings.Join(kinds, "、")
	if t, ok := sums[it.Code.Value]; ok && !x.Secret {
		x.Sums = &t
	}
	x.On, x.Listed = lists.of(it.Code.Value)
	return x
}

// latestSums adds up the totals by item of the latest month with a run, over the batches that
// the user may see and that count.
func latestSums(v *web.Visit) (map[string]payrun.ItemTotal, month.Month, error) {
	ctx, sums := v.R.Context(), map[string]payrun.ItemTotal{}
	months, err := books.RunMonths(ctx, v.Office.DB, v.Office.Region)
	if err != nil || len(months) == 0 {
		return sums, 0, err
	}
	batchList, err := batches.OfMonth(ctx, v.Office.DB, v.Office.Region, months[0])
	if err != nil {
		return nil, 0, err
	}
	for _, b := range batchList {
		if !v.Sees(b.Bureau) || b.State == payrun.Voided || b.State == payrun.CarriedOver {
			continue
		}
		items, err := batches.ItemTotals(ctx, v.Office.DB, v.Office.Region, b.Number)
		if err != nil {
			return nil, 0, err
		}
		// Every batch lists all lines still held, so only the bureau's last one counts.
		for code, s := range sums {
			if v.Office.Pack.Payer(code) == b.Bureau {
				s.Held = 0
				sums[code] = s
			}
		}
		for code, t := range items {
			s := sums[code]
			s.Item, s.Heads = code, max(s.Heads, t.Heads)
			s.Current, s.Arrears, s.Recovery = s.Current.Add(t.Current), s.Arrears.Add(t.Arrears), s.Recovery.Add(t.Recovery)
			s.Held = t.Held
			sums[code] = s
		}
	}
	return sums, months[0], nil
}

// itemData is the data of one item with its whole rule.
type itemData struct {
	listedItem
	Month    month.Month
	Lists    *listHeads // nil: not counted yet
	When     []clauseText
	Unless   []clauseText
	Amounts  []clauseText
	Payee    string
	Rates    []*packfile.Rate
	Group    []string // items of which only the highest is paid (就高)
	Examples []packfile.Example
	Failed   map[string]string // by the example's name: what differs
}

// clauseText is a clause of a rule in words, with the months it is in force.
type clauseText struct{ Text, Months string }

func itemPage(v *web.Visit) error {
	it, err := v.Office.Pack.Item(v.R.PathValue("item"))
	if err != nil {
		return err
	}
	sums, m, err := latestSums(v)
	if err != nil {
		return err
	}
	lists, _, err := readListHeads(v, listMonth(v, m))
	if err != nil {
		return err
	}
	d := itemData{listedItem: listed(v, it, sums, lists), Month: m, Lists: lists, When: clauses(it.When), Unless: clauses(it.Unless), Payee: payeeWord(it),
		Rates: v.Office.Pack.RatesOf(it.Code.Value), Failed: map[string]string{}}
	if it.Pay != nil {
		for _, a := range it.Pay.Amount {
			d.Amounts = append(d.Amounts, clauseText{amountText(&a), monthsText(a.From, a.To)})
		}
	}
	for _, g := range v.Office.Pack.File.HigherOf {
		if codes := values(g.Items); slices.Contains(codes, it.Code.Value) {
			d.Group = codes
		}
	}
	d.Examples = examplesOf(v.Office.Pack, it.Code.Value)
	for _, f := range v.Office.Pack.Test() {
		d.Failed[f.Name] = f.Sentence
	}
	return v.Page("item", it.Code.Value+" "+it.Name.Value, d)
}

func clauses(all []packfile.Clause) []clauseText {
	var texts []clauseText
	for _, c := range all {
		texts = append(texts, clauseText{lang.Plain(c.Is.Value), monthsText(c.From, c.To)})
	}
	return texts
}

// monthsText is the period of a clause in words; empty: unlimited.
func monthsText(from, to packfile.Month) string {
	switch {
	case from.Value == 0 && to.Value == 0:
		return ""
	case to.Value == 0:
		return "自 " + from.Value.String()
	case from.Value == 0:
		return "至 " + to.Value.String()
	}
	return from.Value.String() + " 至 " + to.Value.String()
}

// amountText is an amount with its condition in words.
func amountText(a *packfile.Amount) string {
	if a.If.Value == "" {
		return lang.Plain(a.Is.Value)
	}
	return lang.Plain(a.If.Value) + " 时：" + lang.Plain(a.Is.Value)
}

// payeeWord says who is paid.
func payeeWord(it *packfile.Item) string {
	if it.Pay == nil {
		return ""
	}
	p := &it.Pay.Payee
	switch {
	case p.Fact.Value != "":
		return "“" + p.Fact.Value + "”里的单位"
	case p.Name.Value != "":
		return p.Name.Value
	case p.Determined.Value:
		return "核定金额里写明的收款单位（没有写的付本人）"
	}
	return "本人"
}

func values(texts []packfile.Text) []string {
	var all []string
	for _, t := range texts {
		all = append(all, t.Value)
	}
	return all
}

// examplesOf lists the pack's first examples that pay or list an item, at most 12.
func examplesOf(p *policy.Pack, code string) []packfile.Example {
	var all []packfile.Example
	for _, e := range p.File.Examples {
		about := false
		for _, pays := range e.Pays {
			about = about || pays.Item.Value == code
		}
		for _, l := range e.Lists {
			about = about || l.Value == code
		}
		if about && len(all) < 12 {
			all = append(all, e)
		}
	}
	return all
}

// rateRow is a rate with its values by case.
type rateRow struct {
	*packfile.Rate
	Lines []rateLine
}

// rateLine is one case of a rate: its values in order of time.
type rateLine struct {
	When   string
	Values []packfile.RateValue
}

func ratesPage(v *web.Visit) error {
	var rows []rateRow
	rates := v.Office.Pack.File.Rates
	for i := range rates {
		row := rateRow{Rate: &rates[i]}
		for _, value := range rates[i].Values {
			at := -1
			for k := range row.Lines {
				if row.Lines[k].When == value.When.Value {
					at = k
				}
			}
			if at < 0 {
				at = len(row.Lines)
				row.Lines = append(row.Lines, rateLine{When: value.When.Value})
			}
			row.Lines[at].Values = append(row.Lines[at].Values, value)
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return fault.New(fault.NotFound, "规则包里没有标准")
	}
	return v.Page("rates", "标准", struct {
		Rows  []rateRow
		Chart rateChart
	}{rows, drawRates(rows, v.ThisMonth(), cmp.Or(v.Form("rate"), firstChanging(rows)))})
}
