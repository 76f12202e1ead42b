package diff

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"disburse/internal/month"
	"disburse/internal/policy/packfile"
)

// scalars are the types of single values in a file. Value is the first field of each.
var scalars = map[reflect.Type]func(reflect.Value) string{
	reflect.TypeFor[packfile.Text](): func(v reflect.Value) string {
		text := v.Field(0).String()
		if strings.ContainsAny(text, "\n\t") || strings.Contains(text, "  ") {
			return strings.Join(strings.Fields(text), " ") // folded over several lines
		}
		return text
	},
	reflect.TypeFor[packfile.Decimal](): func(v reflect.Value) string { return v.Field(0).String() },
	reflect.TypeFor[packfile.Int](): func(v reflect.Value) string {
		if n := v.Field(0).Int(); n != 0 {
			return strconv.FormatInt(n, 10)
		}
		return ""
	},
	reflect.TypeFor[packfile.Bool](): func(v reflect.Value) string {
		if v.Field(0).Bool() {
			return "是"
		}
		return ""
	},
	reflect.TypeFor[packfile.Month](): func(v reflect.Value) string {
		if m := month.Month(v.Field(0).Int()); m != 0 {
			return m.Chinese()
		}
		return ""
	},
	reflect.TypeFor[packfile.Day](): func(v reflect.Value) string {
		if d := month.Date(v.Field(0).Int()); d != 0 {
			return d.String()
		}
		return ""
	},
}

func isScalar(t reflect.Type) bool { return scalars[t] != nil }

// scalar is a single value as people read it; empty: it is not written.
func scalar(v reflect.Value) string { return scalars[v.Type()](v) }

// keyed is a field of a struct with its YAML key.
type keyed struct {
	key   string
	index int
}

var keysOfTypes sync.Map // reflect.Type → []keyed

// keysOf are the fields of a struct that stand in the file.
func keysOf(t reflect.Type) []keyed {
	if known, ok := keysOfTypes.Load(t); ok {
		return known.([]keyed)
	}
	var all []keyed
	for i := range t.NumField() {
		if key, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); key != "" {
			all = append(all, keyed{key, i})
		}
	}
	keysOfTypes.Store(t, all)
	return all
}

// same reports whether two values say the same, wherever and however they are written.
func same(a, b reflect.Value) bool {
	switch {
	case isScalar(a.Type()):
		return scalar(a) == scalar(b)
	case a.Kind() == reflect.Pointer:
		return a.IsNil() == b.IsNil() && (a.IsNil() || same(a.Elem(), b.Elem()))
	case a.Kind() == reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case a.Kind() == reflect.Struct:
		for _, f := range keysOf(a.Type()) {
			if !same(a.Field(f.index), b.Field(f.index)) {
				return false
			}
		}
	}
	return true
}

// sameAs is same of two parts of one type.
func sameAs[T any](a, b *T) bool { return same(reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()) }

// dump writes all that a value says, without where it stands: equal dumps say the same.
func dump(v reflect.Value) string {
	var b strings.Builder
	dumpTo(&b, v)
	return b.String()
}

func dumpTo(b *strings.Builder, v reflect.Value) {
	switch {
	case isScalar(v.Type()):
		fmt.Fprintf(b, "%q", scalar(v))
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			b.WriteString("-")
			return
		}
		dumpTo(b, v.Elem())
	case v.Kind() == reflect.Slice:
		b.WriteString("[")
		for i := range v.Len() {
			dumpTo(b, v.Index(i))
			b.WriteString(",")
		}
		b.WriteString("]")
	case v.Kind() == reflect.Struct:
		b.WriteString("{")
		for _, f := range keysOf(v.Type()) {
			dumpTo(b, v.Field(f.index))
			b.WriteString(",")
		}
		b.WriteString("}")
	}
}

// summary lists what a struct says, key by key.
func summary(v reflect.Value) string {
	if isScalar(v.Type()) {
		return scalar(v)
	}
	var parts []string
	for _, f := range keysOf(v.Type()) {
		if text := brief(v.Field(f.index)); text != "" {
			parts = append(parts, labelOf(v.Type().Name(), f.key)+" "+text)
		}
	}
	return strings.Join(parts, "，")
}

func brief(v reflect.Value) string {
	switch {
	case isScalar(v.Type()):
		return scalar(v)
	case v.Kind() == reflect.Pointer && v.IsNil():
		return ""
	case v.Kind() == reflect.Pointer:
		return bracketed(summary(v.Elem()))
	case v.Kind() == reflect.Slice:
		var all []string
		for i := range v.Len() {
			if text := brief(v.Index(i)); text != "" {
				all = append(all, text)
			}
		}
		return strings.Join(all, "、")
	}
	return bracketed(summary(v))
}

func bracketed(s string) string {
	if s == "" {
		return ""
	}
	return "（" + s + "）"
}

