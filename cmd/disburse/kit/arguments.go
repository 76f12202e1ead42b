package kit

import (
	"os"
	"strings"
	"time"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/policy"
)

// FilePassword reads the password that a flag's file holds; no file, no password.
func FilePassword(file, flag string) (string, error) {
	if file == "" {
		return "", nil
	}
	body, err := os.ReadFile(file)
	if err != nil {
		return "", fault.Wrap(err, fault.NotFound, "读不到口令文件“%s”，请核对 %s 的路径", file, flag)
	}
	password := strings.TrimRight(string(body), "\r\n")
	if password == "" {
		return "", Usage("口令文件“%s”是空的", file)
	}
	return password, nil
}

// Stamp writes a moment to the minute.
func Stamp(at time.Time) string { return at.In(month.Shanghai).Format("2006-01-02 15:04") }

// FilePack reads a pack's file.
func FilePack(name string) (*policy.Pack, error) {
	body, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	pack, err := policy.LoadOnce(body)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "规则包“%s”有误：%s", name, err.Error())
	}
	return pack, nil
}

// ParseMonth reads a month of the command line.
func ParseMonth(s string) (month.Month, error) {
	m, err := month.Parse(s)
	if err != nil {
		return 0, Usage("%s", err.Error())
	}
	return m, nil
}
