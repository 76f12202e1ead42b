package console

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/office"
	"disburse/internal/policy"
	"disburse/internal/postgres"
)

func packRoutes() []route {
	return []route{
		{pattern: "GET /packs", posts: everyone, do: (*visit).packsPage},
		{pattern: "POST /packs", posts: adopters, long: true, do: (*visit).offerPack},
		{pattern: "GET /packs/diff", posts: everyone, do: (*visit).packDiff},
		{pattern: "GET /packs/upload/{upload}", posts: adopters, do: (*visit).offeredPack},
		{pattern: "POST /packs/upload/{upload}/adopt", posts: adopters, do: (*visit).adoptPack},
		{pattern: "GET /packs/proposal/{proposal}", posts: everyone, do: (*visit).proposalPage},
		{pattern: "POST /packs/proposal/{proposal}/effect", posts: adopters, do: (*visit).proposalEffect},
		{pattern: "POST /packs/proposal/{proposal}/confirm", posts: approver, do: (*visit).confirmPack},
		{pattern: "GET /packs/file/{hash}", posts: everyone, do: (*visit).packFile},
	}
}

// packKind is the kind of a pack that was sent in; largestPack is more than policy.Load
// takes, in bytes.
const (
	packKind    = "规则包"
	largestPack = 4 << 20
)

type packsData struct {
	Packs []office.StoredPack
	May   bool
}

func (v *visit) packsPage() error { return v.packs(nil) }

// packs is the list of packs; with what is wrong with the one that was sent.
func (v *visit) packs(wrong error) error {
	packs, err := v.office.Packs(v.r.Context())
	if err != nil {
		return err
	}
	d := packsData{packs, slices.Contains(adopters, v.user.Post)}
	if wrong != nil {
		return v.refuse(wrong, "offer", "packs", "规则包", d)
	}
	return v.page("packs", "规则包", d)
}

// offerPack takes a pack in and computes what it would change. Nothing is adopted yet.
func (v *visit) offerPack() error {
	name, in, err := v.formFile("file", "规则包")
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	body, err := io.ReadAll(io.LimitReader(in, largestPack))
	if err != nil {
		return err
	}
	pack, err := policy.Load(body)
	if err != nil {
		return v.packs(badInput("file", "规则包文件", "规则包“%s”不能用：\n%s", name, err.Error()))
	}
	u := postgres.Upload{Actor: v.user.Name, Kind: packKind, Name: name}
	if u, err = v.office.DB.KeepUpload(v.r.Context(), v.office.Region, u, bytes.NewReader(body), v.Clock()); err != nil {
		return err
	}
	page, of := fmt.Sprintf("/packs/upload/%d", u.Number), v.office
	j := v.effectJob(pack, page)
	effect := j.do
	j.do = func(ctx context.Context, p *progress) (string, string, error) {
		message, link, err := effect(ctx, p)
		if err != nil {
			return failedFile(ctx, of, u, err, page, "/packs")
		}
		return message, link, nil
	}
	return v.orForget(u, v.start(j))
}

// effectJob computes what a pack changes and keeps it for the page that shows it.
func (v *visit) effectJob(pack *policy.Pack, link string) job {
	s, of, by := v.Server, v.office, v.by("")
	return job{kind: "effect", title: "测算规则包的影响", do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("按两个规则包各算一遍")
		e, err := of.PackEffect(ctx, pack, "", by)
		if err != nil {
			return "", "/packs", err
		}
		return "影响已测算，还没有采用。", link, remember(s, effectKey(pack, e.Settled.Revision), &triedEffect{e})
	}}
}

func effectKey(pack *policy.Pack, rev int64) string {
	return fmt.Sprintf("effect %s at %d", pack.Hash, rev)
}

// effectData is what a pack changes, and what may be done about it.
type effectData struct {
	*office.Effect
	Path     string // of the forms
	Proposal *postgres.Proposal
	Failed   []policy.Failure // examples
	Names    map[string]string
	TwoSign  bool // takes a second person
	Confirms bool // this user may be the second
	May      bool
}

// effect is what was computed for the pack at the region's present revision; nil: nothing,
// or something became known since.
func (v *visit) effect(pack *policy.Pack) (*effectData, error) {
	rev, _, err := v.office.DB.Head(v.r.Context(), v.office.Region)
	if err != nil {
		return nil, err
	}
	d := &effectData{Failed: pack.Test(), Names: map[string]string{}, May: slices.Contains(adopters, v.user.Post)}
	e, ok := remembered[*triedEffect](v.Server, effectKey(pack, rev))
	if !ok {
		return d, nil
	}
	d.Effect = e.Effect
	d.TwoSign = !e.Settled.None() || len(e.Controls) > 0
	for _, p := range e.Settled.Items {
		d.Names[p.Item] = p.Item + " " + office.ItemName(p.Item, e.Pack, e.Present)
	}
	return d, nil
}

// upload reads the pack that the path names.
func (v *visit) uploadedPack() (*policy.Pack, int64, error) {
	u, err := v.keptFile(packKind)
	if err != nil {
		return nil, 0, err
	}
	var body bytes.Buffer
	if err := v.office.DB.UploadBody(v.r.Context(), v.office.Region, u, &body); err != nil {
		return nil, 0, err
	}
	pack, err := policy.Load(body.Bytes())
	return pack, u.Number, err
}

