package approval

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"disburse/internal/fault"
)

// Lengths of a password, in characters. The upper end only keeps a wrong file from
// being taken for one.
const (
	passwordMin = 10
	passwordMax = 200
)

// PasswordHint says the rule beside a form's field: 至少 10 个字符.
func PasswordHint() string { return fmt.Sprintf("至少 %d 个字符", passwordMin) }

// cost is how much work argon2id puts between a stolen hash and a password.
type cost struct {
	memory  uint32 // KiB
	time    uint32 // passes
	threads uint8
}

var (
	// standard follows RFC 9106's second recommendation (64 MiB, 3 passes), on two threads.
	standard = cost{memory: 64 * 1024, time: 3, threads: 2}
	// cheap protects nothing.
	cheap = cost{memory: 64, time: 1, threads: 1}
)

// Cheap lets new passwords be hashed at next to no cost: tests make users and sign a
// thousand times. Nothing but tests, and the program that they build for themselves (build
// tag fixedclock), may set it; TestLayout holds that.
var Cheap bool

// present is the cost of what is hashed now.
func present() cost {
	if Cheap {
		return cheap
	}
	return standard
}

// most is the dearest hash that Verify computes: a row changed by hand must not be
// able to take all memory.
var most = cost{memory: 1024 * 1024, time: 16, threads: 16}

const (
	saltLength = 16 // bytes
	keyLength  = 32 // bytes
)

// ValidatePassword refuses passwords that are too short, too long, the user's own
// name, or hold control characters (fault.Invalid). The sentence never repeats the
// password.
func ValidatePassword(user, password string) error {
	length := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl):
		return fault.New(fault.Invalid, "口令含有换行等控制字符或不是 UTF-8 文字，请换一个（口令文件只放一行口令）")
	case length < passwordMin:
		return fault.New(fault.Invalid, "口令太短，只有 %d 个字符，请至少用 %d 个字符", length, passwordMin)
	case length > passwordMax:
		return fault.New(fault.Invalid, "口令太长，有 %d 个字符，请不要超过 %d 个字符", length, passwordMax)
	case strings.EqualFold(strings.TrimSpace(password), user):
		return fault.New(fault.Invalid, "口令不能与用户名相同，请换一个")
	}
	return nil
}

// Salts is where salts come from. Only a program built to repeat a history to the last
// byte (build tag fixedclock) puts something else here: the journal digests stored hashes.
var Salts io.Reader = rand.Reader

// HashPassword returns the argon2id hash of a password in PHC string form, with a
// salt of its own.
func HashPassword(password string) string { return present().hash(password) }

// SpendVerification takes as long as VerifyPassword does, for a user that does not
// exist: the answer's time must not tell which names exist.
func SpendVerification(password string) {
	present().key(password, make([]byte, saltLength), keyLength)
}

// hashing bounds how many hashes are computed at once: each takes 64 MiB, and whoever
// sends passwords from many places must not take the machine's memory.
var hashing = make(chan struct{}, 4)

func (c cost) key(password string, salt []byte, length int) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, c.time, c.memory, c.threads, uint32(length))
}

func (c cost) hash(password string) string {
	salt := make([]byte, saltLength)
	if _, err := io.ReadFull(Salts, salt); err != nil {
		panic("no random numbers: " + err.Error()) // as crypto/rand does
	}
	key := c.key(password, salt, keyLength)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.time, c.threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// VerifyPassword reports whether password is the one that a PHC string was made
// from. Strings made at an older cost still verify. The error is internal: what is
// stored is not a hash this program makes.
func VerifyPassword(phc, password string) (bool, error) {
	c, salt, key, err := parsePHC(phc)
	if err != nil {
		return false, fmt.Errorf("read stored password: %w", err)
	}
	return subtle.ConstantTimeCompare(c.key(password, salt, len(key)), key) == 1, nil
}

func parsePHC(phc string) (c cost, salt, key []byte, err error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errors.New("not an argon2id PHC string of this version")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.time, &c.threads); err != nil {
		return c, nil, nil, fmt.Errorf("parameters: %w", err)
	}
	if c.time < 1 || c.threads < 1 || c.memory < 8*uint32(c.threads) ||
		c.memory > most.memory || c.time > most.time || c.threads > most.threads {
		return c, nil, nil, errors.New("parameters out of range")
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil || len(salt) < 8 {
		return c, nil, nil, errors.New("salt is not base64 of 8 bytes or more")
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(key) < 16 {
		return c, nil, nil, errors.New("hash is not base64 of 16 bytes or more")
	}
	return c, salt, key, nil
}
