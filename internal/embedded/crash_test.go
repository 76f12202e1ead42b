package embedded

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// These tests keep fsync on and the cluster on disk.

func sigkill(t *testing.T, pids ...int) {
	t.Helper()
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatalf("kill %d: %v", pid, err)
		}
	}
}

// mustKeep runs damage on a server with a committed row and checks that the row
// is there when the directory is opened again.
func mustKeep(t *testing.T, damage func(dir string, s *Server, p *program)) {
	t.Helper()
	t.Parallel()
	dir := withCluster(t)
	p := launch(t, dir, nil).opened()
	s := open(t, dir, Options{})
	sql(t, s, "create table kept as select n from generate_series(1, 10000) as n")
	damage(dir, s, p)
	again := open(t, dir, Options{})
	if got := sql(t, again, "select sum(n) from kept"); got != "50005000" {
		t.Errorf("kept %q", got)
	}
	closed(t, again)
	closed(t, s)
	p.kill()
	eventually(t, "the server stops after its last user", func() bool { return stopped(dir) })
}

func TestKilledProgramLeavesNoServer(t *testing.T) {
	mustKeep(t, func(dir string, s *Server, p *program) {
		closed(t, s)
		sigkill(t, p.cmd.Process.Pid)
		eventually(t, "the server stops", func() bool { return stopped(dir) })
		if _, err := os.Stat(filepath.Join(dir, clusterName, "postmaster.pid")); err == nil {
			t.Error("the server was not shut down in order")
		}
	})
}

func TestKilledPostgresIsStartedAgainForThoseWhoUseIt(t *testing.T) {
	mustKeep(t, func(dir string, s *Server, _ *program) {
		// A backend that does not look up from its work when the postmaster dies.
		busy := make(chan error, 1)
		go func() {
			_, err := trySQL(s, "select count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b")
			busy <- err
		}()
		eventually(t, "the statement runs", func() bool {
			return sql(t, s, "select count(*) from pg_stat_activity where query like '%generate_series%' and state = 'active' and pid <> pg_backend_pid()") == "1"
		})
		old := postmaster(t, dir)
		sigkill(t, old)
		if err := <-busy; err == nil {
			t.Error("a statement of the killed server ended well")
		}
		eventually(t, "a new server", func() bool {
			_, err := trySQL(s, "select 1")
			return err == nil
		})
		if now := postmaster(t, dir); now == old {
			t.Errorf("still %d", now)
		}
	})
}

func TestKilledKeeper(t *testing.T) {
	mustKeep(t, func(dir string, s *Server, _ *program) {
		killKeeper(t, dir)
	})
}

func TestKilledKeeperAndPostgres(t *testing.T) {
	mustKeep(t, func(dir string, s *Server, p *program) {
		killKeeper(t, dir, postmaster(t, dir), p.cmd.Process.Pid)
	})
}

func TestStaleFilesThatNameALivingProcess(t *testing.T) {
	mustKeep(t, func(dir string, s *Server, p *program) {
		pidName := filepath.Join(dir, clusterName, "postmaster.pid")
		text, err := os.ReadFile(pidName)
		if err != nil {
			t.Fatal(err)
		}
		old := postmaster(t, dir)
		killKeeper(t, dir, old, p.cmd.Process.Pid)
		closed(t, s)
		eventually(t, "all are gone", func() bool { return stopped(dir) })
		// As after a power cut, when the number has gone to another program.
		other := os.Getpid()
		stale := strings.Replace(string(text), fmt.Sprint(old), fmt.Sprint(other), 1)
		if err := os.WriteFile(pidName, []byte(stale), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, socketsName, socketName+".lock"), fmt.Appendln(nil, other), 0o600); err != nil {
			t.Fatal(err)
		}
	})
}

func TestInterruptedInitdb(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	making := func() []string {
		found, _ := filepath.Glob(filepath.Join(dir, newCluster+"*", "PG_VERSION"))
		return found
	}
	p := launch(t, dir, nil)
	eventually(t, "initdb is at work", func() bool { return len(making()) == 1 })
	p.kill()
	if _, err := os.Stat(filepath.Join(dir, clusterName)); err == nil {
		t.Fatal("killed too late: the cluster is whole")
	}
	s := open(t, dir, Options{})
	sql(t, s, "select 1")
	if left := making(); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A server that somebody started by hand on our cluster is not ours to stop.
func TestServerStartedByHand(t *testing.T) {
	t.Parallel()
	dir := withCluster(t)
	at := layout{dir}
	acc, err := at.account()
	if err != nil {
		t.Fatal(err)
	}
	in, err := findInstallation(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	// Its user must be able to walk there, since it is named by its path.
	for _, parent := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(parent, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cluster := at.path(clusterName)
	cmd := exec.Command(filepath.Join(in.dir, "postgres"), "-D", cluster, "-k", cluster, "-c", "listen_addresses=")
	cmd.Dir, cmd.Env, cmd.SysProcAttr = "/", serverEnv(), acc.process(0)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it runs", func() bool { pid, err := at.readPidFile(); return err == nil && pid.ready })
	_, err = Open(t.Context(), dir, Options{})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("进程 %d", cmd.Process.Pid)) {
		t.Errorf("opened beside a server started by hand: %v", err)
	}
	sigkill(t, cmd.Process.Pid)
	_ = cmd.Wait()
	open(t, dir, Options{})
}
