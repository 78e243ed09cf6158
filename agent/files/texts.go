package files

import "ark/internal/web"

// texts say what a phone is refused for, to people: what is the matter, and
// what to do.
var texts = web.Texts{
	"file.low-photo":    {"车上的存储卡快满了，暂时不收照片。文字照常保存；照片先留在手机上，有空间后会自动传。", "The van's card is nearly full and takes no photos for now. Words are saved as always; the photo stays on your phone and is sent once there is room."},
	"file.low-voice":    {"车上的存储卡快满了，暂时不收录音和签名。文字照常保存；它们先留在手机上，有空间后会自动传。", "The van's card is nearly full and takes no recordings or signatures for now. Words are saved as always; these stay on your phone and are sent once there is room."},
	"file.full":         {"车上的存储卡满了。文件先留在手机上，请告诉管理员。", "The van's card is full. The file stays on your phone; please tell the office."},
	"file.too-large":    {"文件太大，最多 10 MB。请拍小一点或录短一点。", "The file is too large: at most 10 MB. Take a smaller photo or a shorter recording."},
	"file.type":         {"车上不收这种文件，只收照片、录音和签名。", "The van does not take files of this kind: only photos, recordings and signatures."},
	"file.not-its-type": {"这个文件的内容和它的类型不一致，不能收。请重新拍照或录音。", "This file is not what it says it is and cannot be taken. Take the photo or the recording again."},
	"file.damaged":      {"这张照片坏了，请重新拍。", "This photo is damaged. Please take it again."},
	"file.dimensions":   {"这张照片的尺寸太大，请重新拍。", "This photo has too many pixels. Please take it again."},
	"file.location":     {"这个文件里带有拍照或录音的地点。为了住户的隐私，请用本应用重新拍照或录音。", "This file says where it was made. To protect the household, take the photo or the recording again with this app."},
	"file.wrong-hash":   {"文件在路上坏了，正在重新传。", "The file was damaged on its way and is sent again."},
	"file.not-there":    {"车上没有这个文件。", "The van does not have this file."},
	"file.unavailable":  {"车上的存储卡现在写不进去。文件先留在手机上，稍后会自动再传。", "The van's card cannot be written just now. The file stays on your phone and is sent again soon."},
	"file.busy":         {"传的文件太多，稍后会自动再传。", "Too many files are on their way; this one is sent again soon."},
	"file.protocol":     {"手机和车上的程序版本对不上，请刷新页面后再试。", "The app on the phone does not match the van's. Reload the page and try again."},
}
