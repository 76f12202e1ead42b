package roster

import (
	"fmt"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/roster/clean"
)

// Sex is what an ID number says about it.
type Sex string

// The sexes. A temporary number says neither.
const (
	Male   Sex = "男"
	Female Sex = "女"
)

// temporaryPrefix starts the number of a person without an ID number (item 24).
const temporaryPrefix = "临-"

// Birth years an ID number may have. The program has no clock here; whether somebody
// is too old to be true is a check of the run.
const (
	firstBirthYear = 1850
	lastBirthYear  = 2099
)

// CleanID forgives what hands and other programs put into an ID number: spaces of any
// kind, full-width characters and a lower-case x. It does not judge the number.
func CleanID(s string) string {
	s = clean.Squeeze(s)
	if strings.HasSuffix(s, "x") && len(s) == 18 {
		return s[:17] + "X"
	}
	return s
}

// CheckID judges a cleaned number: 18 digits with a birth date that exists and the check
// character of GB 11643, or a temporary number 临- with 1 to 16 ASCII letters or digits.
// It fails with fault.Invalid and says what is wrong.
func CheckID(id string) error {
	if ValidID(id) {
		return nil
	}
	if rest, ok := strings.CutPrefix(id, "临"); ok {
		return fault.New(fault.Invalid, "临时编号“临%s”不对，应为“临-”加 1 到 16 个字母或数字", rest)
	}
	return fault.New(fault.Invalid, "%s", idReason(id))
}

// ValidID reports whether CheckID would accept a cleaned number, without allocating.
func ValidID(id string) bool {
	if Temporary(id) {
		return true
	}
	if len(id) != 18 || !clean.AllDigits(id[:17]) {
		return false
	}
	return id[17] == checkCharacter(id) && birthExists(id)
}

func idReason(id string) string {
	switch {
	case id == "":
		return "身份证号不能为空"
	case len(id) == 15 && clean.AllDigits(id):
		return "15 位旧号码已停用，请填 18 位身份证号"
	case len([]rune(id)) != 18:
		return fmt.Sprintf("身份证号应为 18 位，这里是 %d 位", len([]rune(id)))
	case len(id) != 18 || !clean.AllDigits(id[:17]):
		return "身份证号前 17 位只能是数字，请核对"
	case !birthExists(id):
		return fmt.Sprintf("身份证号里的出生日期 %s 不存在，请核对", id[6:14])
	}
	return "身份证号的校验码不对，请核对每一位"
}

// Temporary reports whether a cleaned number is a well-formed temporary one.
func Temporary(id string) bool {
	rest, ok := strings.CutPrefix(id, temporaryPrefix)
	if !ok || len(rest) < 1 || len(rest) > 16 {
		return false
	}
	for i := range len(rest) {
		c := rest[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// BirthOf returns the birth date in a valid ID number, 0 for a temporary one.
func BirthOf(id string) month.Date {
	if len(id) != 18 || !birthExists(id) {
		return 0
	}
	return month.DateOf(number(id[6:10]), number(id[10:12]), number(id[12:14]))
}

// SexOf returns the sex in a valid ID number, "" for a temporary one.
func SexOf(id string) Sex {
	switch {
	case len(id) != 18 || !clean.AllDigits(id[:17]):
		return ""
	case (id[16]-'0')%2 == 1:
		return Male
	}
	return Female
}

// MakeID composes an ID number for made-up people: a six-digit division code, a birth
// date, and a serial of the day, 0 to 999, odd for men.
func MakeID(region string, birth month.Date, serial int) string {
	body := fmt.Sprintf("%s%s%03d", region, birth.Time().Format("20060102"), serial)
	return body + string(checkCharacter(body))
}

// checkCharacter computes the last character from the first 17 digits
// (GB 11643-1999, ISO 7064 MOD 11-2).
func checkCharacter(digits string) byte {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += w * int(digits[i]-'0')
	}
	return "10X98765432"[sum%11]
}

func birthExists(id string) bool {
	if !clean.AllDigits(id[6:14]) {
		return false
	}
	year := number(id[6:10])
	return year >= firstBirthYear && year <= lastBirthYear &&
		dayExists(year, number(id[10:12]), number(id[12:14]))
}

// dayExists is month.ValidDate in plain arithmetic: every row of a roster asks.
func dayExists(year, m, day int) bool {
	days := [12]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	if m < 1 || m > 12 || day < 1 {
		return false
	}
	if m == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return day <= 29
	}
	return day <= days[m-1]
}

// number is for text that is known to be a few digits.
func number(digits string) int {
	n := 0
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}
