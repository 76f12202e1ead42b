package approval

import (
	"strings"
	"testing"

	"disburse/internal/fault"
)

func TestPasswordVerifies(t *testing.T) {
	t.Parallel()
	const password = "一个相当长的口令字"
	phc := cheap.hash(password)
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatalf("not a PHC string: %s", phc)
	}
	if phc == cheap.hash(password) {
		t.Error("two hashes of one password are equal: no salt")
	}
	for given, want := range map[string]bool{password: true, password + " ": false, "": false} {
		got, err := VerifyPassword(phc, given)
		if err != nil || got != want {
			t.Errorf("%q: got %v, %v", given, got, err)
		}
	}
}

func TestStandardHash(t *testing.T) {
	t.Parallel()
	phc := HashPassword("correct horse battery")
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=65536,t=3,p=2$") {
		t.Fatalf("not at the standard cost: %s", phc)
	}
	if ok, err := VerifyPassword(phc, "correct horse battery"); !ok || err != nil {
		t.Errorf("got %v, %v", ok, err)
	}
	SpendVerification("correct horse battery")
}

func TestStoredPasswordIsChecked(t *testing.T) {
	t.Parallel()
	good := cheap.hash("口令口令口令口令口令")
	for name, phc := range map[string]string{
		"empty":          "",
		"other kind":     strings.Replace(good, "argon2id", "argon2i", 1),
		"other version":  strings.Replace(good, "v=19", "v=16", 1),
		"no passes":      strings.Replace(good, "t=1", "t=0", 1),
		"no threads":     strings.Replace(good, "p=1", "p=0", 1),
		"all the memory": strings.Replace(good, "m=64", "m=4000000", 1),
		"no parameters":  strings.Replace(good, "m=64,t=1,p=1", "", 1),
		"short salt":     "$argon2id$v=19$m=64,t=1,p=1$AAAA$" + strings.Repeat("A", 43),
		"short hash":     "$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
		"not base64":     "$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$!!!!",
	} {
		if ok, err := VerifyPassword(phc, "口令口令口令口令口令"); ok || err == nil {
			t.Errorf("%s: accepted %q", name, phc)
		}
	}
}

func TestValidatePassword(t *testing.T) {
	t.Parallel()
	for password, says := range map[string]string{
		"十个字符的口令就够了":                 "",
		"ten chars!":                 "",
		"九个字符的口令不够":                  "太短，只有 9 个字符",
		"Administrator":              "不能与用户名相同",
		strings.Repeat("长", 201):     "太长",
		"first line\nsecond line":    "控制字符",
		"not utf-8 \xff\xff\xff\xff": "UTF-8",
	} {
		err := ValidatePassword("administrator", password)
		switch {
		case (err == nil) != (says == ""):
			t.Errorf("%q: got %v", password, err)
		case err != nil && (!fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), says)):
			t.Errorf("%q: got %v, want %q", password, err, says)
		case err != nil && strings.Contains(err.Error(), password):
			t.Errorf("the sentence repeats the password: %v", err)
		}
	}
}
