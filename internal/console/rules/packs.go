package rules

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/office/policies"
	"disburse/internal/policy"
	"disburse/internal/policy/diff"
	"disburse/internal/store/rules"
	"disburse/internal/store/work"
)

// packKind is the upload kind of packs. largestPack, in bytes, is more than policy.Load accepts,
// so that reading stops and Load refuses.
const (
	packKind    = "规则包"
	largestPack = 4 << 20
)

type packsData struct {
	Packs []policies.StoredPack
	May   bool
}

func packsPage(v *web.Visit) error { return packs(v, nil) }

// packs shows the list of packs; wrong, which may be nil, is the error of an uploaded one.
func packs(v *web.Visit, wrong error) error {
	packs, err := policies.List(v.R.Context(), v.Office)
	if err != nil {
		return err
	}
	d := packsData{packs, slices.Contains(web.Adopters, v.User.Post)}
	if wrong != nil {
		return v.Refuse(wrong, "offer", "packs", "规则包", d)
	}
	return v.Page("packs", "规则包", d)
}

// uploadPack stores an uploaded pack and starts the task that computes its effect. It adopts
// nothing.
func uploadPack(v *web.Visit) error {
	name, in, err := v.FormFile("file", "规则包")
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
		return packs(v, web.BadInput("file", "规则包文件", "规则包“%s”不能用：\n%s", name, err.Error()))
	}
	u := work.Upload{Actor: v.User.Name, Kind: packKind, Name: name}
	if u, err = work.SaveUpload(v.R.Context(), v.Office.DB, v.Office.Region, u, bytes.NewReader(body), v.Now()); err != nil {
		return err
	}
	page, of := fmt.Sprintf("/packs/upload/%d", u.Number), v.Office
	task := effectTask(v, pack, page)
	effect := task.Do
	task.Do = func(ctx context.Context, p *web.Progress) (string, string, error) {
		message, link, err := effect(ctx, p)
		if err != nil {
			return web.FailedFile(ctx, of, u, err, page, "/packs")
		}
		return message, link, nil
	}
	return v.DropIfFailed(u, v.Start(task))
}

// effectTask computes the effect of a pack and caches it for the page at link.
func effectTask(v *web.Visit, pack *policy.Pack, link string) web.Task {
	s, of, by := v.Server, v.Office, v.By("")
	return web.Task{Kind: "effect", Title: "测算规则包的影响", Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("按两个规则包各算一遍")
		e, err := policies.Measure(ctx, of, pack, "", by)
		if err != nil {
			return "", "/packs", err
		}
		web.PutTrial(s, effectKey(pack, e.Settled.Revision), &triedEffect{e})
		return "影响已测算，还没有采用。", link, nil
	}}
}

// effectKey is the cache key of the effect of a pack at a revision.
func effectKey(pack *policy.Pack, rev int64) string {
	return fmt.Sprintf("effect %s at %d", pack.Hash, rev)
}

// effectData is the effect of a pack and what the user may do about it.
type effectData struct {
	*policies.Effect
	Path     string // of the forms
	Proposal *rules.Proposal
	Failed   []policy.Failure // examples of the pack that do not hold
	Names    map[string]string
	TwoSign  bool // adopting it needs a second person
	Confirms bool // this user may be the second person
	May      bool
}

// effect reads the cached effect of a pack at the present revision. Its Effect is nil where there
// is none, also after every change of the region's data.
func effect(v *web.Visit, pack *policy.Pack) (*effectData, error) {
	rev, _, err := v.Office.DB.Head(v.R.Context(), v.Office.Region)
	if err != nil {
		return nil, err
	}
	d := &effectData{Failed: pack.Test(), Names: map[string]string{}, May: slices.Contains(web.Adopters, v.User.Post)}
	e, ok := web.GetTrial[*triedEffect](v.Server, effectKey(pack, rev))
	if !ok {
		return d, nil
	}
	d.Effect = e.Effect
	d.TwoSign = !e.Settled.None() || len(e.Controls) > 0
	for _, p := range e.Settled.Items {
		d.Names[p.Item] = p.Item + " " + policies.ItemName(p.Item, e.Pack, e.Present)
	}
	return d, nil
}

// readUploadedPack reads the uploaded pack that the path names, with the number of the upload.
func readUploadedPack(v *web.Visit) (*policy.Pack, int64, error) {
	u, err := v.OwnUpload(packKind)
	if err != nil {
		return nil, 0, err
	}
	var body bytes.Buffer
	if err := work.CopyUpload(v.R.Context(), v.Office.DB, v.Office.Region, u, &body); err != nil {
		return nil, 0, err
	}
	pack, err := policy.Load(body.Bytes())
	return pack, u.Number, err
}

func uploadedPackPage(v *web.Visit) error {
	pack, n, err := readUploadedPack(v)
	if err != nil {
		return err
	}
	d, err := effect(v, pack)
	if err != nil {
		return err
	}
	if d.Effect == nil {
		return v.Start(effectTask(v, pack, fmt.Sprintf("/packs/upload/%d", n)))
	}
	d.Path = fmt.Sprintf("/packs/upload/%d/adopt", n)
	return v.Page("effect", "规则包的影响", d)
}

