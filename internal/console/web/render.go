package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"disburse/internal/store/users"
)

//go:embed templates
var templateFiles embed.FS

//go:embed static
var staticFolder embed.FS

// pages are the parsed templates. templates/parts holds what pages share; every other
// file is a page, named as the file, that defines "content" and perhaps parts of its own
// which htmx asks for alone.
type pages struct{ all map[string]*template.Template }

func parsePages(folders []fs.FS) (*pages, error) {
	base, err := template.New("").Funcs(functions).ParseFS(templateFiles, "templates/layout.html", "templates/parts/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse templates: %w", err)
	}
	p := &pages{all: map[string]*template.Template{}}
	for _, files := range append([]fs.FS{templateFiles}, folders...) {
		if err := p.add(base, files); err != nil {
			return nil, fmt.Errorf("parse templates: %w", err)
		}
	}
	return p, nil
}

// add parses the pages of a folder. Two pages of one name are refused: one would hide the
// other.
func (p *pages) add(base *template.Template, files fs.FS) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Base(path.Dir(name)) == "parts" || path.Base(name) == "layout.html" {
			return err
		}
		page := strings.TrimSuffix(path.Base(name), ".html")
		if p.all[page] != nil {
			return fmt.Errorf("two templates are named %s: %s is the second", page, name)
		}
		t, err := base.Clone()
		if err == nil {
			t, err = t.ParseFS(files, name)
		}
		p.all[page] = t
		return err
	})
}

// frame is what the layout shows around a page.
type frame struct {
	Title    string
	District string
	User     *users.Session // nil: nobody
	Menu     []menuGroup
	Flash    flash
	Kept     *keptForm // that was sent when the session was over; nil: none
	Wrong    *wrong    // with the form that was sent; nil: nothing
	Now      time.Time
	Secret   bool // the page shows names and numbers: not to be printed without thought
	Data     any
}

// flash is a sentence at the top of the page.
type flash struct {
	Text string
	Bad  bool
}

// Page answers with a whole page.
func (v *Visit) Page(name, title string, data any) error {
	return v.PageWith(http.StatusOK, name, title, data)
}

func (v *Visit) PageWith(status int, name, title string, data any) error {
	f := frame{Title: title, District: v.Office.Pack.File.District.Value, User: v.session, Wrong: v.wrong, Now: v.Clock(), Data: data}
	if v.session != nil {
		f.Menu = v.menu()
		if f.Flash.Text = v.session.Notice; f.Flash.Text != "" {
			if err := users.SetNotice(v.R.Context(), v.Office.DB, v.Office.Region, v.token, ""); err != nil {
				v.Log.Error("notice not taken", "error", err.Error())
			}
		}
		var err error
		if f.Kept, err = v.takeKept(); err != nil {
			v.Log.Error("form not taken", "error", err.Error())
		}
	}
	return v.write(status, name, "layout", f)
}

// Part answers with a part of a page, for htmx.
func (v *Visit) Part(page, name string, data any) error { return v.write(0, page, name, data) }

// write renders into memory first, so that a template that fails leaves no half page.
func (v *Visit) write(status int, page, name string, data any) error {
	t := v.pages.all[page]
	if t == nil {
		return fmt.Errorf("no page %q", page)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		v.Log.Error("template failed", "page", page, "error", err.Error())
		if status != 0 {
			http.Error(v.W, "程序内部错误，页面没有显示出来；请把时间告诉维护人员", http.StatusInternalServerError)
		}
		return nil
	}
	v.W.Header().Set("Content-Type", "text/html; charset=utf-8")
	if status != 0 {
		v.W.WriteHeader(status)
	}
	_, _ = b.WriteTo(v.W) // nobody is there any more
	return nil
}

// staticFiles serves style, scripts and pictures, which browsers may keep while the
// program is the same.
func staticFiles() http.Handler {
	files := http.FileServerFS(staticFolder)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info, err := fs.Stat(staticFolder, strings.TrimPrefix(r.URL.Path, "/"))
		if err != nil || !info.Mode().IsRegular() {
			http.NotFound(w, r) // nor is there a list of what there is
			return
		}
		w.Header().Set("Cache-Control", "private, max-age=3600")
		files.ServeHTTP(w, r)
	})
}
