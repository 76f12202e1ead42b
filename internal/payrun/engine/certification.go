package engine

import (
	"fmt"

	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// proofFindings says of somebody with lines that wait, or soon will, that a proof is
// wanted. Lines for which the pack asks for none leave nothing to say.
func (c *Computer) proofFindings(bureau int, d *roster.Dossier) {
	asks, lines := c.plan.Pack.File.Certification, c.results[bureau].Lines
	for i := range lines {
		if !asks.Asks(lines[i].Item) {
			continue
		}
		switch p := c.plan.Pack.Proof(d, c.plan.Month, c.plan.Opening); {
		case p.Overdue():
			c.note(bureau, overdueProof(d, p))
		case p.InGrace():
			s := fmt.Sprintf("%s %s，请在 %s底前认证，逾期自 %s 起暂缓发放", who(d), describeProof(p), (p.Holds - 1).Chinese(), p.Holds.Chinese())
			c.note(bureau, finding(payrun.ProofDue, d.Number, "", s, p.Last, p.Due))
		}
		return
	}
}

// overdueProof rests on the last proof and on how often its time has run out since: a
// decision to pay stands for one turn, as a proof would.
func overdueProof(d *roster.Dossier, p policy.Proof) payrun.Finding {
	s := fmt.Sprintf("%s %s，自 %s 起逾期，请核实是否健在并补登认证", who(d), describeProof(p), p.Holds.Chinese())
	return finding(payrun.OverdueProof, d.Number, "", s, p.Last, p.Holds, p.Turn())
}

func describeProof(p policy.Proof) string {
	if p.Last == 0 {
		return "没有生存认证"
	}
	return "最近一次生存认证是 " + p.Last.String()
}
