// Package yearly writes what was received in a year: 领取情况 of a bureau, and one
// person's statement.
package yearly
