package reconcile

import (
	"cmp"
	"slices"
	"strings"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/policy/packfile"
	"disburse/reports/control"
	"disburse/reports/sheet"
)

// fundRow is a fund source in batches of one pack.
type fundRow struct {
	payrun.FundSum
	shares  *packfile.Fund // nil: the pack does not say who bears it
	settled payrun.FundSum // of what banks have paid, and of lines that 扣回 brought to nothing
}

// packHashes are the packs of the month's batches.
func (r *Report) packHashes() []string {
	var all []string
	for i := range r.Batches {
		if hash := r.Batches[i].Pack; !slices.Contains(all, hash) {
			all = append(all, hash)
		}
	}
	return all
}

// Funds are the figures of the month's fund sources, in the order in which they occur.
func (r *Report) Funds() []payrun.FundSum {
	var all payrun.Funds
	for _, hash := range r.packHashes() {
		part, _ := r.byFund(hash)
		for i := range part.Sums {
			all.Add(&part.Sums[i])
		}
	}
	return all.Sums
}

// fundRows are in the order of 总表.
func (b *book) fundRows() []fundRow {
	var rows []fundRow
	for _, hash := range b.r.packHashes() {
		all, settled := b.r.byFund(hash)
		for _, s := range all.Sums {
			rows = append(rows, fundRow{FundSum: s, shares: b.r.Packs[hash].Fund(s.Fund), settled: settled.Sum(s.Fund)})
		}
	}
	slices.SortStableFunc(rows, func(x, y fundRow) int {
		return cmp.Or(cmp.Compare(b.Catalogue.FundPlace(x.Fund), b.Catalogue.FundPlace(y.Fund)), strings.Compare(x.Fund, y.Fund))
	})
	return rows
}

// byFund adds up the batches of one pack: all that is listed, and what of it is settled
// with the bank. A 扣回 that another fund's payment carries is in the cell of that payment's
// item, so it is taken out there and put in as what it is.
func (r *Report) byFund(hash string) (all, settled payrun.Funds) {
	file := r.Packs[hash]
	for i := range r.Cells {
		if c := &r.Cells[i]; r.batch(c.N).Pack == hash {
			fund := file.FundOf(c.Item)
			all.Line(fund, fund, c.Listed)
			settled.Line(fund, fund, c.Amounts[bank.Paid])
		}
	}
	for i := range r.Carried {
		c := &r.Carried[i]
		if r.batch(c.N).Pack != hash {
			continue
		}
		own, payer := file.FundOf(c.Item), file.FundOf(c.Against)
		all.Moved(own, payer, c.Amount)
		if c.Settled() {
			settled.Moved(own, payer, c.Amount)
		}
	}
	return all, settled
}

// payers are all who bear something, in the order in which the packs name them.
func payers(all []fundRow) []string {
	var names []string
	for _, p := range all {
		if p.shares == nil {
			continue
		}
		for _, s := range p.shares.Shares {
			if !slices.Contains(names, s.Payer.Value) {
				names = append(names, s.Payer.Value)
			}
		}
	}
	return names
}

// split divides what the fund bears of the settled money among payers; the last amount is
// nobody's yet.
func (p *fundRow) split(payers []string) []money.Fen {
	parts := make([]money.Fen, len(payers)+1)
	if p.shares == nil {
		parts[len(payers)] = p.settled.Due
		return parts
	}
	for i, a := range p.shares.Split(p.settled.Due) {
		at := slices.Index(payers, p.shares.Shares[i].Payer.Value)
		parts[at] = parts[at].Add(a)
	}
	return parts
}

// percents says who bears how much of a fund, and whether that is certain.
func (p *fundRow) percents() string {
	if p.shares == nil {
		return "待核定：" + sheet.NoShares
	}
	var parts []string
	for i := range p.shares.Shares {
		if s := &p.shares.Shares[i]; strings.Trim(s.Percent.Value, "0.") != "" {
			parts = append(parts, s.Payer.Value+" "+s.Percent.Value+"%")
		}
	}
	text := strings.Join(parts, "、")
	if why := p.shares.Unconfirmed.Value; why != "" {
		text += "（待核定：" + why + "）"
	}
	return text
}

