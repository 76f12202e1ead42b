package jobs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"slices"
	"strings"

	"github.com/wneessen/go-mail"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/store/calendar"
)

// SMTP is a mail server and who gets the notices.
type SMTP struct {
	Host     string // host:port
	From     string
	To       []string
	Security string // tls, starttls or none
	User     string // empty: no authentication
	Password string

	roots *x509.CertPool // whose certificates are believed; nil: those of the machine
}

// Check refuses what cannot be a configuration (fault.Invalid).
func (s *SMTP) Check() error {
	if _, _, err := net.SplitHostPort(s.Host); err != nil {
		return fault.New(fault.Invalid, "邮件服务器“%s”应写成 主机:端口，请检查 DISBURSE_SMTP_HOST", s.Host)
	}
	if !slices.Contains([]string{"tls", "starttls", "none"}, s.Security) {
		return fault.New(fault.Invalid, "DISBURSE_SMTP_TLS 只能是 tls、starttls 或 none，不能是“%s”", s.Security)
	}
	if len(s.To) == 0 {
		return fault.New(fault.Invalid, "没有收件人，请检查 DISBURSE_SMTP_TO")
	}
	for _, address := range append([]string{s.From}, s.To...) {
		if a, err := netmail.ParseAddress(address); err != nil || a.Address != address {
			return fault.New(fault.Invalid, "“%s”不是邮件地址，请检查 DISBURSE_SMTP_FROM 和 DISBURSE_SMTP_TO", address)
		}
	}
	if s.User != "" && s.Security == "none" {
		return fault.New(fault.Invalid, "不加密的连接不能传送口令，请把 DISBURSE_SMTP_TLS 设为 tls 或 starttls")
	}
	return nil
}

// send delivers one notice; all of it within ctx's time.
func (s *SMTP) send(ctx context.Context, region int32, n calendar.Notice) error {
	message, err := s.message(region, n)
	if err != nil {
		return err
	}
	sending, end := context.WithCancel(ctx)
	defer end()
	client, err := s.client(sending)
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(sending, message)
	switch {
	case err == nil, message.IsDelivered():
		return nil // what comes after the server has accepted it does not matter, and it must not arrive twice
	case ctx.Err() != nil:
		return ctx.Err() // rather than that the connection was closed
	}
	// The error is stored, so it must not name who gets the mail.
	text, _, _ := strings.Cut(err.Error(), ", affected ")
	return errors.New(text)
}

// client is go-mail's for one mail. It closes the connection when sending ends: go-mail
// does not on every error, nor does it look at a context once it is connected, so a server
// that says nothing would hold up one that is stopping.
func (s *SMTP) client(sending context.Context) (*mail.Client, error) {
	host, _, _ := net.SplitHostPort(s.Host) // checked by Check
	config := &tls.Config{ServerName: host, RootCAs: s.roots}
	dial := (&net.Dialer{}).DialContext
	security := mail.WithTLSPolicy(mail.NoTLS)
	switch s.Security {
	case "tls":
		dial = (&tls.Dialer{Config: config}).DialContext
		security = mail.WithSSL()
	case "starttls":
		security = mail.WithTLSPolicy(mail.TLSMandatory)
	}
	connect := func(ctx context.Context, network, _ string) (net.Conn, error) {
		conn, err := dial(ctx, network, s.Host)
		if err == nil {
			context.AfterFunc(sending, func() { _ = conn.Close() })
		}
		return conn, err
	}
	options := []mail.Option{security, mail.WithTLSConfig(config), mail.WithDialContextFunc(connect), mail.WithTimeout(deliveryTimeout),
		mail.WithHELO("localhost"), // the name of this machine is nobody's concern, and need not be ASCII
		mail.WithoutNoop(), mail.WithoutRset()}
	if s.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthPlain), mail.WithUsername(s.User), mail.WithPassword(s.Password))
	}
	return mail.NewClient(host, options...)
}

// message is the mail. Its ID is the notice's, so a mail that arrives twice shows once.
func (s *SMTP) message(region int32, n calendar.Notice) (*mail.Msg, error) {
	_, domain, _ := strings.Cut(s.From, "@")
	text := n.Body
	if n.Bureau != "" {
		text = n.Bureau + string(n.Post) + "：" + text
	}
	m := mail.NewMsg(mail.WithEncoding(mail.EncodingB64), mail.WithNoDefaultUserAgent())
	if err := errors.Join(m.From(s.From), m.To(s.To...)); err != nil {
		return nil, err
	}
	m.Subject(scrub(n.Title))
	m.SetDateWithValue(n.Created.In(month.Shanghai))
	m.SetMessageIDWithValue(fmt.Sprintf("notice-%d-%d@%s", region, n.N, domain))
	m.SetBodyString(mail.TypeTextPlain, text+"\n")
	return m, nil
}
