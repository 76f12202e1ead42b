package console

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

const openingKind = "期初"

// openingData are the pages of opening entries.
type openingData struct {
	Opening month.Month // 期初月; 0: none yet
	First   month.Month // the one that was typed
	Bureau  string
	Upload  postgres.Upload
	*office.OpeningImport
	Problems []roster.Problem // the first of them, masked
	More     int
	Ready    bool
	Taken    []postgres.TakenFile // when the very file was taken in
}

// openingPage offers the template and takes the workbook.
func (v *visit) openingPage() error {
	d := openingData{Bureau: v.user.Bureau}
	var err error
	if d.Opening, err = v.office.DB.OpeningMonth(v.r.Context(), v.office.Region); err != nil {
		return err
	}
	return v.page("opening", "期初", d)
}

func (v *visit) openingTemplate() error {
	of := v.office
	return v.produce(making{make: func(_ context.Context, dir string) (string, error) {
		file := filepath.Join(dir, "期初.xlsx")
		return file, of.OpeningTemplate(file)
	}})
}

// firstMonth is the 期初月 to be set, where the region has none.
func (v *visit) firstMonth() (month.Month, error) {
	opening, err := v.office.DB.OpeningMonth(v.r.Context(), v.office.Region)
	if err != nil || opening != 0 {
		return 0, err
	}
	if v.form("first") == "" {
		return 0, fault.New(fault.Invalid, "还没有定期初月，请写明本系统第一次计算的是哪个月")
	}
	return month.Parse(v.form("first"))
}

// openingUpload takes the workbook in and works out what it would do.
func (v *visit) openingUpload() error {
	first, err := v.firstMonth()
	if err != nil {
		return err
	}
	u, err := v.sentIn("file", openingKind, "填好的期初表", nil)
	if err != nil {
		return err
	}
	order, of, s, page := v.openingOrder(first), v.office, v.Server, openingLink(u.Number, first)
	return v.orForget(u, v.start(job{title: "核对期初表", bureau: v.user.Bureau, do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("逐行核对")
		order.Rows = func(rows int) { p.show(int64(rows), 0) }
		if _, err := s.tryOpening(ctx, of, u, order); err != nil {
			return failedFile(ctx, of, u, err, page, "/recovery/opening")
		}
		return "已逐行核对，还没有导入。", page, nil
	}}))
}

func openingLink(n int64, first month.Month) string {
	link := fmt.Sprintf("/recovery/opening/%d", n)
	if first != 0 {
		link += "?" + url.Values{"first": {first.String()}}.Encode()
	}
	return link
}

func (v *visit) openingOrder(first month.Month) office.OpeningOrder {
	return office.OpeningOrder{Bureau: v.user.Bureau, First: first, DryRun: true, By: v.by("")}
}

// tryOpening works out once for each revision what a workbook would do. That not one row
// can be taken is what it found, not a failure. The work outlives the request, whose ctx
// ends when its visitor leaves: others wait for the same one.
func (s *Server) tryOpening(ctx context.Context, of *office.Office, u postgres.Upload, order office.OpeningOrder) (*office.OpeningImport, error) {
	rev, _, err := of.DB.Head(ctx, of.Region)
	if err != nil {
		return nil, err
	}
	return newest(openingCache.of(s), fmt.Sprint(u.Number), fmt.Sprintf("%s/%d", order.First, rev), func() (done *office.OpeningImport, err error) {
		err = s.asFile(s.life, u, func(path string) error {
			order.File = path
			done, err = of.ImportOpening(s.life, &order)
			return err
		})
		if done != nil && fault.Is(err, fault.Invalid) {
			err = nil
		}
		return done, err
	})
}

// openingTrial shows what a workbook would do; afterwards, what it did.
func (v *visit) openingTrial() error {
	u, err := v.keptFile(openingKind)
	if err != nil {
		return err
	}
	d := openingData{Upload: u, Bureau: v.user.Bureau}
	if d.Opening, err = v.office.DB.OpeningMonth(v.r.Context(), v.office.Region); err != nil {
		return err
	}
	if d.First, err = v.firstMonth(); err != nil {
		return err
	}
	if d.OpeningImport, err = v.tryOpening(v.r.Context(), v.office, u, v.openingOrder(d.First)); err != nil {
		return err
	}
	d.Ready = d.Changed > 0
	if d.Taken, err = v.office.DB.TakenOpenings(v.r.Context(), v.office.Region, v.user.Bureau, u.SHA256); err != nil {
		return err
	}
	all := d.OpeningReport.Problems
	d.More = max(0, len(all)-listedRows)
	for _, p := range all[:len(all)-d.More] {
		p.Value, p.Reason = roster.MaskNumbers(p.Value), roster.MaskNumbers(p.Reason)
		d.Problems = append(d.Problems, p)
	}
	return v.page("openingtrial", "期初 "+u.Name, d)
}

// openingTake takes the workbook in.
func (v *visit) openingTake() error {
	u, err := v.keptFile(openingKind)
	if err != nil {
		return err
	}
	first, err := v.firstMonth()
	if err != nil {
		return err
	}
	order, of := v.openingOrder(first), v.office
	order.DryRun = false
	link := openingLink(u.Number, 0)
	return v.start(job{kind: "opening", title: "导入期初", bureau: v.user.Bureau, do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("导入")
		var done *office.OpeningImport
		err := v.asFile(ctx, u, func(path string) error {
			order.File = path
			var err error
			done, err = of.ImportOpening(ctx, &order)
			return err
		})
		if err != nil {
			return "", link, err
		}
		return fmt.Sprintf("期初已导入：变更 %s 行，与已知相同 %s 行，退回 %s 行；多付 %s 元（下次计算起扣回），欠付 %s 元（下次计算起补发）。",
			grouped(done.Changed), grouped(done.Unchanged), grouped(done.OpeningReport.Refused), yuan(done.Overpaid), yuan(done.Owed)), link, nil
	}})
}

// openingErrors hands out the refused rows, to be corrected and sent in again.
func (v *visit) openingErrors() error {
	u, err := v.keptFile(openingKind)
	if err != nil {
		return err
	}
	order := v.openingOrder(0)
	if order.First, err = v.firstMonth(); err != nil {
		return err
	}
	of := v.office
	return v.produce(making{make: func(ctx context.Context, dir string) (string, error) {
		errors := filepath.Join(dir, "退回-"+u.Name)
		err := v.asFile(ctx, u, func(path string) error {
			order.File, order.Errors = path, errors
			done, err := of.ImportOpening(ctx, &order)
			if done != nil && done.Refused == "" {
				return fault.New(fault.NotFound, "这个文件没有退回的行")
			}
			if done != nil && fault.Is(err, fault.Invalid) {
				return nil
			}
			return err
		})
		return errors, err
	}})
}

var openingCache = newKind(largeRoom, func(x last[*office.OpeningImport]) int64 { return 2 * sizeOf(x.value.Problems) })
