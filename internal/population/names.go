package population

import "slices"

// Surnames by how common they are here, most common first, with the weight of each.
var surnames = func() choice[string] {
	var rows []share[string]
	for _, group := range []share[string]{
		{"王李张刘", 80}, {"赵杨陈郭武郝", 40}, {"高马孙田贾胡韩孟任", 22}, {"徐朱吴周宋梁冯史白康", 15},
		{"薛曹范董侯乔闫姚石谢安袁丁雷段", 9}, {"樊靳牛苗齐温焦毛尹常崔卢魏程蔡于潘许何", 6}, {"边兰麻庞智解逯蔚仝亢", 3},
	} {
		for _, c := range group.what {
			rows = append(rows, share[string]{string(c), group.weight})
		}
	}
	for _, s := range []string{"欧阳", "司马", "令狐", "尉迟", "上官"} {
		rows = append(rows, share[string]{s, 1})
	}
	return among(rows...)
}()

// Characters of given names of that generation.
var (
	menFirst    = characters("建国志德福明玉文永金春世有元少振万长宝存耀占俊大")
	menSecond   = characters("国军强福贵生义成海山林荣喜忠民平才旺亮斌武祥恩田龙")
	womenFirst  = characters("秀桂玉凤淑爱翠巧美春月金瑞素存俊改润彩莲")
	womenSecond = characters("英兰梅珍芳莲香花仙云霞玲枝娥琴萍青叶桃连")
	// GBK does not have these: a bank's file must map or refuse them.
	rareCharacters = characters("㛃䶮𬭎𬀩㭎𫘧𬘭")
)

// Shares of names.
const (
	oneCharacter = 0.16
	rareName     = 0.0025
	dottedName   = 0.0003
)

func characters(s string) (list []string) {
	for _, c := range s {
		list = append(list, string(c))
	}
	return list
}

func (d *dice) name(woman bool) string {
	if d.chance(dottedName) {
		return one(d.r, []string{"阿依", "巴特", "古丽", "帖木"}) + "·" + one(d.r, []string{"吐逊", "买买", "孟和", "苏合"})
	}
	return surnames.pick(d.r) + d.given(woman)
}

func (d *dice) given(woman bool) string {
	first, second := menFirst, menSecond
	if woman {
		first, second = womenFirst, womenSecond
	}
	if d.chance(rareName) {
		second = rareCharacters
	}
	a, b := one(d.r, first), one(d.r, second)
	if a == b || d.chance(oneCharacter) {
		return b
	}
	return a + b
}

// surname returns the part of a made-up name that is inherited.
func surname(name string) string {
	runes := []rune(name)
	if len(runes) > 2 && slices.Contains([]string{"欧阳", "司马", "令狐", "尉迟", "上官"}, string(runes[:2])) {
		return string(runes[:2])
	}
	return string(runes[:1])
}
