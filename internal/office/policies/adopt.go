package policies

import (
	"context"
	"fmt"
	"path/filepath"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/office"
	"disburse/internal/policy"
	"disburse/internal/policy/diff"
	"disburse/internal/store/rules"
)

// Effect is what another pack would change: in words, and in settled months.
type Effect struct {
	Present, Pack *policy.Pack
	Differences   []diff.Difference
	Controls      []diff.Difference // those that take two people whatever they cost
	Settled       *rules.PackEffect
	List          string // the workbook with every person, where one was written
}

// Adopted is the pack that the region has adopted (在用的规则包).
func Adopted(ctx context.Context, o *office.Office) (*policy.Pack, error) {
	pack, err := rules.AdoptedPack(ctx, o.DB, o.Region)
	if err == nil && pack == nil {
		return nil, fault.New(fault.NotFound, "还没有采用任何规则包：第一次运行时才采用，或用 policy adopt 采用")
	}
	return pack, err
}

// Measure computes what a pack would change against the one in use. list, which may
// be empty, is a workbook that gets a row for everybody concerned.
func Measure(ctx context.Context, o *office.Office, pack *policy.Pack, list string, by journal.By) (*Effect, error) {
	if code := pack.File.Region.Value; code != fmt.Sprint(o.Region) {
		return nil, fault.New(fault.Invalid, "规则包“%s”是 %s 的，本区是 %d，请核对文件或 --region", pack.File.Title.Value, code, o.Region)
	}
	present, err := rules.AdoptedPack(ctx, o.DB, o.Region)
	if err != nil {
		return nil, err
	}
	if present == nil {
		present = o.Pack
	}
	return effect(ctx, o, present, pack, list, by)
}

func effect(ctx context.Context, o *office.Office, present, pack *policy.Pack, path string, by journal.By) (*Effect, error) {
	e := &Effect{Present: present, Pack: pack, Differences: diff.Files(present.File, pack.File),
		Controls: diff.Controls(present.File, pack.File)}
	if path != "" {
		if err := o.LogAccess(ctx, by, journal.Exported, "规则包影响清单", 0, filepath.Base(path)); err != nil {
			return nil, err
		}
	}
	list, err := newEffectFile(path, present, pack, office.Today(by))
	if err != nil {
		return nil, err
	}
	defer list.close()
	if e.Settled, err = rules.ReadEffect(ctx, o.DB, o.Region, present, pack, list.add()); err != nil || e.Settled.None() {
		return e, err
	}
	e.List = path
	return e, list.save()
}

// Adopt adopts a pack whose effect was just computed and shown, for By.Reason. Where it
// changes settled months it is only proposed, and only if retroactive says that this is
// meant; where it changes controls it is only proposed too: then n is the number that a second person confirms; 0: the pack is adopted.
func Adopt(ctx context.Context, o *office.Office, e *Effect, retroactive bool, by journal.By) (n int, err error) {
	order := rules.AdoptOrder{Region: o.Region, Pack: e.Pack, Effect: e.Settled, User: by.Actor, By: by}
	switch {
	case e.Settled.None() && len(e.Controls) == 0:
		return 0, rules.Adopt(ctx, o.DB, order)
	case !e.Settled.None() && !retroactive:
		return 0, fault.Command(fault.New(fault.Refused, "没有采用：会改变已经结算的月份（%s）；确需追溯的请选择追溯采用，再由另一名审批人员确认", e.Settled.Sentence()), "--retroactive")
	}
	return rules.Propose(ctx, o.DB, order)
}

// Proposed is a pack that waits for the second person, and its effect as of now.
func Proposed(ctx context.Context, o *office.Office, n int, list string, by journal.By) (rules.Proposal, *Effect, error) {
	p, err := rules.ReadProposal(ctx, o.DB, o.Region, n)
	if err != nil {
		return p, nil, err
	}
	pack, err := o.PackOf(ctx, p.Hash)
	if err != nil {
		return p, nil, err
	}
	present, err := o.PackOf(ctx, p.Base)
	if err != nil {
		return p, nil, err
	}
	e, err := effect(ctx, o, present, pack, list, by)
	return p, e, err
}

// Confirm adopts a proposed pack after the second person has seen its effect.
func Confirm(ctx context.Context, o *office.Office, n int, e *Effect, by journal.By) error {
	return rules.Confirm(ctx, o.DB, o.Region, n, e.Settled, by)
}

// ItemName is an item's name in the first pack that has it; empty for none.
func ItemName(code string, packs ...*policy.Pack) string {
	for _, p := range packs {
		if it, err := p.Item(code); err == nil {
			return it.Name.Value
		}
	}
	return ""
}
