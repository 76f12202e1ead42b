package kit

import (
	"fmt"

	"disburse/internal/roster"
)

// ShownProblems is how many problems are printed at most.
const ShownProblems = 20

// PrintProblems prints the first of what was refused, and of what staff should look at.
func (a *App) PrintProblems(problems, warnings []roster.Problem) {
	for i, p := range problems {
		if i == ShownProblems {
			a.Printf("…… 共 %d 处问题，用 --errors（比对名单用 --report）写到工作簿查看全部\n", len(problems))
			break
		}
		a.Println(ProblemText("不能导入", &p))
	}
	for i, p := range warnings {
		if i == ShownProblems {
			a.Printf("…… 共 %d 条提示\n", len(warnings))
			break
		}
		a.Println(ProblemText("提示", &p))
	}
}

// ProblemText says what is wrong with a row, and where.
func ProblemText(kind string, p *roster.Problem) string {
	at := ""
	if p.Place.Sheet != "" {
		at = "“" + p.Place.Sheet + "”"
	}
	if p.Place.Row > 0 {
		at += fmt.Sprintf("第 %d 行", p.Place.Row)
	}
	if p.Column != "" {
		at += "“" + p.Column + "”"
	}
	if p.Value != "" {
		at += "（" + p.Value + "）"
	}
	return kind + " " + at + "：" + p.Reason
}
