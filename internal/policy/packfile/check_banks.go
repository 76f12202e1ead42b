package packfile

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"disburse/internal/bank/field"
	"disburse/internal/month"
	"disburse/internal/policy/charset"
	"disburse/internal/roster"
)

// banks checks the banks and the shapes of their files.
func (c *fileChecker) banks() {
	shapes := map[string]bool{}
	for i := range c.file.Shapes {
		s := &c.file.Shapes[i]
		c.Here = s.At
		if c.required(s.At, s.Name, "格式的名称 name") && shapes[s.Name.Value] {
			c.Fail(s.Name.Pos, "银行文件格式“%s”重复", s.Name.Value)
		}
		shapes[s.Name.Value] = true
	}
	known := map[string]bool{}
	for i := range c.file.Banks {
		b := &c.file.Banks[i]
		c.Here = b.At
		c.required(b.At, b.Name, "银行名称 name")
		for _, name := range append([]Text{b.Name}, b.Aliases...) {
			if name.Value != "" && known[name.Value] {
				c.Fail(name.Pos, "银行的名称或别名“%s”重复", name.Value)
			}
			known[name.Value] = true
		}
		c.bank(b, shapes)
	}
	for i := range c.file.Shapes {
		sc := &shapeChecker{fileChecker: c, s: &c.file.Shapes[i]}
		sc.check()
	}
	c.Here = c.file.At
}

var unionCode = regexp.MustCompile(`^[0-9]{12}$`)

func (c *fileChecker) bank(b *Bank, shapes map[string]bool) {
	if b.Code.Value != "" && !unionCode.MatchString(b.Code.Value) {
		c.Fail(b.Code.Pos, "银行“%s”的 code（联行号）应为 12 位数字，并加引号", b.Name.Value)
	}
	if b.Shape.Value != "" && !shapes[b.Shape.Value] {
		c.Fail(b.Shape.Pos, "银行“%s”的格式“%s”没有在 shapes 里写明", b.Name.Value, b.Shape.Value)
	}
	if b.Through.Value == "" {
		return
	}
	agent := c.file.named(b.Through.Value)
	switch {
	case agent == nil:
		c.Fail(b.Through.Pos, "代发行“%s”没有在 banks 里列出，请写全称", b.Through.Value)
	case agent == b || agent.Through.Value != "":
		c.Fail(b.Through.Pos, "代发行“%s”自己也由别的银行代发，请写最终的代发行", b.Through.Value)
	case b.Shape.Value != "":
		c.Fail(b.Shape.Pos, "银行“%s”由“%s”代发，格式写在代发行，不写在这里", b.Name.Value, b.Through.Value)
	}
}

// named returns the bank of a full name.
func (f *File) named(name string) *Bank {
	for i := range f.Banks {
		if f.Banks[i].Name.Value == name {
			return &f.Banks[i]
		}
	}
	return nil
}

// shapeChecker checks one shape.
type shapeChecker struct {
	*fileChecker
	s   *Shape
	set charset.Charset
}

func (c *shapeChecker) check() {
	c.Here = c.s.At
	c.format()
	c.fileNames()
	if len(c.s.Columns) == 0 {
		c.Fail(c.s.At, "格式“%s”没有 columns", c.s.Name.Value)
	}
	c.columns(c.s.Columns, "columns")
	c.columns(c.s.OtherColumns, "other_columns")
	c.records()
	c.ownBank()
	c.mapPairs()
	c.memos()
	c.bankNames()
}

// oneOf checks a key that knows only some words; the first is for an empty one.
func (c *shapeChecker) oneOf(t Text, key string, words ...string) {
	if !slices.Contains(words, t.Value) {
		var said []string
		for _, w := range words {
			if w != "" {
				said = append(said, w)
			}
		}
		c.Fail(t.Pos, "格式“%s”的 %s 应为 %s", c.s.Name.Value, key, strings.Join(said, "、"))
	}
}

