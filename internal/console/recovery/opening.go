package recovery

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/roster"
	"disburse/internal/store/payments"
	"disburse/internal/store/recovery"
	"disburse/internal/store/work"
)

const openingKind = "期初"

// openingData are the pages of opening entries.
type openingData struct {
	Opening month.Month // 期初月; 0: none yet
	First   month.Month // the one that was typed
	Bureau  string
	Upload  work.Upload
	*office.OpeningImport
	Problems []roster.Problem // the first of them, masked
	More     int
	Ready    bool
	Taken    []payments.ImportedFile // when the very file was taken in
}

// openingPage offers the template and takes the workbook.
func openingPage(v *web.Visit) error {
	d := openingData{Bureau: v.User.Bureau}
	var err error
	if d.Opening, err = recovery.OpeningMonth(v.R.Context(), v.Office.DB, v.Office.Region); err != nil {
		return err
	}
	return v.Page("opening", "期初", d)
}

func openingTemplate(v *web.Visit) error {
	of := v.Office
	return v.Produce(web.Making{Make: func(_ context.Context, dir string) (string, error) {
		file := filepath.Join(dir, "期初.xlsx")
		return file, of.OpeningTemplate(file)
	}})
}

// firstMonth is the 期初月 to be set, where the region has none.
func firstMonth(v *web.Visit) (month.Month, error) {
	opening, err := recovery.OpeningMonth(v.R.Context(), v.Office.DB, v.Office.Region)
	if err != nil || opening != 0 {
		return 0, err
	}
	if v.Form("first") == "" {
		return 0, fault.New(fault.Invalid, "还没有定期初月，请写明本系统第一次计算的是哪个月")
	}
	return month.Parse(v.Form("first"))
}

// openingUpload takes the workbook in and works out what it would do.
func openingUpload(v *web.Visit) error {
	first, err := firstMonth(v)
	if err != nil {
		return err
	}
	u, err := v.SentIn("file", openingKind, "填好的期初表", nil)
	if err != nil {
		return err
	}
	order, of, s, page := openingOrder(v, first), v.Office, v.Server, openingLink(u.Number, first)
	return v.OrForget(u, v.Start(web.Job{Title: "核对期初表", Bureau: v.User.Bureau, Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("逐行核对")
		order.Rows = func(rows int) { p.Show(int64(rows), 0) }
		if _, err := tryOpening(ctx, s, of, u, order); err != nil {
			return web.FailedFile(ctx, of, u, err, page, "/recovery/opening")
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

func openingOrder(v *web.Visit, first month.Month) office.OpeningOrder {
	return office.OpeningOrder{Bureau: v.User.Bureau, First: first, DryRun: true, By: v.By("")}
}

// tryOpening works out once for each revision what a workbook would do. That not one row
// can be taken is what it found, not a failure. The work outlives the request, whose ctx
// ends when its visitor leaves: others wait for the same one.
func tryOpening(ctx context.Context, s *web.Server, of *office.Office, u work.Upload, order office.OpeningOrder) (*office.OpeningImport, error) {
	rev, _, err := of.DB.Head(ctx, of.Region)
	if err != nil {
		return nil, err
	}
	return web.Newest(openingCache.Of(s), fmt.Sprint(u.Number), fmt.Sprintf("%s/%d", order.First, rev), func() (done *office.OpeningImport, err error) {
		err = s.AsFile(s.Life, u, func(path string) error {
			order.File = path
			done, err = of.ImportOpening(s.Life, &order)
			return err
		})
		if done != nil && fault.Is(err, fault.Invalid) {
			err = nil
		}
		return done, err
	})
}

// openingTrial shows what a workbook would do; afterwards, what it did.
func openingTrial(v *web.Visit) error {
	u, err := v.KeptFile(openingKind)
	if err != nil {
		return err
	}
	d := openingData{Upload: u, Bureau: v.User.Bureau}
	if d.Opening, err = recovery.OpeningMonth(v.R.Context(), v.Office.DB, v.Office.Region); err != nil {
		return err
	}
	if d.First, err = firstMonth(v); err != nil {
		return err
	}
	if d.OpeningImport, err = tryOpening(v.R.Context(), v.Server, v.Office, u, openingOrder(v, d.First)); err != nil {
		return err
	}
	d.Ready = d.Changed > 0
	if d.Taken, err = recovery.ImportedOpenings(v.R.Context(), v.Office.DB, v.Office.Region, v.User.Bureau, u.SHA256); err != nil {
		return err
	}
	all := d.OpeningReport.Problems
	d.More = max(0, len(all)-web.ListedRows)
	for _, p := range all[:len(all)-d.More] {
		p.Value, p.Reason = roster.MaskNumbers(p.Value), roster.MaskNumbers(p.Reason)
		d.Problems = append(d.Problems, p)
	}
	return v.Page("openingtrial", "期初 "+u.Name, d)
}

// openingTake takes the workbook in.
func openingTake(v *web.Visit) error {
	u, err := v.KeptFile(openingKind)
	if err != nil {
		return err
	}
	first, err := firstMonth(v)
	if err != nil {
		return err
	}
	order, of := openingOrder(v, first), v.Office
	order.DryRun = false
	link := openingLink(u.Number, 0)
	return v.Start(web.Job{Kind: "opening", Title: "导入期初", Bureau: v.User.Bureau, Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("导入")
		var done *office.OpeningImport
		err := v.AsFile(ctx, u, func(path string) error {
			order.File = path
			var err error
			done, err = of.ImportOpening(ctx, &order)
			return err
		})
		if err != nil {
			return "", link, err
		}
		return fmt.Sprintf("期初已导入：变更 %s 行，与已知相同 %s 行，退回 %s 行；多付 %s 元（下次计算起扣回），欠付 %s 元（下次计算起补发）。",
			web.Grouped(done.Changed), web.Grouped(done.Unchanged), web.Grouped(done.OpeningReport.Refused), web.Yuan(done.Overpaid), web.Yuan(done.Owed)), link, nil
	}})
}

// openingErrors hands out the refused rows, to be corrected and sent in again.
func openingErrors(v *web.Visit) error {
	u, err := v.KeptFile(openingKind)
	if err != nil {
		return err
	}
	order := openingOrder(v, 0)
	if order.First, err = firstMonth(v); err != nil {
		return err
	}
	of := v.Office
	return v.Produce(web.Making{Make: func(ctx context.Context, dir string) (string, error) {
		errors := filepath.Join(dir, "退回-"+u.Name)
		err := v.AsFile(ctx, u, func(path string) error {
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

var openingCache = web.NewKind(web.LargeRoom, func(x web.Last[*office.OpeningImport]) int64 { return 2 * web.SizeOf(x.Value.Problems) })
