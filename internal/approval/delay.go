package approval

import (
	"crypto/sha256"
	"net/netip"
	"time"

	"disburse/internal/fault"
)

// FailuresAllowed wrong passwords in a row, for one name from one place, make the next try
// wait: a minute, then twice as long each time, up to a quarter of an hour. The right
// password waits as well, or it could be told from wrong ones; but only there: nobody can
// keep somebody else out from another place.
const (
	FailuresAllowed = 5
	firstDelay      = time.Minute
	longestDelay    = 15 * time.Minute
	// DelayForgotten is after how long without a try the count begins afresh.
	DelayForgotten = 24 * time.Hour
)

// Delay is how long the next try waits after so many wrong passwords in a row.
func Delay(failures int) time.Duration {
	d := firstDelay
	switch {
	case failures < FailuresAllowed:
		return 0
	case failures > FailuresAllowed+10: // far above the longest
		return longestDelay
	}
	for range failures - FailuresAllowed {
		d *= 2
	}
	return min(d, longestDelay)
}

// Place is an address as far as it tells one place from another: of IPv6 the network, in
// which one machine has more addresses than can be counted.
func Place(origin string) string {
	a, err := netip.ParseAddr(origin)
	if err != nil || !a.Is6() || a.Is4In6() {
		return origin
	}
	p, _ := a.WithZone("").Prefix(64) // 64 fits
	return p.String()
}

// NameDigest is what tries of a name are counted under: people type passwords where names
// belong.
func NameDigest(name string) []byte {
	sum := sha256.Sum256([]byte(NormalName(name)))
	return sum[:]
}

// WrongLogin is the refusal of a wrong name or password, and of any try that comes too
// early: it names nobody, and is the same whether there is such a user. Code fault.Denied.
func WrongLogin(failures int) error {
	if d := Delay(failures); d > 0 {
		return fault.New(fault.Denied, "用户名或口令不正确，已连续错了 %d 次，请过 %d 分钟再试；忘了口令请找管理岗位重设", failures, minutes(d))
	}
	return fault.New(fault.Denied, "用户名或口令不正确，请核对后重试")
}

// TooEarly is the refusal of a try before the delay is over.
func TooEarly(rest time.Duration) error {
	return fault.New(fault.Denied, "口令连续试错的次数太多，这一次没有核对口令，请过 %d 分钟再试；忘了口令请找管理岗位重设", minutes(rest))
}

func minutes(d time.Duration) int { return int((d + time.Minute - 1) / time.Minute) }
