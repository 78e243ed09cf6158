package front

import "strings"

// pair is a text in Chinese and English.
type pair [2]string

// guide leads the owner of one kind of phone from the Wi-Fi to the app on the
// home screen.
type guide struct {
	ID    string // of the platform, in addresses
	Name  pair
	Steps []step
}

// step is one thing to do, with what the phone shows meanwhile.
type step struct {
	Do     pair
	Screen []pair // rows of the phone's screen as it is drawn, its title first; none: nothing to draw
	Hot    int    // which row to touch
	File   string // what to fetch; empty: nothing
	Label  pair   // of the button that fetches it
}

var (
	download = pair{"下载证书", "Download the certificate"}
	profile  = pair{"下载描述文件", "Download the profile"}
	theCA    = pair{"服务方舟 Service Ark", "服务方舟 Service Ark"}
)

// guides are in the order of how many phones here are of each kind. Names of
// menus are those of the makers' Chinese and English systems; where versions
// differ, the search of the settings leads to the same place.
var guides = []guide{
	{"android", pair{"安卓（小米、OPPO、vivo、荣耀、三星）", "Android (Xiaomi, OPPO, vivo, Honor, Samsung)"}, []step{
		{Do: pair{"连上车的 Wi-Fi。手机说“无法访问互联网”或“网络受限”时，选“保持连接”，勾上“不再询问”。",
			"Join the van's Wi-Fi. If the phone says “no Internet” or “limited connection”, choose to stay connected, and “don't ask again”."},
			Screen: []pair{{"此 WLAN 网络无法访问互联网", "This Wi-Fi has no Internet"}, {"不再询问 ☑", "Don't ask again ☑"}, {"切换网络", "Switch"}, {"保持连接", "Stay connected"}}, Hot: 3},
		{Do: pair{"下载证书。手机说“要在设置里安装”也没关系，文件已经在“下载”里了。",
			"Download the certificate. If the phone says that it must be installed in the settings, never mind: the file is under Downloads now."}, File: "/house-ca.crt", Label: download},
		{Do: pair{"打开“设置”，在最上面搜索“CA 证书”，点“安装证书”里的“CA 证书”。（也可以一步步走：安全 → 更多安全设置 → 加密与凭据 → 安装证书 → CA 证书）",
			"Open Settings and search for “CA certificate” at the top; choose “CA certificate” under “Install a certificate”. (Or step by step: Security → More security settings → Encryption & credentials → Install a certificate → CA certificate.)"},
			Screen: []pair{{"安装证书", "Install a certificate"}, {"CA 证书", "CA certificate"}, {"VPN 和应用用户证书", "VPN & app user certificate"}, {"WLAN 证书", "Wi-Fi certificate"}}, Hot: 1},
		{Do: pair{"手机会警告，点“仍然安装”。这张证书只对方舟车的网址有效，不能用来看别的网站。",
			"The phone warns: choose “Install anyway”. This certificate is good for the vans' addresses alone; it opens nobody's other pages."},
			Screen: []pair{{"您的数据将不再是私密的", "Your data won't be private"}, {"不安装", "Don't install"}, {"仍然安装", "Install anyway"}}, Hot: 2},
		{Do: pair{"输入锁屏密码，在“下载”里选 ark-house-ca.crt。", "Enter the phone's PIN, and choose ark-house-ca.crt under Downloads."},
			Screen: []pair{{"下载", "Downloads"}, {"ark-house-ca.crt", "ark-house-ca.crt"}}, Hot: 1},
		{Do: pair{"用 Chrome 或手机自带的浏览器打开队员页（不要在微信里打开），点右上角菜单，选“添加到主屏幕”。",
			"Open the crew's app in Chrome or the phone's own browser (not inside WeChat), and choose “Add to home screen” in the menu."},
			Screen: []pair{{"⋮", "⋮"}, {"书签", "Bookmarks"}, {"添加到主屏幕", "Add to home screen"}}, Hot: 2},
	}},
	{"harmony", pair{"华为（鸿蒙 HarmonyOS）", "Huawei (HarmonyOS)"}, []step{
		{Do: pair{"连上车的 Wi-Fi。手机说“网络不可用”时，选“继续使用”，勾上“不再提示”。", "Join the van's Wi-Fi. If the phone says that the network cannot be used, choose to go on using it, and “don't remind me”."},
			Screen: []pair{{"当前 WLAN 不可上网", "This Wi-Fi has no Internet"}, {"不再提示 ☑", "Don't remind me ☑"}, {"切换", "Switch"}, {"继续使用", "Keep using"}}, Hot: 3},
		{Do: pair{"下载证书。", "Download the certificate."}, File: "/house-ca.crt", Label: download},
		{Do: pair{"打开“设置”，在最上面搜索“证书”，点“从存储设备安装证书”，选“CA 证书”。（鸿蒙 4：安全 → 更多安全设置 → 加密和凭据；鸿蒙 5：隐私和安全 → 高级 → 证书与凭据）",
			"Open Settings, search for “certificate” at the top, choose “Install from storage” and “CA certificate”. (HarmonyOS 4: Security → More settings → Encryption and credentials; HarmonyOS 5: Privacy & security → Advanced → Certificates & credentials.)"},
			Screen: []pair{{"加密和凭据", "Encryption and credentials"}, {"受信任的凭据", "Trusted credentials"}, {"从存储设备安装证书", "Install from storage"}}, Hot: 2},
		{Do: pair{"看到提醒点“继续”，输入锁屏密码，在“下载”里选 ark-house-ca.crt。", "Choose to continue, enter the phone's PIN, and choose ark-house-ca.crt under Downloads."},
			Screen: []pair{{"下载", "Downloads"}, {"ark-house-ca.crt", "ark-house-ca.crt"}}, Hot: 1},
		{Do: pair{"用华为浏览器打开队员页（不要在微信里打开），点下面的菜单，选“添加到桌面”。", "Open the crew's app in Huawei Browser (not inside WeChat), and choose “Add to desktop” in the menu below."},
			Screen: []pair{{"菜单", "Menu"}, {"添加书签", "Add bookmark"}, {"添加到桌面", "Add to desktop"}}, Hot: 2},
	}},
	{"ios", pair{"苹果（iPhone、iPad）", "Apple (iPhone, iPad)"}, []step{
		{Do: pair{"连上车的 Wi-Fi，用 Safari 打开这一页（不要用微信，也不要用别的浏览器）。", "Join the van's Wi-Fi and open this page in Safari (not inside WeChat, and in no other browser)."}},
		{Do: pair{"下载描述文件，问起时点“允许”。", "Download the profile, and choose “Allow” when asked."}, File: "/house-ca.mobileconfig", Label: profile,
			Screen: []pair{{"此网站正尝试下载一个配置描述文件", "This website is trying to download a configuration profile"}, {"忽略", "Ignore"}, {"允许", "Allow"}}, Hot: 2},
		{Do: pair{"打开“设置”，点最上面的“已下载描述文件”，点“安装”，输入锁屏密码，再点“安装”。", "Open Settings, choose “Profile Downloaded” at the top, “Install”, enter the passcode, and “Install” again."},
			Screen: []pair{{"设置", "Settings"}, {"已下载描述文件", "Profile Downloaded"}, {"飞行模式", "Airplane Mode"}}, Hot: 1},
		{Do: pair{"还差一步：设置 → 通用 → 关于本机 → 最下面“证书信任设置”，把这张证书的开关打开。", "One step more: Settings → General → About → “Certificate Trust Settings” at the bottom: switch this certificate on."},
			Screen: []pair{{"证书信任设置", "Certificate Trust Settings"}, {"针对根证书启用完全信任", "Enable full trust for root certificates"}, {theCA[0] + "  ◉", theCA[1] + "  ◉"}}, Hot: 2},
		{Do: pair{"用 Safari 打开队员页，点下面的“分享”，选“添加到主屏幕”。以后从主屏幕打开：只放在网页里的记录，苹果过七天会清掉。",
			"Open the crew's app in Safari, choose “Share” and “Add to Home Screen”. From then on open it there: what is kept in a mere web page Apple removes after seven days."},
			Screen: []pair{{"分享", "Share"}, {"拷贝", "Copy"}, {"添加到主屏幕", "Add to Home Screen"}}, Hot: 2},
	}},
	{"windows", pair{"Windows 平板、电脑", "Windows tablet or computer"}, []step{
		{Do: pair{"连上车的 Wi-Fi，下载证书。浏览器问要不要保留，选“保留”。", "Join the van's Wi-Fi and download the certificate; if the browser asks, keep it."}, File: "/house-ca.crt", Label: download},
		{Do: pair{"打开下载的 ark-house-ca.crt，点“安装证书”，选“当前用户”。", "Open ark-house-ca.crt, choose “Install Certificate” and “Current User”."},
			Screen: []pair{{"证书", "Certificate"}, theCA, {"安装证书(I)…", "Install Certificate…"}}, Hot: 2},
		{Do: pair{"选“将所有的证书都放入下列存储”，点“浏览”，选“受信任的根证书颁发机构”，一直点“下一步”，最后点“完成”和“是”。",
			"Choose “Place all certificates in the following store”, “Browse”, “Trusted Root Certification Authorities”, go on to “Finish”, and say “Yes”."},
			Screen: []pair{{"选择证书存储", "Select Certificate Store"}, {"个人", "Personal"}, {"受信任的根证书颁发机构", "Trusted Root Certification Authorities"}}, Hot: 2},
		{Do: pair{"用 Edge 或 Chrome 打开队员页，点右上角菜单 → 应用 → “将此站点安装为应用”。", "Open the crew's app in Edge or Chrome; menu → Apps → “Install this site as an app”."},
			Screen: []pair{{"…", "…"}, {"应用", "Apps"}, {"将此站点安装为应用", "Install this site as an app"}}, Hot: 2},
	}},
}

// guideOf is the guide of a platform's name, else of the phone that asks.
func guideOf(platform, agent string) guide {
	for _, g := range guides {
		if g.ID == platform {
			return g
		}
	}
	has := func(any ...string) bool {
		for _, word := range any {
			if strings.Contains(agent, word) {
				return true
			}
		}
		return false
	}
	switch {
	case has("HarmonyOS", "OpenHarmony", "ArkWeb", "HuaweiBrowser", "HUAWEI"):
		return guides[1]
	case has("iPhone", "iPad", "Macintosh"): // an iPad calls itself a Mac
		return guides[2]
	case has("Windows NT"):
		return guides[3]
	}
	return guides[0]
}

// inWindow tells whether a page is shown inside another program: a maker's
// sign-in window, or WeChat and the like. Nothing can be installed from there,
// and what is typed there is gone when it is shut.
func inWindow(agent string) bool {
	apple := strings.Contains(agent, "iPhone") || strings.Contains(agent, "iPad")
	return strings.Contains(agent, "MicroMessenger") || strings.Contains(agent, "; wv)") || apple && !strings.Contains(agent, "Safari/")
}
