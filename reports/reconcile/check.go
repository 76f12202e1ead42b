package reconcile

import (
	"cmp"
	"fmt"
	"strings"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/payrun"
)

// Differences says, a sentence each, where the house does not agree with itself:
// 名单, 拨付 and 台账 batch by batch, file by file, payment by payment. What banks have
// not answered is no difference. Empty: all is well.
func (r *Report) Differences() []string {
	var all []string
	differ := func(where, one string, a money.Fen, other string, b money.Fen) {
		if a != b {
			all = append(all, fmt.Sprintf("%s：%s %s 元，%s %s 元，相差 %s 元", where, one, a.Grouped(), other, b.Grouped(), a.Sub(b).Grouped()))
		}
	}
	for i := range r.Batches {
		r.batchDiffers(&r.Batches[i], differ)
	}
	for _, f := range r.Files {
		s := r.sum(func(c *bank.ReconcileCell) bool { return c.N == f.N && c.File == f.File })
		differ("文件 "+f.Number, "文件登记", f.Amount, "付款合计", s.paid)
		if f.Rows != s.payments {
			all = append(all, fmt.Sprintf("文件 %s：文件登记付款 %d 笔，实有 %d 笔", f.Number, f.Rows, s.payments))
		}
	}
	for _, c := range r.Cells {
		where := fmt.Sprintf("第%d批项目 %s", c.N, c.Item)
		if c.File > 0 {
			where = "文件 " + r.number(c.N, c.File) + " 项目 " + c.Item
		}
		differ(where, "名单", c.Listed, "拨付", c.Paid)
		if c.File > 0 && r.fileOf(c.N, c.File) == nil {
			all = append(all, where+"：有付款而没有登记银行文件")
		}
	}
	for _, w := range r.Wrong {
		all = append(all, fmt.Sprintf("%s第 %d 号%s：名单 %s 元，付款 %s 元", cmp.Or(w.Number, fmt.Sprintf("第%d批", w.N))+" ", w.Seq, w.What,
			w.Listed.Grouped(), w.Paid.Grouped()))
	}
	return all
}

func (r *Report) batchDiffers(b *bank.ReconcileBatch, differ func(where, one string, a money.Fen, other string, b money.Fen)) {
	where := fmt.Sprintf("第%d批", b.N)
	differ(where, "签批应发", b.Pays, "台账记入", b.Settled)
	if b.State == payrun.Voided {
		differ(where+"（作废）", "签批应发", b.Pays, "台账冲回", -b.Voided)
		return
	}
	s := r.sum(func(c *bank.ReconcileCell) bool { return c.N == b.N })
	differ(where, "签批应发", b.Pays, "名单明细", s.listed)
	differ(where, "签批应发", b.Pays, "各项目汇总", b.Items)
	differ(where, "失败退回", s.amount[answerFailed], "台账冲回", -b.Undone)
}

// Balanced reports whether 名单 = 拨付 = 回单: nothing differs, and banks have answered
// every payment for good.
func (r *Report) Balanced() bool {
	all := r.total()
	return len(r.Differences()) == 0 && all.unsettled() == 0
}

// Conclusion says in a sentence whether it balances, and what is missing where not.
func (r *Report) Conclusion() string {
	all := r.total()
	if d := r.Differences(); len(d) > 0 {
		return fmt.Sprintf("账不平：内部有 %d 处不符，第一处是%s；请停止送盘，联系维护人员查明", len(d), d[0])
	}
	rest := ""
	if n := all.count[answerFailed]; n > 0 {
		rest = fmt.Sprintf("；失败退回的付款 %d 笔 %s 元%s", n, all.amount[answerFailed].Grouped(), r.outstanding())
	}
	if all.unsettled() == 0 {
		return fmt.Sprintf("账平：名单 %s 元 ＝ 拨付 %s 元 ＝ 回单 %s 元（成功 %s 元、失败退回 %s 元），分文不差%s", all.listed.Grouped(), all.paid.Grouped(),
			all.paid.Grouped(), all.amount[answerPaid].Grouped(), all.amount[answerFailed].Grouped(), rest)
	}
	return fmt.Sprintf("名单 ＝ 拨付 ＝ %s 元；其中成功 %s 元、失败退回 %s 元，回单还缺 %s 元：%s%s", all.paid.Grouped(), all.amount[answerPaid].Grouped(),
		all.amount[answerFailed].Grouped(), all.unsettled().Grouped(), strings.Join(r.missing(&all), "；"), rest)
}

// missing names what banks have not answered for good.
func (r *Report) missing(all *flow) []string {
	var parts []string
	for _, b := range r.Batches {
		s := r.sum(func(c *bank.ReconcileCell) bool { return c.N == b.N })
		if s.count[notSent] > 0 {
			parts = append(parts, fmt.Sprintf("第%d批还没有送银行，付款 %d 笔 %s 元", b.N, s.count[notSent], s.amount[notSent].Grouped()))
		}
	}
	if n := all.count[answerNone]; n > 0 {
		parts = append(parts, fmt.Sprintf("银行没有答复的付款 %d 笔 %s 元（%s）", n, all.amount[answerNone].Grouped(), r.unanswered()))
	}
	if n := all.count[answerUnknown]; n > 0 {
		parts = append(parts, fmt.Sprintf("银行答复“未知”的付款 %d 笔 %s 元", n, all.amount[answerUnknown].Grouped()))
	}
	return parts
}

// unanswered names the files that lack answers, the first three of them.
func (r *Report) unanswered() string {
	var names []string
	for _, f := range r.Files {
		s := r.sum(func(c *bank.ReconcileCell) bool { return c.N == f.N && c.File == f.File })
		if s.count[answerNone] > 0 {
			names = append(names, f.Number)
		}
	}
	if len(names) > 3 {
		return fmt.Sprintf("%s 等 %d 个文件", strings.Join(names[:3], "、"), len(names))
	}
	return strings.Join(names, "、")
}
