package month_test

import (
	"fmt"
	"time"

	"disburse/internal/month"
)

// A Month is a number, so months are compared and counted as numbers are.
func ExampleMonth() {
	november := month.Of(2026, 11)
	fmt.Println(november, november.Add(3), november < month.Of(2027, 1))
	fmt.Println(november.First(), november.Last())
	fmt.Println(int(month.Of(2027, 1)-november), "months later")
	// Output:
	// 2026-11 2027-02 true
	// 2026-11-01 2026-11-30
	// 2 months later
}

// The zero Month and the zero Date mean "none" and print as nothing.
func ExampleDate() {
	day, err := month.ParseDate("2026年11月3日")
	fmt.Println(day, day.Month(), day.Add(30), err)
	var none month.Date
	fmt.Printf("%q\n", none.String())
	// Output:
	// 2026-11-03 2026-11 2026-12-03 <nil>
	// ""
}

// Somebody is 80 from the month that holds the 80th birthday, on whatever day it falls.
func ExampleAge() {
	birth := month.DateOf(1946, 11, 30)
	fmt.Println(month.Age(birth, month.Of(2026, 10)), month.Age(birth, month.Of(2026, 11)))
	// Output: 79 80
}

// The program never asks a clock for the date: cmd and jobs pass the time in, and the
// office's zone says which day it is.
func ExampleFromTime() {
	now := time.Date(2026, 11, 30, 17, 0, 0, 0, time.UTC) // 01:00 of the next day in Shanghai
	fmt.Println(month.FromTime(now.In(month.Shanghai)))
	// Output: 2026-12-01
}
