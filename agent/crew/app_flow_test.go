package crew

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/internal/browser"
)

// logged is the newest visit that the double holds.
const logged = "window.double.book[0].visit"

// touches are the common visit: the door that is offered first, the outcome, a
// service, save.
var touches = []string{firstHome, "[name=outcome][value=met]", "[name=services][value=haircut]", ".save"}

// visitBy is how long an older person needs at the screens: the Keystroke-Level
// Model (Card, Moran and Newell, 1980: 1.35 s to make up one's mind, 1.1 s to
// point, 1.2 s for a letter of somebody who does not type) with mind and hand
// taken twice as slow, as the older adult's model processor has it
// (Jastrzembski and Charness, 2007, who find factors from 1.5 to 2).
func visitBy(touches, decisions, letters int) time.Duration {
	const mind, point, letter = 2 * 1350 * time.Millisecond, 2 * 1100 * time.Millisecond, 1200 * time.Millisecond
	return time.Duration(decisions)*mind + time.Duration(touches)*point + time.Duration(letters)*letter
}

// The common visit is four touches, each of which is in sight without
// scrolling when it is due on a phone of 390 by 844, and the next visit begins
// at the door beside it.
func TestTheCommonVisitIsFourTouches(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("", "#/")
	before := browser.Value[int](s.Page, "window.double.book.length")
	var took time.Duration
	for i, touch := range touches {
		s.Await("document.querySelector(" + quoted(touch) + ")")
		s.truth("((r) => r.top >= 0 && r.bottom <= innerHeight)(document.querySelector("+quoted(touch)+").getBoundingClientRect())", touch+" is out of sight")
		began := time.Now()
		s.Click(touch)
		if i < len(touches)-1 {
			s.Await("document.querySelector(" + quoted(touches[i+1]) + ")")
		}
		took += time.Since(began)
	}
	took += s.Await("document.querySelector('.saved [data-state=van]')")
	if n := browser.Value[int](s.Page, "window.double.book.length"); n != before+1 {
		t.Fatalf("%d visits more, want one", n-before)
	}
	s.truth(logged+".place === '翠苑一区3幢2单元501室' && "+logged+".outcome === 'met' && "+logged+".services.join() === 'haircut' && "+
		logged+".household.endsWith('051') && "+logged+".where.room === '501' && "+logged+".form === 3", "the visit is not what was touched")
	s.truth("document.querySelector('.homes .door').textContent.includes('404')", "the next door is not offered first")
	s.truth("document.querySelector('[data-count=van]').textContent.includes('4') && document.querySelector('[data-count=all]').textContent.includes('8')", "the counts do not add up")
	person := visitBy(len(touches), 3, 0)
	t.Logf("four touches: a person of seventy needs %v, the app %v; with the initials of a name typed in: five touches and three letters, %v", person, took.Round(time.Millisecond), visitBy(5, 4, 3))
	if person+took > 30*time.Second {
		t.Errorf("the common visit takes %v", person+took)
	}
	s.noFaults()
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always can
	return string(b)
}

// The same by keyboard alone, with a household found by the initials of a name.
func TestTheCommonVisitByKeyboard(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("", "#/")
	s.Reach("#place")
	s.Press("zay")
	s.Await("document.querySelector('[data-part=place] [role=status]').textContent.includes('4')")
	s.Press("\r")
	s.Await("document.activeElement.matches('.home[data-home]')")
	s.Press("\r")
	s.Await("document.querySelector('h2.door')")
	s.Reach("[name=outcome]")
	s.Press(" ")
	s.Reach("[name=services][value=shoes]")
	s.Press(" ")
	s.Reach(".save")
	s.Press("\r")
	s.Await("document.querySelector('.saved')")
	s.truth(logged+".outcome === 'met' && "+logged+".services.join() === 'shoes'", "the visit is not what was typed")
	s.noFaults()
}

