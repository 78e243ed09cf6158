package console

import "ark/internal/web"

// wordTexts say in sentences what vans tell in stable words.
var wordTexts = web.Texts{
	"class.routine":         {"日常", "Routine"},
	"class.emergency-upper": {"上级应急", "Emergency, upper level"},
	"class.emergency-local": {"本地应急", "Emergency, local"},
	"class.scheduled":       {"定时", "Scheduled"},
	"class.music":           {"音乐", "Music"},

	"why.interrupted":     {"被更紧急的打断，之后接着播", "interrupted by something more urgent; it goes on afterwards"},
	"why.quiet":           {"在安静时段内，不播", "quiet hours: not played"},
	"why.not-valid":       {"不在这条广播稿的有效日期内", "outside the dates for which the announcement is valid"},
	"why.too-long":        {"到了最长时长，停下", "its longest length was reached"},
	"why.missed":          {"到点时车没开机或正忙，补播的时间也过了", "the van was off or busy at its time, and the time to make up for it was over too"},
	"why.clock-untrusted": {"车上的钟还没核准，不知道现在几点", "the van's clock is not set yet: it does not know what time it is"},
	"why.muted":           {"声卡被静音，或音量调到了零", "the sound card is muted or turned down to nothing"},
	"why.wrong-card":      {"配置的声卡不在，插着的是另一块", "the configured sound card is not there; another one is"},
	"why.no-card":         {"车上没有声卡", "there is no sound card at all"},
	"why.no-output":       {"送出去的是一片无声，应当有声音", "what was sent was silence though there was something to say"},
	"why.unheard":         {"监听话筒没有听到", "the listening microphone heard nothing of it"},
	"why.no-microphone":   {"没有接话筒", "there is no microphone to talk into"},
	"why.disk-full":       {"车上的卡满了", "the van's card is full"},
	"why.unreachable":     {"连不上中心，取不到录音", "the hub's recordings cannot be reached"},
	"why.emergency":       {"应急广播", "an emergency"},
	"why.talk":            {"现场喊话", "live voice"},
	"why.refused":         {"中心没有给：证书过期，或录音已不在", "the hub does not give them: an old certificate, or they are gone"},
	"why.unknown-zone":    {"车不认识这个时区，请在设置里改一个", "the van does not know this time zone: choose another in the settings"},
	"why.garbled":         {"指令自相矛盾或超出限度，车不能照办", "the order contradicts itself or goes beyond a limit: the van cannot do it"},

	"sound.muted":         {"声卡被静音：请队员把声卡音量调大", "Muted: have the crew turn the sound card up"},
	"sound.wrong-card":    {"插着的不是配置的声卡：请检查 USB 声卡", "Another sound card than the configured one: check the USB card"},
	"sound.no-card":       {"没有声卡：请检查 USB 插头", "No sound card: check the USB plug"},
	"sound.no-output":     {"该出声时没有声音：请检查声卡和接线", "Silence where there should be sound: check card and wires"},
	"sound.unheard":       {"监听话筒听不到喇叭：请检查功放和喇叭线", "The microphone does not hear the loudspeaker: check amplifier and wires"},
	"sound.no-microphone": {"没有接话筒", "No microphone"},

	"trigger.button":   {"车上按钮 %s", "Button %s on the van"},
	"trigger.line":     {"车上按钮 %s（%s）", "Button %s on the van (%s)"},
	"trigger.order":    {"中心指令", "Order from the hub"},
	"trigger.orderBy":  {"中心指令（%s）", "Order from the hub by %s"},
	"trigger.schedule": {"定时播放（%s）", "Schedule, due %s"},
	"trigger.planned":  {"定时播放", "Schedule"},
	"trigger.talk":     {"现场喊话", "Live voice"},
	"trigger.test":     {"自检", "Self-test"},
	"trigger.none":     {"原因不明", "Not known"},

	"heard.yes":     {"监听话筒听到了", "Heard by the microphone"},
	"heard.no":      {"监听话筒没有听到", "Not heard by the microphone"},
	"heard.unknown": {"没有话筒在听", "Nothing listens"},
}
