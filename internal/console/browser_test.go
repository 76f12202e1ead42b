package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// chromium is one browser for all tests of the package; each window has its own cookies.
var chromium = sync.OnceValues(func() (context.Context, error) {
	path := ""
	for _, p := range []string{"/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"} {
		if _, err := os.Stat(p); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		return nil, fmt.Errorf("no Chromium: run scripts/setup.sh tests")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.WindowSize(1366, 768), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "zh-CN"), chromedp.Flag("hide-scrollbars", true))
	allocated, _ := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(allocated)
	return ctx, chromedp.Do(ctx) // starts it
})

// window is a browser window of one user. Anything that a page says on the browser's
// console, and any violation of the content policy, fails the test when it ends.
type window struct {
	t    testing.TB
	site *site
	ctx  context.Context

	mu       sync.Mutex
	said     []string
	expected []string
}

// openWindow opens a window and logs the user in.
func (s *site) openWindow(name string) *window {
	s.t.Helper()
	parent, err := chromium()
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	w := &window{t: s.t, site: s, ctx: ctx}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1366, 768)); err != nil {
		s.t.Fatal(err)
	}
	w.listen()
	s.t.Cleanup(func() {
		w.quiet()
		cancel()
	})
	if name != "" {
		w.open("/login")
		w.fill("input[name=name]", name)
		w.fill("input[name=password]", sitePassword)
		w.click("button.main")
		w.wait(".side")
	}
	return w
}

func (w *window) listen() {
	calls := chromedp.Events(w.ctx, runtime.ConsoleAPICalled)
	thrown := chromedp.Events(w.ctx, runtime.ExceptionThrown)
	entries := chromedp.Events(w.ctx, log.EntryAdded)
	note := func(format string, args ...any) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.said = append(w.said, fmt.Sprintf(format, args...))
	}
	asked := chromedp.Events(w.ctx, page.JavascriptDialogOpening)
	go func() { // 确定
		for _, err := range asked {
			if err != nil {
				return
			}
			if _, err := chromedp.Call(w.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true}); err != nil {
				note("dialog: %v", err)
			}
		}
	}()
	go func() {
		for e, err := range calls {
			if err != nil {
				return
			}
			for _, a := range e.Args {
				note("console.%s: %s", e.Type, a.Value)
			}
		}
	}()
	go func() {
		for e, err := range thrown {
			if err != nil {
				return
			}
			note("exception: %s", e.ExceptionDetails.Text)
		}
	}()
	go func() {
		for e, err := range entries {
			if err != nil {
				return
			}
			if e.Entry.Level != log.EntryLevelVerbose { // advice, not a mistake
				note("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
			}
		}
	}()
}

// expects names a message of the browser that is no mistake, such as the 403 that a test
// provokes.
func (w *window) expects(part string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.expected = append(w.expected, part)
}

// quiet fails the test over what the browser had to say.
func (w *window) quiet() {
	w.mu.Lock()
	defer w.mu.Unlock()
said:
	for _, s := range w.said {
		for _, e := range w.expected {
			if strings.Contains(s, e) {
				continue said
			}
		}
		w.t.Errorf("the browser says %s", s)
	}
}

// do runs steps that must come to an end.
func (w *window) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 120*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		text, _ := chromedp.Run(w.ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText.slice(0, 1500)`))
		w.t.Fatalf("%s: %v\n%s", what, err, text)
	}
}

func (w *window) open(path string) {
	w.t.Helper()
	w.do("open "+path, chromedp.Navigate(w.site.http.URL+path))
}

func (w *window) wait(selector string) {
	w.t.Helper()
	w.do("wait for "+selector, chromedp.WaitVisible(chromedp.CSS(selector)))
}

func (w *window) click(selector string) {
	w.t.Helper()
	w.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// press clicks the button or link with this text.
func (w *window) press(text string) {
	w.t.Helper()
	w.do("press "+text, chromedp.Click(chromedp.Search(`//button[normalize-space()="`+text+`"] | //a[normalize-space()="`+text+`"]`)))
}

