package approval

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"disburse/internal/fault"
)

// nameLimit is the longest user name, in characters.
const nameLimit = 32

// nameMarks are what a name may hold besides Han characters, English letters and digits.
const nameMarks = "·-_."

// dots are what keyboards give for the dot within a name (买买提·艾山).
var dots = strings.NewReplacer("•", "·", "・", "·", "‧", "·", "∙", "·", "⋅", "·")

// NormalName is a user name as it is kept and looked for: in Unicode's compatibility form
// (NFKC), so that full-width letters are the same as others, and without spaces around it.
func NormalName(name string) string {
	return dots.Replace(strings.TrimSpace(norm.NFKC.String(strings.TrimSpace(name))))
}

// validateName refuses what cannot be the name of a user (fault.Invalid). Names are of Han
// characters and ASCII, so no letter of another script, no mark and nothing invisible can
// make two names look alike; a colon is not among them: the journal writes people of the
// operating system as os:NAME.
func validateName(name string) error {
	switch {
	case name == "":
		return fault.New(fault.Invalid, "用户名不能为空，请给出用户名")
	case !utf8.ValidString(name):
		return fault.New(fault.Invalid, "用户名“%s”不是 UTF-8 文字，请重新输入", strings.ToValidUTF8(name, "�"))
	case utf8.RuneCountInString(name) > nameLimit:
		return fault.New(fault.Invalid, "用户名“%.20s……”太长，请不要超过 %d 个字", name, nameLimit)
	case norm.NFKC.String(name) != name:
		return fault.New(fault.Invalid, "用户名“%s”含有全角或兼容字符，请用普通的汉字、英文字母和数字", name)
	}
	letters := false
	for _, r := range name {
		letters = letters || nameLetter(r)
		if !nameLetter(r) && !('0' <= r && r <= '9') && !strings.ContainsRune(nameMarks, r) {
			return fault.New(fault.Invalid, "用户名里不能有%s，只能用汉字、英文字母、数字和 · - _ . ，请改正", shown(r))
		}
	}
	switch {
	case !letters:
		return fault.New(fault.Invalid, "用户名“%s”里没有汉字或英文字母，请用真实姓名", name)
	case strings.HasPrefix(skeleton(name), "os-"):
		return fault.New(fault.Invalid, "用户名“%s”与操作系统用户的写法（os:…）分不清，请换一个", name)
	}
	return nil
}

func nameLetter(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || unicode.Is(unicode.Unified_Ideograph, r)
}

// shown names a character that a reader may not see, or see as another.
func shown(r rune) string {
	if unicode.IsPrint(r) && !unicode.Is(unicode.Mn, r) {
		return fmt.Sprintf("“%c”（U+%04X）", r, r)
	}
	return fmt.Sprintf("看不见的字符 U+%04X", r)
}

// alike maps what is taken for something else to what it is taken for, among the characters
// that names may hold (after the idea of UTS #39).
var alike = strings.NewReplacer("0", "o", "1", "l", "i", "l", "丨", "l", "rn", "m", "vv", "w",
	"·", "-", "_", "-", ".", "-", "一", "-", "丶", "-", "囗", "口", "已", "己", "巳", "己", "曰", "日", "末", "未", "士", "土")

// skeleton is the same for names that look alike.
func skeleton(name string) string { return alike.Replace(strings.ToLower(NormalName(name))) }

// LooksLike returns the first of the names that people would take for a name, or be unable
// to tell from it on paper; empty: none. The name itself looks like itself.
func LooksLike(name string, names []string) string {
	s := skeleton(name)
	for _, n := range names {
		if skeleton(n) == s {
			return n
		}
	}
	return ""
}
