package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"disburse/internal/fault"
)

// newCluster starts the name of a cluster that is being made.
const newCluster = clusterName + "-new-"

// initGrace is how long initdb may take to end when it is told to.
const initGrace = 10 * time.Second

// What the server inherits: its two directories, as it sees them, and the lock.
const (
	clusterDir    = "/proc/self/fd/3"
	socketDir     = "/proc/self/fd/4"
	clusterLockAt = 5
)

// clusterMajor returns the major version of the cluster, 0 when there is none.
func (at layout) clusterMajor() (int, error) {
	text, err := os.ReadFile(filepath.Join(at.path(clusterName), "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, at.unusable(err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fault.Wrap(err, fault.Invalid, "数据目录 %s 已损坏（PG_VERSION 无法识别），请从备份恢复", at.path(clusterName))
	}
	return major, nil
}

// makeCluster makes the cluster under a temporary name and renames it when it
// is whole, so an interrupted one is never taken for a cluster. Needs server.lock.
func (at layout) makeCluster(ctx context.Context, in installation, acc account, sync bool) error {
	stale, _ := filepath.Glob(at.path(newCluster + "*"))
	for _, dir := range stale {
		_ = os.RemoveAll(dir) // in the way of nothing if it stays
	}
	tmp, err := os.MkdirTemp(at.dir, newCluster)
	if err != nil {
		return at.unusable(err)
	}
	defer os.RemoveAll(tmp)
	dir, err := at.directory(filepath.Base(tmp), acc)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := initialise(ctx, in, acc, dir, sync); err != nil {
		return err
	}
	if err := os.Rename(tmp, at.path(clusterName)); err != nil {
		return fault.Wrap(err, fault.Invalid, "数据目录中的 %s 已存在但不是数据库，请移走它，或用 --data 另指定一个目录", at.path(clusterName))
	}
	parent, err := os.Open(at.dir)
	if err != nil {
		return at.unusable(err)
	}
	defer parent.Close()
	return parent.Sync()
}

// initialise fills the empty directory dir with a cluster that has the database.
func initialise(ctx context.Context, in installation, acc account, dir *os.File, sync bool) error {
	args := []string{
		"-D", clusterDir, "--username=" + owner, "--encoding=UTF8", "--no-instructions",
		"--auth-local=trust", "--auth-host=reject", // the directory's mode keeps others out
		// Sorted by code point, as C.UTF-8 does, but without asking the C library.
		"--locale=C.UTF-8", "--lc-collate=C", "--lc-messages=C",
	}
	if !sync {
		args = append(args, "--no-sync")
	}
	if out, err := runProgram(ctx, in, acc, dir, "", "initdb", args...); err != nil {
		return initFault(ctx, err, out)
	}
	single := []string{"--single", "-D", clusterDir, "-c", "fsync=" + onOff(sync), "-c", "log_min_messages=error", "postgres"}
	out, err := runProgram(ctx, in, acc, dir, "CREATE DATABASE "+database+"\n", "postgres", single...)
	if err != nil || strings.Contains(out, "ERROR:") { // single-user mode goes on after an error
		return initFault(ctx, err, out)
	}
	return nil
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func initFault(ctx context.Context, err error, out string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fault.Wrap(fmt.Errorf("initialise cluster: %w: %s", errors.Join(err, errors.New("see output")), out), fault.Internal,
		"初始化数据库失败（%s），请检查磁盘空间和目录权限", lastLine(out))
}

// runProgram runs one of PostgreSQL's programs to its end with dir as
// descriptor 3, and returns what it printed. Our own death ends it.
func runProgram(ctx context.Context, in installation, acc account, dir *os.File, stdin, name string, args ...string) (string, error) {
	runtime.LockOSThread() // Pdeathsig follows the thread that started it
	defer runtime.UnlockOSThread()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, filepath.Join(in.dir, name), args...)
	cmd.Dir = "/"
	cmd.Env = serverEnv()
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.ExtraFiles = []*os.File{dir}
	// SIGTERM lets them give back their shared memory; what they wrote is of no use.
	cmd.SysProcAttr = acc.process(syscall.SIGTERM)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = initGrace
	err := cmd.Run()
	return out.String(), err
}

// serverEnv is the whole environment of PostgreSQL's programs: PGDATA, LANG and
// their like in ours must not change what they do.
func serverEnv() []string {
	return []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "HOME=/"}
}

// lastLine returns the last line of text that says something.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
