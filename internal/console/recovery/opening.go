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
	"disburse/internal/office/rosters"
	"disburse/internal/roster"
	"disburse/internal/store/payments"
	"disburse/internal/store/recovery"
	"disburse/internal/store/work"
)

// openingKind is the upload kind of workbooks of opening entries.
const openingKind = "期初"

// openingData is the data of the pages of opening entries (期初).
type openingData struct {
	Opening month.Month // the 期初月; 0: not set yet
	First   month.Month // the 期初月 as typed, to be set with the import; 0: it is set
	Bureau  string
	Upload  work.Upload
	*rosters.OpeningImport
	Problems []roster.Problem // the first ones, numbers masked
	More     int
	Ready    bool
	Taken    []payments.ImportedFile // imports of a file with the same content
}

// openingPage offers the template and the upload form.
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
	return v.Deliver(web.Download{Write: func(_ context.Context, dir string) (string, error) {
		file := filepath.Join(dir, "期初.xlsx")
		return file, rosters.OpeningTemplate(of, file)
	}})
}

// firstMonth is the 期初月 to be set; 0 if the region has one. Errors: fault.Invalid for none.
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

// openingUpload stores an uploaded workbook and starts a dry run.
func openingUpload(v *web.Visit) error {
	first, err := firstMonth(v)
	if err != nil {
		return err
	}
	u, err := v.SaveUpload("file", openingKind, "填好的期初表", nil)
	if err != nil {
		return err
	}
	order, of, s, page := openingOrder(v, first), v.Office, v.Server, openingLink(u.Number, first)
	return v.DropIfFailed(u, v.Start(web.Task{Title: "核对期初表", Bureau: v.User.Bureau, Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
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

func openingOrder(v *web.Visit, first month.Month) rosters.OpeningOrder {
	return rosters.OpeningOrder{Bureau: v.User.Bureau, First: first, DryRun: true, By: v.By("")}
}

// tryOpening does a dry run of a workbook; its result is cached for the present revision. That
// all rows are refused is a result, not an error. It uses the server's context: others wait
// for the same result.
func tryOpening(ctx context.Context, s *web.Server, of *office.Office, u work.Upload, order rosters.OpeningOrder) (*rosters.OpeningImport, error) {
	rev, _, err := of.DB.Head(ctx, of.Region)
	if err != nil {
		return nil, err
	}
	return web.GetLatest(openingCache.Of(s), fmt.Sprint(u.Number), fmt.Sprintf("%s/%d", order.First, rev), func() (done *rosters.OpeningImport, err error) {
		err = s.WithUploadFile(s.Context, u, func(path string) error {
			order.File = path
			done, err = rosters.ImportOpening(s.Context, of, &order)
			return err
		})
		if done != nil && fault.Is(err, fault.Invalid) {
			err = nil
		}
		return done, err
	})
}

// openingTrial shows the dry run of a workbook; after the import, what was imported.
func openingTrial(v *web.Visit) error {
	u, err := v.OwnUpload(openingKind)
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
	d.More = max(0, len(all)-web.ListedProblems)
	for _, p := range all[:len(all)-d.More] {
		p.Value, p.Reason = roster.MaskNumbers(p.Value), roster.MaskNumbers(p.Reason)
		d.Problems = append(d.Problems, p)
	}
	return v.Page("openingtrial", "期初 "+u.Name, d)
}

// openingTake imports the stored workbook as a task.
func openingTake(v *web.Visit) error {
	u, err := v.OwnUpload(openingKind)
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
	return v.Start(web.Task{Kind: "opening", Title: "导入期初", Bureau: v.User.Bureau, Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("导入")
		var done *rosters.OpeningImport
		err := v.Server.WithUploadFile(ctx, u, func(path string) error {
			order.File = path
			var err error
			done, err = rosters.ImportOpening(ctx, of, &order)
			return err
		})
		if err != nil {
			return "", link, err
		}
		return fmt.Sprintf("期初已导入：变更 %s 行，与已知相同 %s 行，退回 %s 行；多付 %s 元（下次计算起扣回），欠付 %s 元（下次计算起补发）。",
			web.Grouped(done.Changed), web.Grouped(done.Unchanged), web.Grouped(done.OpeningReport.Refused), web.Yuan(done.Overpaid), web.Yuan(done.Owed)), link, nil
	}})
}

// openingErrors sends the refused rows as a workbook, to be corrected and uploaded again.
func openingErrors(v *web.Visit) error {
	u, err := v.OwnUpload(openingKind)
	if err != nil {
		return err
	}
	order := openingOrder(v, 0)
	if order.First, err = firstMonth(v); err != nil {
		return err
	}
	of := v.Office
	return v.Deliver(web.Download{Write: func(ctx context.Context, dir string) (string, error) {
		errors := filepath.Join(dir, "退回-"+u.Name)
		err := v.Server.WithUploadFile(ctx, u, func(path string) error {
			order.File, order.Errors = path, errors
			done, err := rosters.ImportOpening(ctx, of, &order)
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

var openingCache = web.NewCache(web.LargeCache, func(x web.Latest[*rosters.OpeningImport]) int64 { return 2 * web.SizeOf(x.Value.Problems) })
