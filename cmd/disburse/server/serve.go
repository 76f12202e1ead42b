package server

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/admin"
	"disburse/cmd/disburse/kit"
	"disburse/internal/console"
	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/postgres"
	"disburse/internal/store/users"
	"disburse/jobs"
)

// serveFlags are the flags of `serve`.
type serveFlags struct {
	listen       string
	cert, key    string
	proxied      bool
	plain        bool
	metricsToken string // a file
	public       []string
}

// How long a browser may take, beside the pace of what it sends.
const (
	headTime   = 10 * time.Second
	answerTime = 5 * time.Minute
	idleTime   = 2 * time.Minute
	closeTime  = 20 * time.Second
)

// Command is serve.
func Command(a *kit.App) *cobra.Command {
	var f serveFlags
	c := a.Beginning("serve", "启动控制台和日历", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return serve(ctx, a, &f)
	})
	c.Long = "启动网页控制台，并按日历运行定时任务。缺省只供本机使用（http://127.0.0.1:8080）。\n" +
		"供其他电脑使用时，用 --tls-cert、--tls-key 给出证书，或放在代理后面（--behind-proxy）。"
	c.Flags().StringVar(&f.listen, "listen", "127.0.0.1:8080", "监听的地址和端口")
	c.Flags().StringVar(&f.cert, "tls-cert", "", "证书文件（PEM）")
	c.Flags().StringVar(&f.key, "tls-key", "", "证书私钥文件（PEM）")
	c.Flags().BoolVar(&f.proxied, "behind-proxy", false, "前面有负责 https 的代理：相信它写的 X-Forwarded-For")
	c.Flags().BoolVar(&f.plain, "plain-http", false, "不加密也对其他电脑开放（只用于隔离的网络：口令会以明文经过网络）")
	c.Flags().StringArrayVar(&f.public, "public-url", nil, "别的电脑打开控制台的地址，如 https://fafang.example.gov.cn（可写多次）；写别的主机名的请求不答复")
	c.Flags().StringVar(&f.metricsToken, "metrics-token-file", "", "存有 /metrics 令牌的文件；没有时只有本机能读")
	return c
}

func serve(ctx context.Context, a *kit.App, f *serveFlags) error {
	if err := f.safe(); err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(a.Stderr, nil))
	o := web.Options{Office: a.Office, Clock: kit.Now, Log: log, Secure: f.cert != "" || f.proxied, Proxied: f.proxied}
	var err error
	if o.MetricsToken, err = secretFile(f.metricsToken, "--metrics-token-file"); err != nil {
		return err
	}
	users, err := users.List(ctx, a.DB, a.Region)
	if err != nil {
		return err
	}
	if len(users) == 0 {
		o.SetupCode = setupCode()
	}
	stop, err := keepCalendar(ctx, a, &o)
	if err != nil {
		return err
	}
	defer stop()
	listener, err := net.Listen("tcp", f.listen)
	if err != nil {
		return fault.Wrap(err, fault.Refused, "不能在 %s 监听，可能已有程序在用这个端口，请换一个：--listen 127.0.0.1:8081", f.listen)
	}
	defer listener.Close()
	if o.Hosts, err = web.HostsOf(listener.Addr().String(), f.public); err != nil {
		return err
	}
	server, err := console.New(o)
	if err != nil {
		return err
	}
	defer server.Close()
	announce(a, f, listener.Addr().String(), o.SetupCode)
	if err := f.run(ctx, listener, server.Handler(), log); err != nil {
		return err
	}
	a.Println("控制台已停止")
	return nil
}

// keepCalendar starts the scheduler on connections of its own, as jobs hold them for long.
// The office serves on while the scheduler stops.
func keepCalendar(ctx context.Context, a *kit.App, o *web.Options) (stop func(), err error) {
	db, err := postgres.Open(ctx, a.Address())
	if err != nil {
		return nil, err
	}
	if o.Jobs, err = admin.Calendar(a); err != nil {
		db.Close()
		return nil, err
	}
	calendar := *o.Jobs
	calendar.DB, calendar.Log = db, o.Log
	if o.Scheduler, err = jobs.New(&calendar); err == nil {
		err = o.Scheduler.Start(ctx)
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return func() {
		rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
		defer cancel()
		if err := o.Scheduler.Stop(rest); err != nil {
			o.Log.Error("calendar not stopped", "error", err.Error())
		}
		db.Close()
	}, nil
}

// safe refuses to send passwords over a network in clear unless that is asked for.
func (f *serveFlags) safe() error {
	if _, err := web.HostsOf("127.0.0.1:8080", f.public); err != nil {
		return kit.Usage("%s", err.Error())
	}
	host, _, err := net.SplitHostPort(f.listen)
	if err != nil {
		return kit.Usage("--listen 应写成 地址:端口，如 127.0.0.1:8080，不能是“%s”", f.listen)
	}
	ip := net.ParseIP(host)
	local := host == "localhost" || (ip != nil && ip.IsLoopback())
	switch {
	case (f.cert == "") != (f.key == ""):
		return kit.Usage("--tls-cert 和 --tls-key 要一起写")
	case len(f.public) == 0 && (!local || f.proxied):
		return kit.Usage("供其他电脑使用时要用 --public-url 写明他们打开的地址，如 --public-url https://fafang.example.gov.cn；写别的主机名的请求不答复")
	case !local && f.cert == "" && !f.proxied && !f.plain:
		return kit.Usage("对其他电脑开放（%s）时口令不能以明文经过网络：请用 --tls-cert、--tls-key 给出证书，或放在代理后面（--behind-proxy）；网络确实隔离的，加 --plain-http", f.listen)
	}
	return nil
}

// announce says where the console is, and how the first administrator gets in.
func announce(a *kit.App, f *serveFlags, address, code string) {
	scheme := "http"
	if f.cert != "" {
		scheme = "https"
	}
	a.Printf("控制台：%s://%s\n", scheme, address)
	if code != "" {
		a.Printf("还没有用户：打开控制台，用启动码 %s 建立第一个管理用户\n", code)
	}
	a.Println("按 Ctrl-C 停止")
}

// run serves until the program is told to stop, then lets requests end.
func (f *serveFlags) run(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{Handler: paced(handler, usualPace), ReadHeaderTimeout: headTime, WriteTimeout: answerTime, IdleTimeout: idleTime,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	ended := make(chan error, 1)
	go func() {
		if f.cert != "" {
			ended <- server.ServeTLS(listener, f.cert, f.key)
			return
		}
		ended <- server.Serve(listener)
	}()
	select {
	case err := <-ended:
		return fault.Wrap(err, fault.Refused, "控制台没有启动成功，请检查证书文件和端口")
	case <-ctx.Done():
	}
	rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	if err := server.Shutdown(rest); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// setupCode is short enough to copy from a terminal, and too long to guess.
func setupCode() string {
	var b [10]byte
	rand.Read(b[:]) // never fails
	s := base32.StdEncoding.EncodeToString(b[:])
	return s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:]
}

// secretFile reads a secret that a flag names the file of.
func secretFile(path, flag string) (string, error) {
	if path == "" {
		return "", nil
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return "", fault.Wrap(err, fault.NotFound, "读不到文件“%s”，请核对 %s 的路径", path, flag)
	}
	s := strings.TrimSpace(string(body))
	if s == "" {
		return "", kit.Usage("文件“%s”（%s）是空的", path, flag)
	}
	return s, nil
}
