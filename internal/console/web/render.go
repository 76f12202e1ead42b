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

// pages are the parsed templates by page. templates/parts has what pages share; every other
// file is one page of the file's name. It defines "content" and perhaps parts that htmx
// requests alone. All are parsed at the start, so a broken template fails there.
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

// add parses the pages of a folder. Page names are global, so a second page of a name is an
// error.
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

// frame is the data of the layout around a page.
type frame struct {
	Title     string
	District  string
	User      *users.Session // nil: not logged in
	Menu      []menuGroup
	Flash     flash
	SavedForm *savedForm // submitted after the session had expired; nil: none
	FormError *formError // of the submitted form; nil: none
	Now       time.Time
	Data      any
}

// flash is a message that is shown once at the top of a page.
type flash struct {
	Text string
	Bad  bool
}

// Page answers with a page and status 200.
func (v *Visit) Page(name, title string, data any) error {
	return v.PageWith(http.StatusOK, name, title, data)
}

// PageWith answers with a page and a status. It shows, and removes from the session, the
// message of Redirect and a saved form.
func (v *Visit) PageWith(status int, name, title string, data any) error {
	f := frame{Title: title, District: v.Office.Pack.File.District.Value, User: v.session, FormError: v.formError, Now: v.Now(), Data: data}
	if v.session != nil {
		f.Menu = v.menu()
		if f.Flash.Text = v.session.Notice; f.Flash.Text != "" {
			if err := users.SetNotice(v.R.Context(), v.Office.DB, v.Office.Region, v.token, ""); err != nil {
				v.Server.Log.Error("message not removed", "error", err.Error())
			}
		}
		var err error
		if f.SavedForm, err = v.takeSavedForm(); err != nil {
			v.Server.Log.Error("saved form not read", "error", err.Error())
		}
	}
	return v.write(status, name, "layout", f)
}

// Part answers an htmx request with a part of a page.
func (v *Visit) Part(page, name string, data any) error { return v.write(0, page, name, data) }

// write renders into memory first: an error in a template must not leave half a page with
// status 200. status 0 is 200, and a template that fails then leaves the response empty.
func (v *Visit) write(status int, page, name string, data any) error {
	t := v.Server.pages.all[page]
	if t == nil {
		return fmt.Errorf("no page %q", page)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		v.Server.Log.Error("template failed", "page", page, "error", err.Error())
		if status != 0 {
			http.Error(v.W, "程序内部错误，页面没有显示出来；请把时间告诉维护人员", http.StatusInternalServerError)
		}
		return nil
	}
	v.W.Header().Set("Content-Type", "text/html; charset=utf-8")
	if status != 0 {
		v.W.WriteHeader(status)
	}
	_, _ = b.WriteTo(v.W) // an error means that the client has gone
	return nil
}

// staticFiles serves styles, scripts and pictures, cached by browsers for an hour.
func staticFiles() http.Handler {
	files := http.FileServerFS(staticFolder)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info, err := fs.Stat(staticFolder, strings.TrimPrefix(r.URL.Path, "/"))
		if err != nil || !info.Mode().IsRegular() {
			http.NotFound(w, r) // folders, too: no listing
			return
		}
		w.Header().Set("Cache-Control", "private, max-age=3600")
		files.ServeHTTP(w, r)
	})
}
