package users

import (
	"crypto/sha256"
	"encoding/hex"
)

// The journal's actions on accounts. Those that set a password carry PasswordDigest: the
// audit compares it with the stored hash and so detects an account or a password that was
// written into the database past the program, as it detects one closed or reopened so.
const (
	OpenedAccount  = "新建用户"
	PasswordWasSet = "修改口令"

	ClosedAccount   = "停用用户"
	ReopenedAccount = "启用用户"

	confirmedAccount = "确认用户"
)

// PasswordDigest returns a digest of a stored (salted argon2id) password hash. It is safe in
// the journal, which many read: guessing the password from it needs the salt.
func PasswordDigest(stored string) string {
	sum := sha256.Sum256([]byte("account_user.password\n" + stored))
	return hex.EncodeToString(sum[:])
}
