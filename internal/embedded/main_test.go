package embedded

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const helperEnv = "EMBEDDED_TEST_HELPER"

// TestMain lets the test binary play a second program that uses the database:
// it opens the directory in helperEnv, says so, and leaves at the end of its input.
func TestMain(m *testing.M) {
	dir := os.Getenv(helperEnv)
	if dir == "" {
		code := m.Run()
		if modelBase != "" {
			os.RemoveAll(modelBase)
		}
		os.Exit(code)
	}
	s, err := Open(context.Background(), dir, Options{})
	if err != nil {
		fmt.Println("fault", err)
		os.Exit(1)
	}
	fmt.Println("open")
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := s.Close(); err != nil {
		fmt.Println("fault", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// model is a directory with a cluster that tests copy: initdb takes a second.
var model = sync.OnceValues(func() (string, error) {
	var err error
	if modelBase, err = os.MkdirTemp("", "embedded-model-"); err != nil {
		return "", err
	}
	dir := filepath.Join(modelBase, "data")
	s, err := Open(context.Background(), dir, Options{})
	if err != nil {
		return "", err
	}
	return dir, s.Close()
})

var modelBase string // what TestMain removes

// withCluster returns a new directory that holds a cluster, not running.
func withCluster(t *testing.T) string {
	t.Helper()
	from, err := model()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if out, err := exec.Command("cp", "-a", filepath.Join(from, clusterName), dir).CombinedOutput(); err != nil {
		t.Fatalf("copy cluster: %v: %s", err, out)
	}
	return dir
}

// program is such a second program.
type program struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.WriteCloser
	out   *bufio.Reader
}

// launch starts a program on dir, as the user when attr says so.
func launch(t *testing.T, dir string, attr *syscall.SysProcAttr) *program {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), helperEnv+"="+dir)
	cmd.SysProcAttr = attr
	cmd.Stderr = os.Stderr
	stdin, err1 := cmd.StdinPipe()
	stdout, err2 := cmd.StdoutPipe()
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &program{t, cmd, stdin, bufio.NewReader(stdout)}
	t.Cleanup(func() { p.kill() })
	return p
}

// opened waits until the program has the database open.
func (p *program) opened() *program {
	p.t.Helper()
	if line := p.line(); line != "open" {
		p.t.Fatalf("program says %q", line)
	}
	return p
}

func (p *program) line() string {
	line, _ := p.out.ReadString('\n')
	return strings.TrimSpace(line)
}

// leave ends the program in the regular way.
func (p *program) leave() {
	p.t.Helper()
	p.stdin.Close()
	if err := p.cmd.Wait(); err != nil {
		p.t.Fatalf("program: %v", err)
	}
}

func (p *program) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

func open(t *testing.T, dir string, opts Options) *Server {
	t.Helper()
	s, err := Open(t.Context(), dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, s) })
	return s
}

func closed(t *testing.T, s *Server) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// sql runs a statement with psql, another client than our own.
func sql(t *testing.T, s *Server, statement string) string {
	t.Helper()
	out, err := trySQL(s, statement)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func trySQL(s *Server, statement string) (string, error) {
	in, err := findInstallation(context.Background(), 0)
	if err != nil {
		return "", err
	}
	host := s.host
	if s.sockets != nil {
		host = "/proc/self/fd/3" // psql's own, of the same directory
	}
	cmd := exec.Command(filepath.Join(in.dir, "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", host, "-U", owner, "-d", database, "-c", statement)
	cmd.Env = serverEnv()
	cmd.ExtraFiles = []*os.File{s.sockets}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%q: %w: %s", statement, err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// eventually waits until ok, for at most about a minute.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 6000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("it never came to this: %s", what)
}

// postmaster returns the pid of the running server.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	pid, err := layout{dir}.readPidFile()
	if err != nil {
		t.Fatal(err)
	}
	return pid.pid
}

// keeperPid returns the pid of the running keeper.
func keeperPid(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, serverLock))
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		t.Fatal(err)
	}
	return pid
}

// killKeeper kills it, and others with it, and waits until it is gone; a server
// attached to before that would go away a moment later.
func killKeeper(t *testing.T, dir string, others ...int) {
	t.Helper()
	sigkill(t, append([]int{keeperPid(t, dir)}, others...)...)
	eventually(t, "the keeper is gone", func() bool {
		lock, err := layout{dir}.tryLock(serverLock)
		if err == nil {
			release(lock)
		}
		return err == nil
	})
}

// stopped reports that neither a keeper nor any process of a server is left.
func stopped(dir string) bool {
	for _, name := range []string{serverLock, clusterLock} {
		lock, err := layout{dir}.tryLock(name)
		if err != nil {
			return false
		}
		release(lock)
	}
	return true
}
