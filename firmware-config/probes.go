package firmwareconfig

// Probes are the names that phones and computers ask, as soon as they are on
// a Wi-Fi, whether it is worth staying on. The van's name server answers them
// with the van itself, and its port 80 says what they want to hear. Left out
// on purpose: www.google.com, where Android asks over HTTPS. The van cannot
// answer that one, and a quick refusal is better than a wrong certificate.
var Probes = []string{
	// Android, ChromeOS and their fallbacks (AOSP, NetworkMonitor)
	"connectivitycheck.gstatic.com", "connectivitycheck.android.com", "clients3.google.com", "play.googleapis.com",
	"www.gstatic.com", "www.google.cn", "www.googleapis.cn", "g.cn",
	// what makers put in its place for the mainland
	"connectivitycheck.platform.hicloud.com", "connectivitycheck.platform.hihonorcloud.com", // Huawei with HarmonyOS, Honor
	"connect.rom.miui.com",                                                                   // Xiaomi, Redmi
	"conn1.oppomobile.com", "conn2.oppomobile.com", "conn1.coloros.com", "conn2.coloros.com", // OPPO, OnePlus, realme
	"wifi.vivo.com.cn",            // vivo, iQOO
	"connectivity.samsung.com.cn", // Samsung
	// iOS, iPadOS, macOS
	"captive.apple.com", "www.apple.com", "www.appleiphonecell.com", "www.itools.info", "www.ibook.info", "www.airport.us", "www.thinkdifferent.us",
	// Windows (NCSI)
	"www.msftconnecttest.com", "ipv6.msftconnecttest.com", "www.msftncsi.com",
	// browsers and other systems
	"detectportal.firefox.com", "edge-http.microsoft.com", "nmcheck.gnome.org", "connectivity-check.ubuntu.com",
}
