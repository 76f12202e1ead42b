package kit

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"disburse/internal/fault"
	"disburse/internal/roster"
)

// Terminal is where a command reads and writes, and the environment that it finds. Nothing
// else in the commands touches the process's own, so that tests run several at once.
type Terminal struct {
	Stdin  io.Reader
	Stdout io.Writer // results
	Stderr io.Writer // progress, remarks beside results, why a command failed
	Getenv func(name string) string
}

// ProcessTerminal is the one that the program was started on.
func ProcessTerminal() Terminal {
	return Terminal{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv}
}

// Printf writes a result. Whether it could be written is not looked at, as with fmt.Printf.
func (t *Terminal) Printf(format string, args ...any) {
	_, _ = fmt.Fprintf(t.Stdout, format, args...)
}

// Println writes a line of results.
func (t *Terminal) Println(args ...any) { _, _ = fmt.Fprintln(t.Stdout, args...) }

// Tell writes a sentence about slow steps where it does not mix with results.
func (t *Terminal) Tell(s string) { _, _ = fmt.Fprintln(t.Stderr, s) }

// isTerminal says whether somebody looks at a stream, or types into it.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Secret reads a password out of the file that a flag names, or asks on the terminal.
func (t *Terminal) Secret(prompt, path, flag string) (string, error) {
	if path != "" {
		body, err := os.ReadFile(path)
		if err != nil {
			return "", fault.Wrap(err, fault.NotFound, "读不到口令文件“%s”，请核对 %s 的路径", path, flag)
		}
		return strings.TrimRight(string(body), "\r\n"), nil
	}
	in, ok := t.Stdin.(*os.File)
	if !ok || !isTerminal(in) {
		return "", Usage("请用 %s 给出口令文件（或在终端上运行，由程序询问）", flag)
	}
	_, _ = fmt.Fprint(t.Stderr, prompt)
	body, err := term.ReadPassword(int(in.Fd()))
	_, _ = fmt.Fprintln(t.Stderr)
	return string(body), err
}

// PersonArgument is an ID number, read from standard input where it is -, so that it
// need not stand in the list of processes.
func (t *Terminal) PersonArgument(id string) (string, error) {
	if id == "-" {
		line, err := bufio.NewReader(t.Stdin).ReadString('\n')
		if err != nil && line == "" {
			return "", Usage("标准输入里没有身份证号")
		}
		id = line
	}
	if !utf8.ValidString(id) || strings.Contains(id, "\x00") {
		return "", Usage("身份证号里有不能识别的字符，请重新输入")
	}
	return roster.CleanID(strings.TrimSpace(id)), nil
}

// PrintIndentedJSON writes a value for programs that people look over the shoulder of.
func (t *Terminal) PrintIndentedJSON(value any) error {
	enc := json.NewEncoder(t.Stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}
