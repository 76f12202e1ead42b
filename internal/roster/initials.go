package roster

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// surnames are characters that are read otherwise as surnames than elsewhere.
var surnames = map[rune]byte{
	'单': 's', '曾': 'z', '解': 'x', '查': 'z', '区': 'o', '仇': 'q', '盖': 'g', '朴': 'p', '任': 'r', '华': 'h', '翟': 'z',
	'乐': 'y', '覃': 'q', '缪': 'm', '员': 'y', '冼': 'x', '尉': 'y', '长': 'z', '万': 'w', '洗': 'x', '折': 's', '秘': 'b',
	'谌': 'c', '阚': 'k', '郇': 'x', '种': 'c', '适': 'k', '逄': 'p', '繁': 'p', '黑': 'h', '宿': 's', '隗': 'w',
}

// twofold are surnames of two characters that are read otherwise than their characters.
var twofold = map[string]string{"尉迟": "yc", "万俟": "mq", "长孙": "zs", "澹台": "tt", "单于": "cy"}

// Initials are the first letters of a name's pinyin in lower case, the surname as
// surnames are read: 单雄信 → sxx. Characters without a reading are left out, letters and
// digits stay.
func Initials(name string) string {
	runes := []rune(name)
	var b strings.Builder
	if len(runes) > 2 {
		if two, ok := twofold[string(runes[:2])]; ok {
			b.WriteString(two)
			runes = runes[2:]
		}
	}
	for i, r := range runes {
		first, ok := surnames[r]
		if !ok || i > 0 || b.Len() > 0 {
			first = initialOf(r)
		}
		if first != 0 {
			b.WriteByte(first)
		}
	}
	return b.String()
}

// initialOf is the first letter of a character's usual reading; 0: it has none.
func initialOf(r rune) byte {
	switch {
	case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
		return byte(unicode.ToLower(r))
	case r < 0x3400:
		return 0
	}
	for _, c := range pinyin.PinyinDict[int(r)] {
		return plainVowels(c)
	}
	return 0
}

// plainVowels takes the tone off a reading's first letter.
func plainVowels(c rune) byte {
	switch {
	case c >= 'a' && c <= 'z':
		return byte(c)
	case strings.ContainsRune("āáǎà", c):
		return 'a'
	case strings.ContainsRune("ōóǒò", c):
		return 'o'
	case strings.ContainsRune("ēéěèê", c):
		return 'e'
	case strings.ContainsRune("ńňǹ", c):
		return 'n'
	case c == 'ḿ':
		return 'm'
	}
	return 0
}
