package population

import "disburse/internal/roster"

// The institutions and bureaus that are paid; all but 区医保局 have made-up names.
const (
	insurer  = "区医保局"
	shelter  = "平城区救助管理站"
	mortuary = "平城区惠民殡仪服务站"
	unready  = "同泉新苑养老院" // newly opened: its account is not yet known
)

var payees = []roster.Payee{
	payee(insurer, "中国工商银行", "1402990001000001"),
	payee(shelter, "中国农业银行", "1402990001000002"),
	payee(mortuary, "中国建设银行", "1402990001000003"),
	payee("马军营街道办事处", "农村信用社", "1402990001000004"),
	payee("永泰敬老院", "农村信用社", "1402990001000005"),
	payee("水泊寺中心敬老院", "农村信用社", "1402990001000006"),
	payee("白登山特困供养服务中心", "中国邮政储蓄银行", "1402990001000007"),
	payee("御河颐养院", "中国工商银行", "1402990001000008"),
	payee("文瀛湖康养中心", "中国建设银行", "1402990001000009"),
	payee("振华松鹤养老院", "中国银行", "1402990001000010"),
	payee("大庆路夕阳红护理院", "中国农业银行", "1402990001000011"),
	payee("迎宾路安康养老院", "晋商银行", "1402990001000012"),
	{Name: unready},
}

func payee(name, bank, number string) roster.Payee {
	// Firms' and bureaus' accounts follow no check digit of cards: 17 digits.
	return roster.Payee{Name: name, Account: roster.Account{Bank: bank, Number: number + "0"}}
}

// homes are where people live (入住机构); almshouses take those of 集中供养.
var (
	almshouses = []string{"永泰敬老院", "水泊寺中心敬老院", "白登山特困供养服务中心"}
	homes      = []string{"永泰敬老院", "御河颐养院", "文瀛湖康养中心", "振华松鹤养老院", "大庆路夕阳红护理院", "迎宾路安康养老院"}
)
