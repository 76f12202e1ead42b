package lang

import "testing"

func TestPlain(t *testing.T) {
	for source, want := range map[string]string{
		`年龄 >= 80`:        `年龄 ≥ 80`,
		`not known(失能等级)`: `未登记失能等级`,
		`重残 or 残疾等级 in ["三级", "四级"] and ("智力" in 残疾类别 or "精神" in 残疾类别)`: `重残 或 残疾等级属于（“三级”、“四级”） 且 (残疾类别含“智力” 或 残疾类别含“精神”)`,
		`max(0, 机构月收费 - granted("23-1"))`:                               `取高(0, 机构月收费 − 第23-1项实发)`,
		`养老保险 == "职工"`: `养老保险为“职工”`,
	} {
		if got := Plain(source); got != want {
			t.Errorf("Plain(%s) = %s, want %s", source, got, want)
		}
	}
}
