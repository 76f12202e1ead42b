package rosters_test

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"disburse/internal/bank"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/office/rosters"
	"disburse/internal/policy"
	"disburse/internal/roster"
	"disburse/internal/roster/read"
	"disburse/internal/roster/xlsx/xlsxtest"
	"disburse/reports/worklists"
)

// mostMemory is what reading a file that somebody sent may take, of the whole process and
// at any moment, in bytes.
const mostMemory = 300 << 20

// readers read a file as the program does, without a database.
var readers = map[string]func(path string) error{
	"roster": func(path string) error {
		pack, err := policy.Load(policy.Builtin())
		if err != nil {
			return err
		}
		_, err = rosters.ReadRoster(context.Background(), office.New(nil, 140213, pack), &rosters.Order{File: path, SentIn: true})
		return err
	},
	"bank": func(path string) error {
		defer office.SaveMemory()()
		_, err := bank.ReadResults(path, func(string) (int, error) { return 100_000, nil })
		return err
	},
	"list": func(path string) error {
		defer office.SaveMemory()()
		_, err := read.MatchList(context.Background(), path, month.DateOf(2026, 12, 1), func(int) {})
		return err
	},
	"opening": func(path string) error {
		defer office.SaveMemory()()
		_, err := read.Opening(context.Background(), path, []roster.ItemName{{Code: "11"}}, func(int) {})
		return err
	},
	"rulings": func(path string) error {
		_, _, err := worklists.ReadRulings(path)
		return err
	},
}

// TestReadsOneFile reads the file of the environment: TestHostileFiles runs it as a
// process of its own, whose peak of memory the system knows.
func TestReadsOneFile(t *testing.T) {
	kind, path, asked := strings.Cut(os.Getenv("DISBURSE_READ"), ":")
	if !asked {
		t.Skip("run by TestHostileFiles")
	}
	var f *fault.Fault
	switch err := readers[kind](path); {
	case err == nil:
		fmt.Println("read")
	case errors.As(err, &f) && f.Code == fault.Invalid:
		fmt.Println("refused: " + f.Sentence)
	default:
		t.Fatal(err)
	}
}

// peak reads a file in a process of its own, and returns what that said and the most
// memory that it held.
func peak(t *testing.T, kind, path string) (said string, bytes int64) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestReadsOneFile$", "-test.v")
	child.Env = append(os.Environ(), "DISBURSE_READ="+kind+":"+path)
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "read") || strings.HasPrefix(line, "refused") {
			said = strings.TrimSpace(line)
		}
	}
	return said, child.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
}

// hostile is a file that is made to hurt: what would be read of it takes far more than it has.
type hostile struct {
	kind, file string
	write      func(w io.Writer) // of a text, or of what stands inside <sheetData>
	sheet      string            // empty: a text
	shared     func(w io.Writer) // the shared strings; nil: none
	want       string            // begins what the reader says
}

const (
	bankHead   = "批次号,序号,账号,户名,金额,结果码,原因\n"
	uploadSize = 90 << 20 // just below what the console lets in
)

func repeat(size int, line func(i int) string) func(io.Writer) {
	return func(w io.Writer) {
		for i, n := 0, 0; n < size; i++ {
			written, _ := io.WriteString(w, line(i))
			n += written
		}
	}
}

func after(head string, rest func(io.Writer)) func(io.Writer) {
	return func(w io.Writer) { _, _ = io.WriteString(w, head); rest(w) }
}

// row is a row of text cells.
func row(values ...string) string {
	var b strings.Builder
	b.WriteString("<row>")
	for _, v := range values {
		b.WriteString(`<c t="inlineStr"><is><t>` + v + `</t></is></c>`)
	}
	b.WriteString("</row>")
	return b.String()
}

// long is a text that hardly shrinks below a hundredth, so that no limit of ratio helps.
func long(i, size int) string {
	var b strings.Builder
	for b.Len() < size {
		b.WriteString(strconv.Itoa((i*7919+b.Len())%9999991) + strings.Repeat("某", min(200, size/3)))
	}
	return b.String()
}

