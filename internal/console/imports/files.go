package imports

import (
	"context"
	"fmt"
	"path/filepath"

	"disburse/internal/console/web"
	"disburse/internal/month"
	"disburse/internal/office/rosters"
	"disburse/internal/store/work"
)

// rosterTemplate sends an empty roster workbook.
func rosterTemplate(v *web.Visit) error {
	return v.SendWritten("花名册模板.xlsx", func(path string) error { return rosters.Template(v.Office, path) })
}

// exportRoster writes the whole roster in the background and stores it for download. The access
// is logged when the file is written.
func exportRoster(v *web.Visit) error {
	of, by, actor, s := v.Office, v.By(""), v.User.Name, v.Server
	name := "花名册-" + v.Now().In(month.Shanghai).Format("20060102") + ".xlsx"
	return v.Start(web.Task{Kind: "roster-export", Title: "导出花名册", Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("写出人员")
		u := work.Upload{Actor: actor, Kind: exportedRoster, Name: name}
		people := 0
		err := web.WithTempDir(func(dir string) (err error) {
			path := filepath.Join(dir, name)
			if people, err = rosters.Export(ctx, of, path, by, func(n int) { p.Show(int64(n), 0) }); err == nil {
				u, err = s.SaveDownload(ctx, u, path)
			}
			return err
		})
		if err != nil {
			return "", "/imports", err
		}
		return fmt.Sprintf("花名册已写出，共 %s 人；文件保留一天，请下载", web.Grouped(people)), fmt.Sprintf("/imports/export/%d", u.Number), nil
	}})
}

// exportedRoster is the upload kind of exported rosters.
const exportedRoster = "花名册导出"

// exportPage offers the exported roster for download.
func exportPage(v *web.Visit) error {
	u, err := v.OwnUpload(exportedRoster)
	if err != nil {
		return err
	}
	return v.Page("export", "导出花名册", u)
}

func exportFile(v *web.Visit) error {
	u, err := v.OwnUpload(exportedRoster)
	if err != nil {
		return err
	}
	return v.SendUpload(u)
}
