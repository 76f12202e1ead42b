package console

import (
	"context"
	"fmt"
	"path/filepath"

	"disburse/internal/month"
	"disburse/internal/postgres"
)

// handOver makes a workbook and sends it under a name. Nothing stays on the disk.
func (v *visit) handOver(name string, write func(path string) error) error {
	return inFolder(func(dir string) error {
		path := filepath.Join(dir, uploadName(name))
		if err := write(path); err != nil {
			return err
		}
		return v.sendFile(name, path)
	})
}

// rosterTemplate hands out an empty roster workbook.
func (v *visit) rosterTemplate() error {
	return v.handOver("花名册模板.xlsx", v.office.RosterTemplate)
}

// exportRoster writes the whole roster in the background; the page that follows has the
// file. It is recorded when it is written.
func (v *visit) exportRoster() error {
	of, by, actor, s := v.office, v.by(""), v.user.Name, v.Server
	name := "花名册-" + v.Clock().In(month.Shanghai).Format("20060102") + ".xlsx"
	return v.start(job{kind: "roster-export", title: "导出花名册", do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("写出人员")
		u := postgres.Upload{Actor: actor, Kind: exportedRoster, Name: name}
		people := 0
		err := inFolder(func(dir string) (err error) {
			path := filepath.Join(dir, name)
			if people, err = of.ExportRoster(ctx, path, by, func(n int) { p.show(int64(n), 0) }); err == nil {
				u, err = s.keepMade(ctx, u, path)
			}
			return err
		})
		if err != nil {
			return "", "/imports", err
		}
		return fmt.Sprintf("花名册已写出，共 %s 人；文件保留一天，请下载", grouped(people)), fmt.Sprintf("/imports/export/%d", u.Number), nil
	}})
}

// exportedRoster is the kind of file in which an exported roster waits to be fetched.
const exportedRoster = "花名册导出"

// exportPage has the exported roster to be fetched.
func (v *visit) exportPage() error {
	u, err := v.keptFile(exportedRoster)
	if err != nil {
		return err
	}
	return v.page("export", "导出花名册", u)
}

func (v *visit) exportFile() error {
	u, err := v.keptFile(exportedRoster)
	if err != nil {
		return err
	}
	return v.sendKept(u)
}
