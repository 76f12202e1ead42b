package reports

import (
	"context"
	"fmt"

	"disburse/internal/money"
	"disburse/reports/workbook"
)

var bankHeadings = []string{"序号", "户名", "账号", "开户行", "金额", "证件号码", "摘要"}

// bankFile makes one file that a bank loads: headings in the first row, one row a
// payment, then a row 合计; the sheet is named after the file's number. Nothing else
// may stand in it. It fails when rows and amount are not those of the approval.
func bankFile(ctx context.Context, is *Issue, cat *catalogue, src Source, f *PaymentFile, dir string) (*workbook.Book, error) {
	p, err := newPaper(is, cat, dir, "代发 "+f.Number)
	if err != nil {
		return nil, err
	}
	if err := fillBankFile(ctx, p, src, f); err != nil {
		_ = p.Close()
		return nil, err
	}
	return p.Book, nil
}

// noBank stands for a 开户行 that nobody recorded.
const noBank = "（未登记开户行）"

func fillBankFile(ctx context.Context, p *paper, src Source, f *PaymentFile) error {
	s, amount, err := p.bankSheet(f)
	if err != nil {
		return err
	}
	st := &p.st
	n, sum := 0, money.Fen(0)
	err = src.Payments(ctx, f.Number, func(pay *Payment) error {
		n++
		if n&1023 == 1 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if pay.Seq != n || pay.Amount <= 0 {
			return fmt.Errorf("file %s: payment %d is number %d of %s", f.Number, n, pay.Seq, pay.Amount)
		}
		sum = sum.Add(pay.Amount)
		s.Row(0)
		s.Int(st.count, pay.Seq)
		s.Text(st.text, pay.Holder)
		s.Text(st.id, pay.Account)
		s.Text(st.text, pay.Bank)
		s.Amount(amount, pay.Amount)
		s.Text(st.id, pay.ID)
		s.Text(st.text, p.is.Batch.Month.Chinese()+p.cat.name(pay.Item))
		return s.Err()
	})
	if err != nil {
		return err
	}
	if n != f.Rows {
		return disagree("银行文件 "+f.Number+" 笔数", n, f.Rows)
	}
	if sum != f.Amount {
		return disagree("银行文件 "+f.Number+" 金额（元）", sum, f.Amount)
	}
	s.Row(0)
	s.Text(st.text, "合计")
	s.Blank(st.text, 3)
	s.Amount(amount, sum)
	s.Blank(st.text, 2)
	return s.Err()
}

// bankSheet begins the sheet and returns the style of its amounts, which have no
// separators: machines read them.
func (p *paper) bankSheet(f *PaymentFile) (*workbook.Sheet, workbook.Style, error) {
	amount, err := p.Style(workbook.Look{Size: 10, Format: workbook.Plain, Align: "right", Indent: 1, Border: true})
	if err != nil {
		return nil, 0, err
	}
	s := p.Sheet(f.Number, workbook.Layout{
		Widths: []float64{8, 14, 24, 28, 14, 22, 34}, Landscape: true, Frozen: 1, Repeat: [2]int{1, 1},
		Footer: p.is.Batch.Bureau + "　" + f.Number,
	})
	s.Row(22)
	for _, h := range bankHeadings {
		s.Text(p.st.head, h)
	}
	return s, amount, nil
}