// wide is a row of as many cells as a sheet has, each with a text of its own.
func wide(i int, first ...string) string {
	var b strings.Builder
	b.WriteString("<row>" + cellsOf(first...))
	for k := len(first); k < 16_384; k++ {
		b.WriteString(`<c t="str"><v>` + strconv.Itoa(i*16_384+k) + `某某某某</v></c>`)
	}
	b.WriteString("</row>")
	return b.String()
}

func personID(i int) string {
	return roster.MakeID("140213", month.DateOf(1930, 1, 1).Add(i%12000), i/12000)
}

var hostiles = map[string]hostile{
	"41 MB of short rows": {kind: "bank", file: "a.csv", write: after(bankHead, repeat(41<<20, func(i int) string { return "a,1,1,,1,1\n" })), want: "refused: 文件“a.csv”"},
	"short rows of many files": {kind: "bank", file: "a.csv", write: after(bankHead, repeat(60<<20, func(i int) string { return fmt.Sprintf("%d,%d,1,,1,1,\n", i, i+1) })),
		want: "refused: 文件“a.csv”"},
	"short rows without headings": {kind: "bank", file: "a.txt", write: repeat(60<<20, func(i int) string { return "1 2 3\n" }), want: "refused: 文件“a.txt”"},
	"one giant line":              {kind: "bank", file: "a.txt", write: after(bankHead, repeat(60<<20, func(i int) string { return "一二三," })), want: "refused: 文件“a.txt”"},
	"one line that is not UTF-8":  {kind: "bank", file: "a.txt", write: after("\xC5\xFA", repeat(60<<20, func(i int) string { return "\xB4\xCE" })), want: "refused: 文件“a.txt”"},
	"bank, long texts": {kind: "bank", file: "a.xlsx", sheet: "一", write: after(row("批次号", "序号", "账号", "金额", "结果码", "原因"),
		repeat(30<<20, func(i int) string { return row("a", fmt.Sprint(i+1), "62", "1", "0000", long(i, 2000)) })), want: "refused: 文件“a.xlsx”"},
	"bank, wide rows": {kind: "bank", file: "a.xlsx", sheet: "一", write: after(row("批次号", "序号", "账号", "金额", "结果码", "原因"),
		repeat(60<<20, func(i int) string { return wide(i) })), want: "read"},
	"roster of 16,384 columns": {kind: "roster", file: "a.xlsx", sheet: "人员", write: after(row("姓名", "身份证号", "街道"),
		repeat(60<<20, func(i int) string { return wide(i, "甲", personID(i), "永泰") })), want: "read"},
	"roster, long texts beside short ones": {kind: "roster", file: "a.xlsx", sheet: "人员", write: after(row("姓名", "身份证号", "街道", "别的"),
		repeat(150<<20, func(i int) string { return row("甲", personID(i), "永泰", long(i, 30_000)) })), want: "read"},
	"roster, nothing but mistakes": {kind: "roster", file: "a.xlsx", sheet: "人员", write: after(row("姓名", "身份证号", "街道", "电话", "死亡日期", "迁入日期", "迁出日期", "银行账号"),
		repeat(100<<20, func(i int) string {
			return row(fmt.Sprint("甲", i), fmt.Sprint(i), "无此街", "x", "没有", "没有", "没有", "没有")
		})), want: "refused: 文件“a.xlsx”里的行太多"},
	"roster, many people": {kind: "roster", file: "a.xlsx", sheet: "人员", write: after(row("姓名", "身份证号", "街道", "住址", "开户银行", "银行账号"),
		repeat(180<<20, func(i int) string {
			return row("甲", personID(i), "永泰", fmt.Sprint("某某路 ", i, " 号院三号楼二单元"), "某某银行大同分行", fmt.Sprintf("62220000%011d", i))
		})), want: "refused: 文件“a.xlsx”里的行太多"},
	"shared strings without text": {kind: "roster", file: "a.xlsx", sheet: "人员", write: repeat(1, func(int) string { return row("姓名", "身份证号") }),
		shared: repeat(100<<20, func(i int) string { return "<si/>" }), want: "refused: 工作簿“a.xlsx”"},
	"shared strings full of text": {kind: "roster", file: "a.xlsx", sheet: "人员", write: repeat(1, func(int) string { return row("姓名", "身份证号") }),
		shared: repeat(80<<20, func(i int) string { return "<si><t>" + long(i, 3000) + "</t></si>" }), want: "refused: 工作簿“a.xlsx”"},
	"list, a quote that is not closed": {kind: "list", file: "a.csv", write: after("姓名,身份证号\n\"", repeat(uploadSize, func(int) string { return "甲,1\n" })), want: "refused: 名单“a.csv”"},
	"list, short rows":                 {kind: "list", file: "a.csv", write: after("姓名,身份证号\n", repeat(uploadSize, func(int) string { return "1,1\n" })), want: "refused: 文件“a.csv”里的行太多"},
	"list, wide rows": {kind: "list", file: "a.csv", write: after("姓名,身份证号\n", repeat(uploadSize, func(int) string { return strings.Repeat("1,", 100_000) + "\n" })),
		want: "read"},
	"opening, nothing but mistakes": {kind: "opening", file: "a.xlsx", sheet: "期初", write: after(row("身份证号", "项目", "所属月份", "金额", "依据"),
		repeat(50<<20, func(i int) string { return row(fmt.Sprint(i), "99", "无", "多", "") })), want: "refused: 文件“a.xlsx”里的行太多"},
	"rulings, long texts": {kind: "rulings", file: "a.xlsx", sheet: "疑点", write: after(row("编号", "决定", "理由"),
		repeat(60<<20, func(i int) string { return row(fmt.Sprint("账户共用-", i), "发放", long(i, 900)) })), want: "refused"},
	"rulings, wide rows": {kind: "rulings", file: "a.xlsx", sheet: "疑点", write: after(row("编号", "决定", "理由"),
		repeat(60<<20, func(i int) string { return wide(i) })), want: "re"},
}

