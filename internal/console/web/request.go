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

// errUnreadable is a request with a NUL or invalid UTF-8, which PostgreSQL refuses to store.
// It is refused here so that no query fails on it with an internal error.
var errUnreadable = errors.New("request with NUL or invalid UTF-8")

const unreadableSentence = "请求里有不能识别的字符（不是 UTF-8 的文字，或空字符），没有办理；请从页面上重新填写"

// readable reports whether PostgreSQL can store a text.
func readable(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// refuseAddress answers requests for another host or with an unreadable address, and reports
// whether it did. Checking the host prevents DNS rebinding, by which a foreign page reaches
// programs in a private network.
func (s *Server) refuseAddress(w http.ResponseWriter, r *http.Request) bool {
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

// HostsOf lists the Host headers that a program listening on an address accepts: this
// machine's own names with the port, and the hosts of the public URLs. Errors: fault.Invalid
// for a public URL with a path, a user or another scheme than http and https.
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

// formMemory is how many bytes of a form with files stay in memory; the rest goes to disk.
const formMemory = 1 << 20

// parseForm parses the form of a request within the limits of its sender and its route:
// little without a session, files only for routes that take them and a few at a time. The
// caller must call done, which removes temporary files, when the request is answered.
// Errors: fault.Refused over the limit of uploads, *http.MaxBytesError over that of bytes.
func (v *Visit) parseForm(r *Route) (done func(), err error) {
	if v.R.Method != http.MethodPost {
		v.R.Body = http.NoBody // pages need no body; one is neither read nor refused
		return func() {}, v.R.ParseForm()
	}
	limit, release := int64(formLimit), func() {}
	switch {
	case v.session == nil:
		limit = loginLimit
	case r.Long:
		limit = uploadLimit
		if release, err = v.Server.uploads.acquire(v.User.Name); err != nil {
			v.W.Header().Set("Connection", "close") // the body is not read
			return nil, err
		}
	}
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, limit)
	end := func() {
		if f := v.R.MultipartForm; f != nil {
			_ = f.RemoveAll()
		}
		release()
	}
	parsed := false
	defer func() { // also after a panic, or the upload would count as running for ever
		if !parsed {
			end()
		}
	}()
	if err := v.parseBody(); err != nil {
		return nil, err
	}
	parsed = true
	return end, nil
}

// parseBody parses the form and turns errors of the network and the encoding into faults.
func (v *Visit) parseBody() error {
	err := v.R.ParseForm()
	if err == nil { // ParseMultipartForm drops the error of ParseForm
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
