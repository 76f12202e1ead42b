package bank

import "disburse/internal/fault"

// Sent says how many payments the bank file of a number has, 0 where there is no such
// file. Its errors end the reading.
type Sent func(number string) (payments int, err error)

// How many rows a result file may have. Banks answer a payment once, now and then twice;
// rows that answer nothing are few. Anything else is not an answer, and would only fill
// memory and the list of complaints.
const (
	maxRows     = 200_000  // whatever was sent
	answersEach = 2        // rows for each payment of the files that are named
	strayRows   = 1_000    // besides
	maxKept     = 40 << 20 // bytes of text that are kept of all rows; an answer has some 100
)

// bound holds a result file to what was sent in the bank files that it names.
type bound struct {
	file    string
	sent    Sent
	named   map[string]bool
	rows    int // of any kind
	answers int // below headings
	kept    int // bytes of their texts, a text that many rows share counted once
	sentIn  int // payments of the files in named
}

// row counts any row that is not empty.
func (b *bound) row(at Place) error {
	if b.rows++; b.rows > maxRows {
		return fault.New(fault.Invalid, "文件“%s”的行数超过 %d，不像回盘文件，读到%s为止，什么都没有改动；请核对文件", b.file, maxRows, at.in())
	}
	return nil
}

// answer counts a row below the headings, of which so many bytes of text are kept; number
// is the bank file that it names, empty where it cannot be read.
func (b *bound) answer(at Place, number string, kept int) error {
	if b.kept += kept; b.kept > maxKept {
		return fault.New(fault.Invalid, "文件“%s”里的文字太多，不像回盘文件，读到%s为止，什么都没有改动；请核对文件", b.file, at.in())
	}
	if number != "" && !b.named[number] {
		payments, err := b.sent(number)
		if err != nil {
			return err
		}
		b.named[number] = true
		b.sentIn += payments
	}
	if b.answers++; b.answers > answersEach*b.sentIn+strayRows {
		return fault.New(fault.Invalid, "文件“%s”到%s已有 %d 行，而其中写到的批次号一共只有 %d 笔付款，不是这些批次的回盘，没有读下去，什么都没有改动；请核对文件",
			b.file, at.in(), b.answers, b.sentIn)
	}
	return nil
}
