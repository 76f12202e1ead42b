package jobs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"mime"
	"net"
	"net/mail"
	"net/smtp"
	"slices"
	"strings"
	"time"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/postgres"
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
		if a, err := mail.ParseAddress(address); err != nil || a.Address != address {
			return fault.New(fault.Invalid, "“%s”不是邮件地址，请检查 DISBURSE_SMTP_FROM 和 DISBURSE_SMTP_TO", address)
		}
	}
	if s.User != "" && s.Security == "none" {
		return fault.New(fault.Invalid, "不加密的连接不能传送口令，请把 DISBURSE_SMTP_TLS 设为 tls 或 starttls")
	}
	return nil
}

// send delivers one notice; all of it within ctx's time.
func (s *SMTP) send(ctx context.Context, region int32, n postgres.Notice) error {
	conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	// A server that says nothing would otherwise hold up one that is stopping.
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	client, err := smtp.NewClient(conn, s.host())
	if err != nil {
		return err
	}
	defer client.Close()
	if err := s.greet(client); err != nil {
		return err
	}
	return s.transmit(client, s.message(region, n))
}

func (s *SMTP) host() string {
	host, _, _ := net.SplitHostPort(s.Host) // checked by Check
	return host
}

func (s *SMTP) dial(ctx context.Context) (net.Conn, error) {
	if s.Security == "tls" {
		return (&tls.Dialer{Config: &tls.Config{ServerName: s.host(), RootCAs: s.roots}}).DialContext(ctx, "tcp", s.Host)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", s.Host)
}

func (s *SMTP) greet(client *smtp.Client) error {
	if s.Security == "starttls" {
		if err := client.StartTLS(&tls.Config{ServerName: s.host(), RootCAs: s.roots}); err != nil {
			return err
		}
	}
	if s.User == "" {
		return nil
	}
	return client.Auth(smtp.PlainAuth("", s.User, s.Password, s.host()))
}

func (s *SMTP) transmit(client *smtp.Client, message string) error {
	if err := client.Mail(s.From); err != nil {
		return err
	}
	for _, to := range s.To {
		if err := client.Rcpt(to); err != nil {
			return err
		}
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte(message)); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	_ = client.Quit() // the message has been accepted; what comes after does not matter
	return nil
}

// message is the mail. Its ID is the notice's, so a mail that arrives twice shows once.
func (s *SMTP) message(region int32, n postgres.Notice) string {
	_, domain, _ := strings.Cut(s.From, "@")
	text := n.Body
	if n.Bureau != "" {
		text = n.Bureau + string(n.Post) + "：" + text
	}
	head := []string{
		"From: " + s.From,
		"To: " + strings.Join(s.To, ", "),
		"Subject: " + mime.BEncoding.Encode("utf-8", scrub(n.Title)),
		"Date: " + n.Created.In(month.Shanghai).Format(time.RFC1123Z),
		fmt.Sprintf("Message-ID: <notice-%d-%d@%s>", region, n.N, domain),
		"MIME-Version: 1.0",
		"Content-Type: text/plain; charset=utf-8",
		"Content-Transfer-Encoding: base64",
	}
	return strings.Join(head, "\r\n") + "\r\n\r\n" + wrapped(base64.StdEncoding.EncodeToString([]byte(text+"\n")))
}

// wrapped breaks base64 into lines that mail allows.
func wrapped(s string) string {
	var b strings.Builder
	for line := range slices.Chunk([]byte(s), 76) {
		b.Write(line)
		b.WriteString("\r\n")
	}
	return b.String()
}
