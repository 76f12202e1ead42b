package money_test

import (
	"fmt"

	"github.com/shopspring/decimal"

	"disburse/internal/money"
)

// Staff write amounts in 元 in several ways; inside the program an amount is a whole
// number of 分, so sums are exact.
func ExampleParse() {
	for _, text := range []string{"70", "1,409.50", "￥0.07", "70.005"} {
		amount, err := money.Parse(text)
		if err != nil {
			fmt.Println("refused:", err)
			continue
		}
		fmt.Println(int64(amount), amount, amount.Grouped())
	}
	// Output:
	// 7000 70.00 70.00
	// 140950 1409.50 1,409.50
	// 7 0.07 0.07
	// refused: “70.005”不是金额，请写成 70 或 70.50 的样子（最多两位小数）
}

// The rules compute in exact decimals of 元. Each granted amount is rounded once, half up.
func ExampleRound() {
	share := decimal.NewFromInt(70).Div(decimal.NewFromInt(32)).Mul(decimal.NewFromInt(5)) // 10.9375 元
	amount, err := money.Round(share)
	fmt.Println(share, amount, err)
	// Output: 10.9375 10.94 <nil>
}

// Vouchers also have the amount in 大写, by the rules of the central bank.
func ExampleFen_Chinese() {
	fmt.Println(money.Fen(140950).Chinese())
	fmt.Println(money.Fen(100007).Chinese())
	// Output:
	// 壹仟肆佰零玖元伍角整
	// 壹仟元零柒分
}

func ExampleFen_Add() {
	var sum money.Fen
	for _, amount := range []money.Fen{7000, 3005, -5} {
		sum = sum.Add(amount)
	}
	fmt.Println(sum)
	// Output: 100.00
}