func (c *shapeChecker) format() {
	s := c.s
	c.oneOf(s.Format, "format", "xlsx", "csv", "txt")
	c.oneOf(s.Amount, "amount", "", "元", "分")
	c.oneOf(s.LineEnd, "line_end", "", "CRLF", "LF")
	if s.Rows.Value > MaxBankRows {
		c.Fail(s.Rows.Pos, "格式“%s”的 rows 最多 %d", s.Name.Value, MaxBankRows)
	}
	if s.Format.Value == "xlsx" {
		for _, t := range []Text{s.Encoding, s.Separator, s.LineStart, s.LineStop, s.LineEnd} {
			if t.Value != "" {
				c.Fail(t.Pos, "格式“%s”是工作簿，不写编码、分隔符和换行", s.Name.Value)
			}
		}
		return
	}
	var ok bool
	if c.set, ok = charset.Named(s.Encoding.Value); !ok {
		c.Fail(s.Encoding.Pos, "格式“%s”的 encoding 应为 UTF-8、GBK 或 GB18030", s.Name.Value)
	}
	sep := s.Separator.Value
	switch {
	case s.Format.Value == "csv" && sep != "" && sep != ",":
		c.Fail(s.Separator.Pos, "csv 的分隔符只能是逗号；用别的分隔符请写 format: txt")
	case sep != "" && sep != "tab" && (len(sep) != 1 || sep[0] <= ' ' || sep[0] > '~' || strings.ContainsAny(sep, `"-.0123456789`)):
		c.Fail(s.Separator.Pos, "格式“%s”的 separator 应为一个 ASCII 符号（不能是数字、点、负号或引号）或 tab", s.Name.Value)
	}
	c.writable(s.LineStart)
	c.writable(s.LineStop)
}

// writable refuses what the shape's encoding cannot write once it is mapped.
func (c *shapeChecker) writable(t Text) {
	text := c.s.Mapped(t.Value)
	if r, lacks := c.set.Lacks(text); lacks {
		c.Fail(t.Pos, "格式“%s”：“%s”里的“%c”不在 %s 里，请换字或写入 map", c.s.Name.Value, t.Value, r, c.set.Name())
	}
	if strings.ContainsAny(text, "\r\n") {
		c.Fail(t.Pos, "格式“%s”：“%s”里不能有换行", c.s.Name.Value, t.Value)
	}
}

// undivided refuses words in a cell that the separator would cut in two.
func (c *shapeChecker) undivided(t Text) {
	c.writable(t)
	if div := c.s.Divider(); c.s.Format.Value == "txt" && div != "" && strings.Contains(c.s.Mapped(t.Value), div) {
		c.Fail(t.Pos, "格式“%s”：“%s”里有分隔符，收到的银行会分错栏", c.s.Name.Value, t.Value)
	}
}

var (
	placeholder = regexp.MustCompile(`\{[^{}]*\}`)
	asciiName   = regexp.MustCompile(`^[0-9A-Za-z_.-]*$`)
)

func (c *shapeChecker) fileNames() {
	s := c.s
	if s.OwnBank.Value != "" && s.OtherFileName.Value == s.FileName.Value {
		c.Fail(s.OtherFileName.Pos, "格式“%s”的本行和他行文件名 file_name、other_file_name 要都写，并且不同", s.Name.Value)
	}
	for _, t := range []Text{s.FileName, s.OtherFileName} {
		if t.Value == "" {
			continue
		}
		for _, p := range placeholder.FindAllString(t.Value, -1) {
			if !slices.Contains([]string{"{文件号}", "{年月}", "{日期}"}, p) {
				c.Fail(t.Pos, "文件名里的 %s 不认识，可用 {文件号}、{年月}、{日期}", p)
			}
		}
		rest := placeholder.ReplaceAllString(t.Value, "")
		if !asciiName.MatchString(rest) || strings.HasPrefix(t.Value, ".") {
			c.Fail(t.Pos, "文件名“%s”除 {…} 外只能用英文字母、数字和 _ . -，不能以点开头", t.Value)
		}
		if !strings.Contains(t.Value, "{文件号}") {
			c.Fail(t.Pos, "文件名“%s”要含 {文件号}，否则各文件同名", t.Value)
		}
	}
}

