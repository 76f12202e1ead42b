package policy

import (
	"strings"
	"unicode/utf8"
)

// maxPublic bounds the words of an item, so that they fit into a row of a letter.
const maxPublic = 60

// public checks the words in which citizens know an item. They are shown as they are,
// so what is written for the program must not slip in.
func (c *checker) public(it *item) {
	words := it.def.Public
	if words == nil {
		return
	}
	for _, part := range []struct {
		text Text
		key  string
	}{{words.Who, "服务对象 public.who"}, {words.What, "服务内容 public.what"}} {
		c.required(words.At, part.text, part.key)
		if utf8.RuneCountInString(part.text.Value) > maxPublic {
			c.fail(part.text.Pos, "项目 %s 的%s超过 %d 个字，请写短些", it.code, part.key, maxPublic)
		}
		if strings.ContainsAny(part.text.Value, "<>=*\"\n") {
			c.fail(part.text.Pos, "项目 %s 的%s是写给群众看的，请用平常的话，不用表达式和符号", it.code, part.key)
		}
	}
}
