package reports

import (
	"cmp"
	"slices"
	"strings"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/policy"
)

// fundRow is a fund source in batches of one pack.
type fundRow struct {
	payrun.FundSum
	shares  *policy.Fund   // nil: the pack does not say who bears it
	settled payrun.FundSum // of what banks have paid, and of lines that 扣回 brought to nothing
}

// packHashes are the packs of the month's batches.
func (r *Reconciliation) packHashes() []string {
	var all []string
	for i := range r.Batches {
		if hash := r.Batches[i].Pack; !slices.Contains(all, hash) {
			all = append(all, hash)
		}
	}
	return all
}

// Funds are the figures of the month's fund sources, in the order in which they occur.
func (r *Reconciliation) Funds() []payrun.FundSum {
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
func (b *reconcileBook) fundRows() []fundRow {
	var rows []fundRow
	for _, hash := range b.r.packHashes() {
		all, settled := b.r.byFund(hash)
		for _, s := range all.Sums {
			rows = append(rows, fundRow{FundSum: s, shares: b.r.Packs[hash].Fund(s.Fund), settled: settled.Sum(s.Fund)})
		}
	}
	slices.SortStableFunc(rows, func(x, y fundRow) int {
		return cmp.Or(cmp.Compare(b.cat.fundPlace(x.Fund), b.cat.fundPlace(y.Fund)), strings.Compare(x.Fund, y.Fund))
	})
	return rows
}

// byFund adds up the batches of one pack: all that is listed, and what of it is settled
// with the bank. A 扣回 that another fund's payment carries is in the cell of that payment's
// item, so it is taken out there and put in as what it is.
func (r *Reconciliation) byFund(hash string) (all, settled payrun.Funds) {
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
		return "待核定：" + noShares
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

// shares is the sheet 资金分担: what each fund bears and what is paid out of it, and what
// banks have really paid, split among those who bear it by the pack of each batch.
func (b *reconcileBook) shares() error {
	all := b.fundRows()
	names := payers(all)
	columns := []column{{"资金来源", 24, wrapped}, {"应发", 14, amounts}, {"跨资金转入", 12, amounts}, {"跨资金转出", 12, amounts}, {"实拨", 14, amounts},
		{"实际付讫", 14, amounts}, {"付讫应负担", 14, amounts}}
	for _, name := range names {
		columns = append(columns, column{name, 13, amounts})
	}
	columns = append(columns, column{"未定分担", 13, amounts})
	t := b.table(tableSpec{name: "资金分担", title: "资金来源和各级分担", unit: "金额单位：元", origin: b.origin(), landscape: true, columns: columns})
	sums := make([]money.Fen, len(columns)-1)
	for i := range all {
		p := &all[i]
		t.begin(p.Fund)
		t.text(p.Fund)
		cells := append([]money.Fen{p.Due, p.In, p.Out, p.Paid(), p.settled.Paid(), p.settled.Due}, p.split(names)...)
		for k, a := range cells {
			t.fen(a)
			sums[k] = sums[k].Add(a)
		}
	}
	t.empty("本月没有应发款项")
	cells, borne := []any{}, money.Fen(0)
	for k, a := range sums {
		cells = append(cells, a)
		if k > 5 {
			borne = borne.Add(a)
		}
	}
	t.total("合计", 1, cells...)
	t.across(t.p.st.words, "实际付讫（大写）："+sums[4].Chinese(), wordsHeight)
	t.notes(fundNote, "实际付讫只算银行答复“成功”的付款；失败退回、未知、未回的不在内。付讫应负担＝实际付讫−跨资金转入＋跨资金转出（只算已经付讫的和抵扣为零的），各级按它分担，比例按各批次审批时的规则包。")
	for _, n := range sharesNotes(all) {
		t.notes(n)
	}
	if err := t.Err(); err != nil {
		return err
	}
	switch {
	case sums[0] != b.all.listed || sums[3] != b.all.listed:
		return disagree("资金分担 应发和实拨（元）", sums[3], b.all.listed)
	case sums[4] != b.all.amount[answerPaid] || borne != sums[4]:
		return disagree("资金分担 实际付讫（元）", borne, b.all.amount[answerPaid])
	}
	return nil
}
