// Package explain says what a batch has and why, person by person: lines with reasons,
// lists, changes since last month (变动), letters (告知书), recalls
// (追缴通知书), then and now.
package explain
