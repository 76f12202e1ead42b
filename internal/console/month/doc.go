// Package month has the pages of the month: to-do list, status of each bureau's batches, chart
// of payments, and starting a run. What a run computes is payrun's.
package month