func (v *visit) offeredPack() error {
	pack, n, err := v.uploadedPack()
	if err != nil {
		return err
	}
	d, err := v.effect(pack)
	if err != nil {
		return err
	}
	if d.Effect == nil {
		return v.start(v.effectJob(pack, fmt.Sprintf("/packs/upload/%d", n)))
	}
	d.Path = fmt.Sprintf("/packs/upload/%d/adopt", n)
	return v.page("effect", "规则包的影响", d)
}

// adoptPack adopts what needs one person, and proposes what needs two. It computes the
// effect again: what is recorded is what is true then.
func (v *visit) adoptPack() error {
	pack, _, err := v.uploadedPack()
	if err != nil {
		return err
	}
	if v.form("reason") == "" {
		return fault.New(fault.Invalid, "采用规则包要写明理由，请写上依据的文件名称和文号")
	}
	of, by, retroactive := v.office, v.by(v.form("reason")), v.form("retroactive") == "1"
	return v.start(job{kind: "effect", title: "采用规则包", do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("再测算一遍影响")
		e, err := of.PackEffect(ctx, pack, "", by)
		if err != nil {
			return "", "/packs", err
		}
		n, err := of.Adopt(ctx, e, retroactive, by)
		switch {
		case err != nil:
			return "", "/packs", err
		case n == 0:
			return "已采用规则包 " + pack.Hash[:12] + "，以后的计算都用它", "/packs", nil
		}
		return fmt.Sprintf("已登记为第 %d 号采用申请，等另一名审批人员确认后生效", n), fmt.Sprintf("/packs/proposal/%d", n), nil
	}})
}

// proposal reads the proposal that the path names, with its pack.
func (v *visit) proposal() (postgres.Proposal, *policy.Pack, error) {
	n, err := v.number("proposal")
	if err != nil {
		return postgres.Proposal{}, nil, err
	}
	p, err := v.office.DB.Proposal(v.r.Context(), v.office.Region, int(n))
	if err != nil {
		return p, nil, err
	}
	pack, err := v.office.PackOf(v.r.Context(), p.Hash)
	return p, pack, err
}

func (v *visit) proposalPage() error {
	p, pack, err := v.proposal()
	if err != nil {
		return err
	}
	d, err := v.effect(pack)
	if err != nil {
		return err
	}
	d.Path, d.Proposal = fmt.Sprintf("/packs/proposal/%d", p.N), &p
	d.Confirms = v.user.Post == approval.Approver && v.user.Name != p.Actor
	return v.page("effect", fmt.Sprintf("第 %d 号采用申请", p.N), d)
}

func (v *visit) proposalEffect() error {
	p, pack, err := v.proposal()
	if err != nil {
		return err
	}
	return v.start(v.effectJob(pack, fmt.Sprintf("/packs/proposal/%d", p.N)))
}

// confirmPack is the second person's word.
func (v *visit) confirmPack() error {
	p, _, err := v.proposal()
	if err != nil {
		return err
	}
	of, by := v.office, v.by(v.form("reason"))
	return v.start(job{kind: "effect", title: fmt.Sprintf("确认第 %d 号采用申请", p.N), do: func(ctx context.Context, w *progress) (string, string, error) {
		w.Step("再测算一遍影响")
		_, e, err := of.Proposed(ctx, p.N, "", by)
		if err == nil {
			err = of.Confirm(ctx, p.N, e, by)
		}
		if err != nil {
			return "", fmt.Sprintf("/packs/proposal/%d", p.N), err
		}
		return fmt.Sprintf("已采用规则包 %.12s，下次计算按它补发和扣回", p.Hash), "/packs", nil
	}})
}

// packDiff says in words what two packs say otherwise.
func (v *visit) packDiff() error {
	a, err := v.office.PackOf(v.r.Context(), v.form("a"))
	if err != nil {
		return err
	}
	b, err := v.office.PackOf(v.r.Context(), v.form("b"))
	if err != nil {
		return err
	}
	return v.page("packdiff", "规则包的差别", struct {
		A, B  *policy.Pack
		Found []policy.Difference
	}{a, b, policy.Diff(a.File, b.File)})
}

// packFile hands out a pack as it was written. It holds no personal data.
func (v *visit) packFile() error {
	pack, err := v.office.PackOf(v.r.Context(), v.r.PathValue("hash"))
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="pack-`+pack.Hash[:12]+`.yaml"`)
	_, _ = v.w.Write(pack.Body) // nobody is there any more
	return nil
}

// triedEffect is the effect of a pack as it was measured.
type triedEffect struct{ *office.Effect }

// Weight is about what the effect takes, in bytes: each pack with what was parsed out of
// it ten times its text.
func (x *triedEffect) Weight() int64 {
	packs := 10 * int64(len(x.Pack.Body)+len(x.Present.Body))
	return packs + problemTexts*(sizeOf(x.Differences)+sizeOf(x.Controls)) + sizeOf(x.Settled.Items) + sizeOf(x.Settled.Months)
}
