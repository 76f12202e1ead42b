package console

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
	"disburse/internal/postgres"
)

// visit is one request of somebody.
type visit struct {
	*Server
	w       http.ResponseWriter
	r       *http.Request
	token   string
	session *postgres.Session // nil: nobody is logged in
	over    string            // why the session that the browser had is over; empty: it had none
	expired bool              // it ended by itself
	office  *office.Office    // under the pack that the region has adopted by now
	user    approval.User
	wrong   *wrong // with the form that was sent; nil: nothing, or there was none
}

// by says who does it, from where, when and why.
func (v *visit) by(reason string) journal.By {
	return journal.By{Actor: v.user.Name, Origin: v.origin(), At: v.Clock(), Reason: strings.TrimSpace(reason)}
}

// origin is the address that asks.
func (v *visit) origin() string { return v.Server.origin(v.r) }

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

// form is a field of the request, trimmed.
func (v *visit) form(name string) string { return strings.TrimSpace(v.r.FormValue(name)) }

// typed is a field of the request without what no keyboard types and no database keeps.
func (v *visit) typed(name string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(v.r.FormValue(name), "")))
}

// number reads a number out of the path. It fails with fault.NotFound.
func (v *visit) number(name string) (int64, error) {
	n, err := strconv.ParseInt(v.r.PathValue(name), 10, 64)
	if err != nil || n < 0 {
		return 0, nowhere()
	}
	return n, nil
}

// monthOf reads a month out of the path.
func (v *visit) monthOf(name string) (month.Month, error) {
	m, err := month.Parse(v.r.PathValue(name))
	if err != nil {
		return 0, nowhere()
	}
	return m, nil
}

// thisMonth is the calendar's month.
func (v *visit) thisMonth() month.Month { return month.FromTime(v.Clock()).Month() }

// sees reports whether the user may see a bureau's money.
func (v *visit) sees(bureau string) bool {
	return v.user.Bureau == bureau || v.user.Bureau == ""
}

// batch reads the batch that the path names. Another bureau's is refused (fault.Denied) with its name.
func (v *visit) batch() (payrun.Batch, error) {
	n, err := v.number("batch")
	if err != nil || n > math.MaxInt32 {
		return payrun.Batch{}, nowhere()
	}
	b, err := v.office.DB.Batch(v.r.Context(), v.office.Region, int32(n))
	if err != nil {
		return b, err
	}
	if !v.sees(b.Bureau) {
		return payrun.Batch{}, fault.New(fault.Denied, "这是%s的批次，您属于%s，不能查看；需要时请与%s联系", b.Bureau, v.user.Bureau, b.Bureau)
	}
	return b, nil
}

// goTo sends the browser to another page, which says the sentence once.
func (v *visit) goTo(path, sentence string) error {
	if sentence != "" && v.session != nil {
		if err := v.office.DB.Notice(v.r.Context(), v.office.Region, v.token, sentence); err != nil {
			return err
		}
	}
	if v.r.Header.Get("HX-Request") != "" {
		v.w.Header().Set("HX-Redirect", path)
		v.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

func nowhere() error {
	return fault.New(fault.NotFound, "没有这个页面，请从左边的菜单重新进入")
}

func (v *visit) nowhere() error { return nowhere() }
