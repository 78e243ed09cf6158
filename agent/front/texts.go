package front

import "ark/internal/web"

// texts are what the door says, in Chinese and English.
var texts = web.Texts{
	"error.ours": {"车上的程序出了错，请再试一次", "Something went wrong on the van. Please try again"},

	"app.name":   {"服务方舟", "Service Ark"},
	"app.other":  {"English", "中文"},
	"app.larger": {"大字", "Larger text"},
	"app.usual":  {"普通字", "Usual text"},
	"app.skip":   {"跳到正文", "Skip to the content"},

	"door.title": {"您已连上方舟车的 Wi-Fi", "You are on the van's Wi-Fi"},
	"door.calm":  {"这个 Wi-Fi 不通互联网，只通这辆车。", "This Wi-Fi does not lead to the Internet, only to this van."},
	"door.open":  {"打开队员页", "Open the crew's app"},
	"door.at":    {"队员页的网址：", "The crew's app is at:"},
	"door.first": {"第一次用这部手机？先装一次证书", "First time with this phone? Install the certificate, once"},
	"door.home":  {"把队员页放到手机主屏幕上", "Put the crew's app on the phone's home screen"},
	"door.help":  {"看怎么做", "Show me how"},
	"door.out": {"请不要在这个窗口里用。关掉它，打开手机的浏览器，输入上面的网址，或用另一部手机扫这个码。",
		"Please do not go on in this window. Shut it, open the phone's browser and type the address above, or scan this code."},
	"door.code": {"队员页的网址，二维码", "The address of the crew's app as a QR code"},

	"check.title": {"这部手机信任这辆车吗？", "Does this phone trust the van?"},
	"check.wait":  {"正在检查…", "Looking …"},
	"check.yes":   {"✓ 信任。可以打开队员页了。", "✓ It does. You can open the crew's app."},
	"check.no":    {"✗ 还没有。请照下面的步骤装证书，装好后回到这一页。", "✗ Not yet. Install the certificate step by step, then come back to this page."},
	"check.clicked": {"✗ 还没有：您点过了浏览器的警告。这样手机离开车就不能记走访，请照步骤装证书。",
		"✗ Not yet: you went past the browser's warning. Away from the van the phone could then log nothing. Install the certificate step by step."},
	"check.old":  {"这个浏览器不能离线使用，请换手机自带的浏览器、Chrome 或 Safari，不要用无痕窗口。", "This browser cannot work away from the van. Use the phone's own browser, Chrome or Safari, and no private window."},
	"check.try":  {"试一试：打开下面的网址。没有出现警告，就是信任了。", "Try it: open this address. If no warning comes, the phone trusts the van."},
	"check.sure": {"您看到这一页时如果没有出现过警告，手机就信任这辆车。", "If you saw no warning before this page, the phone trusts the van."},

	"chain.title":   {"这辆车的证书", "This van's certificate"},
	"chain.public":  {"由公共机构签发，手机什么都不用装。有效到 %s。", "From an authority that phones know: nothing is to be installed. Valid until %s."},
	"chain.house":   {"由本单位签发，每部手机装一次。有效到 %s。", "From the house: each phone installs it once. Valid until %s."},
	"chain.none":    {"这辆车还没有证书，手机打不开队员页。请找技术员（arkctl van renew）。", "The van has no certificate, and phones cannot open the crew's app. Ask the technician (arkctl van renew)."},
	"chain.over":    {"证书已经过期，手机打不开队员页；手机里已记的不会丢。请找技术员（arkctl van renew）。", "It has expired: phones cannot open the crew's app. What phones hold is not lost. Ask the technician (arkctl van renew)."},
	"chain.soon":    {"还剩 %d 天，请技术员换新（arkctl van renew）。", "%d days are left: the technician should renew it (arkctl van renew)."},
	"chain.instead": {"公共机构的证书：%s，先用本单位的。", "The one from a public authority: %s; the house's is used meanwhile."},
	"chain.day":     {"2006年1月2日", "2 January 2006"},
	"state.broken":  {"文件读不出来", "its files cannot be read"},
	"state.foreign": {"是给别的网址的", "it is for another address"},
	"state.not-yet": {"还没到生效的时间", "it is not valid yet"},
	"state.expired": {"已过期", "it has expired"},

	"join.title": {"装一次证书，手机就能离线记走访", "Install a certificate once, and the phone can log visits out of reach"},
	"join.why": {"没有它，浏览器不让网页在手机里存东西。这张证书只对车的网址有效，随时可以在手机设置里删掉。",
		"Without it a browser lets no page keep anything in the phone. It is good for the vans' addresses alone, and you can remove it in the phone's settings at any time."},
	"join.only": {"✓ 这辆车现在有手机认得的证书：装证书的几步可以跳过，只做最后一步，把队员页加到主屏幕。",
		"✓ The van has a certificate that phones know: leave the steps about certificates out, and do only the last one, the home screen."},
	"join.kind":  {"您的手机是：", "Your phone is:"},
	"join.shows": {"手机上会看到", "The phone shows"},
	"join.touch": {"点这里", "touch here"},
	"join.last":  {"最后，打开队员页", "At the end, open the crew's app"},
	"join.other": {"给另一部手机：让它先连上这个 Wi-Fi，再扫这个码。", "For another phone: let it join this Wi-Fi, then scan this code."},
	"join.code":  {"这一页的网址，二维码", "The address of this page as a QR code"},
	"join.print": {"装的时候，手机里这张证书“详细信息”的 SHA-256 指纹要和车里贴的纸上一样；不一样就不要装，找技术员：", "The SHA-256 fingerprint that the phone shows under the certificate's details must be the one on the sheet in the van; if not, do not install it, and ask the technician:"},
	"join.lack":  {"这辆车里没有要装的证书，请找技术员。", "The van has no certificate to install. Ask the technician."},
	"join.back":  {"返回", "Back"},
}
