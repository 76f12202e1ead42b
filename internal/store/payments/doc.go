// Package payments stores what banks answered of payments (回盘), adds it up and
// reconciles it (对账).
package payments
