package console

import "ark/internal/web"

// vanTexts are those of the vans' pages.
var vanTexts = web.Texts{
	"van.ill":        {"有问题的（%d）", "With trouble (%d)"},
	"van.well":       {"一切正常", "All well"},
	"van.more":       {"详情", "Details"},
	"van.state":      {"状态", "State"},
	"van.device":     {"声卡", "Device"},
	"van.full":       {"最大 %s", "at most %s"},
	"van.scale":      {"分贝刻度", "Scale of dB"},
	"van.calibrated": {"量过", "measured"},
	"van.guess":      {"没有量过，是估计的：请技术员用声级计量一次", "a guess: have a technician measure it once"},
	"van.listens":    {"监听话筒", "Listening microphone"},
	"van.listening":  {"在听", "listens"},
	"van.library":    {"广播稿库", "Library"},
	"van.runs":       {"运行", "Running"},
	"van.place":      {"停在", "Place"},
	"van.onTime":     {"按时播放", "starts on time"},
	"van.casts":      {"播出记录", "Record"},

	"remark.sound":       {"喇叭：%s", "Loudspeaker: %s"},
	"remark.panel":       {"按钮：%s", "Buttons: %s"},
	"remark.disk":        {"卡快满了：只剩 %s GB", "The card is nearly full: %s GB left"},
	"remark.plan":        {"不按定时播放：%s", "Starts nothing by schedule: %s"},
	"remark.test":        {"%s 自检没过：%s", "Self-test of %s failed: %s"},
	"remark.library":     {"广播稿库：%s", "Library: %s"},
	"remark.quarantined": {"%d 条记录看不懂", "%d records not understood"},
	"remark.forks":       {"卡的历史分叉了 %d 次", "the card's history forked %d times"},
	"remark.gaps":        {"有 %d 段记录丢了", "%d runs of records were lost"},
	"remark.salvaged":    {"卡坏过，有记录读不出", "the card was damaged; records could not be read"},

	"lib.untold":  {"车还没有报告", "The van has not told yet"},
	"lib.own":     {"还没有收到广播稿库，播车上自带的", "None came yet: it plays what it was delivered with"},
	"lib.held":    {"第 %d 版，齐全", "version %d, whole"},
	"lib.old":     {"第 %d 版，还没收到第 %d 版", "version %d; version %d has not come yet"},
	"lib.lacks":   {"第 %d 版，缺 %d 段录音", "version %d, %d recordings missing"},
	"lib.coming":  {"第 %d 版下载中：%s / %s MB", "version %d is coming: %s of %s MB"},
	"lib.failed":  {"第 %d 版没有下载成：%s", "version %d did not come: %s"},
	"lib.uses":    {"（现在用第 %d 版）", " (uses version %d meanwhile)"},
	"lib.usesOwn": {"（现在播车上自带的）", " (plays what it was delivered with)"},
	"lib.missing": {"缺少的录音：", "Missing recordings:"},
	"lib.unnamed": {"另有 %d 段不在现在的广播稿里。", "%d more are of no present announcement."},

	"test.none":     {"还没有自检过", "No self-test yet"},
	"test.heard":    {"通过：话筒听到了", "passed: the microphone heard it"},
	"test.consumed": {"声卡播完了；没有话筒，不知道外面听不听得到", "the device played all of it; nothing listens, so whether it was heard is not known"},
	"test.unheard":  {"话筒没有听到", "the microphone heard nothing"},
	"test.stuck":    {"声卡没有播完", "the device did not play all of it"},

	"press.title": {"从按下到出声", "From press to sound"},
	"press.sum":   {"%d 次：一半在 %s 毫秒内，百分之九十九在 %s 毫秒内", "%d presses: half within %s ms, 99 in 100 within %s ms"},
	"press.none":  {"开机后还没有按过按钮", "No press since the van was switched on"},
	"press.ms":    {"毫秒", "ms"},
	"press.count": {"次数", "Count"},
	"press.hint":  {"左边是毫秒，右边是次数；开机以来，按声卡自己的时间算。", "Milliseconds at the left, counts at the right; since the van was switched on, by the device's own time."},
}
