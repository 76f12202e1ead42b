package layout

// The columns of 期初.
const (
	ColOpenID = iota
	ColOpenItem
	ColOpenPayee
	ColOpenMonth
	ColOpenAmount
	ColOpenBasis
)

// Opening is 期初: a row for each person, item, payee and month.
var Opening = Sheet{
	Name: "期初", Weight: 400, Needed: []int{ColOpenID, ColOpenItem, ColOpenMonth, ColOpenAmount},
	Columns: []Column{
		ColOpenID:     {"身份证号", true, true, 21, "必填。须已在花名册里"},
		ColOpenItem:   {"项目", true, true, 8, "必填。发钱项目的编号，如 11、16"},
		ColOpenPayee:  {"收款人", false, false, 22, "空白表示本人；单位须在花名册的“收款单位”里"},
		ColOpenMonth:  {"所属月份", true, true, 12, "必填。期初月以前的" + monthHelp},
		ColOpenAmount: {"金额", true, false, 12, "必填。元，最多两位小数；正数是老系统多付（以后扣回），负数是老系统欠付（以后补发），0 表示没有"},
		ColOpenBasis:  {"依据", true, false, 32, "必填。老系统的台账、交接单或文件的名称和编号"},
	},
}
