package embedded

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"disburse/internal/fault"
)

// defaultSettings suit an office machine with 4 GB or more that does bulk work
// for a few users. synchronous_commit and fsync keep their defaults, on.
var defaultSettings = map[string]string{
	"listen_addresses":     "", // the Unix socket only
	"max_connections":      "50",
	"shared_buffers":       "256MB",
	"work_mem":             "32MB",
	"maintenance_work_mem": "256MB",
	"effective_cache_size": "1GB",
	"random_page_cost":     "1.1",
	"max_wal_size":         "4GB", // a month's run writes much at once
	"min_wal_size":         "256MB",
	"checkpoint_timeout":   "15min",
	"wal_level":            "minimal", // nobody replicates it, and COPY into a new table writes less
	"max_wal_senders":      "0",
	"jit":                  "off", // costs more than it saves on these statements
	"TimeZone":             "Asia/Shanghai",
	"log_timezone":         "Asia/Shanghai",
	"DateStyle":            "ISO, YMD",
	"lc_messages":          "C",
	"cluster_name":         "disburse",
	// Rows and statements hold personal data; the log shall not.
	"log_error_verbosity":     "terse",
	"log_min_error_statement": "panic",
	"log_checkpoints":         "off",
}

// keeperOrder is what the keeper is told on its standard input.
type keeperOrder struct {
	Dir       string
	Bin       string
	UID, GID  int
	Drop      bool
	Settings  []string // name=value
	Ephemeral bool
	Patience  patience
}

// keeperAnswer is what the keeper says when it has started the server, or not.
// One that was killed says nothing.
type keeperAnswer struct {
	Ready    bool
	Code     fault.Code // with Sentence
	Sentence string     // for staff
	Reason   string     // when it has none
}

func failed(err error) keeperAnswer {
	var f *fault.Fault
	if errors.As(err, &f) {
		return keeperAnswer{Code: f.Code, Sentence: f.Sentence}
	}
	return keeperAnswer{Reason: oneLine(err.Error())}
}

// fault is nil when the server is ready.
func (a keeperAnswer) fault(log string) error {
	switch {
	case a.Ready:
		return nil
	case a.Sentence != "":
		return fault.New(a.Code, "%s", a.Sentence)
	case a.Reason != "":
		return fault.Wrap(errors.New(a.Reason), fault.Internal, "数据库没有启动成功（%s），请查看日志 %s", a.Reason, log)
	}
	return fault.New(fault.Internal, "数据库没有启动成功：启动它的进程中途被结束，请再试一次；仍不行请查看日志 %s", log)
}

// start makes the cluster when there is none and starts the keeper with the
// server. It needs the exclusive server.lock, which the keeper inherits.
func start(ctx context.Context, at layout, lock *os.File, opts Options) error {
	acc, err := at.account()
	if err != nil {
		return err
	}
	major, err := at.clusterMajor()
	if err != nil {
		return err
	}
	in, err := findInstallation(ctx, major)
	if err != nil {
		return err
	}
	settings := maps.Clone(defaultSettings)
	maps.Copy(settings, opts.Settings)
	if major == 0 {
		opts.Log("正在初始化数据库…")
		if err := at.makeCluster(ctx, in, acc, settings["fsync"] != "off"); err != nil {
			return err
		}
	}
	order := keeperOrder{Dir: at.dir, Bin: in.dir, UID: acc.uid, GID: acc.gid, Drop: acc.drop, Ephemeral: opts.Ephemeral, Patience: usualPatience}
	if opts.patience != nil {
		order.Patience = *opts.patience
	}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		order.Settings = append(order.Settings, name+"="+settings[name])
	}
	return startKeeper(ctx, order, lock, opts.Log)
}

// startKeeper starts our own program as keeper and waits until it says that the
// server is up, or why not.
func startKeeper(ctx context.Context, order keeperOrder, lock *os.File, log func(string)) error {
	text, err := json.Marshal(order)
	if err != nil {
		return fmt.Errorf("encode keeper's order: %w", err)
	}
	said, says, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make pipe to keeper: %w", err)
	}
	defer said.Close()
	cmd := &exec.Cmd{
		Path:        "/proc/self/exe", // ourselves, even when the file has been replaced since
		Args:        []string{keeperName, order.Dir},
		Dir:         "/",
		Env:         serverEnv(), // ours may hold passwords, and it may live long
		Stdin:       bytes.NewReader(text),
		ExtraFiles:  []*os.File{lock, says},
		SysProcAttr: &syscall.SysProcAttr{Setsid: true}, // outlives us and our terminal
	}
	err = cmd.Start()
	says.Close()
	if err != nil {
		return fmt.Errorf("start keeper of the database: %w", err)
	}
	go func() { _ = cmd.Wait() }() // so that it leaves no zombie while we live

	answers := make(chan keeperAnswer, 1)
	go func() {
		var answer keeperAnswer
		_ = json.NewDecoder(said).Decode(&answer) // nothing, when it was killed
		answers <- answer
	}()
	slow := time.After(worthTelling)
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx) // the keeper stops when users.lock is let go
		case <-slow:
			log("正在启动数据库（上次没有正常关闭时需要先恢复）…")
		case answer := <-answers:
			return answer.fault(layout{order.Dir}.path(logName))
		}
	}
}

// worthTelling is how long a start may take before it is spoken of; 0.1 s is usual.
const worthTelling = 2 * time.Second
