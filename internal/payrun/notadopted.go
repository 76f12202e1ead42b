package payrun

// notAdopted is the finding that a batch was computed with another pack than the one the
// region has adopted (采用): whoever submits it must have seen what differs.
func (s *Spread) notAdopted() []Finding {
	if s.plan.NotAdopted == "" {
		return nil
	}
	return []Finding{finding(Acknowledge, "规则包未采用", 0, "", s.plan.NotAdopted, s.plan.Pack.Hash, s.plan.NotAdopted)}
}