// listKeys says by which keys the members of a list are known. Those of other lists
// are known by their place.
var listKeys = map[string][]string{
	"Bureau": {"name"}, "Fact": {"name"}, "Group": {"items", "from"}, "Conflict": {"name"}, "MatchList": {"name"}, "BankCodes": {"bank"},
	"ResultCode": {"code"}, "Bank": {"name"}, "Fund": {"name"}, "Share": {"payer"}, "ClearingBand": {"ages"}, "Shape": {"name"},
	"Memo": {"item"}, "MapPair": {"from"},
}

// named returns what a list's members are known by; fewer than members where names are
// missing or not unique.
func named(list reflect.Value) []string {
	keys := listKeys[list.Type().Elem().Name()]
	var all []string
	seen := map[string]bool{}
	for i := range list.Len() {
		v, name, since := list.Index(i), "", ""
		for _, f := range keysOf(v.Type()) {
			if !slices.Contains(keys, f.key) {
				continue
			}
			switch text := brief(v.Field(f.index)); {
			case f.key == "from" && text != "" && v.Type() == reflect.TypeFor[packfile.Group]():
				since = "，自" + text + "起"
			default:
				name += text
			}
		}
		name += since
		if name == "" && v.Type() == reflect.TypeFor[packfile.BankCodes]() {
			name = "缺省"
		}
		if name == "" || seen[name] {
			return nil
		}
		seen[name] = true
		all = append(all, name)
	}
	return all
}

// labelOf is what people call a key of a part: its own word, else the general one, else
// the key as it stands in the file.
func labelOf(part, key string) string {
	for _, k := range []string{part + "." + key, key} {
		if word, ok := labels[k]; ok {
			return word
		}
	}
	return key
}

// labels are the words for the keys of a pack, as the manual has them.
var labels = map[string]string{
	"language": "语言版本", "region": "行政区划代码", "district": "区名", "title": "清单名称", "source": "依据", "streets": "街道", "bureaus": "单位",
	"facts": "情况", "rates": "标准", "derived": "派生名称", "items": "项目", "higher_of": "就高组", "replacements": "替代组", "suspension": "停发情况",
	"checks": "检查设定", "match_lists": "比对名单", "result_codes": "结果码表", "examples": "例子", "banks": "银行", "funds": "资金来源",
	"clearing": "省级清算", "shapes": "银行文件格式", "certification": "生存认证", "approval": "审批分级", "freezes": "冻结时段",

	"name": "名称", "code": "代码", "bank": "银行", "type": "类型", "values": "可选值", "note": "说明", "unit": "单位", "by": "划分依据",
	"from": "起", "to": "止", "when": "条件", "unless": "排除情形", "value": "值", "floor": "下限", "unconfirmed": "待核定说明", "is": "内容",
	"presence": "在册要求", "reads": "计算口径", "temporary": "临时编号可享受", "list": "名册", "detail": "名册详情", "pay": "发放", "public": "公示用语",
	"who": "服务对象", "what": "服务内容", "if": "适用情形", "text": "文字", "fact": "情况", "check": "提示", "needs": "所需资料", "amount": "金额",
	"determined": "按核定金额", "first_only": "只在首月发", "payee": "收款人", "required": "须指明收款人", "once_a_year_from": "年度起始月",
	"arrears_months": "补发月数上限", "fund": "资金来源", "age_over": "高龄核实年龄", "total_percent": "总额变动百分比", "person_percent": "个人变动百分比",
	"facts_end_days": "情况到期提醒天数", "conflicts": "冲突情形", "effect": "效力", "direction": "查找方向", "deaths": "为死亡名单", "codes": "结果码",
	"result": "结果", "means": "含义", "aliases": "别名", "shape": "文件格式", "through": "代发行", "shares": "分担比例", "payer": "承担方",
	"percent": "百分比", "bands": "年龄段", "ages": "年龄段", "low_income": "有该情况的标准", "other": "其他标准",

	"format": "文件类型", "encoding": "编码", "separator": "分隔符", "line_start": "行首", "line_stop": "行尾", "line_end": "换行",
	"heading": "标题", "rows": "每个文件的笔数", "file_name": "文件名", "header": "首行汇总", "columns": "列", "trailer": "尾行汇总", "own_bank": "本行",
	"other_file_name": "他行文件名", "other_columns": "他行列", "other_trailer": "他行尾行汇总", "memo": "摘要", "memos": "单项摘要", "map": "替代字",
	"field": "字段", "width": "宽度", "align": "对齐", "pad": "补位字符", "item": "项目", "why": "原因", "every": "间隔月数", "grace": "宽限月数",
	"second_above": "须两级审批的金额（元）", "second_for_raises": "增发须第二人确认",

	"Bank.code": "联行号", "MapPair.from": "原字", "MapPair.to": "替代字", "Fact.name": "名称", "Fact.public": "信上说法", "Pay.name": "发放名称", "Certification.from": "起始年龄", "Shape.amount": "金额单位",
	"Certification.items": "适用项目", "Group.items": "项目", "Clearing.items": "项目", "ResultCode.code": "结果码", "Share.percent": "百分比",
}