// What is being written is there again after a reload, and can be thrown away.
func TestADraftOutlivesAReload(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("", "#/")
	s.Click(firstHome)
	s.Await("document.querySelector('h2.door')")
	s.Click("[name=outcome][value=met]")
	s.Click("[data-part=note] summary")
	s.Type("#note", "门口有台阶")
	s.Click("[data-part=needs] summary")
	s.Click("[data-part=needs] .ticks .btn")
	s.Type("#need-0", "要一个扶手")
	s.Go(browser.Value[string](s.Page, "location.href")) // the same address is loaded anew
	browser.Value[bool](s.Page, "(location.reload(), true)")
	s.AwaitText("接着上次没写完的")
	s.truth("document.querySelector('h2.door').textContent.includes('501') && document.querySelector('[name=outcome][value=met]').checked && "+
		"document.querySelector('#note').value === '门口有台阶' && document.querySelector('#need-0').value === '要一个扶手'", "the draft came back changed")
	s.Click(".head .btn.small")
	s.Await("!document.querySelector('#resumed') && document.querySelector('.homes .home')")
	s.truth("!document.querySelector('h2.door')", "the draft was not thrown away")
	s.noFaults()
}

// A visit that begins at a household's page is a new one, and called so.
func TestAVisitFromAHousehold(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("", "#/home/01990000-0000-7000-8000-000000000014")
	s.AwaitText("登记走访")
	s.Click("main .btn:not(.second)")
	s.Await("document.querySelector('h2.door') && document.querySelector('[name=outcome]')")
	s.truth("!document.querySelector('#resumed')", "a visit that has just begun is called begun before")
	s.noFaults()
}

// Out of the van's reach a visit is said to be on the phone only, in amber
// with a word and a drawing; the counts add up at every step; one touch takes
// it back.
func TestWhereAVisitIsAndUndo(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("away", "#/")
	s.AwaitText("连不上方舟车。1 条先存在手机里")
	for _, touch := range touches {
		s.Click(touch)
		s.Await("true")
	}
	s.Await("document.querySelector('.saved .pill.amber[data-state=phone] svg')")
	sum := "[...document.querySelectorAll('[data-count]:not(.sum) b')].reduce((n, e) => n + Number(e.textContent), 0)"
	s.truth(sum+" === 8 && document.querySelector('.sum').textContent.includes('8') && document.querySelector('[data-count=phone]').textContent.includes('2')", "the counts do not add up")
	browser.Value[bool](s.Page, "(window.double.book[0].state = 'van', window.double.set({ online: true }), true)")
	s.Await("document.querySelector('.saved .pill.green[data-state=van]')")
	s.truth(sum+" === 8 && document.querySelector('[data-count=van]').textContent.includes('4')", "the counts do not add up once it is on the van")
	s.Click(".saved button")
	s.AwaitText("已撤回：翠苑一区3幢2单元501室")
	s.truth("window.double.book[0].withdrawn", "it was not withdrawn")
	s.truth("document.getElementById('said').textContent.includes('已撤回')", "a screen reader is not told")
	s.noFaults()
}

// A name that is a script is shown as it was written, wherever it stands.
func TestNamesAreText(t *testing.T) {
	s := openScreens(t, browser.Phone)
	evil := "<img src=x onerror=window.hacked=1>"
	for _, hash := range []string{"#/", "#/homes", "#/home/01990000-0000-7000-8000-000000000014", "#/home/edit/01990000-0000-7000-8000-000000000014", "#/today", "#/seen/01990000-0000-7000-8000-000000000901"} {
		s.at("", hash)
		browser.Value[bool](s.Page, "(Object.assign(window.double.book[0].visit, { place: '"+evil+"', note: '"+evil+"', by: '"+evil+"', person: '"+evil+"' }), window.double.book[0].comment = '"+evil+
			"', dispatchEvent(new Event('ark:refresh')), true)")
		s.Await("document.body.innerText.includes('onerror') || document.querySelector('#name-0')?.value.includes('onerror')")
		s.truth("!window.hacked && !document.querySelector('main img, main script')", hash+" made markup of a name")
	}
	s.noFaults()
}

