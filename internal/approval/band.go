package approval

import (
	"fmt"

	"disburse/internal/payrun"
)

// Unsigned says, a sentence each, what the signatures of an approved batch lack: a post of
// its last round that nobody has signed, somebody who has signed twice, a signature on
// something else than the batch. second says that it takes two 审批 (终审). None: all is
// in order.
func Unsigned(b payrun.Batch, signed []Signature, second bool) []string {
	wanted := []Post{Clerk, Reviewer, Approver}
	if second {
		wanted = append(wanted, Final)
	}
	var lacks []string
	by, people := map[Post]*Signature{}, map[string]Post{}
	for i := range signed {
		s := &signed[i]
		if s.Round != b.Round || s.Post == Returned {
			continue
		}
		by[s.Post] = s
		if before, twice := people[s.Actor]; twice {
			lacks = append(lacks, fmt.Sprintf("“%s”既签了%s又签了%s", s.Actor, before, s.Post))
		}
		people[s.Actor] = s.Post
	}
	for _, p := range wanted {
		switch s := by[p]; {
		case s == nil:
			lacks = append(lacks, fmt.Sprintf("缺少%s的签字", p))
		case s.Digest != b.Digest:
			lacks = append(lacks, fmt.Sprintf("%s“%s”签字时的摘要与批次的不一致", p, s.Actor))
		}
	}
	return lacks
}
