package console

import (
	"cmp"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"

	"disburse/internal/fault"
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

// secretFields are never kept: passwords, and what is typed twice as a check.
var secretFields = []string{"password", "again", "old"}

// toLogin asks somebody to log in, and brings them back to the page they wanted. What came
// with an expired session is kept for them; who never had one is asked nothing but to log in.
func (v *visit) toLogin() {
	path := "/login"
	switch {
	case v.r.Method == http.MethodGet && v.wanted() != "/":
		path += "?next=" + queryEscape(v.wanted())
	case v.r.Method == http.MethodPost && v.over != "":
		path += "?kept=no"
		if err := v.keepForm(); err == nil {
			path = "/login?kept=yes"
		} else if fault.CodeOf(err) == fault.Internal {
			v.Log.Error("form not kept", "route", v.r.Pattern, "error", err.Error())
		}
	}
	if v.r.Header.Get("HX-Request") != "" {
		v.w.Header().Set("HX-Redirect", path)
		v.w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
}

// here is the page that the browser shows: a part of it that htmx asks for has no use alone.
func (v *visit) here() string {
	if at, err := url.Parse(v.r.Header.Get("HX-Current-URL")); err == nil && at.Path != "" {
		return at.RequestURI()
	}
	return v.r.URL.RequestURI()
}

// keepForm keeps the form that was sent. It fails where the session did not just expire, or
// the form is too large.
func (v *visit) keepForm() error {
	if !v.expired {
		return fault.New(fault.Denied, "登录不是自动结束的，内容没有留下")
	}
	k := keptForm{Page: v.r.URL.RequestURI(), Action: v.r.URL.RequestURI()}
	if from, err := url.Parse(v.r.Header.Get("Referer")); err == nil && from.Host == v.r.Host {
		k.Page = from.RequestURI()
	}
	if v.r.Header.Get("HX-Current-URL") != "" {
		k.Page = v.here()
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, formLimit)
	if kind, _, _ := mime.ParseMediaType(v.r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		k.Files = true
	} else if err := v.r.ParseForm(); err != nil {
		return fault.Wrap(err, fault.Invalid, "填写的内容太多，没有留下")
	}
	for name, values := range v.r.PostForm {
		for _, value := range values {
			if !slices.Contains(secretFields, name) {
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
	return v.office.DB.KeepForm(v.r.Context(), v.office.Region, v.cookie(), body)
}

// keptPage is where the login leads: to the page on which the form was filled in.
func keptPage(form []byte, next string) string {
	var k keptForm
	if form == nil || json.Unmarshal(form, &k) != nil {
		return inside(next)
	}
	return inside(k.Page)
}

// takeKept takes the form that waits out of the session, for the page that shows it.
func (v *visit) takeKept() (*keptForm, error) {
	if v.session == nil || !v.session.Kept || v.session.Change || v.r.Method != http.MethodGet {
		return nil, nil
	}
	body, err := v.office.DB.TakeForm(v.r.Context(), v.office.Region, v.token)
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
