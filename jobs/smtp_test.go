package jobs

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"disburse/internal/store/calendar"
)

// secureOffice is a mail server that encrypts, from the beginning or when it is asked to,
// and takes mail only from who logs in.
type secureOffice struct {
	listener net.Listener
	config   *tls.Config
	roots    *x509.CertPool
	offers   string // starttls, tls, or none

	mu     sync.Mutex
	plain  []string // what came unencrypted
	logins []string
	mails  int
}

func openSecureOffice(t *testing.T, offers string) *secureOffice {
	t.Helper()
	// The certificate that net/http/httptest has for 127.0.0.1.
	lender := httptest.NewTLSServer(nil)
	defer lender.Close()
	p := &secureOffice{offers: offers, roots: x509.NewCertPool(), config: &tls.Config{Certificates: lender.TLS.Certificates}}
	p.roots.AddCert(lender.Certificate())
	var err error
	if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.listener.Close() })
	go func() {
		for {
			conn, err := p.listener.Accept()
			if err != nil {
				return
			}
			go p.serve(conn, offers == "tls")
		}
	}()
	return p
}

func (p *secureOffice) serve(conn net.Conn, secure bool) {
	defer func() { _ = conn.Close() }()
	if secure {
		conn = tls.Server(conn, p.config)
	}
	in := bufio.NewReader(conn)
	say := func(s string) { _, _ = io.WriteString(conn, s+"\r\n") }
	say("220 mail")
	known := false
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		p.mu.Lock()
		if !secure {
			p.plain = append(p.plain, line)
		}
		p.mu.Unlock()
		switch word, rest, _ := strings.Cut(line, " "); strings.ToUpper(word) {
		case "EHLO":
			switch {
			case secure:
				say("250-mail\r\n250 AUTH PLAIN")
			case p.offers == "starttls":
				say("250-mail\r\n250 STARTTLS")
			default:
				say("250 mail")
			}
		case "STARTTLS":
			if p.offers != "starttls" {
				say("502 no")
				continue
			}
			say("220 go on")
			conn, secure = tls.Server(conn, p.config), true
			in = bufio.NewReader(conn)
		case "AUTH":
			login, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
			p.mu.Lock()
			p.logins = append(p.logins, string(login))
			p.mu.Unlock()
			if known = string(login) == "\x00通知\x00口令一二三"; known {
				say("235 ok")
			} else {
				say("535 no")
			}
		case "MAIL":
			if known {
				say("250 ok")
			} else {
				say("530 log in first")
			}
		case "DATA":
			say("354 go on")
			for line != "." {
				if line, err = in.ReadString('\n'); err != nil {
					return
				}
				line = strings.TrimSpace(line)
			}
			p.mu.Lock()
			p.mails++
			p.mu.Unlock()
			say("250 ok")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// TestMailIsEncrypted: a mail, and the password before it, goes only to a server whose
// certificate is believed, and only encrypted.
func TestMailIsEncrypted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		security, offers, password string
		strange, fails             bool
		logins                     int
	}{
		"tls":                       {security: "tls", offers: "tls", password: "口令一二三", logins: 1},
		"starttls":                  {security: "starttls", offers: "starttls", password: "口令一二三", logins: 1},
		"wrong password":            {security: "starttls", offers: "starttls", password: "别的", fails: true, logins: 1},
		"strange certificate":       {security: "tls", offers: "tls", password: "口令一二三", strange: true, fails: true},
		"strange after starttls":    {security: "starttls", offers: "starttls", password: "口令一二三", strange: true, fails: true},
		"does not offer encryption": {security: "starttls", offers: "none", password: "口令一二三", fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := openSecureOffice(t, c.offers)
			s := &SMTP{Host: p.listener.Addr().String(), From: "a@example.org", To: []string{"b@example.org"}, Security: c.security,
				User: "通知", Password: c.password, roots: p.roots}
			if c.strange {
				s.roots = x509.NewCertPool()
			}
			if err := s.Check(); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			err := s.send(ctx, region, calendar.Notice{N: 7, Title: "试", Body: "试"})
			p.mu.Lock()
			defer p.mu.Unlock()
			if (err != nil) != c.fails || p.mails != map[bool]int{false: 1}[c.fails] || len(p.logins) != c.logins {
				t.Errorf("%v, %d mails, %d logins", err, p.mails, len(p.logins))
			}
			for _, line := range p.plain {
				if !strings.HasPrefix(line, "EHLO") && line != "STARTTLS" && line != "QUIT" && line != "*" {
					t.Errorf("sent in the open: %q", line)
				}
			}
		})
	}
}

// TestMailArrivesOnce: a connection that breaks after the server has accepted a mail is no
// reason to send it again.
func TestMailArrivesOnce(t *testing.T) {
	t.Parallel()
	p := openPostOffice(t)
	p.set(func() { p.hangsUp = true })
	if err := p.smtp().send(t.Context(), region, aNotice); err != nil || len(p.received()) != 1 {
		t.Errorf("%v, %d mails", err, len(p.received()))
	}
}

// TestMailErrorsNameNobody: an error is stored and shown, so it names no recipient.
func TestMailErrorsNameNobody(t *testing.T) {
	t.Parallel()
	p := openPostOffice(t)
	p.set(func() { p.unknown = true })
	err := p.smtp().send(t.Context(), region, aNotice)
	if err == nil || !strings.Contains(err.Error(), `550 "nobody here"`) || strings.Contains(err.Error(), "@") {
		t.Errorf("%v", err)
	}
}

// TestMailEnds: a server that stops is not held up by a mail server that says nothing.
func TestMailEnds(t *testing.T) {
	t.Parallel()
	p := openPostOffice(t)
	p.set(func() { p.silent = true })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	begin := time.Now()
	err := p.smtp().send(ctx, region, aNotice)
	if took := time.Since(begin); !errors.Is(err, context.Canceled) || took > deliveryTimeout/2 {
		t.Errorf("%v after %s", err, took)
	}
}
