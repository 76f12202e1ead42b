package embedded

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"disburse/internal/fault"
)

func TestOpenMakesAClusterAndKeepsItsData(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "made", ".disburse")
	var said []string
	s := open(t, dir, Options{Log: func(text string) { said = append(said, text) }})
	if !slices.Contains(said, "正在初始化数据库…") {
		t.Errorf("told %q", said)
	}
	for _, c := range []struct{ ask, want string }{
		{"show server_encoding", "UTF8"},
		{"select datctype || ' ' || datcollate from pg_database where datname = 'disburse'", "C.UTF-8 C"},
		{"show timezone", "Asia/Shanghai"},
		{"show fsync", "on"},
		{"show synchronous_commit", "on"},
		{"show listen_addresses", ""},
		{"select current_user", "disburse"},
	} {
		if got := sql(t, s, c.ask); got != c.want {
			t.Errorf("%s: %q, want %q", c.ask, got, c.want)
		}
	}
	checkModes(t, dir)
	sql(t, s, "create table kept as select 42 as n")
	closed(t, s)
	if !stopped(dir) {
		t.Error("server still runs after the only user left")
	}
	said = nil
	s = open(t, dir, Options{Log: func(text string) { said = append(said, text) }})
	if slices.Contains(said, "正在初始化数据库…") {
		t.Errorf("told %q", said)
	}
	if got := sql(t, s, "select n from kept"); got != "42" {
		t.Errorf("kept %q", got)
	}
}

func checkModes(t *testing.T, dir string) {
	t.Helper()
	for name, want := range map[string]os.FileMode{"": 0o700, clusterName: 0o700, socketsName: 0o700, logName: 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("mode of %q is %v", name, info.Mode())
		}
	}
}

func TestSettingsAndLongPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("很长的目录名", 8), "数据 '\"")
	s := open(t, dir, Options{Settings: map[string]string{"fsync": "off", "work_mem": "7MB"}, Ephemeral: true})
	if got := sql(t, s, "show work_mem"); got != "7MB" {
		t.Errorf("work_mem %q", got)
	}
	if got := sql(t, s, "show fsync"); got != "off" {
		t.Errorf("fsync %q", got)
	}
	if !strings.HasPrefix(s.host, "/proc/self/fd/") {
		t.Errorf("socket in %q, over %d bytes", s.host, maxSocketPath)
	}
	closed(t, s)
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("ephemeral directory is still there: %v", err)
	}
}

func TestTheSecondProcessOutlivesTheFirst(t *testing.T) {
	t.Parallel()
	dir := withCluster(t)
	first := launch(t, dir, nil).opened()
	second := open(t, dir, Options{})
	pid := postmaster(t, dir)
	first.leave()
	sql(t, second, "select 1")
	if now := postmaster(t, dir); now != pid {
		t.Errorf("server changed from %d to %d", pid, now)
	}
	closed(t, second)
	if !stopped(dir) {
		t.Error("server still runs after the last user left")
	}
}

func TestManyProcessesAtOnceOnANewDirectory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	programs := make([]*program, 4)
	for i := range programs {
		programs[i] = launch(t, dir, nil)
	}
	for _, p := range programs {
		p.opened()
	}
	s := open(t, dir, Options{})
	sql(t, s, "select 1")
	for _, p := range programs {
		p.leave()
	}
	sql(t, s, "select 1")
}

// Whoever comes while the last user leaves gets a working server, be it the old
// one or a new one.
func TestComingWhileTheLastLeaves(t *testing.T) {
	t.Parallel()
	dir := withCluster(t)
	last := open(t, dir, Options{})
	for range 8 {
		var leaving sync.WaitGroup
		leaving.Go(func() { closed(t, last) })
		next := open(t, dir, Options{})
		leaving.Wait()
		sql(t, next, "select 1")
		last = next
	}
}

func TestOrdinaryUser(t *testing.T) {
	t.Parallel()
	base, err := os.MkdirTemp("", "embedded-user-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(base) })
	var attr *syscall.SysProcAttr
	if os.Geteuid() == 0 {
		const nobody = 65534
		attr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		if err := os.Chown(base, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(base, "data")
	p := launch(t, dir, attr).opened()
	info, err := os.Stat(filepath.Join(dir, clusterName))
	if err != nil {
		t.Fatal(err)
	}
	if attr != nil && info.Sys().(*syscall.Stat_t).Uid != attr.Credential.Uid {
		t.Errorf("cluster belongs to %+v", info.Sys())
	}
	// Root attaches to an ordinary user's server, and takes it over when that one leaves.
	s := open(t, dir, Options{})
	p.leave()
	sql(t, s, "create table t as select 1")
	closed(t, s)
	s = open(t, dir, Options{})
	sql(t, s, "table t")
	// The user can come back to a server that root started.
	back := launch(t, dir, attr).opened()
	closed(t, s)
	back.leave()
	if !stopped(dir) {
		t.Error("server still runs")
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wrongVersion := t.TempDir()
	if err := os.Mkdir(filepath.Join(wrongVersion, clusterName), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(wrongVersion, clusterName, "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	badSetting := Options{Settings: map[string]string{"work_mem": "plenty"}}
	for _, c := range []struct {
		name, dir, want string
		opts            Options
	}{
		{"a file", file, "不是目录", Options{}},
		{"below a file", filepath.Join(file, "x"), "不能使用数据目录", Options{}},
		{"another version", wrongVersion, "请安装 PostgreSQL 9", Options{}},
		{"a setting PostgreSQL refuses", withCluster(t), "work_mem", badSetting},
	} {
		_, err := Open(t.Context(), c.dir, c.opts)
		var f *fault.Fault
		if !errors.As(err, &f) || !strings.Contains(f.Sentence, c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestOthersDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o000); err != nil {
		t.Fatal(err)
	}
	var attr *syscall.SysProcAttr
	if os.Geteuid() == 0 {
		attr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	if line := launch(t, dir, attr).line(); !strings.Contains(line, "无权使用数据目录") {
		t.Errorf("program says %q", line)
	}
}

func TestMissingPostgreSQL(t *testing.T) {
	t.Setenv(BinEnv, t.TempDir())
	_, err := Open(t.Context(), t.TempDir(), Options{})
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("%v, want a fault about %s", err, BinEnv)
	}
	// Nothing in PATH and in no usual place.
	t.Setenv(BinEnv, "")
	t.Setenv("PATH", t.TempDir())
	usual := binPlaces
	binPlaces = []string{filepath.Join(t.TempDir(), "*")}
	defer func() { binPlaces = usual }()
	_, err = Open(t.Context(), t.TempDir(), Options{})
	if !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "postgresql-15") {
		t.Errorf("%v, want the name of the package", err)
	}
}

func TestOpenObeysItsContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	// Cancelled while initdb runs, and while another holds the directory.
	_, err := Open(ctx, dir, Options{Log: func(string) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled during initdb: %v", err)
	}
	users, err := layout{dir}.tryLock(usersLock)
	if err != nil {
		t.Fatal(err)
	}
	defer users.Close()
	_, err = Open(ctx, dir, Options{})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled while waiting: %v", err)
	}
}
