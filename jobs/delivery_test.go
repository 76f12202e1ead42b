package jobs

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/store/calendar"
)

// postOffice is a mail server on this machine: it turns the first tries away, if told to.
type postOffice struct {
	listener net.Listener
	mu       sync.Mutex
	refuse   int
	silent   bool
	unknown  bool // no recipient is known here
	hangsUp  bool // once it has accepted a mail
	mails    []string
	to       []string
	greeting string
}

func openPostOffice(t *testing.T) *postOffice {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &postOffice{listener: listener}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(conn)
		}
	}()
	return p
}

// set changes how it behaves, for connections from then on.
func (p *postOffice) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// serve speaks as much SMTP as a client needs.
func (p *postOffice) serve(conn net.Conn) {
	defer conn.Close()
	p.mu.Lock()
	silent, unknown, hangsUp := p.silent, p.unknown, p.hangsUp
	p.mu.Unlock()
	if silent {
		_, _ = io.Copy(io.Discard, conn)
		return
	}
	in := bufio.NewReader(conn)
	say := func(s string) { _, _ = io.WriteString(conn, s+"\r\n") }
	say("220 mail")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch word, _, _ := strings.Cut(strings.TrimSpace(strings.ToUpper(line)), " "); word {
		case "EHLO":
			p.mu.Lock()
			p.greeting = strings.TrimSpace(line)
			p.mu.Unlock()
			say("250 ok")
		case "RCPT":
			p.mu.Lock()
			p.to = append(p.to, strings.TrimSpace(line))
			p.mu.Unlock()
			if unknown {
				say("550 nobody here")
			} else {
				say("250 ok")
			}
		case "DATA":
			say("354 go on")
			say(p.take(in))
			if hangsUp {
				return
			}
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (p *postOffice) take(in *bufio.Reader) string {
	var mail strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil || line == ".\r\n" {
			break
		}
		mail.WriteString(line)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuse > 0 {
		p.refuse--
		return "451 come again later, " + secret
	}
	p.mails = append(p.mails, mail.String())
	return "250 ok"
}

func (p *postOffice) received() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.mails...)
}

func (p *postOffice) smtp() *SMTP {
	return &SMTP{Host: p.listener.Addr().String(), From: "disburse@example.org", To: []string{"a@example.org", "b@example.org"}, Security: "none"}
}

// leave has a job leave one notice.
func (o *office) leave(n calendar.Notice) {
	o.t.Helper()
	c := o.calendar(Work{Audit: func(_ context.Context, t *Task) error { t.Notify(n); return nil }})
	if x, err := c.RunHere(o.t.Context(), Audit, 0, "甲", Watch{}); err != nil || x.State != calendar.Done {
		o.t.Fatalf("%+v, %v", x, err)
	}
}

var aNotice = calendar.Notice{Kind: "银行未回", Bureau: "区民政局", Post: approval.Clerk, Title: "银行没有回盘：区民政局2026年10月，请向银行催要并在回盘后再对账",
	Body: "3 笔 210.00 元没有结果。", Link: "/bank"}

