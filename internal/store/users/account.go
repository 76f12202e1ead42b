package users

import (
	"crypto/sha256"
	"encoding/hex"
)

// The journal's actions on accounts. Those that set passwords carry passwordDigest, so
// that an account made or a password set past the program shows; so does one that was
// closed or opened again past it.
const (
	OpenedAccount  = "新建用户"
	PasswordWasSet = "修改口令"

	ClosedAccount   = "停用用户"
	ReopenedAccount = "启用用户"

	confirmedAccount = "确认用户"
)

// PasswordDigest is what the journal may know of a stored password: a digest of the salted
// argon2id hash, which helps nobody to guess it.
func PasswordDigest(stored string) string {
	sum := sha256.Sum256([]byte("account_user.password\n" + stored))
	return hex.EncodeToString(sum[:])
}