// A household that nobody may visit is chosen only after its reason was read.
func TestDoNotVisitIsSeenFirst(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("", "#/")
	s.Type("#place", "302")
	s.Await("document.querySelector('[data-home$=\"032\"]')")
	s.Click("[data-home$='032']")
	s.AwaitText("家里有病人，请先打电话约时间")
	s.truth("!document.querySelector('[name=outcome]').checkVisibility()", "the form is open before the warning was answered")
	s.Click(".warning .btn:not(.second)")
	s.Await("document.querySelector('#place')")
	s.Click("[data-home$='032']")
	s.Await("document.querySelector('.warning')")
	s.Click(".warning .btn.second")
	s.Await("document.querySelector('h2.door')")
	s.AwaitText("家里有病人，请先打电话约时间") // it stays in sight
	s.noFaults()
}

// What staff returned stands on top of the day, with their comment; it is
// mended, and goes out again.
func TestAReturnedVisitIsMended(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("", "#/today")
	s.truth("document.querySelector('main .card').innerText.includes('搬到哪里去了')", "what was returned is not on top")
	s.Click("main .card.red a.visit")
	s.AwaitText("改好再交")
	s.Click(".pair .btn:nth-child(1)")
	s.Await("document.querySelector('#why')")
	s.AwaitText("搬到哪里去了？请问一问邻居。")
	s.Click("[data-part=note] summary")
	s.Type("#note", "搬到女儿家")
	s.Type("#why", "问了邻居")
	s.Click(".save")
	s.AwaitText("改过几次")
	s.truth("((v) => v.visit.note === '搬到女儿家' && v.state === 'van' && v.editions.at(-1).why === '问了邻居' && v.visit.outcome === 'moved')(window.double.book.find((v) => v.id.endsWith('906')))", "the correction did not arrive whole")
	s.noFaults()
}

// Questions come and go by the form's rules, and one that must be answered is
// asked for.
func TestQuestionsOfTheForm(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("", "#/")
	s.Click(firstHome)
	s.Await("document.querySelector('h2.door')")
	s.Click("[name=outcome][value=met]")
	s.Click("[name=q-alone][value=yes]")
	s.Click(".save")
	s.AwaitText("有一个必答的问题还没有答")
	s.truth("document.activeElement.matches('[name=q-call]')", "the focus is not where an answer is wanted")
	s.Click("[name=q-call][value=weekly]")
	s.Click("[name=q-alone][value=no]")
	s.Await("!document.querySelector('[name=q-call]')")
	s.Click(".save")
	s.Await("document.querySelector('.saved')")
	s.truth("JSON.stringify("+logged+".answers) === JSON.stringify([{ code: 'alone', values: ['no'] }])", "an answer to a question that is not asked was kept")
	s.noFaults()
}

// A photo is made small and loses what the camera wrote into it; its time is
// kept. What is none is refused in words.
func TestAPhoto(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("", "#/")
	s.Click(firstHome)
	s.Await("document.querySelector('h2.door')")
	s.Click("[data-part=photo] summary")
	dir := t.TempDir()
	photo, program := filepath.Join(dir, "door.jpg"), filepath.Join(dir, "setup.jpg")
	if err := os.WriteFile(photo, cameraPhoto(t), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, append([]byte("MZ\x90\x00"), make([]byte, 4000)...), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Choose("#camera", program)
	s.AwaitText("这不是能用的照片")
	s.Choose("#camera", photo)
	s.Await("document.querySelector('figure img')?.naturalWidth === 1600")
	s.truth("[...window.double.blobs.values()].length === 1", "something else was kept")
	browser.Value[bool](s.Page, "([...window.double.blobs.values()][0].arrayBuffer().then((b) => { window.bytes = new TextDecoder('latin1').decode(b); }), true)")
	s.Await("window.bytes")
	s.truth("window.bytes.startsWith('\\xff\\xd8\\xff') && !window.bytes.includes('Exif') && !window.bytes.includes('GPSLatitude')", "what the camera wrote is still there")
	s.Click("[name=outcome][value=met]")
	s.Click(".save")
	s.Await("document.querySelector('.saved')")
	s.truth("((a) => a.length === 1 && a[0].role === 'photo' && a[0].type === 'image/jpeg' && Math.abs(a[0].taken - Date.now()) < 600000 && a[0].size > 0)("+logged+".attachments)", "the visit does not name the photo")
	s.noFaults()
}

// cameraPhoto is a picture of 3200 by 2400 with an Exif segment that says
// where it was taken.
func cameraPhoto(t *testing.T) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 3200, 2400))
	for i := range m.Pix {
		m.Pix[i] = color.Gray{Y: uint8(i / 3200 / 10)}.Y
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	exif := append([]byte("Exif\x00\x00GPSLatitude 30.27 GPSLongitude 120.15"), make([]byte, 20)...)
	segment := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return slices.Concat(b.Bytes()[:2], segment, b.Bytes()[2:])
}

