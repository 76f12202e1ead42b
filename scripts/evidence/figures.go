package main

// figure is one number that matters to users: which benchmark prints it in which unit, what
// it says, and what it should be.
type figure struct {
	benchmark, unit string
	what, aim       string
}

// figures are in the order of the pipeline.
var figures = []figure{
	{"BenchmarkImport", "import/excelize", "import of a roster workbook, validation and digests included ÷ excelize reading it alone", "≤ 1.8"},
	{"BenchmarkRead", "ratio", "the reader of roster workbooks alone ÷ excelize's", "–"},
	{"BenchmarkRun", "run/baseline", "`run` over believable people ÷ (bare COPY out of as many people of 208 bytes + bare COPY in of 1.2 times as many lines with their primary key)", "≤ 2.0"},
	{"BenchmarkRun", "peak-MB", "peak memory of the program in that run, MB", "≤ 600"},
	{"BenchmarkSign", "later/copy-out", "later changes of every hundredth of these people ÷ one bare COPY out of the batch's lines", "–"},
	{"BenchmarkSign", "approve/copy-in", "approving the batch ÷ bare COPY in of the same lines, ledger entries and payments with their primary keys", "–"},
	{"BenchmarkMonthFiles", "of-excelize", "the month's files ÷ writing the same cells with excelize's StreamWriter alone", "≤ 1.0"},
	{"BenchmarkMonthFiles", "of-its-size", "their size ÷ its files' size", "–"},
	{"BenchmarkTwelveColumns", "of-excelize", "a register sheet of 200,000 × 12 cells on all processors ÷ excelize's StreamWriter, defaults, one processor", "≤ 0.6"},
	{"BenchmarkTwelveColumns", "of-its-size", "its size ÷ that file's size", "≤ 1.1"},
	{"BenchmarkPages", "worst-p95-ms", "pages of people, batches, banks and recovery in the console, everybody paid and answered by the banks: p95 of the slowest page, ms", "≤ 300"},
	{"BenchmarkPages", "worst-p95-beside-run-ms", "the same beside a run that writes all the while, ms", "≤ 300"},
	{"BenchmarkPages", "people-built/copy", "building the list for search of these people ÷ copying its rows within the database into a table with the same indexes", "–"},
	{"BenchmarkYear", "peak-MB", "peak memory of the program reading a year of twelve approved months, MB", "–"},
}
