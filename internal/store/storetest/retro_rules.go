package storetest

// The places in the built-in pack that these stories change.
const (
	Rate11  = "      - {from: 2024-01, value: 70, source: 清单第11项}\n"
	Rate16  = "      - {from: 2024-01, value: 100, floor: 100, source: 清单第16项}\n"
	Rate23  = "  - name: 重度残疾人护理补贴标准\n    unit: 元/月\n    values:\n      - {from: 2024-01, value: 100,"
	After23 = "  - name: 探访次数\n    unit: 次/月\n"
	Who13   = "      - 经济困难\n    unless: [known(特困)]\n    pay:\n      amount: 养老服务补贴标准\n"
	Pays11  = "      amount: 高龄津贴标准\n"
)