// columns checks the payments' columns; without an account or an amount nobody can be paid.
func (c *shapeChecker) columns(cells []Cell, key string) {
	if len(cells) == 0 {
		return
	}
	count := map[string]int{}
	for i := range cells {
		c.cell(&cells[i], field.Row)
		if c.s.Heading.Value {
			c.undivided(cells[i].Heading)
		}
		count[cells[i].Field.Value]++
	}
	for i := range field.All {
		f := &field.All[i]
		if f.Required && count[f.Name] == 0 {
			c.Fail(c.s.At, "格式“%s”的 %s 缺少“%s”列", c.s.Name.Value, key, f.Name)
		}
		if f.BankKey != "" && count[f.Name] > 0 {
			c.bankKeys(f)
		}
	}
}

// bankKeys: a column 联行号 has one for every bank whose accounts it may show.
func (c *shapeChecker) bankKeys(f *field.Field) {
	for i := range c.file.Banks {
		b := &c.file.Banks[i]
		if c.uses(b) && f.Value(b.data()).Text == "" && b.Name.Value != c.s.OwnBank.Value {
			c.Fail(b.Name.Pos, "格式“%s”要写%s，请给银行“%s”补上 %s", c.s.Name.Value, f.Name, b.Name.Value, f.BankKey)
		}
	}
}

// data is what the pack knows of a payment to an account of the bank.
func (b *Bank) data() *field.Data {
	return &field.Data{Payment: &field.Payment{Account: roster.Account{Bank: b.Name.Value}, Code: b.Code.Value}}
}

// uses reports whether accounts of the bank come into files of the shape.
func (c *shapeChecker) uses(b *Bank) bool {
	used := c.file.ShapeOf(c.file.PayingBank(b.Name.Value))
	return used != nil && used.Name.Value == c.s.Name.Value
}

func (c *shapeChecker) cell(cell *Cell, in field.Records) {
	s := c.s
	at := cell.Field.Or(cell.At)
	if cell.Field.Value != "" && field.Of(cell.Field.Value, in) == nil {
		c.Fail(at, "不认识的字段“%s”，此处可用：%s", cell.Field.Value, strings.Join(field.Names(in), "、"))
	}
	if cell.Field.Value != "" && cell.Text.Value != "" {
		c.Fail(cell.Text.Pos, "field 和 text 只能写一个")
	}
	c.undivided(cell.Text)
	c.oneOf(cell.Align, "align", "", "left", "right")
	if p := cell.Pad.Value; p != "" && (len(p) != 1 || p[0] < ' ' || p[0] > '~') {
		c.Fail(cell.Pad.Pos, "pad（补位）应为一个 ASCII 字符")
	}
	if cell.Pad.Value == "0" && cell.Align.Value != "right" && cell.Field.Value != "" {
		c.Fail(cell.Pad.Pos, "左对齐的“%s”用 0 补位会改变数值，请写 align: right 或换补位字符", cell.Field.Value)
	}
	least := c.set.Width(s.Mapped(cell.Text.Value))
	if f := field.Of(cell.Field.Value, field.Row|field.Totals); f != nil {
		least = max(least, f.Narrowest)
	}
	switch {
	case !s.Fixed():
		if s.Format.Value != "xlsx" && (cell.Width.Value != 0 || cell.Align.Value != "" || cell.Pad.Value != "") {
			c.Fail(at, "有分隔符的格式不写 width、align 和 pad")
		}
	case cell.Width.Value == 0:
		c.Fail(at, "格式“%s”没有分隔符，每栏都要写 width（字节数）", s.Name.Value)
	case cell.Width.Value < least:
		c.Fail(cell.Width.Pos, "“%s”的 width 太小，至少 %d", cell.Field.Value+cell.Text.Value, least)
	case s.Heading.Value && c.set.Width(s.Mapped(cell.Title())) > cell.Width.Value:
		c.Fail(cell.Width.Pos, "表头“%s”比栏宽 %d 长", cell.Title(), cell.Width.Value)
	}
}

// Title is a column's heading.
func (cell *Cell) Title() string {
	if cell.Heading.Value != "" {
		return cell.Heading.Value
	}
	return cell.Field.Value
}

func (c *shapeChecker) records() {
	for _, record := range [][]Cell{c.s.Header, c.s.Trailer, c.s.OtherTrailer} {
		for i := range record {
			c.cell(&record[i], field.Totals)
		}
	}
}

