package jobs

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"disburse/internal/month"
	"disburse/internal/store/calendar"
)

// Delivery says how notices also leave the program. The zero Delivery: not at all.
type Delivery struct {
	SMTP    *SMTP
	Webhook string // URL that takes a POST
	Timeout time.Duration
}

const deliveryTimeout = 15 * time.Second

func (d Delivery) timeout() time.Duration { return cmp.Or(d.Timeout, deliveryTimeout) }

// channels are those that are configured.
func (d Delivery) channels() []string {
	all := []string{}
	if d.SMTP != nil {
		all = append(all, "smtp")
	}
	if d.Webhook != "" {
		all = append(all, "webhook")
	}
	return all
}

func (d Delivery) send(ctx context.Context, region int32, n calendar.Delivery) error {
	ctx, cancel := context.WithTimeout(ctx, d.timeout())
	defer cancel()
	switch n.Channel {
	case "smtp":
		return d.SMTP.send(ctx, region, n.Notice)
	case "webhook":
		return d.post(ctx, region, n.Notice)
	}
	return fmt.Errorf("no channel %q", n.Channel)
}

// hook is the body that a webhook receives.
type hook struct {
	Region  int32     `json:"region"`
	ID      int64     `json:"id"` // the same notice has the same number, however often it arrives
	Job     string    `json:"job"`
	Kind    string    `json:"kind"`
	Bureau  string    `json:"bureau"`
	Post    string    `json:"post"`
	Title   string    `json:"title"`
	Text    string    `json:"text"`
	Link    string    `json:"link"`
	Created time.Time `json:"created"`
}

func (d Delivery) post(ctx context.Context, region int32, n calendar.Notice) error {
	body, err := json.Marshal(hook{region, n.N, n.Job, n.Kind, n.Bureau, string(n.Post), n.Title, n.Body, n.Link, n.Created.In(month.Shanghai)})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.Webhook, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	// A redirect would send notices to somebody whom nobody has configured.
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("webhook answered %d", answer.StatusCode)
	}
	return nil
}

// brief is an error as it is kept: without the address, which may hold a secret.
func brief(err error) string {
	var address *url.Error
	if errors.As(err, &address) {
		err = address.Err
	}
	text := []rune(scrub(err.Error()))
	return string(text[:min(len(text), 200)])
}
