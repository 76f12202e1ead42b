package web

import (
	"fmt"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/users"
)

// Visit is one HTTP request together with the session it belongs to. It lives as long as
// the request: work in the background must copy what it needs and use Server.Context.
type Visit struct {
	Server *Server
	W      http.ResponseWriter
	R      *http.Request
	// Office works under the pack that the region has adopted by now. Server.Office has the
	// pack of the program's start, which may be older.
	Office *office.Office
	User   approval.User // zero without a session

	token          string         // of the session, from the cookie
	session        *users.Session // nil: not logged in
	endedWhy       string         // why the browser's session has ended; empty: it had none
	sessionExpired bool           // it ended by the idle timeout, not by a logout
	formError      *formError     // of the submitted form, for the next page; nil: none
}

// Now is the time of the server's clock, Asia/Shanghai.
func (v *Visit) Now() time.Time { return v.Server.Clock() }

// By is the author of a change for the journal: user, address, time and reason.
func (v *Visit) By(reason string) journal.By {
	return journal.By{Actor: v.User.Name, Origin: v.origin(), At: v.Now(), Reason: strings.TrimSpace(reason)}
}

// origin is the client's IP address.
func (v *Visit) origin() string { return v.Server.origin(v.R) }

// origin is the client's IP address. A proxy's header counts only where the operator said
// that there is one: anybody else can send it and would escape the login limit.
func (s *Server) origin(r *http.Request) string {
	if s.Proxied {
		// The last entry is what our own proxy saw; clients can forge those before it.
		list := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
		if ip := net.ParseIP(strings.TrimSpace(list[len(list)-1])); ip != nil {
			return ip.String()
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return "未知地址"
	}
	return host
}

// Form is a form or query field, trimmed.
func (v *Visit) Form(name string) string { return strings.TrimSpace(v.R.FormValue(name)) }

// Typed is Form without control characters and replacement characters, for texts that are
// stored: they come from copying out of other programs and cannot be seen on a page.
func (v *Visit) Typed(name string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(v.R.FormValue(name), "")))
}

// PathNumber parses a number, 0 or more, out of the path. Errors: fault.NotFound.
func (v *Visit) PathNumber(name string) (int64, error) {
	n, err := strconv.ParseInt(v.R.PathValue(name), 10, 64)
	if err != nil || n < 0 {
		return 0, NotFound()
	}
	return n, nil
}

// PathMonth parses a month out of the path. Errors: fault.NotFound.
func (v *Visit) PathMonth(name string) (month.Month, error) {
	m, err := month.Parse(v.R.PathValue(name))
	if err != nil {
		return 0, NotFound()
	}
	return m, nil
}

// ThisMonth is the calendar's month in Asia/Shanghai.
func (v *Visit) ThisMonth() month.Month { return month.FromTime(v.Now()).Month() }

// Sees reports whether the user may see a bureau's amounts. Users without a bureau (管理,
// 审计) see all bureaus.
func (v *Visit) Sees(bureau string) bool {
	return v.User.Bureau == bureau || v.User.Bureau == ""
}

// Batch reads the batch that the path names. Errors: fault.NotFound; fault.Denied for
// another bureau's, with that bureau's name.
func (v *Visit) Batch() (payrun.Batch, error) {
	n, err := v.PathNumber("batch")
	if err != nil || n > math.MaxInt32 {
		return payrun.Batch{}, NotFound()
	}
	b, err := batches.Get(v.R.Context(), v.Office.DB, v.Office.Region, int32(n))
	if err != nil {
		return b, err
	}
	if !v.Sees(b.Bureau) {
		return payrun.Batch{}, fault.New(fault.Denied, "这是%s的批次，您属于%s，不能查看；需要时请与%s联系", b.Bureau, v.User.Bureau, b.Bureau)
	}
	return b, nil
}

// Redirect sends the browser to another page of this site. The sentence is stored with the
// session and shown there once: in the address it could be forged and would be logged.
func (v *Visit) Redirect(path, sentence string) error {
	if sentence != "" && v.session != nil {
		if err := users.SetNotice(v.R.Context(), v.Office.DB, v.Office.Region, v.token, sentence); err != nil {
			return err
		}
	}
	if v.R.Header.Get("HX-Request") != "" {
		v.W.Header().Set("HX-Redirect", path)
		v.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(v.W, v.R, path, http.StatusSeeOther)
	return nil
}

// NotFound is the error for an address that names nothing: fault.NotFound.
func NotFound() error {
	return fault.New(fault.NotFound, "没有这个页面，请从左边的菜单重新进入")
}

// IsClerkOf reports whether the user is the 经办 of a bureau.
func (v *Visit) IsClerkOf(bureau string) bool {
	return v.User.Post == approval.Clerk && v.User.Bureau == bureau
}

// ItemTitle is an item's code and name; the code alone where the pack no longer has it.
func (v *Visit) ItemTitle(code string) string {
	it, err := v.Office.Pack.Item(code)
	if err != nil {
		return code
	}
	return code + " " + it.Name.Value
}

// PersonPath is the address of a person's page; empty where the user's post may not open it.
func (v *Visit) PersonPath(person int64) string {
	if person == 0 || !v.mayOpen("/people/{person}") {
		return ""
	}
	return fmt.Sprintf("/people/%d", person)
}
