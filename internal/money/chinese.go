package money

import "strings"

var (
	chineseDigits = []string{"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"}
	chineseUnits  = []string{"", "拾", "佰", "仟"}
	chineseGroups = []string{"", "万", "亿", "万亿"}
)

// Chinese writes the amount in 大写 as vouchers have it (中国人民银行《正确填写票据和结算凭证的基本规定》):
// 整 after 元 or 角, none after 分; 10 is 壹拾; a gap of any length is one 零.
// A negative amount starts with 负.
func (a Fen) Chinese() string {
	if a < 0 {
		return "负" + (-a).Chinese()
	}
	yuan, jiao, fen := uint64(a)/100, uint64(a)/10%10, uint64(a)%10
	var b strings.Builder
	if yuan > 0 || (jiao == 0 && fen == 0) {
		b.WriteString(chineseWhole(yuan) + "元")
	}
	if jiao > 0 {
		b.WriteString(chineseDigits[jiao] + "角")
	} else if fen > 0 && yuan > 0 {
		b.WriteString("零")
	}
	if fen > 0 {
		b.WriteString(chineseDigits[fen] + "分")
	} else {
		b.WriteString("整")
	}
	return b.String()
}

// chineseWhole writes a whole number: groups of four digits, each with its unit.
func chineseWhole(n uint64) string {
	if n == 0 {
		return chineseDigits[0]
	}
	var groups []uint64
	for ; n > 0; n /= 10000 {
		groups = append(groups, n%10000)
	}
	var b strings.Builder
	gap := false // zeros passed over since the last digit written
	for i := len(groups) - 1; i >= 0; i-- {
		g := groups[i]
		if g == 0 {
			gap = true
			continue
		}
		if b.Len() > 0 && (gap || g < 1000) {
			b.WriteString(chineseDigits[0])
		}
		b.WriteString(chineseGroup(g) + chineseGroups[i])
		gap = false
	}
	return b.String()
}

// chineseGroup writes 1 to 9999 without leading zeros.
func chineseGroup(g uint64) string {
	var b strings.Builder
	gap := false
	for i, unit := 3, uint64(1000); i >= 0; i, unit = i-1, unit/10 {
		d := g / unit % 10
		if d == 0 {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteString(chineseDigits[0])
			gap = false
		}
		b.WriteString(chineseDigits[d] + chineseUnits[i])
	}
	return b.String()
}
