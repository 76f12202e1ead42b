package admin

import (
	"cmp"
	"net/url"
	"strings"

	"disburse/cmd/disburse/kit"
	"disburse/internal/fault"
	"disburse/jobs"
)

// delivery reads from the environment how notices leave the program; nothing set: they
// stay in the console.
func delivery(a *kit.App) (jobs.Delivery, error) {
	d := jobs.Delivery{Webhook: a.Getenv("DISBURSE_WEBHOOK_URL")}
	if d.Webhook != "" {
		if u, err := url.Parse(d.Webhook); err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
			return d, fault.New(fault.Invalid, "DISBURSE_WEBHOOK_URL 不是 http(s) 地址，请检查")
		}
	}
	host := a.Getenv("DISBURSE_SMTP_HOST")
	if host == "" {
		return d, nil
	}
	password, err := kit.FilePassword(a.Getenv("DISBURSE_SMTP_PASSWORD_FILE"), "DISBURSE_SMTP_PASSWORD_FILE")
	if err != nil {
		return d, err
	}
	d.SMTP = &jobs.SMTP{Host: host, From: a.Getenv("DISBURSE_SMTP_FROM"), Security: cmp.Or(a.Getenv("DISBURSE_SMTP_TLS"), "starttls"),
		User: a.Getenv("DISBURSE_SMTP_USER"), Password: password}
	for to := range strings.SplitSeq(a.Getenv("DISBURSE_SMTP_TO"), ",") {
		if to = strings.TrimSpace(to); to != "" {
			d.SMTP.To = append(d.SMTP.To, to)
		}
	}
	return d, d.SMTP.Check()
}
