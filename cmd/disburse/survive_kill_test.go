package main

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// victim is who is killed.
type victim string

const (
	program    victim = "program"    // the disburse command
	postmaster victim = "postmaster" // of the private PostgreSQL
	backend    victim = "backend"    // one of its server processes
	keeperProc victim = "keeper"     // the process that keeps it
	bothProcs  victim = "program+postmaster"
)

// pick draws a victim: half of the time the program itself.
func pick(r *rand.Rand) victim {
	return []victim{program, program, program, program, postmaster, postmaster, backend, backend, keeperProc, bothProcs}[r.IntN(10)]
}

// strike kills the victim and reports whether there was one to kill.
func (w *world) strike(v victim, cmd *exec.Cmd, r *rand.Rand) bool {
	switch v {
	case program:
		return kill(cmd.Process.Pid)
	case postmaster:
		return kill(pidIn(filepath.Join(w.data(), "pg", "postmaster.pid")))
	case keeperProc:
		return kill(pidIn(filepath.Join(w.data(), "server.lock")))
	case bothProcs:
		_ = kill(pidIn(filepath.Join(w.data(), "pg", "postmaster.pid"))) // there may be none yet
		return kill(cmd.Process.Pid)
	case backend:
		all := backends(pidIn(filepath.Join(w.data(), "pg", "postmaster.pid")))
		return len(all) > 0 && kill(all[r.IntN(len(all))])
	}
	panic(v)
}

func kill(pid int) bool { return pid > 1 && syscall.Kill(pid, syscall.SIGKILL) == nil }

// pidIn reads the number at the beginning of a file; 0 where there is none, or where the
// process is neither a postgres nor one of ours (a stale file).
func pidIn(file string) int {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return 0
	}
	line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if !bytes.Contains(line, []byte("postgres")) && !bytes.Contains(line, []byte("disburse")) {
		return 0
	}
	return pid
}

