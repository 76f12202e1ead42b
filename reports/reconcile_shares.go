package reports

import (
	"slices"
	"strings"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/policy"
)

// fundPaid is what banks have paid of a fund source in batches of one pack.
type fundPaid struct {
	fund   string
	pack   string
	shares *policy.Fund // nil: the pack does not say who bears it
	amount money.Fen
}

// paidByFund is in the order of 总表.
func (b *reconcileBook) paidByFund() []fundPaid {
	var all []fundPaid
	for _, x := range b.rows() {
		for i := range b.r.Cells {
			c := &b.r.Cells[i]
			pack := b.r.batch(c.N).Pack
			if c.Item != x.item || c.Amounts[bank.Paid] == 0 || fundOf(b.r.Packs[pack], c.Item) != x.fund {
				continue
			}
			at := slices.IndexFunc(all, func(p fundPaid) bool { return p.pack == pack && p.fund == x.fund })
			if at < 0 {
				at = len(all)
				all = append(all, fundPaid{fund: x.fund, pack: pack, shares: b.sharesOf(pack, x.fund)})
			}
			all[at].amount = all[at].amount.Add(c.Amounts[bank.Paid])
		}
	}
	return all
}

func (b *reconcileBook) sharesOf(pack, name string) *policy.Fund {
	if b.r.Packs[pack] == nil {
		return nil
	}
	return (&catalogue{file: b.r.Packs[pack]}).fund(name)
}

// payers are all who bear something, in the order in which the packs name them.
func payers(all []fundPaid) []string {
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

// split divides what was paid among payers; the last amount is nobody's yet.
func (p *fundPaid) split(payers []string) []money.Fen {
	parts := make([]money.Fen, len(payers)+1)
	if p.shares == nil {
		parts[len(payers)] = p.amount
		return parts
	}
	for i, a := range p.shares.Split(p.amount) {
		at := slices.Index(payers, p.shares.Shares[i].Payer.Value)
		parts[at] = parts[at].Add(a)
	}
	return parts
}

// percents says who bears how much of a fund, and whether that is certain.
func (p *fundPaid) percents() string {
	if p.shares == nil {
		return "待核定：规则包没有写各级分担比例"
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

// shares is the sheet 资金分担: what banks have really paid, split among those who bear it
// by the pack of each batch.
func (b *reconcileBook) shares() error {
	all := b.paidByFund()
	names := payers(all)
	columns := []column{{"资金来源", 26, wrapped}, {"实际付讫", 16, amounts}}
	for _, name := range names {
		columns = append(columns, column{name, 15, amounts})
	}
	columns = append(columns, column{"未定分担", 14, amounts}, column{"分担比例", 54, wrapped})
	t := b.table(tableSpec{name: "资金分担", title: "实际付讫资金各级分担", unit: "金额单位：元", origin: b.origin(), landscape: true, columns: columns})
	paid, sums := money.Fen(0), make([]money.Fen, len(names)+1)
	for i := range all {
		p := &all[i]
		t.begin(p.fund, p.percents())
		t.text(p.fund)
		t.fen(p.amount)
		paid = paid.Add(p.amount)
		for k, a := range p.split(names) {
			t.fen(a)
			sums[k] = sums[k].Add(a)
		}
		t.text(p.percents())
	}
	t.empty("银行还没有答复付讫的款项")
	cells := []any{paid}
	borne := money.Fen(0)
	for _, a := range sums {
		cells = append(cells, a)
		borne = borne.Add(a)
	}
	t.total("合计", 1, cells...)
	t.words(paid)
	t.notes("只算银行答复“成功”的付款；失败退回、未知、未回的不在内。按各批次审批时的规则包分担。")
	if err := t.Err(); err != nil {
		return err
	}
	if paid != b.all.amount[answerPaid] || borne != paid {
		return disagree("资金分担 实际付讫（元）", borne, b.all.amount[answerPaid])
	}
	return nil
}
