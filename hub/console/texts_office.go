package console

import "ark/internal/web"

// officeTexts are those of schedules, settings and the as-run log.
var officeTexts = web.Texts{
	"play.find":         {"找广播稿", "Find an announcement"},
	"play.findVan":      {"找车", "Find a van"},
	"play.selectShown":  {"选中列出的", "Choose all shown"},
	"play.selectNone":   {"全部不选", "Choose none"},
	"play.count":        {"已选 %d 辆", "%d chosen"},
	"play.empty":        {"广播稿库里还没有可以播的广播稿。", "There is nothing to play in the library yet."},
	"play.why":          {"为什么要播应急广播", "Why this emergency"},
	"play.whyHint":      {"会写进记录：安静时段里也会播", "it goes into the record: it sounds in quiet hours too"},
	"play.noReason":     {"应急广播要写明原因，例如“气象局暴雨红色预警”。", "An emergency needs a reason, such as “red warning of the weather office”."},
	"play.longReason":   {"原因请写短一些，不超过 200 字。", "Please keep the reason under 200 characters."},
	"play.obstacleHint": {"黄字、红字写着那辆车为什么可能听不到。", "Amber and red words say why a van may not be heard."},

	"obstacle.away":    {"不在线，等它回来", "away: waits for it"},
	"obstacle.quiet":   {"现在是安静时段", "quiet hours now"},
	"obstacle.missing": {"车上没有这条录音", "no recording on the van"},
	"obstacle.partly":  {"缺一部分录音", "some recordings missing"},
	"obstacle.coming":  {"录音还在下载", "recordings still coming"},
	"obstacle.old":     {"广播稿库不是最新的", "library out of date"},
	"obstacle.untold":  {"还没报告有哪些录音", "has not told what it holds"},

	"confirm.title": {"确定播应急广播吗？", "Broadcast this emergency?"},
	"confirm.loud":  {"会马上打断正在播的内容，安静时段也照播，并记下原因和您的账号。", "It cuts what is playing at once, sounds in quiet hours too, and is recorded with the reason and your account."},
	"confirm.unfit": {"有 %d 辆车可能听不到：", "%d vans may not be heard:"},
	"confirm.do":    {"确定，马上播", "Yes, broadcast now"},
	"confirm.no":    {"不播，返回", "No, go back"},

	"order.vans":     {"%d 辆车", "%d vans"},
	"order.each":     {"看每辆车", "See each van"},
	"order.why":      {"原因：%s", "Reason: %s"},
	"order.only":     {"显示哪些车", "Which vans"},
	"order.standing": {"自动下发的广播稿库、定时表和设置：%d 次", "Libraries, schedules and settings sent by themselves: %d"},
	"only.all":       {"全部", "All"},
	"only.trouble":   {"没播成的", "Not played"},
	"only.waiting":   {"还在等的", "Waiting"},
	"only.none":      {"没有这样的车", "No such van"},
	"stop.these":     {"停止（%d 辆）", "Stop (%d)"},

	"standing.library":  {"广播稿库 第 %d 版", "Library %d"},
	"standing.plan":     {"定时表 第 %d 版，%d 条", "Schedule %d with %d items"},
	"standing.settings": {"设置 第 %d 版", "Settings %d"},
	"standing.other":    {"其他指令", "Another order"},

	"tally.started":  {"已出声 %d / %d", "%d of %d started"},
	"tally.finished": {"完成 %d", "%d finished"},
	"tally.accepted": {"受理 %d", "%d accepted"},
	"tally.held":     {"已收到 %d", "%d on the van"},
	"tally.waiting":  {"等车连上 %d", "%d not there yet"},
	"tally.cut":      {"被打断 %d", "%d cut short"},
	"tally.failed":   {"失败 %d", "%d failed"},
	"tally.expired":  {"过期 %d", "%d expired"},
	"tally.lapsed":   {"过时限 %d", "%d too late"},
}
