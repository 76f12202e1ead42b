package embedded

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	keeperName = "disburse-keeper"

	stepDown    = 60 * time.Second // how long each way of stopping is given
	startLimit  = 5 * time.Minute  // crash recovery of a large month takes time
	maxRestarts = 10
)

// The keeper is this same program under another name, so that one binary is all
// there is to install. It runs before main, and before the tests of a test
// binary, because any program that uses this package can be the one to start it.
func init() {
	if len(os.Args) > 0 && os.Args[0] == keeperName {
		os.Exit(keep())
	}
}

// keeper holds the server of one directory.
type keeper struct {
	at       layout
	order    keeperOrder
	acc      account
	log      *os.File // write end of the pipe into the log
	tail     *boundedLog
	postgres *exec.Cmd
	exited   chan struct{} // closed when postgres has ended
}

// keep is the keeper's whole life. It inherits server.lock as descriptor 3 and a
// pipe to its starter as 4, and reads its order from standard input.
func keep() int {
	runtime.LockOSThread() // postgres is to die with the thread that starts it
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGPIPE)
	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM)
	syscall.CloseOnExec(3)
	syscall.CloseOnExec(4)
	lock, starter := os.NewFile(3, serverLock), os.NewFile(4, "starter")
	defer lock.Close()
	say := json.NewEncoder(starter)

	var order keeperOrder
	if err := json.NewDecoder(os.Stdin).Decode(&order); err != nil {
		_ = say.Encode(failed(err))
		return 1
	}
	k := &keeper{at: layout{order.Dir}, order: order, acc: account{order.UID, order.GID, order.Drop}}
	if err := k.prepare(lock); err != nil {
		_ = say.Encode(failed(err))
		return 1
	}
	unused, err := k.whenUnused()
	if err == nil {
		err = k.start()
	}
	if err != nil {
		_ = say.Encode(failed(err))
		k.stop()
		return 1
	}
	_ = say.Encode(keeperAnswer{Ready: true})
	starter.Close()
	return k.serve(unused, terminate)
}

// prepare writes our pid into server.lock and opens the log.
func (k *keeper) prepare(lock *os.File) error {
	if err := lock.Truncate(0); err != nil {
		return fmt.Errorf("write pid: %w", err)
	}
	if _, err := lock.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0); err != nil {
		return fmt.Errorf("write pid: %w", err)
	}
	if err := becomeSubreaper(); err != nil {
		return err
	}
	var err error
	k.tail, k.log, err = openLog(k.at, k.acc)
	return err
}

// whenUnused returns a channel that is closed once no process uses the server.
// From then on users.lock is ours and keeps new ones waiting until we end.
func (k *keeper) whenUnused() (<-chan struct{}, error) {
	users, err := k.at.openLock(usersLock)
	if err != nil {
		return nil, err
	}
	unused := make(chan struct{})
	go func() {
		for syscall.Flock(int(users.Fd()), syscall.LOCK_EX) == syscall.EINTR {
			continue
		}
		close(unused)
	}()
	return unused, nil
}

// serve keeps the server up until nobody uses it.
func (k *keeper) serve(unused <-chan struct{}, terminate <-chan os.Signal) int {
	for restarts := 0; ; restarts++ {
		select {
		case <-unused:
		case <-terminate:
		case <-k.exited:
			if restarts < maxRestarts {
				k.say("postgres ended unexpectedly, starting it again")
				if err := k.start(); err == nil {
					continue
				} else {
					k.say(err.Error())
				}
			}
			k.stop()
			return 1
		}
		k.stop()
		return 0
	}
}

// start starts postgres and returns when it accepts connections.
func (k *keeper) start() error {
	cluster, err := k.at.directory(clusterName, k.acc)
	if err != nil {
		return err
	}
	defer cluster.Close()
	sockets, err := k.at.directory(socketsName, k.acc)
	if err != nil {
		return err
	}
	defer sockets.Close()
	held, err := k.lockCluster()
	if err != nil {
		return err
	}
	defer held.Close() // postgres has its own copy
	reap()
	if err := k.clearStale(); err != nil {
		return err
	}
	args := []string{"-D", clusterDir, "-k", socketDir, "-c", "unix_socket_permissions=0700"}
	for _, setting := range k.order.Settings {
		args = append(args, "-c", setting)
	}
	cmd := exec.Command(filepath.Join(k.order.Bin, "postgres"), args...)
	cmd.Dir, cmd.Env = "/", serverEnv()
	cmd.Stdout, cmd.Stderr = k.log, k.log
	cmd.ExtraFiles = []*os.File{cluster, sockets, held} // clusterDir, socketDir, clusterLockAt
	cmd.SysProcAttr = k.acc.process(k.stopSignal())
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	k.postgres, k.exited = cmd, exited
	return k.waitReady()
}

// waitReady returns when postmaster.pid names our own child as ready.
func (k *keeper) waitReady() error {
	limit := time.After(startLimit)
	for {
		pid, err := k.at.readPidFile()
		if err == nil && pid.ready && pid.pid == k.postgres.Process.Pid {
			return nil
		}
		select {
		case <-k.exited:
			time.Sleep(pollEvery) // for its last words to arrive
			return fmt.Errorf("postgres ended: %s", k.tail.last())
		case <-limit:
			return fmt.Errorf("postgres is not ready after %s", startLimit)
		case <-time.After(pollEvery / 2):
		}
	}
}

// stopSignal is the fast shutdown, or for a throw-away cluster the immediate one.
func (k *keeper) stopSignal() syscall.Signal {
	if k.order.Ephemeral {
		return syscall.SIGQUIT
	}
	return syscall.SIGINT
}

// stop ends postgres, the harder the longer it takes; the data survive each way.
func (k *keeper) stop() {
	if k.postgres != nil {
		for _, sig := range []syscall.Signal{k.stopSignal(), syscall.SIGQUIT, syscall.SIGKILL} {
			_ = k.postgres.Process.Signal(sig)
			select {
			case <-k.exited:
			case <-time.After(stepDown):
				continue
			}
			break
		}
	}
	if k.order.Ephemeral {
		_ = os.RemoveAll(k.at.dir)
	}
}

func (k *keeper) say(text string) { fmt.Fprintln(k.log, keeperName+": "+oneLine(text)) }

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
