package sheet

import (
	"fmt"
	"strings"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// NoBank stands for a 开户行 that nobody recorded.
const NoBank = "（未登记开户行）"

// StreetName is how sheets write a street.
func StreetName(s string) string {
	if s == "" {
		return "（未填街道）"
	}
	return s
}

// FundNote says how the figures of a fund belong together.
const FundNote = "应发＋跨资金转入−跨资金转出＝实拨。应发按明细自己的项目归资金，是该资金最终负担的；实拨是银行从该资金付出的。" +
	"多发的款从别的资金的付款里扣回时，付款的资金转出，多发的资金转入，由财政部门在两项资金之间结算。"

// NoShares is why nobody bears a fund yet.
const NoShares = "规则包没有写各级分担比例"

// AccountHolder is the name on the account that is paid.
func AccountHolder(l *payrun.Line) string {
	switch {
	case l.Account.Holder != "":
		return l.Account.Holder
	case l.Payee == roster.Myself:
		return l.Name
	}
	return l.Payee
}

// HideID hides an ID number but for the place at its beginning and its last two
// characters: what is hidden includes the whole birth date and the sex.
func HideID(id string) string {
	const head, tail = 6, 2
	if rest, ok := strings.CutPrefix(id, "临-"); ok {
		return "临-" + HideID(strings.Repeat("*", head) + rest)[head:]
	}
	r := []rune(id)
	n := len(r)
	if n <= head+tail {
		return strings.Repeat("*", n)
	}
	return string(r[:head]) + strings.Repeat("*", n-head-tail) + string(r[n-tail:])
}

// BatchName names a batch as people do.
func BatchName(b *payrun.Batch) string {
	name := BatchNumber(b.Month, b.N)
	if b.Extra {
		name += "（补充）"
	}
	return name
}

// BatchNumber names a batch by its month and number.
func BatchNumber(m month.Month, n int) string { return fmt.Sprintf("%s第%d批", m.Chinese(), n) }
