package second_test

import (
	"testing"

	"disburse/internal/judge"
	"disburse/internal/payrun"
)

// The catalogue of findings says what the judge calls a 疑点; a decision under another name
// would be lost on the judge, which would then refuse the batch.
func TestJudgeNames(t *testing.T) {
	t.Parallel()
	for kind, name := range map[string]string{
		payrun.SharedAccount: judge.SharedKind, payrun.OtherHolder: judge.HolderKind, payrun.GreatAge: judge.AgeKind,
		payrun.Namesakes: judge.TwiceKind, payrun.OverdueProof: judge.CertificationKind,
		payrun.Conflict: "", payrun.PaidElsewhere: "", "死亡名单命中": "",
	} {
		if got := payrun.JudgeName(kind); got != name {
			t.Errorf("%s is called %q, the judge says %q", kind, got, name)
		}
	}
}
