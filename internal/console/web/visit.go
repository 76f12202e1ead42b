package web

import (
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
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

// Visit is one request of somebody.
type Visit struct {
	*Server
	W       http.ResponseWriter
	R       *http.Request
	token   string
	session *users.Session // nil: nobody is logged in
	over    string         // why the session that the browser had is over; empty: it had none
	expired bool           // it ended by itself
	Office  *office.Office // under the pack that the region has adopted by now
	User    approval.User
	wrong   *wrong // with the form that was sent; nil: nothing, or there was none
}

// By says who does it, from where, when and why.
func (v *Visit) By(reason string) journal.By {
	return journal.By{Actor: v.User.Name, Origin: v.origin(), At: v.Clock(), Reason: strings.TrimSpace(reason)}
}

// origin is the address that asks.
func (v *Visit) origin() string { return v.Server.origin(v.R) }

func (s *Server) origin(r *http.Request) string {
	if s.Proxied {
		// The last one is what our own proxy saw; those before it may be made up.
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

// Form is a field of the request, trimmed.
func (v *Visit) Form(name string) string { return strings.TrimSpace(v.R.FormValue(name)) }

// Typed is a field of the request without what no keyboard types and no database keeps.
func (v *Visit) Typed(name string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(v.R.FormValue(name), "")))
}

// Number reads a number out of the path. It fails with fault.NotFound.
func (v *Visit) Number(name string) (int64, error) {
	n, err := strconv.ParseInt(v.R.PathValue(name), 10, 64)
	if err != nil || n < 0 {
		return 0, Nowhere()
	}
	return n, nil
}

// MonthOf reads a month out of the path.
func (v *Visit) MonthOf(name string) (month.Month, error) {
	m, err := month.Parse(v.R.PathValue(name))
	if err != nil {
		return 0, Nowhere()
	}
	return m, nil
}

// ThisMonth is the calendar's month.
func (v *Visit) ThisMonth() month.Month { return month.FromTime(v.Clock()).Month() }

// Sees reports whether the user may see a bureau's money.
func (v *Visit) Sees(bureau string) bool {
	return v.User.Bureau == bureau || v.User.Bureau == ""
}

// Batch reads the batch that the path names. Another bureau's is refused (fault.Denied) with its name.
func (v *Visit) Batch() (payrun.Batch, error) {
	n, err := v.Number("batch")
	if err != nil || n > math.MaxInt32 {
		return payrun.Batch{}, Nowhere()
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

// GoTo sends the browser to another page, which says the sentence once.
func (v *Visit) GoTo(path, sentence string) error {
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

func Nowhere() error {
	return fault.New(fault.NotFound, "没有这个页面，请从左边的菜单重新进入")
}

func (v *Visit) nowhere() error { return Nowhere() }
