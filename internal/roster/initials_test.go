package roster

import (
	"testing"
)

func TestInitials(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"王秀英": "wxy", "单雄信": "sxx", "简单": "jd", "曾国强": "zgq", "解小红": "xxh", "查良": "zl", "区玉兰": "oyl", "仇英": "qy",
		"尉迟恭": "ycg", "长孙无": "zsw", "安淑珍": "asz", "欧阳梅": "oym", "阿不都·热合曼": "abdrhm", "Anna李": "annal", "": "", "·": "",
	} {
		if got := Initials(name); got != want {
			t.Errorf("Initials(%q) = %q, want %q", name, got, want)
		}
	}
}
