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

// keptForm is a form that came when the session was over. It waits beside the session, in
// the database, until the same user has logged in again from the same browser; the page
// then shows it once. It never goes through an address or to the login page.
type keptForm struct {
	Page   string // on which it was filled in
	Action string // where it was sent
	Fields []keptField
	Files  bool // it had files, which are not kept
}

type keptField struct{ Name, Value string }

// keptFormLimit bounds what is kept of one form, in bytes.
const keptFormLimit = 512 << 10

// SecretFields are never kept: passwords, and what is typed twice as a check.
var SecretFields = []string{"password", "again", "old"}

// toLogin asks somebody to log in, and brings them back to the page they wanted. What came
// with an expired session is kept for them; who never had one is asked nothing but to log in.
func (v *Visit) toLogin() {
	path := "/login"
	switch {
	case v.R.Method == http.MethodGet && v.wanted() != "/":
		path += "?next=" + QueryEscape(v.wanted())
	case v.R.Method == http.MethodPost && v.over != "":
		path += "?kept=no"
		if err := v.keepForm(); err == nil {
			path = "/login?kept=yes"
		} else if fault.CodeOf(err) == fault.Internal {
			v.Log.Error("form not kept", "route", v.R.Pattern, "error", err.Error())
		}
	}
	if v.R.Header.Get("HX-Request") != "" {
		v.W.Header().Set("HX-Redirect", path)
		v.W.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(v.W, v.R, path, http.StatusSeeOther)
}

// here is the page that the browser shows: a part of it that htmx asks for has no use alone.
func (v *Visit) here() string {
	if at, err := url.Parse(v.R.Header.Get("HX-Current-URL")); err == nil && at.Path != "" {
		return at.RequestURI()
	}
	return v.R.URL.RequestURI()
}

// keepForm keeps the form that was sent. It fails where the session did not just expire, or
// the form is too large.
func (v *Visit) keepForm() error {
	if !v.expired {
		return fault.New(fault.Denied, "登录不是自动结束的，内容没有留下")
	}
	k := keptForm{Page: v.R.URL.RequestURI(), Action: v.R.URL.RequestURI()}
	if from, err := url.Parse(v.R.Header.Get("Referer")); err == nil && from.Host == v.R.Host {
		k.Page = from.RequestURI()
	}
	if v.R.Header.Get("HX-Current-URL") != "" {
		k.Page = v.here()
	}
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, formLimit)
	if kind, _, _ := mime.ParseMediaType(v.R.Header.Get("Content-Type")); kind == "multipart/form-data" {
		k.Files = true
	} else if err := v.R.ParseForm(); err != nil {
		return fault.Wrap(err, fault.Invalid, "填写的内容太多，没有留下")
	}
	for name, values := range v.R.PostForm {
		for _, value := range values {
			if !slices.Contains(SecretFields, name) {
				k.Fields = append(k.Fields, keptField{name, value})
			}
		}
	}
	slices.SortStableFunc(k.Fields, func(a, b keptField) int { return cmp.Compare(a.Name, b.Name) })
	body, err := json.Marshal(k)
	if err != nil {
		return err
	}
	if len(body) > keptFormLimit {
		return fault.New(fault.Invalid, "填写的内容太多，没有留下")
	}
	return users.SaveForm(v.R.Context(), v.Office.DB, v.Office.Region, v.cookie(), body)
}

// keptPage is where the login leads: to the page on which the form was filled in.
func keptPage(form []byte, next string) string {
	var k keptForm
	if form == nil || json.Unmarshal(form, &k) != nil {
		return Inside(next)
	}
	return Inside(k.Page)
}

// takeKept takes the form that waits out of the session, for the page that shows it.
func (v *Visit) takeKept() (*keptForm, error) {
	if v.session == nil || !v.session.Kept || v.session.Change || v.R.Method != http.MethodGet {
		return nil, nil
	}
	body, err := users.TakeForm(v.R.Context(), v.Office.DB, v.Office.Region, v.token)
	if err != nil || body == nil {
		return nil, err
	}
	v.session.Kept = false
	var k keptForm
	if err := json.Unmarshal(body, &k); err != nil {
		return nil, errors.Join(errors.New("kept form"), err)
	}
	return &k, nil
}
