package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"disburse/internal/approval"
	"disburse/internal/embedded"
	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/population"
)

// The tests of survival drive the built binary on private databases on a disk, fsync on.
// The binary takes its time from DISBURSE_CLOCK (clock_fixed.go), so that two histories
// can be compared byte by byte.

// The undisturbed history is lived once, for all of them.

// calmly is the undisturbed history.
type calmly struct {
	*scene
	world    *world
	expected map[string]string // everything there is at its end
	mu       sync.Mutex        // held by who counts on nobody else's using the world meanwhile
	dir      string
	server   *embedded.Server
}

func TestMain(m *testing.M) {
	approval.Cheap = true
	code := m.Run()
	if lived {
		if c, err := calm(); err == nil {
			if err := c.server.Close(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = 1
			}
			_ = os.RemoveAll(c.dir)
		}
	}
	os.Exit(code)
}

// lived is set once calm has been asked for.
var lived bool

func undisturbed(t testing.TB) *calmly {
	t.Helper()
	c, err := calm()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var calm = sync.OnceValues(func() (_ *calmly, err error) {
	lived = true
	c := &calmly{}
	if c.dir, err = os.MkdirTemp("", "disburse-survive-"); err != nil {
		return nil, err
	}
	defer func() {
		if err == nil {
			return
		}
		if c.server != nil {
			err = errors.Join(err, c.server.Close())
		}
		_ = os.RemoveAll(c.dir)
	}()
	if c.scene, err = newScene(c.dir); err != nil {
		return nil, err
	}
	c.world = &world{c.scene, filepath.Join(c.dir, "calm")}
	if err := os.Mkdir(c.world.dir, 0o755); err != nil {
		return nil, err
	}
	if c.server, err = embedded.Open(context.Background(), c.world.data(), embedded.Options{}); err != nil {
		return nil, err
	}
	if err := c.world.live(); err != nil {
		return nil, err
	}
	c.expected, err = c.world.everything()
	return c, err
})

// scene is one history: commands in order, with the instants at which they are given.
type scene struct {
	bin   string
	dir   string // of the inputs
	steps []step
}

// step is one command, and what the undisturbed history found of it.
type step struct {
	name string
	args []string
	// before makes an input that depends on what the undisturbed history did.
	before func(*world) error

	from, to int64         // the revision before and after
	took     time.Duration // undisturbed
}

const (
	sceneStart = "2026-11-23T09:00:00+08:00"
	people     = 300
)

// newScene builds the program and writes the inputs into dir: two rosters and a password.
func newScene(dir string) (*scene, error) {
	s := &scene{bin: filepath.Join(dir, "disburse"), dir: dir}
	if out, err := exec.Command("go", "build", "-tags", "fixedclock", "-o", s.bin, ".").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build: %w: %s", err, out)
	}
	p, err := population.Generate(population.Options{People: people, Seed: 7, Month: month.Of(2026, 10)})
	if err != nil {
		return nil, err
	}
	pack, err := policy.Load(policy.Builtin())
	if err != nil {
		return nil, err
	}
	if err := p.WriteRoster(s.in("花名册.xlsx"), pack.Vocabulary(), func(int) {}); err != nil {
		return nil, err
	}
	if err := population.WriteChanges(s.in("变动.xlsx"), p.Changes(month.Of(2026, 10), month.Of(2026, 11))); err != nil {
		return nil, err
	}
	if err := os.WriteFile(s.in("口令.txt"), []byte("一个相当长的口令字2026\n"), 0o600); err != nil {
		return nil, err
	}
	s.write()
	return s, nil
}

func (s *scene) in(name string) string { return filepath.Join(s.dir, name) }

func (s *scene) add(name string, args ...string) *step {
	s.steps = append(s.steps, step{name: name, args: args})
	return &s.steps[len(s.steps)-1]
}

func (s *scene) as(user, name string, args ...string) *step {
	return s.add(name, append(args, "--as", user, "--password-file", s.in("口令.txt"))...)
}

// write is the history: a month paid, half of it answered by the bank, changes, the next
// month approved, voided, run and approved again, the month after computed, all exported.
func (s *scene) write() {
	s.add("import", "roster", "import", s.in("花名册.xlsx"))
	for _, post := range []string{"经办", "复核", "审批"} {
		s.add("user", "user", "add", "甲"+post, "--post", post, "--bureau", minzheng, "--password-file", s.in("口令.txt"))
	}
	s.add("run", "run", "2026-10")
	s.sign("2026-10")
	s.as("甲经办", "sent", "sent", "2026-10", "--bureau", minzheng)
	s.add("result", "bank", "result", s.in("回盘.csv")).before = s.answers
	s.add("import", "roster", "import", s.in("变动.xlsx"))
	s.add("run", "run", "2026-11")
	s.sign("2026-11")
	s.as("甲复核", "void", "void", "2026-11", "--bureau", minzheng, "--reason", "演练")
	s.as("甲审批", "void", "void", "2026-11", "--bureau", minzheng, "--reason", "演练")
	s.add("run", "run", "2026-11")
	s.sign("2026-11")
	s.as("甲经办", "sent", "sent", "2026-11", "--bureau", minzheng)
	s.add("run", "run", "2026-12")
	s.add("export", "export", "2026-10", "--out", "out")
	s.add("export", "export", "2026-11", "--out", "out")
}

