package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"disburse/internal/fault"
)

// errUnreadable is a request with what no keyboard types and no database keeps: a NUL, or
// bytes that are not UTF-8.
var errUnreadable = errors.New("request with NUL or invalid UTF-8")

const unreadableSentence = "请求里有不能识别的字符（不是 UTF-8 的文字，或空字符），没有办理；请从页面上重新填写"

func readable(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// refusedAddress answers requests whose address no page can use: for another host, which
// is how pages of others reach programs of a private network, or not readable.
func (s *Server) refusedAddress(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path != "/healthz" && len(s.Hosts) > 0 && !slices.Contains(s.Hosts, strings.ToLower(r.Host)) {
		http.Error(w, "这个地址不是本系统的，请用管理员给的地址打开；管理员可用 disburse serve --public-url 写明", http.StatusMisdirectedRequest)
		return true
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || !readable(r.URL.Path) || !readableValues(query) {
		s.visit(w, r).fail(errUnreadable)
		return true
	}
	return false
}

func readableValues(values url.Values) bool {
	for name, list := range values {
		if !readable(name) || slices.ContainsFunc(list, func(x string) bool { return !readable(x) }) {
			return false
		}
	}
	return true
}

// HostsOf are the values of a Host header under which a program can be reached that
// listens on an address: this machine's own names with its port, and those of public URLs.
// Errors: fault.Invalid for what is no URL of a site.
func HostsOf(listen string, public []string) ([]string, error) {
	_, port, err := net.SplitHostPort(listen)
	if err != nil {
		return nil, err
	}
	var hosts []string
	for _, name := range []string{"localhost", "127.0.0.1", "[::1]"} {
		hosts = append(hosts, name+":"+port)
		if port == "80" || port == "443" {
			hosts = append(hosts, name)
		}
	}
	for _, text := range public {
		u, err := url.Parse(text)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.User != nil {
			return nil, fault.New(fault.Invalid, "--public-url 应写成 https://主机名 或 https://主机名:端口，不能是“%s”", text)
		}
		host := strings.ToLower(u.Host)
		hosts = append(hosts, host)
		usual := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
		if name, is := strings.CutSuffix(host, usual); is {
			hosts = append(hosts, name)
		} else if u.Port() == "" {
			hosts = append(hosts, host+usual)
		}
	}
	return hosts, nil
}

// formMemory is how much of a form with files stays in memory; the files go to the disk.
const formMemory = 1 << 20

// takeForm reads the form of a request, once it is known who sends it: without a session
// no more than a login needs, files for those pages alone that take them, and only a few
// at a time. done must be called when the request is answered.
func (v *Visit) takeForm(r *Route) (done func(), err error) {
	if v.R.Method != http.MethodPost {
		v.R.Body = http.NoBody // a page needs none, whatever came along
		return func() {}, v.R.ParseForm()
	}
	limit, leave := int64(formLimit), func() {}
	switch {
	case v.session == nil:
		limit = entranceLimit
	case r.Long:
		limit = uploadLimit
		if leave, err = v.uploads.enter(v.User.Name); err != nil {
			v.W.Header().Set("Connection", "close") // nothing of it is read
			return nil, err
		}
	}
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, limit)
	end := func() {
		if f := v.R.MultipartForm; f != nil {
			_ = f.RemoveAll()
		}
		leave()
	}
	taken := false
	defer func() { // also after a panic, which would leave the user's place taken for ever
		if !taken {
			end()
		}
	}()
	if err := v.parsed(); err != nil {
		return nil, err
	}
	taken = true
	return end, nil
}

// parsed parses the form and refuses what cannot be read.
func (v *Visit) parsed() error {
	err := v.R.ParseForm()
	if err == nil { // which ParseMultipartForm would keep to itself
		err = v.R.ParseMultipartForm(formMemory)
	}
	if errors.Is(err, http.ErrNotMultipart) {
		err = nil
	}
	var tooLarge *http.MaxBytesError
	var network net.Error
	switch {
	case errors.As(err, &tooLarge):
		return err
	case errors.As(err, &network) && network.Timeout():
		return fault.Wrap(err, fault.Invalid, "请求传得太慢，没有接收，请检查网络后重试")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fault.Wrap(err, fault.Invalid, "文件没有传完整，没有接收，请重新上传")
	case errors.Is(err, multipart.ErrMessageTooLarge):
		return &http.MaxBytesError{Limit: formLimit}
	case err != nil:
		return errUnreadable
	case !readableValues(v.R.Form):
		return errUnreadable
	}
	if v.R.MultipartForm == nil {
		return nil
	}
	for name, files := range v.R.MultipartForm.File {
		for _, f := range files {
			if !readable(name) || !readable(f.Filename) {
				return errUnreadable
			}
		}
	}
	return nil
}