func (w *window) fill(selector, text string) {
	w.t.Helper()
	quoted, _ := json.Marshal(selector)
	w.do("fill "+selector, chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%s).value = ""`, quoted)),
		chromedp.SendKeys(chromedp.CSS(selector), text))
}

// choose picks the option with this text.
func (w *window) choose(selector, option string) {
	w.t.Helper()
	s, _ := json.Marshal(selector)
	o, _ := json.Marshal(option)
	if !evaluate[bool](w, fmt.Sprintf(`(function (s, o) { for (const x of s.options) if (x.text === o) { s.value = x.value; s.dispatchEvent(new Event("change", {bubbles: true})); return true; } return false; })(document.querySelector(%s), %s)`, s, o)) {
		w.t.Fatalf("%s does not offer %s", selector, option)
	}
}

func (w *window) file(selector, path string) {
	w.t.Helper()
	w.do("choose "+path, chromedp.SetUploadFiles(chromedp.CSS(selector), []string{path}))
}

// text is what a person reads in the first element of the selector.
func (w *window) text(selector string) string {
	w.t.Helper()
	quoted, _ := json.Marshal(selector)
	return evaluate[string](w, fmt.Sprintf(`(document.querySelector(%s) || {innerText: ""}).innerText`, quoted))
}

// says waits until the page shows the words.
func (w *window) says(words ...string) {
	w.t.Helper()
	for _, word := range words {
		quoted, _ := json.Marshal(word)
		found := false
		for range 2400 {
			if found = evaluate[bool](w, fmt.Sprintf(`!!document.body && document.body.innerText.includes(%s)`, quoted)); found {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if !found {
			w.t.Fatalf("the page does not say %q:\n%s", word, w.text("body"))
		}
	}
}

// follow waits until work has led to a page that says the word. Work that ended before its
// page was shown leads on by a link, other work by itself.
func (w *window) follow(word string) {
	w.t.Helper()
	for range 1200 {
		text := w.text("main")
		if strings.Contains(text, word) {
			return
		}
		if strings.Contains(text, "查看") && !strings.Contains(text, "可以离开这一页") && evaluate[bool](w, `location.pathname.startsWith("/work/")`) {
			w.press("查看")
		}
		time.Sleep(100 * time.Millisecond)
	}
	w.t.Fatalf("the work does not lead to %q:\n%s", word, w.text("body"))
}

func evaluate[T any](w *window, script string) T {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 120*time.Second)
	defer cancel()
	x, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		// A page that is just being left has nothing to evaluate in; once is enough.
		time.Sleep(200 * time.Millisecond)
		if x, err = chromedp.Run(ctx, chromedp.Evaluate[T](script)); err != nil {
			w.t.Fatalf("%s: %v", script, err)
		}
	}
	return x
}

// shoot keeps a picture of the window for README and manual when DISBURSE_SHOTS names
// a folder; it always looks at the page with axe.
func (w *window) shoot(name string) {
	w.t.Helper()
	w.accessible(name)
	dir := os.Getenv("DISBURSE_SHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// printed keeps the page as it comes out of a printer, like shoot.
func (w *window) printed(name string) {
	w.t.Helper()
	pdf, err := chromedp.Run(w.ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	if err != nil || len(pdf) < 1000 {
		w.t.Fatalf("print: %d bytes, %v", len(pdf), err)
	}
	if dir := os.Getenv("DISBURSE_SHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".pdf"), pdf, 0o644); err != nil {
			w.t.Fatal(err)
		}
	}
}

// axe is the program of Deque that looks for what keeps people out of a page.
var axe = sync.OnceValues(func() (string, error) {
	text, err := os.ReadFile("testdata/axe.min.js")
	return string(text), err
})

// accessible fails the test over serious findings of axe.
func (w *window) accessible(name string) {
	w.t.Helper()
	script, err := axe()
	if err != nil {
		w.t.Fatal(err)
	}
	w.do("load axe", chromedp.Evaluate[chromedp.Void](script+";void 0"))
	w.do("run axe", chromedp.Evaluate[chromedp.Void](`window.axeFound = null; axe.run(document, {resultTypes: ["violations"]}).then(function (r) {
		window.axeFound = JSON.stringify(r.violations.filter(function (v) { return v.impact === "serious" || v.impact === "critical"; })
			.map(function (v) { return v.id + " (" + v.help + "): " + v.nodes.slice(0, 3).map(function (n) { return n.html; }).join(" | "); })); }); void 0`))
	for range 2400 {
		if found := evaluate[string](w, `window.axeFound || ""`); found != "" {
			if found != "[]" {
				w.t.Errorf("axe on %s: %s", name, found)
			}
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	w.t.Fatalf("axe on %s has not ended", name)
}

// download lets the window keep files, clicks, and returns the file's content and name.
func (w *window) download(selector string) (name string, content []byte) {
	w.t.Helper()
	dir := w.t.TempDir()
	_, err := chromedp.Call(w.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir,
		BrowserContextID: chromedp.FromContext(w.ctx).BrowserContextID})
	if err != nil {
		w.t.Fatal(err)
	}
	w.click(selector)
	for range 2400 {
		files, err := os.ReadDir(dir)
		if err != nil {
			w.t.Fatal(err)
		}
		if len(files) == 1 && !strings.HasSuffix(files[0].Name(), ".crdownload") && !strings.HasPrefix(files[0].Name(), ".") {
			content, err := os.ReadFile(filepath.Join(dir, files[0].Name()))
			if err != nil {
				w.t.Fatal(err)
			}
			return files[0].Name(), content
		}
		time.Sleep(50 * time.Millisecond)
	}
	w.t.Fatalf("clicking %s downloads nothing", selector)
	return "", nil
}

// sendForm fills in a form by its id and sends it, past the browser's own checks.
func (w *window) sendForm(id string, fields map[string]string) {
	w.t.Helper()
	values, _ := json.Marshal(fields)
	quoted, _ := json.Marshal(id)
	problem := evaluate[string](w, fmt.Sprintf(`(function (form, fields) {
		if (!form) return "no such form";
		for (const name in fields) {
			const all = form.querySelectorAll('[name="' + name + '"]');
			if (!all.length) return "no input " + name;
			all[all.length - 1].value = fields[name];
		}
		const first = form.querySelector('[name=ruling]');
		if (first) first.checked = true;
		form.noValidate = true;
		window.setTimeout(function () { HTMLFormElement.prototype.submit.call(form); }, 0);
		return "";
	})(document.getElementById(%s), %s)`, quoted, values))
	if problem != "" {
		w.t.Fatalf("form %s: %s", id, problem)
	}
}
