package policy
import ("testing";"strings";"fmt";"go.yaml.in/yaml/v3";"io")
type lineReader struct{ lines []string; n int }
func (r *lineReader) Read(p []byte)(int,error){ if r.n>=len(r.lines){return 0,io.EOF}; s:=r.lines[r.n]; if len(s)>len(p){panic("long")}; r.n++; return copy(p,s),nil}
func TestZZ(t *testing.T){
 base:=string(Builtin())
 try:=func(name, old, with string){
  body:=strings.Replace(base,old,with,1)
  if body==base {fmt.Println("NOCHANGE",name)}
  lr:=&lineReader{lines:strings.SplitAfter(body,"\n")}
  err:=yaml.NewDecoder(lr).Decode(new(yaml.Node))
  _,err2:=Parse([]byte(body))
  at:=strings.Count(base[:strings.Index(base,old)],"\n")+1
  fmt.Println(name,"true",at,"lib:",err,"fed",lr.n,"| parse:",err2)
 }
 try("indent less","    name: 高龄津贴\n","   name: 高龄津贴\n")
 try("indent more","    name: 高龄津贴\n","      name: 高龄津贴\n")
 try("no colon","    name: 高龄津贴\n","    name 高龄津贴\n")
 try("fullwidth colon","    name: 高龄津贴\n","    name：高龄津贴\n")
 try("tab","    name: 高龄津贴\n","\tname: 高龄津贴\n")
 try("unclosed quote","code: \"11\"","code: \"11")
 try("unclosed bracket","when: [年龄 >= 100]","when: [年龄 >= 100")
 try("unclosed brace","{name: 区民政局, code: MZ, bank: 待核定}","{name: 区民政局, code: MZ, bank: 待核定")
 try("no dash","  - code: \"11\"","    code: \"11\"")
 try("colon in plain","    name: 高龄津贴\n","    name: 高龄: 津贴\n")
 try("at sign","    name: 高龄津贴\n","    name: @高龄津贴\n")
 try("alias","    name: 高龄津贴\n","    name: *高龄津贴\n")
 try("ctrl","    name: 高龄津贴\n","    name: 高\x01龄津贴\n")
 try("bad utf","    name: 高龄津贴\n","    name: 高\xff龄津贴\n")
 for _,s:=range []string{"","# c\n","---\n","title: >-","title: >-\n","title: |\n\n  a","title: >-\n\n  a\n", "\xef\xbb\xbflanguage: 1\n","\tlanguage: 1", "a: 1\n---\nb: 2\n","language: 1\n...\n%","title: a\r\rstreets: 1\rtitle: >-\r  x", "- a", "a"} {
  func(){ defer func(){ if r:=recover(); r!=nil {fmt.Printf("%q PANIC %v\n",s,r)}}(); _,err:=Parse([]byte(s)); fmt.Printf("%q %v\n",s,err)}()
 }
}
