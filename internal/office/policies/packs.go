package policies

import (
	"context"
	"fmt"

	"disburse/internal/office"
	"disburse/internal/store/rules"
)

// The states of a stored pack.
const (
	PackInUse   = "在用"
	PackOnce    = "曾采用"
	PackUnused  = "未采用"
	PackWaiting = "待确认"
)

// StoredPack is a pack that the region has used, adopted or been offered, and what became
// of it.
type StoredPack struct {
	rules.StoredPack
	State    string
	Proposal *rules.Proposal // that waits for a second person; nil: none
	Adoption *rules.Adoption // the last one; nil: it never was adopted
}

// List lists the packs of the region.
func List(ctx context.Context, o *office.Office) ([]StoredPack, error) {
	stored, err := rules.StoredPacks(ctx, o.DB, o.Region)
	if err != nil {
		return nil, err
	}
	adoptions, err := rules.Adoptions(ctx, o.DB, o.Region)
	if err != nil {
		return nil, err
	}
	proposals, err := rules.Proposals(ctx, o.DB, o.Region)
	if err != nil {
		return nil, err
	}
	var all []StoredPack
	for _, p := range stored {
		x := StoredPack{StoredPack: p, State: PackUnused}
		x.become(adoptions, proposals)
		all = append(all, x)
	}
	return all, nil
}

// become fills in what became of a pack: waiting, adopted once, or now.
func (p *StoredPack) become(adoptions []rules.Adoption, proposals []rules.Proposal) {
	for i := range proposals {
		x := &proposals[i]
		if x.Hash == p.Hash && !x.Done && (len(adoptions) == 0 || adoptions[0].Hash == x.Base) {
			p.Proposal, p.State = x, fmt.Sprintf("%s（第 %d 号）", PackWaiting, x.N)
			break
		}
	}
	for i := range adoptions { // the latest first
		if adoptions[i].Hash != p.Hash {
			continue
		}
		p.Adoption = &adoptions[i]
		switch {
		case i == 0:
			p.State = PackInUse
		case p.Proposal == nil:
			p.State = PackOnce
		}
		return
	}
}