// backends lists the server processes that work for a client.
func backends(postmaster int) []int {
	if postmaster == 0 {
		return nil
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", postmaster, postmaster))
	if err != nil {
		return nil
	}
	var found []int
	for _, word := range strings.Fields(string(children)) {
		line, _ := os.ReadFile("/proc/" + word + "/cmdline")
		if bytes.Contains(line, []byte("[local]")) {
			pid, _ := strconv.Atoi(word)
			found = append(found, pid)
		}
	}
	return found
}

// outcome is how a command ended.
type outcome struct {
	code   int // -1: killed
	said   string
	struck bool // the victim was killed while it ran
}

const patience = 3 * time.Minute

// attempt runs step i and kills v after delay; no victim, no kill. A command that hangs is a failure.
func (w *world) attempt(i int, v victim, delay time.Duration, r *rand.Rand) (outcome, error) {
	cmd, said := w.command(i)
	if err := cmd.Start(); err != nil {
		return outcome{}, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	var o outcome
	if v != "" {
		select {
		case <-done:
			return ended(cmd, said, o), nil // too late
		case <-time.After(delay):
			o.struck = w.strike(v, cmd, r)
		}
	}
	select {
	case <-done:
		return ended(cmd, said, o), nil
	case <-time.After(patience):
		_ = cmd.Process.Kill()
		<-done
		return o, fmt.Errorf("%v hangs after %s of %s was killed: %s", w.steps[i].args, v, delay, said)
	}
}

func ended(cmd *exec.Cmd, said *bytes.Buffer, o outcome) outcome {
	o.code, o.said = cmd.ProcessState.ExitCode(), said.String()
	return o
}

// proper says what is wrong with how a command that was not killed itself ended: exit
// status 0, or 1 with a sentence of ours.
func (o outcome) proper() string {
	if o.code == -1 || o.code == exitDone {
		return ""
	}
	if o.code != exitFailed || strings.Contains(o.said, "内部错误") || strings.Contains(o.said, "panic") || strings.Contains(o.said, "goroutine ") {
		return fmt.Sprintf("exit %d: %s", o.code, o.said)
	}
	return ""
}

// torture is one disturbed history.
type torture struct {
	*world
	r      *rand.Rand
	record *record
	left   int // kills that may still be done
}

const maxTries = 12

// history runs all steps, kills at random moments, and retries. share is the part of the
// first tries of a step that are killed.
func (k *torture) history(share float64) error {
	for i := range k.steps {
		if err := k.step(i, share); err != nil {
			return fmt.Errorf("step %d (%s): %w", i+1, k.steps[i].name, err)
		}
	}
	return nil
}

// step gives a command until it has done its work. After each try either everything of it
// is there or nothing; a try after that must be refused, or change nothing.
func (k *torture) step(i int, share float64) error {
	st := &k.steps[i]
	for try := range maxTries {
		v := victim("")
		if k.left > 0 && k.r.Float64() < share*math.Pow(0.7, float64(try)) {
			v = pick(k.r)
		}
		delay := time.Duration((0.05 + k.r.Float64()) * float64(st.took))
		o, err := k.attempt(i, v, delay, k.r)
		if err != nil {
			return err
		}
		if o.struck {
			k.left--
		}
		head, err := k.head()
		if err != nil {
			return err
		}
		k.record.note(st.name, v, o, try, st.to > st.from && head == st.to)
		if wrong := o.proper(); wrong != "" {
			return fmt.Errorf("%s killed after %s: %s", v, delay, wrong)
		}
		switch {
		case head != st.from && head != st.to:
			return fmt.Errorf("%s killed after %s: revision %d, neither %d nor %d", v, delay, head, st.from, st.to)
		case o.code == exitDone && head != st.to:
			return fmt.Errorf("%s killed after %s: done, and nothing is there: %s", v, delay, o.said)
		case o.code == exitDone:
			return nil
		case head == st.to && st.to > st.from:
			return k.again(i)
		case !o.struck:
			return fmt.Errorf("try %d, not killed: %s", try+1, o.said)
		}
	}
	return fmt.Errorf("not done in %d tries", maxTries)
}

// again gives a command once more whose work was there when it was killed. Only run is
// left out: a second run is a second entry of the journal, rightly.
func (k *torture) again(i int) error {
	st := &k.steps[i]
	if st.name == "run" {
		return nil
	}
	o, err := k.attempt(i, "", 0, k.r)
	if err != nil {
		return err
	}
	head, err := k.head()
	if err != nil {
		return err
	}
	if wrong := o.proper(); wrong != "" || head != st.to {
		return fmt.Errorf("given again after it was done: revision %d, expected %d: %s %s", head, st.to, wrong, o.said)
	}
	return nil
}

// TestKilledAtAnyMoment is the short campaign, and with DISBURSE_KILLS=n one of n kills
// whose record is written to DISBURSE_RECORD. DISBURSE_SEED repeats one.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	kills, seed := 15, uint64(time.Now().UnixNano())
	for name, into := range map[string]func(uint64){"DISBURSE_KILLS": func(n uint64) { kills = int(n) }, "DISBURSE_SEED": func(n uint64) { seed = n }} {
		if s := os.Getenv(name); s != "" {
			n, err := strconv.ParseUint(s, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			into(n)
		}
	}
	calm := undisturbed(t)
	s, expected := calm.scene, calm.expected
	rec := newRecord(seed, s)
	r := rand.New(rand.NewPCG(seed, 0))
	for kills-rec.kills > 0 {
		rec.histories++
		k := &torture{s.world(t), r, rec, kills - rec.kills}
		if rec.histories%4 != 0 { // every fourth history starts and stops the server with each command
			k.hold(t)
		}
		if err := k.history(0.9); err != nil {
			rec.failure(k.world, "history %d: %v", rec.histories, err)
			rec.write(t)
			t.Fatalf("seed %d, history %d: %v", seed, rec.histories, err)
		}
		found, err := k.everything()
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range differences(expected, found) {
			rec.failure(k.world, "history %d: %s", rec.histories, d)
			t.Errorf("seed %d, history %d: %s", seed, rec.histories, d)
		}
		if err := k.sound(); err != nil {
			rec.failure(k.world, "history %d: %v", rec.histories, err)
			t.Errorf("seed %d, history %d: %v", seed, rec.histories, err)
		}
		rec.write(t)
	}
	t.Logf("seed %d: %d kills, %d retries, %d histories", seed, rec.kills, rec.retries, rec.histories)
}