// adoptPack adopts a pack that needs one person, and proposes one that needs two. It computes
// the effect again, as the one on show may be outdated, and the journal records it.
func adoptPack(v *web.Visit) error {
	pack, _, err := readUploadedPack(v)
	if err != nil {
		return err
	}
	if v.Form("reason") == "" {
		return fault.New(fault.Invalid, "采用规则包要写明理由，请写上依据的文件名称和文号")
	}
	of, by, retroactive := v.Office, v.By(v.Form("reason")), v.Form("retroactive") == "1"
	return v.Start(web.Task{Kind: "effect", Title: "采用规则包", Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("再测算一遍影响")
		e, err := policies.Measure(ctx, of, pack, "", by)
		if err != nil {
			return "", "/packs", err
		}
		n, err := policies.Adopt(ctx, of, e, retroactive, by)
		switch {
		case err != nil:
			return "", "/packs", err
		case n == 0:
			return "已采用规则包 " + pack.Hash[:12] + "，以后的计算都用它", "/packs", nil
		}
		return fmt.Sprintf("已登记为第 %d 号采用申请，等另一名审批人员确认后生效", n), fmt.Sprintf("/packs/proposal/%d", n), nil
	}})
}

// proposal reads the proposal that the path names, with its pack. Errors: fault.NotFound.
func proposal(v *web.Visit) (rules.Proposal, *policy.Pack, error) {
	n, err := v.PathNumber("proposal")
	if err != nil {
		return rules.Proposal{}, nil, err
	}
	p, err := rules.ReadProposal(v.R.Context(), v.Office.DB, v.Office.Region, int(n))
	if err != nil {
		return p, nil, err
	}
	pack, err := v.Office.PackOf(v.R.Context(), p.Hash)
	return p, pack, err
}

func proposalPage(v *web.Visit) error {
	p, pack, err := proposal(v)
	if err != nil {
		return err
	}
	d, err := effect(v, pack)
	if err != nil {
		return err
	}
	d.Path, d.Proposal = fmt.Sprintf("/packs/proposal/%d", p.N), &p
	d.Confirms = v.User.Post == approval.Approver && v.User.Name != p.Actor
	return v.Page("effect", fmt.Sprintf("第 %d 号采用申请", p.N), d)
}

func proposalEffect(v *web.Visit) error {
	p, pack, err := proposal(v)
	if err != nil {
		return err
	}
	return v.Start(effectTask(v, pack, fmt.Sprintf("/packs/proposal/%d", p.N)))
}

// confirmPack confirms a proposal as the second person; the pack is then adopted.
func confirmPack(v *web.Visit) error {
	p, _, err := proposal(v)
	if err != nil {
		return err
	}
	of, by := v.Office, v.By(v.Form("reason"))
	return v.Start(web.Task{Kind: "effect", Title: fmt.Sprintf("确认第 %d 号采用申请", p.N), Do: func(ctx context.Context, w *web.Progress) (string, string, error) {
		w.Step("再测算一遍影响")
		_, e, err := policies.Proposed(ctx, of, p.N, "", by)
		if err == nil {
			err = policies.Confirm(ctx, of, p.N, e, by)
		}
		if err != nil {
			return "", fmt.Sprintf("/packs/proposal/%d", p.N), err
		}
		return fmt.Sprintf("已采用规则包 %.12s，下次计算按它补发和扣回", p.Hash), "/packs", nil
	}})
}

// packDiff shows the differences of two packs in words.
func packDiff(v *web.Visit) error {
	a, err := v.Office.PackOf(v.R.Context(), v.Form("a"))
	if err != nil {
		return err
	}
	b, err := v.Office.PackOf(v.R.Context(), v.Form("b"))
	if err != nil {
		return err
	}
	return v.Page("packdiff", "规则包的差别", struct {
		A, B  *policy.Pack
		Found []diff.Difference
	}{a, b, diff.Files(a.File, b.File)})
}

// packFile sends the text of a pack. It has no personal data, so the access is not logged.
func packFile(v *web.Visit) error {
	pack, err := v.Office.PackOf(v.R.Context(), v.R.PathValue("hash"))
	if err != nil {
		return err
	}
	v.W.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	v.W.Header().Set("Content-Disposition", `attachment; filename="pack-`+pack.Hash[:12]+`.yaml"`)
	_, _ = v.W.Write(pack.Body) // an error means that the client has gone
	return nil
}

// triedEffect is the cached effect of a pack.
type triedEffect struct{ *policies.Effect }

// Weight estimates the memory of an effect in bytes; a parsed pack takes about ten times its
// text.
func (x *triedEffect) Weight() int64 {
	packs := 10 * int64(len(x.Pack.Body)+len(x.Present.Body))
	return packs + web.ProblemTexts*(web.SizeOf(x.Differences)+web.SizeOf(x.Controls)) + web.SizeOf(x.Settled.Items) + web.SizeOf(x.Settled.Months)
}
