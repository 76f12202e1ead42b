package packfile

import (
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// readYAML reads the one document of a pack. Its errors are Problems.
func readYAML(text string) (*yaml.Node, error) {
	lines := splitLines(text)
	if at := firstInvalid(lines); at != (Pos{}) {
		return nil, Problems{{at, "此处不是 UTF-8 文字，请把规则包另存为 UTF-8 编码"}}
	}
	dec := yaml.NewDecoder(strings.NewReader(text))
	var doc yaml.Node
	if err := dec.Decode(&doc); err == io.EOF {
		return nil, Problems{{Pos{1, 1}, "规则包是空的，请核对文件"}}
	} else if err != nil {
		return nil, yamlProblem(text, lines, err)
	}
	var second yaml.Node
	switch err := dec.Decode(&second); {
	case err == nil:
		return nil, Problems{{inside(lines, second.Line, 1), "规则包只能有一个 YAML 文档，请删去多余的“---”"}}
	case err != io.EOF:
		return nil, yamlProblem(text, lines, err)
	}
	return doc.Content[0], nil
}

// lineBreak finds the first end of a line, as the YAML library counts them, and its size
// in bytes; -1 where there is none.
func lineBreak(text string) (at, size int) {
	for i, r := range text {
		switch r {
		case '\r':
			if strings.HasPrefix(text[i:], "\r\n") {
				return i, 2
			}
			return i, 1
		case '\n', '\u0085', '\u2028', '\u2029':
			return i, utf8.RuneLen(r)
		}
	}
	return -1, 0
}

func splitLines(text string) []string {
	var lines []string
	for {
		at, size := lineBreak(text)
		if at < 0 {
			return append(lines, text)
		}
		lines, text = append(lines, text[:at]), text[at+size:]
	}
}

func firstInvalid(lines []string) Pos {
	for i, line := range lines {
		if utf8.ValidString(line) {
			continue
		}
		valid := strings.IndexFunc(line, func(r rune) bool { return r == utf8.RuneError })
		return Pos{i + 1, utf8.RuneCountInString(line[:valid]) + 1}
	}
	return Pos{}
}

// inside keeps a place within the file: the library may name the line after the last.
func inside(lines []string, line, col int) Pos {
	return Pos{min(max(line, 1), len(lines)), col}
}

var yamlLine = regexp.MustCompile(`line (\d+): (.*)`)

// yamlProblem says on which line the YAML itself breaks off. The library names the
// right line for what it cannot read; for what it can read but not place it names the
// line before the list or mapping began, which may be far above. There the line that
// it had read up to is the better answer.
func yamlProblem(text string, lines []string, err error) error {
	line := 0
	if g := yamlLine.FindStringSubmatch(err.Error()); g != nil {
		line, _ = strconv.Atoi(g[1])
		switch {
		case strings.Contains(g[2], "did not find expected ','"): // of an open bracket
			line++
		case strings.HasPrefix(g[2], "did not find expected"):
			line = 0
		}
	}
	if line == 0 {
		line = linesRead(text)
	}
	at := inside(lines, line, 1)
	sentence := "不是合法的 YAML（缩进、引号或括号有误），请核对这一行和它前面的内容"
	if at.Line > 0 && strings.ContainsAny(lines[at.Line-1], "{[\"") {
		sentence += "；写在 { } 或 [ ] 里、含逗号或方括号的，和以双引号开头的条件，要整条用单引号括起来，如 '残疾等级 in [\"一级\", \"二级\"]'"
	}
	return Problems{{at, sentence}}
}

// linesRead returns how many lines the library takes in before it fails.
func linesRead(text string) int {
	r := &lineReader{rest: text}
	dec := yaml.NewDecoder(r)
	for {
		if err := dec.Decode(new(yaml.Node)); err != nil {
			return r.lines
		}
	}
}

// lineReader hands out one line at a time and counts them.
type lineReader struct {
	rest  string
	lines int
	amid  bool // the line handed out last goes on
}

// Read implements io.Reader.
func (r *lineReader) Read(p []byte) (int, error) {
	if r.rest == "" {
		return 0, io.EOF
	}
	line := r.rest
	if at, size := lineBreak(line); at >= 0 {
		line = line[:at+size]
	}
	n := copy(p, line)
	if !r.amid {
		r.lines++
	}
	r.amid, r.rest = n < len(line), r.rest[n:]
	return n, nil
}
