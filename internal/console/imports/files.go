package imports

import (
	"context"
	"fmt"
	"path/filepath"

	"disburse/internal/console/web"
	"disburse/internal/month"
	"disburse/internal/store/work"
)

// HandOver makes a workbook and sends it under a name. Nothing stays on the disk.
func HandOver(v *web.Visit, name string, write func(path string) error) error {
	return web.InFolder(func(dir string) error {
		path := filepath.Join(dir, web.UploadName(name))
		if err := write(path); err != nil {
			return err
		}
		return v.SendFile(name, path)
	})
}

// rosterTemplate hands out an empty roster workbook.
func rosterTemplate(v *web.Visit) error {
	return HandOver(v, "花名册模板.xlsx", func(path string) error { return v.Office.RosterTemplate(path) })
}

// exportRoster writes the whole roster in the background; the page that follows has the
// file. It is recorded when it is written.
func exportRoster(v *web.Visit) error {
	of, by, actor, s := v.Office, v.By(""), v.User.Name, v.Server
	name := "花名册-" + v.Clock().In(month.Shanghai).Format("20060102") + ".xlsx"
	return v.Start(web.Job{Kind: "roster-export", Title: "导出花名册", Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("写出人员")
		u := work.Upload{Actor: actor, Kind: exportedRoster, Name: name}
		people := 0
		err := web.InFolder(func(dir string) (err error) {
			path := filepath.Join(dir, name)
			if people, err = of.ExportRoster(ctx, path, by, func(n int) { p.Show(int64(n), 0) }); err == nil {
				u, err = s.KeepMade(ctx, u, path)
			}
			return err
		})
		if err != nil {
			return "", "/imports", err
		}
		return fmt.Sprintf("花名册已写出，共 %s 人；文件保留一天，请下载", web.Grouped(people)), fmt.Sprintf("/imports/export/%d", u.Number), nil
	}})
}

// exportedRoster is the kind of file in which an exported roster waits to be fetched.
const exportedRoster = "花名册导出"

// exportPage has the exported roster to be fetched.
func exportPage(v *web.Visit) error {
	u, err := v.KeptFile(exportedRoster)
	if err != nil {
		return err
	}
	return v.Page("export", "导出花名册", u)
}

func exportFile(v *web.Visit) error {
	u, err := v.KeptFile(exportedRoster)
	if err != nil {
		return err
	}
	return v.SendKept(u)
}