// sharesNotes say who bears the funds, those that are borne alike together.
func sharesNotes(all []fundRow) []string {
	names, texts := map[string][]string{}, []string(nil)
	for i := range all {
		text := all[i].percents()
		if names[text] == nil {
			texts = append(texts, text)
		}
		if !slices.Contains(names[text], all[i].Fund) {
			names[text] = append(names[text], all[i].Fund)
		}
	}
	for i, text := range texts {
		texts[i] = strings.Join(names[text], "、") + "：" + text
	}
	return texts
}

// shareRow is a fund, or the sum of all.
type shareRow struct {
	payrun.FundSum
	settled payrun.FundSum
	parts   []money.Fen // of settled.Due, a payer each; the last is nobody's yet
}

func (r *shareRow) add(o *shareRow) {
	for _, pair := range [][2]*payrun.FundSum{{&r.FundSum, &o.FundSum}, {&r.settled, &o.settled}} {
		sum, part := pair[0], pair[1]
		sum.Due, sum.In, sum.Out = sum.Due.Add(part.Due), sum.In.Add(part.In), sum.Out.Add(part.Out)
	}
	for i, a := range o.parts {
		r.parts[i] = r.parts[i].Add(a)
	}
}

func shareColumns(payers []string) []sheet.Column[shareRow] {
	columns := []sheet.Column[shareRow]{
		sheet.Col("资金来源", 24, sheet.Wrapped, func(r *shareRow) sheet.Cell { return sheet.Text(r.Fund) }),
		sheet.Col("应发", 14, sheet.Amounts, func(r *shareRow) sheet.Cell { return sheet.Fen(r.Due) }).Sums(),
		sheet.Col("跨资金转入", 12, sheet.Amounts, func(r *shareRow) sheet.Cell { return sheet.Fen(r.In) }).Sums(),
		sheet.Col("跨资金转出", 12, sheet.Amounts, func(r *shareRow) sheet.Cell { return sheet.Fen(r.Out) }).Sums(),
		sheet.Col("实拨", 14, sheet.Amounts, func(r *shareRow) sheet.Cell { return sheet.Fen(r.Paid()) }).Sums(),
		sheet.Col("实际付讫", 14, sheet.Amounts, func(r *shareRow) sheet.Cell { return sheet.Fen(r.settled.Paid()) }).Sums(),
		sheet.Col("付讫应负担", 14, sheet.Amounts, func(r *shareRow) sheet.Cell { return sheet.Fen(r.settled.Due) }).Sums(),
	}
	for i, name := range append(slices.Clone(payers), "未定分担") {
		columns = append(columns, sheet.Col(name, 13, sheet.Amounts, func(r *shareRow) sheet.Cell { return sheet.Fen(r.parts[i]) }).Sums())
	}
	return columns
}

// shares is the sheet 资金分担: what each fund bears and what is paid out of it, and what
// banks have really paid, split among those who bear it by the pack of each batch.
func (b *book) shares() error {
	all := b.fundRows()
	names := payers(all)
	columns := shareColumns(names)
	t := sheet.NewTable(b.Paper, sheet.Spec{Name: "资金分担", Title: "资金来源和各级分担", Unit: "金额单位：元", Origin: b.origin(), Landscape: true}, columns)
	sum := shareRow{parts: make([]money.Fen, len(names)+1)}
	for i := range all {
		r := shareRow{all[i].FundSum, all[i].settled, all[i].split(names)}
		t.Add(&r)
		sum.add(&r)
	}
	t.Empty("本月没有应发款项")
	t.Total("合计", t.Summed(&sum)...)
	borne := money.Fen(0)
	for _, a := range sum.parts {
		borne = borne.Add(a)
	}
	t.Across(t.Paper.Styles.Words, "实际付讫（大写）："+sum.settled.Paid().Chinese(), sheet.WordsHeight)
	t.Notes(sheet.FundNote, "实际付讫只算银行答复“成功”的付款；失败退回、未知、未回的不在内。付讫应负担＝实际付讫−跨资金转入＋跨资金转出（只算已经付讫的和抵扣为零的），各级按它分担，比例按各批次审批时的规则包。")
	for _, n := range sharesNotes(all) {
		t.Notes(n)
	}
	if err := t.Err(); err != nil {
		return err
	}
	switch {
	case sum.Due != b.all.listed || sum.Paid() != b.all.listed:
		return control.Disagree("资金分担 应发和实拨（元）", sum.Paid(), b.all.listed)
	case sum.settled.Paid() != b.all.amount[answerPaid] || borne != sum.settled.Paid():
		return control.Disagree("资金分担 实际付讫（元）", borne, b.all.amount[answerPaid])
	}
	return nil
}
