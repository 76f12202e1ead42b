package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"

	"disburse/internal/fault"
	"disburse/internal/store/users"
)

// savedForm is a form that was submitted after the session had expired. It is stored with the
// ended session until the same user logs in again from the same browser, and is then shown
// once. It never goes through an address or to the login page, which others may see.
type savedForm struct {
	Page   string // with the form
	Action string // the address it was submitted to
	Fields []savedField
	Files  bool // it had files, which are not saved
}

type savedField struct{ Name, Value string }

// savedFormLimit is the largest form that is saved, in bytes of JSON.
const savedFormLimit = 512 << 10

// SecretFields are never saved: passwords, and the repetitions that check typing.
var SecretFields = []string{"password", "again", "old"}

// toLogin redirects to the login, which leads back to the requested page. A form submitted
// with an expired session is saved; without a session of any age nothing is stored, or
// anybody could fill the database.
func (v *Visit) toLogin() {
	path := "/login"
	switch {
	case v.R.Method == http.MethodGet && v.returnAddress() != "/":
		path += "?next=" + url.QueryEscape(v.returnAddress())
	case v.R.Method == http.MethodPost && v.endedWhy != "":
		path += "?kept=no"
		if err := v.saveForm(); err == nil {
			path = "/login?kept=yes"
		} else if fault.CodeOf(err) == fault.Internal {
			v.Server.Log.Error("form not saved", "route", v.R.Pattern, "error", err.Error())
		}
	}
	if v.R.Header.Get("HX-Request") != "" {
		v.W.Header().Set("HX-Redirect", path)
		v.W.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(v.W, v.R, path, http.StatusSeeOther)
}

// currentPage is the page that the browser shows. For a request of htmx that is not the
// requested address, which answers with a part of a page.
func (v *Visit) currentPage() string {
	if at, err := url.Parse(v.R.Header.Get("HX-Current-URL")); err == nil && at.Path != "" {
		return at.RequestURI()
	}
	return v.R.URL.RequestURI()
}

// saveForm stores the submitted form with the expired session. Errors: fault.Denied where the
// session ended otherwise, as by a logout or another login; fault.Invalid over the limit.
func (v *Visit) saveForm() error {
	if !v.sessionExpired {
		return fault.New(fault.Denied, "登录不是自动结束的，内容没有留下")
	}
	form := savedForm{Page: v.R.URL.RequestURI(), Action: v.R.URL.RequestURI()}
	if from, err := url.Parse(v.R.Header.Get("Referer")); err == nil && from.Host == v.R.Host {
		form.Page = from.RequestURI()
	}
	if v.R.Header.Get("HX-Current-URL") != "" {
		form.Page = v.currentPage()
	}
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, formLimit)
	if kind, _, _ := mime.ParseMediaType(v.R.Header.Get("Content-Type")); kind == "multipart/form-data" {
		form.Files = true
	} else if err := v.R.ParseForm(); err != nil {
		return fault.Wrap(err, fault.Invalid, "填写的内容太多，没有留下")
	}
	for name, values := range v.R.PostForm {
		for _, value := range values {
			if !slices.Contains(SecretFields, name) {
				form.Fields = append(form.Fields, savedField{name, value})
			}
		}
	}
	slices.SortStableFunc(form.Fields, func(a, b savedField) int { return cmp.Compare(a.Name, b.Name) })
	body, err := json.Marshal(form)
	if err != nil {
		return err
	}
	if len(body) > savedFormLimit {
		return fault.New(fault.Invalid, "填写的内容太多，没有留下")
	}
	return users.SaveForm(v.R.Context(), v.Office.DB, v.Office.Region, v.cookie(), body)
}

// pageAfterLogin is where the login leads: to the page of the saved form, else to next.
func pageAfterLogin(form []byte, next string) string {
	var saved savedForm
	if form == nil || json.Unmarshal(form, &saved) != nil {
		return LocalPath(next)
	}
	return LocalPath(saved.Page)
}

// takeSavedForm removes the saved form from the session, for the page that shows it once.
func (v *Visit) takeSavedForm() (*savedForm, error) {
	if v.session == nil || !v.session.Kept || v.session.Change || v.R.Method != http.MethodGet {
		return nil, nil
	}
	body, err := users.TakeForm(v.R.Context(), v.Office.DB, v.Office.Region, v.token)
	if err != nil || body == nil {
		return nil, err
	}
	v.session.Kept = false
	var saved savedForm
	if err := json.Unmarshal(body, &saved); err != nil {
		return nil, errors.Join(errors.New("saved form"), err)
	}
	return &saved, nil
}
