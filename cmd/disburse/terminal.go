package main

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

// terminal is where a command reads and writes, and the environment that it finds. Nothing
// else in the commands touches the process's own, so that tests run several at once.
type terminal struct {
	stdin  io.Reader
	stdout io.Writer // results
	stderr io.Writer // progress, remarks beside results, why a command failed
	getenv func(name string) string
}

// processTerminal is the one that the program was started on.
func processTerminal() terminal {
	return terminal{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv}
}

// printf writes a result. Whether it could be written is not looked at, as with fmt.Printf.
func (t *terminal) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(t.stdout, format, args...)
}

// println writes a line of results.
func (t *terminal) println(args ...any) { _, _ = fmt.Fprintln(t.stdout, args...) }

// tell writes a sentence about slow steps where it does not mix with results.
func (t *terminal) tell(s string) { _, _ = fmt.Fprintln(t.stderr, s) }

// isTerminal says whether somebody looks at a stream, or types into it.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// secret reads a password out of the file that a flag names, or asks on the terminal.
func (t *terminal) secret(prompt, path, flag string) (string, error) {
	if path != "" {
		body, err := os.ReadFile(path)
		if err != nil {
			return "", fault.Wrap(err, fault.NotFound, "读不到口令文件“%s”，请核对 %s 的路径", path, flag)
		}
		return strings.TrimRight(string(body), "\r\n"), nil
	}
	in, ok := t.stdin.(*os.File)
	if !ok || !isTerminal(in) {
		return "", usage("请用 %s 给出口令文件（或在终端上运行，由程序询问）", flag)
	}
	_, _ = fmt.Fprint(t.stderr, prompt)
	body, err := term.ReadPassword(int(in.Fd()))
	_, _ = fmt.Fprintln(t.stderr)
	return string(body), err
}

// personArgument is an ID number, read from standard input where it is -, so that it
// need not stand in the list of processes.
func (t *terminal) personArgument(id string) (string, error) {
	if id == "-" {
		line, err := bufio.NewReader(t.stdin).ReadString('\n')
		if err != nil && line == "" {
			return "", usage("标准输入里没有身份证号")
		}
		id = line
	}
	if !utf8.ValidString(id) || strings.Contains(id, "\x00") {
		return "", usage("身份证号里有不能识别的字符，请重新输入")
	}
	return roster.CleanID(strings.TrimSpace(id)), nil
}

// printIndentedJSON writes a value for programs that people look over the shoulder of.
func (t *terminal) printIndentedJSON(value any) error {
	enc := json.NewEncoder(t.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}
