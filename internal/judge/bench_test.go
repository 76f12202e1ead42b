package judge

import (
	"testing"
)

// BenchmarkLines is one person of 70 with insurance only, the commonest case, and one
// with many facts, for twelve months.
func BenchmarkLines(b *testing.B) {
	file := pack(b)
	w := world(file, "2025-12")
	j, err := New(w)
	if err != nil {
		b.Fatal(err)
	}
	for name, who := range map[string]*Case{
		"plain": someone(seventy, fact("养老保险=居民"), fact("医疗保险=居民")),
		"dense": someone(eighty, fact("低保"), fact("失能等级=完全失能"), fact("残疾等级=一级"), fact("残疾类别=肢体"), fact("入住机构=甲院"),
			fact("机构月收费=1500.00"), fact("低保月金额=500.00"), fact("养老保险=居民"), fact("医疗保险=居民")),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := j.Lines(who); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