func (s *scene) sign(m string) {
	s.as("甲经办", "submit", "submit", m, "--bureau", minzheng, "--acknowledge-all", "--reason", "看过")
	s.as("甲复核", "review", "review", m, "--bureau", minzheng)
	s.as("甲审批", "approve", "approve", m, "--bureau", minzheng)
}

// answers writes a bank's result file: every third payment failed, every fifth unknown.
func (s *scene) answers(w *world) error {
	rows, err := w.query(`SELECT f.number, p.seq, p.account, p.holder, to_char(p.amount / 100.0, 'FM9999990.00')
		FROM payment p JOIN payment_file f USING (region, batch, file) ORDER BY 1, 2`)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	out.WriteString("批次号,序号,账号,户名,金额,结果码,原因\n")
	for i, r := range rows {
		result := "成功,"
		switch {
		case i%3 == 2:
			result = "失败,账号不存在"
		case i%5 == 4:
			result = "未知,"
		}
		fmt.Fprintf(&out, "%s,%s\n", strings.ReplaceAll(r, "|", ","), result)
	}
	return os.WriteFile(s.in("回盘.csv"), out.Bytes(), 0o600)
}

// at is the instant at which step i is given, however often.
func (s *scene) at(i int) string {
	start, err := time.Parse(time.RFC3339, sceneStart)
	if err != nil {
		panic(err)
	}
	return start.Add(time.Duration(i) * 10 * time.Minute).Format(time.RFC3339)
}

// world is one history under way: a database and what was exported from it.
type world struct {
	*scene
	dir string
}

func (s *scene) world(t testing.TB) *world {
	t.Helper()
	w := &world{s, t.TempDir()}
	t.Cleanup(func() { w.settle(t) })
	return w
}

// hold uses the server beside the commands, as serve or a second window does, until the
// test ends: they then find it running, and leave it running when they are killed.
func (w *world) hold(t testing.TB) {
	t.Helper()
	server, err := embedded.Open(t.Context(), w.data(), embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
}

// settle waits until the server of the directory has stopped, so that it can be removed.
func (w *world) settle(t testing.TB) {
	server, err := embedded.Open(context.Background(), w.data(), embedded.Options{})
	if err == nil {
		err = server.Close()
	}
	if err != nil {
		t.Error(err)
	}
}

func (w *world) data() string { return filepath.Join(w.dir, "data") }

// command prepares step i.
func (w *world) command(i int) (*exec.Cmd, *bytes.Buffer) {
	return w.prepare(w.at(i), w.steps[i].args...)
}

func (w *world) prepare(at string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.Command(w.bin, append(args, "--data", w.data())...)
	cmd.Dir = w.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "DISBURSE_CLOCK=" + at}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	return cmd, &said
}

// query asks the database with another client than our own; columns are joined by |, and
// the rows of several questions come one after the other. A database that has not been made
// yet has no rows.
func (w *world) query(sql ...string) ([]string, error) {
	if _, err := os.Stat(filepath.Join(w.data(), "pg", "PG_VERSION")); err != nil {
		return nil, nil
	}
	for range 600 { // a server that recovers says so
		rows, err := w.ask(sql...)
		if err == nil || !unavailable.MatchString(err.Error()) {
			return rows, err
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil, errors.New("the server did not come back")
}

var unavailable = regexp.MustCompile(`starting up|recovery mode|connection to server.*(refused|No such file)|terminat|not yet accepting|closed the connection`)

func (w *world) ask(sql ...string) ([]string, error) {
	server, err := embedded.Open(context.Background(), w.data(), embedded.Options{})
	if err != nil {
		return nil, err
	}
	defer server.Close()
	args := []string{"-XAtq", "-v", "ON_ERROR_STOP=1", "-h", filepath.Join(w.data(), "run"), "-U", "disburse", "-d", "disburse"}
	for _, one := range sql {
		args = append(args, "-c", one)
	}
	out, err := exec.Command("psql", args...).Output()
	if err != nil {
		var said []byte
		if e, ok := err.(*exec.ExitError); ok {
			said = e.Stderr
		}
		return nil, fmt.Errorf("psql: %w: %s", err, said)
	}
	text := strings.TrimRight(string(out), "\n")
	if text == "" {
		return nil, nil
	}
	return strings.Split(text, "\n"), nil
}

// head returns the last revision, 0 before there is one.
func (w *world) head() (int64, error) {
	rows, err := w.query(`SELECT head FROM region`)
	if err != nil && strings.Contains(err.Error(), `"region" does not exist`) {
		return 0, nil
	}
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	var head int64
	_, err = fmt.Sscan(rows[0], &head)
	return head, err
}

// live gives all commands, each once and undisturbed, and notes what each did.
func (w *world) live() error {
	head, err := w.head()
	if err != nil {
		return err
	}
	for i := range w.steps {
		st := &w.steps[i]
		if st.before != nil {
			if err := st.before(w); err != nil {
				return err
			}
		}
		cmd, said := w.command(i)
		began := time.Now()
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%v: %w\n%s", st.args, err, said)
		}
		st.took, st.from = time.Since(began), head
		if head, err = w.head(); err != nil {
			return err
		}
		st.to = head
	}
	return nil
}

func (w *world) mustHead(t testing.TB) int64 {
	t.Helper()
	head, err := w.head()
	if err != nil {
		t.Fatal(err)
	}
	return head
}