// Voice, signature, place and consent are parts of a visit.
func TestVoiceSignaturePlaceAndConsent(t *testing.T) {
	s := openScreens(t, browser.Options{Width: 390, Height: 844, Microphone: true})
	s.at("", "#/")
	s.Click(firstHome)
	s.Await("document.querySelector('h2.door')")
	s.Click("[name=outcome][value=met]")
	s.Click("[data-part=consent] summary")
	s.AwaitText("您说的情况只给街道办事处的人看")
	s.Click("[name=consent-data][value=yes]")
	s.Click("[name=consent-voice][value=no]")
	s.Click("[data-part=voice] summary")
	s.Click("[data-part=voice] .btn")
	s.AwaitText("0:01")
	s.Click("[data-part=voice] .stop")
	s.AwaitText("录音 1")
	s.Click("[data-part=signature] summary")
	s.Click("[data-part=signature] .pair .btn:not(.second)")
	s.AwaitText("框里还是空的")
	s.Swipe("canvas.sign", 60)
	s.Click("[data-part=signature] .pair .btn:not(.second)")
	s.Await("document.querySelector('[data-part=signature] img')")
	browser.Value[bool](s.Page, "(navigator.geolocation.getCurrentPosition = (done) => done({ coords: { latitude: 30.2741, longitude: 120.1551, accuracy: 11.6 } }), true)")
	s.Click("[data-part=geo] summary")
	s.Click("[data-part=geo] .btn")
	s.AwaitText("误差约 12 米")
	s.Click(".save")
	s.AwaitText("对方不同意录音：请去掉录音")
	s.Click("[data-part=voice] .card > .btn")
	s.Click(".save")
	s.Await("document.querySelector('.saved')")
	s.truth("((v) => v.geo.lat === 302741000 && v.geo.lon === 1201551000 && v.geo.acc === 12)("+logged+")", "the place is not kept as the van takes it")
	s.truth("((c) => c.length === 2 && c[0].what === 'data' && c[0].given && c[0].notice === 2 && c[0].how === 'signed' && c[0].at > 1e12 && !c[1].given)("+logged+".consent)", "consent is not kept")
	s.truth(logged+".attachments.map((a) => a.role + a.type).join() === 'signatureimage/png'", "the attachments are not those that were left")
	s.noFaults()
	visit := browser.Value[json.RawMessage](s.Page, "JSON.stringify("+logged+")")
	checkVisit(t, visit)
}

// checkVisit holds what the screens wrote against what the van takes.
func checkVisit(t *testing.T, raw json.RawMessage) {
	t.Helper()
	var v struct {
		Consent     []ark.Consent
		Attachments []ark.Attachment
		Geo         *ark.Geo
		Where       ark.Place
		Needs       []ark.Need
		Answers     []ark.Answer
		Household   ark.ID
		Form        int64
	}
	var text string
	if err := json.Unmarshal(raw, &text); err == nil {
		raw = json.RawMessage(text)
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("the van cannot read %s: %v", raw, err)
	}
	whole := ark.Visit{Place: "x", Outcome: ark.Met, Consent: v.Consent, Attachments: v.Attachments, Geo: v.Geo, Where: v.Where, Needs: v.Needs, Answers: v.Answers, Household: v.Household, Form: v.Form}
	if err := whole.Check(); err != nil {
		t.Errorf("the van would refuse it: %v", err)
	}
}

