// Package lists writes the workbooks that name people for the offices that go to them:
// 服务名册, 变动名单 and 追缴台账.
package lists