func (c *shapeChecker) ownBank() {
	s := c.s
	if s.OwnBank.Value == "" {
		if len(s.OtherColumns) > 0 || s.OtherFileName.Value != "" || len(s.OtherTrailer) > 0 {
			c.Fail(s.At, "格式“%s”写了他行的列或文件名，还要写 own_bank（本行）", s.Name.Value)
		}
		return
	}
	if c.file.named(s.OwnBank.Value) == nil {
		c.Fail(s.OwnBank.Pos, "本行“%s”没有在 banks 里列出，请写全称", s.OwnBank.Value)
	}
	if len(s.OtherColumns) == 0 {
		c.Fail(s.OwnBank.Pos, "格式“%s”分本行、他行，还要写他行的 other_columns", s.Name.Value)
	}
}

func (c *shapeChecker) mapPairs() {
	seen := map[string]bool{}
	for _, m := range c.s.Map {
		if utf8.RuneCountInString(m.From.Value) != 1 {
			c.Fail(m.From.Or(m.At), "map 的 from 应为一个字")
		}
		if seen[m.From.Value] {
			c.Fail(m.From.Pos, "map 里的“%s”重复", m.From.Value)
		}
		seen[m.From.Value] = true
		if m.To.Value == "" || strings.ContainsAny(m.To.Value, "?？") {
			c.Fail(m.To.Or(m.At), "map 的 to 不能为空，也不能用问号代替")
		}
		if r, lacks := c.set.Lacks(m.To.Value); lacks {
			c.Fail(m.To.Pos, "map 的 to 里的“%c”不在 %s 里", r, c.set.Name())
		}
	}
}

// memos checks the 摘要 of every item that pays: placeholders, characters, widths.
func (c *shapeChecker) memos() {
	all := []Text{c.s.Memo}
	for _, m := range c.s.Memos {
		all = append(all, m.Text)
		if it := c.items[m.Item.Value]; it == nil || it.Pay == nil {
			c.Fail(m.Item.Or(m.At), "摘要的项目“%s”不存在或不发钱", m.Item.Value)
		}
		c.required(m.At, m.Text, "摘要 text")
	}
	for _, t := range all {
		for _, p := range placeholder.FindAllString(t.Value, -1) {
			if !slices.Contains([]string{"{月份}", "{年月}", "{项目}"}, p) {
				c.Fail(t.Pos, "摘要里的 %s 不认识，可用 {月份}、{年月}、{项目}", p)
			}
		}
	}
	for i := range c.file.Items {
		it := &c.file.Items[i]
		if it.Pay == nil || c.items[it.Code.Value] != it {
			continue
		}
		c.fits(field.FromItem, c.s.Memo.Or(c.s.At), &field.Data{
			Head: &field.Head{Month: month.Of(2026, 12)}, Payment: &field.Payment{Item: it.Code.Value, ItemName: it.PaidAs()}, Memo: c.s.MemoOf,
		})
	}
	for _, b := range c.file.Bureaus {
		c.fits(field.FromBureau, c.s.At, &field.Data{Head: &field.Head{Bureau: b.Name.Value}})
	}
}

// bankNames checks the full names of the banks whose accounts come into the files.
func (c *shapeChecker) bankNames() {
	for i := range c.file.Banks {
		if b := &c.file.Banks[i]; c.uses(b) {
			c.fits(field.FromBank, b.Name.Pos, b.data())
		}
	}
}

// fits checks what fields from an origin will say, where the shape has such fields: those
// whose width does not follow from the field alone.
func (c *shapeChecker) fits(from field.Origin, at Pos, d *field.Data) {
	for i := range field.All {
		f := &field.All[i]
		if f.From != from || f.Narrowest > 0 {
			continue
		}
		c.fitsIn(f.Name, Text{Value: f.Value(d).Text, Pos: at})
	}
}

// fitsIn checks words that the cells of a field will hold.
func (c *shapeChecker) fitsIn(name string, t Text) {
	for _, record := range [][]Cell{c.s.Columns, c.s.OtherColumns, c.s.Header, c.s.Trailer, c.s.OtherTrailer} {
		for i := range record {
			if record[i].Field.Value != name {
				continue
			}
			c.undivided(t)
			if w := c.set.Width(c.s.Mapped(t.Value)); c.s.Fixed() && w > record[i].Width.Value {
				c.Fail(record[i].Width.Or(record[i].At), "“%s”有 %d 字节，“%s”的 width 不够", t.Value, w, name)
			}
		}
	}
}