func cellsOf(values ...string) string {
	return strings.TrimSuffix(strings.TrimPrefix(row(values...), "<row>"), "</row>")
}

// make writes the file.
func (h hostile) make(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), h.file)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := bufio.NewWriterSize(f, 1<<20)
	if h.sheet == "" {
		h.write(out)
	} else {
		h.workbook(t, out)
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	return path
}

// workbook writes the large parts as a stream, in place of those of a small workbook.
func (h hostile) workbook(t *testing.T, w io.Writer) {
	t.Helper()
	small := xlsxtest.Book{Sheets: []xlsxtest.Sheet{{Name: h.sheet}}}
	large := map[string]func(io.Writer){"xl/worksheets/sheet1.xml": after("<worksheet><sheetData>", func(w io.Writer) { h.write(w); _, _ = io.WriteString(w, "</sheetData></worksheet>") })}
	if h.shared != nil {
		small.Strings = "<si/>"
		large["xl/sharedStrings.xml"] = after("<sst>", func(w io.Writer) { h.shared(w); _, _ = io.WriteString(w, "</sst>") })
	}
	body := small.Bytes(t)
	in, err := zip.NewReader(strings.NewReader(string(body)), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	out := zip.NewWriter(w)
	out.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for _, part := range in.File {
		write := large[part.Name]
		if write == nil {
			err = out.Copy(part)
		} else {
			var to io.Writer
			if to, err = out.Create(part.Name); err == nil {
				write(to)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestHostileFiles: no file that can be sent in takes more than mostMemory to read. Not
// parallel: the files are large.
func TestHostileFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("writes large files")
	}
	for name, h := range hostiles {
		t.Run(name, func(t *testing.T) {
			path := h.make(t)
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			said, most := peak(t, h.kind, path)
			t.Logf("%d MB file, %d MB of memory: %s", info.Size()>>20, most>>20, said)
			if info.Size() > 96<<20 {
				t.Errorf("the file of %d MB could not be sent in", info.Size()>>20)
			}
			if most > mostMemory {
				t.Errorf("took %d MB of memory, want at most %d", most>>20, mostMemory>>20)
			}
			if !strings.HasPrefix(said, h.want) {
				t.Errorf("said %q, want %q", said, h.want)
			}
		})
	}
}
