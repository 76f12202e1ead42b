package layout

// The columns of a match list.
const (
	ColListName = iota
	ColListID
	ColListBirth
	ColListDate
	ColListStreet
	ColListNote
)

// MatchList is a match list: a row a person.
var MatchList = Sheet{
	Name: "名单", Weight: 300, Needed: []int{ColListName, ColListID},
	Columns: []Column{
		ColListName:   {"姓名", true, false, 10, "必填"},
		ColListID:     {"身份证号", true, true, 21, "没有的，须有姓名和出生日期"},
		ColListBirth:  {"出生日期", false, true, 12, dateHelp},
		ColListDate:   {"日期", false, true, 12, "死亡、入狱等的" + dateHelp},
		ColListStreet: {"街道", false, false, 10, "街道名称"},
		ColListNote:   {"备注", false, false, 28, "名单上的说明"},
	},
	aliases: map[string]int{
		"公民身份号码": ColListID, "公民身份证号": ColListID, "身份证号码": ColListID, "身份证件号码": ColListID, "证件号码": ColListID,
		"死亡日期": ColListDate, "死亡时间": ColListDate, "火化日期": ColListDate, "入监日期": ColListDate, "发生日期": ColListDate,
		"乡镇街道": ColListStreet, "所属街道": ColListStreet, "说明": ColListNote,
	},
}
