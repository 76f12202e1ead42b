// Package rosters has the commands of people's records: roster, opening and accounts.
package rosters