// A notice that cannot be delivered is tried again later by the same channel, arrives
// once, and stands in the console all the time.
func TestDelivery(t *testing.T) {
	t.Parallel()
	o := openOffice(t, clock(11, 10, 12, 0))
	post := openPostOffice(t)
	post.set(func() { post.refuse = 2 })
	var mu sync.Mutex
	var hooks []hook
	refuse := 1
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		var h hook
		if err := json.NewDecoder(r.Body).Decode(&h); err != nil || r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%s %v, %v", r.Method, r.Header, err)
		}
		if refuse--; refuse >= 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		hooks = append(hooks, h)
	}))
	t.Cleanup(web.Close)
	o.out = Delivery{SMTP: post.smtp(), Webhook: web.URL + "/token-of-ours"}
	o.leave(aNotice)
	a, b := o.server(o.noting()), o.server(o.noting())
	look := func(at time.Time) {
		o.set(at)
		var together sync.WaitGroup
		for _, s := range []*Scheduler{a, b} {
			together.Go(func() {
				if err := s.deliver(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		together.Wait()
	}
	states := func() (all []string) {
		sent, err := calendar.DeliveryStates(t.Context(), o.db, region, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range sent {
			all = append(all, fmt.Sprintf("%s %s %d %s", d.Channel, d.State, d.Tries, strings.ReplaceAll(d.Error, `"`, "")))
		}
		return all
	}
	for _, c := range []struct {
		at   time.Time
		want []string
	}{
		{clock(11, 10, 12, 0), []string{"smtp waiting 1 send failed: closing SMTP DATA writer: 451 come again later, ********", "webhook waiting 1 webhook answered 503"}},
		{clock(11, 10, 12, 0), []string{"smtp waiting 1 send failed: closing SMTP DATA writer: 451 come again later, ********", "webhook waiting 1 webhook answered 503"}}, // its time has not come
		{clock(11, 10, 12, 1), []string{"smtp waiting 2 send failed: closing SMTP DATA writer: 451 come again later, ********", "webhook sent 2 "}},
		{clock(11, 10, 12, 3), []string{"smtp sent 3 ", "webhook sent 2 "}},
		{clock(11, 12, 12, 3), []string{"smtp sent 3 ", "webhook sent 2 "}},
	} {
		look(c.at)
		if diff := cmp.Diff(c.want, states()); diff != "" {
			t.Errorf("at %s (-want +got):\n%s", c.at, diff)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(hooks) != 1 || hooks[0].Title != aNotice.Title || hooks[0].Text != aNotice.Body || hooks[0].Region != region || hooks[0].Bureau != "区民政局" || hooks[0].ID == 0 {
		t.Errorf("hooks %+v", hooks)
	}
	checkMail(t, post)
	if all := o.notices(calendar.Reader{}); len(all) != 1 {
		t.Errorf("notices %+v", all)
	}
	o.nowhere("token-of-ours")
	o.nowhere(secret)
}

func checkMail(t *testing.T, post *postOffice) {
	t.Helper()
	all := post.received()
	if len(all) != 1 {
		t.Fatalf("%d mails", len(all))
	}
	m, err := mail.ReadMessage(strings.NewReader(all[0]))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	body, _ := io.ReadAll(base64.NewDecoder(base64.StdEncoding, m.Body))
	if err != nil || subject != aNotice.Title || string(body) != "区民政局经办：3 笔 210.00 元没有结果。\n" || !strings.HasPrefix(m.Header.Get("Message-Id"), "<notice-140213-") {
		t.Errorf("subject %q, body %q, headers %v, %v", subject, body, m.Header, err)
	}
	for line := range strings.SplitSeq(all[0], "\r\n") {
		if len(line) > 998 || strings.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("line %q", line)
		}
	}
	post.mu.Lock()
	defer post.mu.Unlock()
	if m.Header.Get("User-Agent") != "" || m.Header.Get("X-Mailer") != "" || post.greeting != "EHLO localhost" {
		t.Errorf("says what wrote it, and where: %v, %q", m.Header, post.greeting)
	}
	if len(post.to) < 2 {
		t.Errorf("recipients %v", post.to)
	}
}

// The scheduler delivers by itself what a job leaves.
func TestSchedulerDelivers(t *testing.T) {
	t.Parallel()
	o := openOffice(t, clock(11, 10, 12, 0))
	post := openPostOffice(t)
	o.out = Delivery{SMTP: post.smtp()}
	s := o.server(Work{Audit: func(_ context.Context, t *Task) error { t.Notify(aNotice); return nil }})
	o.start(s)
	if _, err := s.RunNow(t.Context(), Audit, 0, o.by()); err != nil {
		t.Fatal(err)
	}
	o.ended(Audit, 1)
	o.tick(s)
	o.await("the mail", func() bool { return len(post.received()) == 1 })
}

// Servers that say nothing, or are not there, hold nobody up, and are given up in the end.
func TestDeliveryInVain(t *testing.T) {
	t.Parallel()
	o := openOffice(t, clock(11, 10, 12, 0))
	post := openPostOffice(t)
	post.set(func() { post.silent = true })
	o.out = Delivery{SMTP: post.smtp(), Webhook: "http://127.0.0.1:1/", Timeout: 200 * time.Millisecond}
	o.leave(aNotice)
	s := o.server(o.noting())
	begin := time.Now()
	if err := s.deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > deliveryTimeout-time.Second { // which it takes without our Timeout
		t.Errorf("took %s", took)
	}
	o.out.SMTP.Host = "127.0.0.1:1" // refused at once
	for range mostTries + 2 {
		o.set(o.now().Add(longestWait))
		if err := s.deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	sent, err := calendar.DeliveryStates(t.Context(), o.db, region, 10)
	if err != nil || len(sent) != 2 {
		t.Fatalf("%+v, %v", sent, err)
	}
	for _, d := range sent {
		if d.State != "failed" || d.Tries != mostTries || d.Error == "" {
			t.Errorf("%+v", d)
		}
	}
	if all := o.notices(calendar.Reader{}); len(all) != 1 {
		t.Errorf("notices %+v", all)
	}
}

// Everybody reads what is for their bureau and post, and has it read for themselves.
func TestNoticesAreRead(t *testing.T) {
	t.Parallel()
	o := openOffice(t, clock(11, 10, 12, 0))
	for _, n := range []calendar.Notice{aNotice, {Kind: "任务失败", Post: approval.Manager, Title: "管理的"}, {Kind: "发放日前提醒", Title: "大家的"}} {
		o.leave(n)
		o.set(o.now().Add(time.Second))
	}
	clerk := calendar.Reader{Name: "甲", Bureau: "区民政局", Post: approval.Clerk}
	other := calendar.Reader{Name: "乙", Bureau: "区人社局", Post: approval.Clerk}
	titles := func(r calendar.Reader, unread bool) (all []string) {
		found, err := calendar.Notices(t.Context(), o.db, region, r, unread, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range found {
			all = append(all, n.Title)
		}
		return all
	}
	if diff := cmp.Diff([]string{"大家的", aNotice.Title}, titles(clerk, true)); diff != "" {
		t.Errorf("the clerk's (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"大家的"}, titles(other, true)); diff != "" {
		t.Errorf("another bureau's (-want +got):\n%s", diff)
	}
	first := o.notices(clerk)[1]
	for range 2 {
		if err := calendar.ReadNotice(t.Context(), o.db, region, clerk, first.N, o.now()); err != nil {
			t.Fatal(err)
		}
	}
	if err := calendar.ReadNotice(t.Context(), o.db, region, other, first.N, o.now()); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else's notice is read: %v", err)
	}
	if diff := cmp.Diff([]string{"大家的"}, titles(clerk, true)); diff != "" {
		t.Errorf("unread (-want +got):\n%s", diff)
	}
	if all := o.notices(clerk); len(all) != 2 || !all[1].Read || all[0].Read {
		t.Errorf("%+v", all)
	}
}

func TestSMTPCheck(t *testing.T) {
	t.Parallel()
	good := SMTP{Host: "mail.example.org:587", From: "a@example.org", To: []string{"b@example.org"}, Security: "starttls", User: "u", Password: "p"}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*SMTP){
		"no port":           func(s *SMTP) { s.Host = "mail.example.org" },
		"security":          func(s *SMTP) { s.Security = "yes" },
		"nobody":            func(s *SMTP) { s.To = nil },
		"injected header":   func(s *SMTP) { s.To = []string{"b@example.org\r\nBcc: c@example.org"} },
		"sender":            func(s *SMTP) { s.From = "" },
		"password in clear": func(s *SMTP) { s.Security = "none" },
	} {
		s := good
		change(&s)
		if err := s.Check(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
