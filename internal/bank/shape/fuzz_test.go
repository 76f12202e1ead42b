package shape

import (
	"bytes"
	"strings"
	"testing"

	"disburse/internal/bank/field"
	"disburse/internal/money"
)

// Whatever a payment says, a text file either refuses it or, read by somebody else and
// written again, is the same file.
func FuzzReadWriteRead(f *testing.F) {
	f.Add("甲某", "6200020000000000019", "140203194001010011", int64(7000), true)
	f.Add("王𠮷㐂", "62", "", int64(1), false)
	f.Add("a|b", "0", "临-1", int64(99999999999999), true)
	f.Add(" ?·€\t", "\x00", "\xff", int64(12), false)
	pipes, fixed := named(f, "竖线文本"), named(f, "定长文本")
	f.Fuzz(func(t *testing.T, holder, account, id string, amount int64, piped bool) {
		if amount <= 0 || amount > 1e13 {
			return
		}
		s, read := fixed, func(body []byte) []plainRow { _, _, rows := readFixed(t, body); return rows }
		if piped {
			s, read = pipes, func(body []byte) []plainRow { _, rows := readPipes(t, body); return rows }
		}
		first := pay(1, "", holder, account, id, "11", "高龄津贴", money.Fen(amount))
		var once bytes.Buffer
		if s.Parts(head, []field.Payment{first})[0].WriteText(&once) != nil {
			return
		}
		rows := read(once.Bytes())
		got := rows[0]
		blank := func(text string) string { return strings.TrimRight(s.mapped(text), " ") }
		if len(rows) != 1 || got.amount != first.Amount.String() || blank(got.holder) != blank(holder) || blank(got.account) != blank(account) {
			t.Fatalf("wrote %+v, read %+v", first, got)
		}
		if s == fixed && blank(got.id) != blank(id) {
			t.Fatalf("wrote %q, read %q", id, got.id)
		}
		again := pay(1, "", got.holder, got.account, got.id, "11", "高龄津贴", first.Amount)
		var twice bytes.Buffer
		if err := s.Parts(head, []field.Payment{again})[0].WriteText(&twice); err != nil || !bytes.Equal(once.Bytes(), twice.Bytes()) {
			t.Fatalf("%v\n%q\n%q", err, once.Bytes(), twice.Bytes())
		}
	})
}
