package payrun_test

import (
	"testing"

	"disburse/internal/payrun"
	"disburse/internal/payrun/payruntest"
)

// TestNames has the words that docs/interface.md §3.1 fixes.
func TestNames(t *testing.T) {
	t.Parallel()
	payruntest.Want(t, "kinds", []string{payrun.Current.String(), payrun.Arrears.String(), payrun.Recovery.String()}, []string{"当月", "补发", "扣回"})
	payruntest.Want(t, "levels", []string{payrun.Blocking.Chinese(), payrun.Doubt.Chinese(), payrun.Acknowledge.Chinese(), payrun.Information.Chinese()},
		[]string{"阻断", "疑点", "须确认", "提示"})
	for state, is := range map[payrun.State]struct{ unsigned, signing bool }{
		payrun.Open: {true, false}, payrun.Returned: {true, false}, payrun.Submitted: {false, true}, payrun.Reviewed: {false, true}, payrun.Endorsed: {false, true},
		payrun.Approved: {}, payrun.CarriedOver: {}, payrun.Voided: {},
	} {
		if state.Unsigned() != is.unsigned || state.InSigning() != is.signing || state.Chinese() == "" {
			t.Errorf("state %s: unsigned %v, in signing %v, called %q", state, state.Unsigned(), state.InSigning(), state.Chinese())
		}
	}
}
