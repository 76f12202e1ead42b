package embedded

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"disburse/internal/fault"
)

// frozen stops a backend of dir's server in the middle of its work: it neither
// notices that its postmaster is gone nor answers SIGQUIT, like one that waits
// for a lock of a backend that was killed.
func frozen(t *testing.T, s *Server) int {
	t.Helper()
	busy := make(chan struct{})
	go func() {
		defer close(busy)
		_, _ = trySQL(s, "select pg_sleep(1000)")
	}()
	const asleep = "select pid from pg_stat_activity where query like '%pg_sleep%' and state = 'active' and pid <> pg_backend_pid()"
	pid := 0
	eventually(t, "the statement runs", func() bool {
		pid, _ = strconv.Atoi(sql(t, s, asleep))
		return pid != 0
	})
	t.Cleanup(func() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
		<-busy
	})
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	return pid
}

// leftBehind checks that orphans of a server still hold its lock.
func leftBehind(t *testing.T, dir string, pids ...int) {
	t.Helper()
	acc, err := layout{dir}.account()
	if err != nil {
		t.Fatal(err)
	}
	k := &keeper{at: layout{dir}, acc: acc}
	for _, pid := range pids {
		if !k.holds(pid) {
			t.Fatalf("process %d does not hold the lock", pid)
		}
	}
}

func TestOrphansOfAKilledKeeper(t *testing.T) {
	mustKeep(t, func(dir string, s *Server, p *program) {
		orphan := frozen(t, s)
		killKeeper(t, dir, postmaster(t, dir), p.cmd.Process.Pid)
		leftBehind(t, dir, orphan)
	})
}

// The keeper's death tells the postmaster to shut down. That waits for the backend,
// and is killed in the midst of it.
func TestKeeperKilledBeforeItsPostmaster(t *testing.T) {
	mustKeep(t, func(dir string, s *Server, _ *program) {
		orphan, old := frozen(t, s), postmaster(t, dir)
		killKeeper(t, dir)
		eventually(t, "it shuts down", func() bool {
			_, err := trySQL(s, "select 1")
			return err != nil && strings.Contains(err.Error(), "shutting down")
		})
		sigkill(t, old)
		leftBehind(t, dir, orphan)
	})
}

// A postmaster that does not come to the end of its shutdown is made to.
func TestPostmasterThatCannotStop(t *testing.T) {
	mustKeep(t, func(dir string, s *Server, _ *program) {
		orphan, old := frozen(t, s), postmaster(t, dir)
		killKeeper(t, dir)
		leftBehind(t, dir, orphan, old)
		again := open(t, dir, Options{patience: &patience{Postmaster: 3, Quit: 1, Limit: 30}})
		if now := postmaster(t, dir); now == old {
			t.Errorf("still %d", now)
		}
		closed(t, again)
	})
}

// Under its own keeper the postmaster dies, and a backend neither notices nor answers.
func TestFrozenOrphanOfALivingKeeper(t *testing.T) {
	mustKeep(t, func(dir string, s *Server, _ *program) {
		orphan, old, keeper := frozen(t, s), postmaster(t, dir), keeperPid(t, dir)
		sigkill(t, old)
		leftBehind(t, dir, orphan)
		eventually(t, "a new server", func() bool {
			_, err := trySQL(s, "select 1")
			return err == nil
		})
		if now := keeperPid(t, dir); now != keeper {
			t.Errorf("keeper changed from %d to %d", keeper, now)
		}
	})
}

// stranger starts a program that calls itself name and has file as descriptor 5.
func stranger(t *testing.T, acc account, name string, file *os.File) *exec.Cmd {
	t.Helper()
	dir, err := os.MkdirTemp("", "embedded-stranger-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", sleep, filepath.Join(dir, name)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cmd := exec.Command(filepath.Join(dir, name), "1000")
	cmd.SysProcAttr = acc.process(0)
	cmd.ExtraFiles = []*os.File{nil, nil, file}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd
}

// Who is signalled, and what is said of those who stay.
func TestOnlyHoldersAreEvicted(t *testing.T) {
	t.Parallel()
	at, other := layout{t.TempDir()}, layout{t.TempDir()}
	acc, err := at.account()
	if err != nil {
		t.Fatal(err)
	}
	lock, err1 := at.tryLock(clusterLock)
	otherLock, err2 := other.tryLock(clusterLock)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	defer otherLock.Close()
	k := &keeper{at: at, acc: acc, order: keeperOrder{Patience: patience{Limit: 1}}}
	if _, err := k.lockCluster(); !fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), "另外的程序占用") {
		t.Errorf("locked by no postgres: %v", err)
	}
	of := func(l layout, name string, f *os.File) int { return stranger(t, acc, name, f).Process.Pid }
	elsewhere := of(other, "postgres", otherLock)
	keeper := of(at, "disburse", lock)
	mine := stranger(t, acc, "postgres", lock)
	lock.Close()
	pid := mine.Process.Pid
	eventually(t, "they run", func() bool { return isPostgres(pid) && isPostgres(elsewhere) })
	if got := k.holders(); !slices.Equal(got, []int{pid}) {
		t.Errorf("holders %v, want %d alone", got, pid)
	}
	_, err = k.lockCluster()
	if !fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), fmt.Sprintf("进程 %d 还占着", pid)) {
		t.Errorf("still held: %v", err)
	}
	k.evict(syscall.SIGKILL)
	if err := mine.Wait(); err == nil {
		t.Error("it ended well")
	}
	time.Sleep(10 * pollEvery) // for signals that should not be there
	for _, pid := range []int{elsewhere, keeper} {
		if state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err != nil || strings.Contains(string(state), ") Z ") {
			t.Errorf("process %d was killed: %s %v", pid, state, err)
		}
	}
}

// What the keeper says reaches staff as it is; one that was killed is spoken of too.
func TestKeepersAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		answer keeperAnswer
		want   string
	}{
		{failed(fault.New(fault.Refused, "请先停止它")), "请先停止它"},
		{failed(fmt.Errorf("postgres\nended")), "数据库没有启动成功（postgres ended），请查看日志 L"},
		{keeperAnswer{}, "数据库没有启动成功：启动它的进程中途被结束，请再试一次；仍不行请查看日志 L"},
	} {
		if got := c.answer.fault("L"); got == nil || got.Error() != c.want {
			t.Errorf("%+v: %v, want %s", c.answer, got, c.want)
		}
	}
	if err := (keeperAnswer{Ready: true}).fault("L"); err != nil {
		t.Error(err)
	}
}
