package population

import "strconv"

// street is a 街道 with its 社区, all but the street's own name made up.
type street struct {
	name        string
	communities []string
}

// streets are the pack's eighteen, by their share of the people in 1/1000.
var streets = among(
	share[street]{street{"永泰", []string{"永泰里", "南关里", "瓮城口", "平安里", "三元里", "福盛园"}}, 78},
	share[street]{street{"古城", []string{"鼓楼里", "东塔里", "四牌楼", "华严里", "关帝里"}}, 52},
	share[street]{street{"新旺", []string{"新旺里", "兴旺园", "和旺里", "同旺园"}}, 61},
	share[street]{street{"迎宾", []string{"迎宾里", "宾西里", "友谊园", "雁同里", "和平园"}}, 72},
	share[street]{street{"振华", []string{"振华里", "振南里", "兴华园", "同德里", "柳港里"}}, 83},
	share[street]{street{"清远", []string{"清远里", "西门里", "清平园", "下皇里"}}, 47},
	share[street]{street{"武定", []string{"武定里", "北关里", "操场里", "永和里"}}, 55},
	share[street]{street{"御河", []string{"御河湾", "御东里", "水岸园", "御锦里", "桥头里"}}, 58},
	share[street]{street{"开源", []string{"开源里", "源茂园", "长胜里", "开泰里"}}, 66},
	share[street]{street{"大庆路", []string{"大庆里", "机车里", "前进里", "庆新里", "绿园里", "平旺里"}}, 102},
	share[street]{street{"马军营", []string{"马军里", "营南里", "营西里", "智家里"}}, 48},
	share[street]{street{"卧虎湾", []string{"卧虎里", "虎湾里", "北岳里"}}, 39},
	share[street]{street{"新华", []string{"新华里", "华北里", "新建里", "向阳里", "安益园"}}, 70},
	share[street]{street{"鹿苑", []string{"鹿苑里", "鹿鸣里", "西苑里"}}, 33},
	share[street]{street{"白登山", []string{"白登里", "山前里", "登云里"}}, 29},
	share[street]{street{"文瀛湖", []string{"文瀛里", "湖滨里", "湖东里", "文兴园"}}, 41},
	share[street]{street{"水泊寺", []string{"水泊里", "寺东里", "泊南里"}}, 42},
	share[street]{street{"小南头", []string{"小南里", "南头里", "塔南里"}}, 24},
)

// Shares of contacts.
const (
	noPhone  = 0.03
	landline = 0.12
)

// lives gives the person an address.
func (d *draft) lives() {
	s := streets.pick(d.r)
	d.Street, d.Community = s.name, one(d.r, s.communities)+"社区"
	d.Address = d.Community[:len(d.Community)-len("社区")] + strconv.Itoa(1+d.r.IntN(40)) + "号楼" +
		strconv.Itoa(1+d.r.IntN(6)) + "单元" + strconv.Itoa(100*(1+d.r.IntN(6))+1+d.r.IntN(2)) + "室"
}

// phone makes up a number that nobody can have: no mobile number begins with 125,
// no fixed line with 0.
func (d *dice) phone() string {
	switch {
	case d.chance(noPhone):
		return ""
	case d.chance(landline):
		return "0352-0" + strconv.Itoa(100_000+d.r.IntN(900_000))
	}
	return "125" + strconv.Itoa(10_000_000+d.r.IntN(90_000_000))
}
