package approval

import (
	"time"

	"disburse/internal/fault"
	"disburse/internal/policy/packfile"
)

// CheckFreeze refuses (fault.Refused) what is done at a moment that the pack freezes
// (年终关账): signing, sending, and whatever else moves money. what names it. pack may be
// nil: then nothing is frozen.
func CheckFreeze(pack *packfile.File, at time.Time, what string) error {
	if pack == nil {
		return nil
	}
	if why, frozen := pack.Frozen(packfile.Today(at)); frozen {
		return fault.New(fault.Refused, "现在不能%s：%s，请在冻结期过后办理", what, why)
	}
	return nil
}