// A phone is enrolled by the code of the QR, and a person signs in by a PIN on
// large keys or the keyboard; a wrong one is told with the tries left.
func TestEnrolAndSignIn(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("new", "#enrol=K7QM2P")
	s.truth("!document.querySelector('#code').checkVisibility() && document.activeElement.matches('#phone-name')", "the code from the QR is asked for again")
	s.Press("老王的手机")
	s.Press("\r")
	s.AwaitText("您是哪一位？")
	s.truth("document.querySelectorAll('.tabs, .counts').length === 0", "somebody may look before they say who they are")
	s.Click(".name")
	s.Await("document.querySelector('.pad')")
	for _, key := range "9999" {
		s.Press(string(key))
	}
	s.Press("\r")
	s.AwaitText("密码不对。还可以试 4 次。")
	for _, key := range []int{1, 2, 3, 4} {
		s.Click(".pad .key:nth-child(" + string(rune('0'+key)) + ")")
	}
	s.Click(".key.enter")
	s.AwaitText("哪一户？")
	s.at("new", "#/start")
	s.Type("#code", "WRONG")
	s.Type("#phone-name", "平板")
	s.Click("[type=submit]")
	s.AwaitText("数字不对")
	s.at("", "#/more")
	s.Click(".pair button") // lock
	s.AwaitText("您是哪一位？")
	s.Click(".name:nth-child(3)")
	s.Await("document.querySelector('.tabs')")
	s.noFaults()
}

// A lost phone is struck off on another, and a new one is let in.
func TestPhonesOfTheVan(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("", "#/phones")
	s.AwaitText("丢了的手机")
	s.truth("document.querySelectorAll('[data-phone] .btn').length === 1", "this very phone can be struck off")
	s.Click("[data-phone=p2] .btn")
	s.Await("document.querySelector('dialog[open]')")
	s.Click("dialog .btn:not(.second)")
	s.AwaitText("已停用")
	s.Click("main > .screen > .btn")
	s.AwaitText("4071 2956")
	s.Await("document.querySelector('.qr').naturalWidth > 0")
	s.noFaults()
}

// The size of the letters is kept, and everything grows with it.
func TestLargeLettersAreKept(t *testing.T) {
	s := openScreens(t, browser.Options{Width: 320, Height: 640})
	s.at("", "#/more")
	s.Click("[name=size][value='36']")
	s.Await("getComputedStyle(document.querySelector('main p')).fontSize === '36px'")
	s.Click("[name=lang][value=en]")
	s.AwaitText("Size of the letters")
	s.at("", "#/today")
	s.truth("getComputedStyle(document.querySelector('#sentence')).fontSize >= '36px' && document.documentElement.lang === 'en'", "size or language was forgotten")
	if text := s.Text(); !strings.Contains(text, "Doors visited today: 6: met 3, no answer 1, refused 1, moved away 1.") {
		t.Errorf("the day reads %q", text)
	}
	s.noFaults()
}

// Those that may be the same are shown while a new household is typed; a
// correction carries what was there before.
func TestANewHouseholdAndACorrection(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("", "#/home/new")
	s.Type("#building", "3")
	s.Type("#unit", "2")
	s.Type("#room", "501")
	s.AwaitText("可能已经有了：1 户")
	s.AwaitText("同一个门牌")
	s.Type("#room", "9")
	s.Await("!document.querySelector('#alike .home')")
	s.Type("#name-0", "新来的人")
	s.Click(".save")
	s.Await("location.hash.startsWith('#/home/0')")
	s.AwaitText("3幢2单元5019室")
	s.at("", "#/home/edit/"+household)
	s.Type("#home-note", "按两下门铃")
	s.Click(".save")
	s.AwaitText("按两下门铃")
	s.AwaitText("改动还只在这部手机上")
	s.Click(".pair .btn:last-child")
	s.Await("document.querySelector('dialog[open]')")
	s.Click("dialog .btn:not(.second)")
	s.AwaitText("这一户已搬走")
	s.truth("window.double.doors.find((h) => h.id === '"+household+"').moved_out > 1e12", "moving out was not kept")
	s.noFaults()
}
