// Package letters writes what people get: 告知书 and 追缴通知书, a page each.
package letters
