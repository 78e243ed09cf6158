package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

func mustList(t testing.TB, b *bench) []hub.Order {
	t.Helper()
	orders, err := b.store.Orders(t.Context(), hub.Everything, hub.Page{Limit: 100})
	must(t, err)
	return orders
}

func TestEmptyPagesSayWhatToDo(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	p.get("/").wants(t, http.StatusOK, "还没有走访记录", "方舟车")
	p.get("/broadcasts").wants(t, http.StatusOK, "还没有播出记录", "立即播放")
	p.get("/orders").wants(t, http.StatusOK, "还没有指令")
	p.get("/vans").wants(t, http.StatusOK, "van-1", "还没有连过", "0 辆在线，共 2 辆")
	p.get("/nowhere").wants(t, http.StatusNotFound, "没有这个页面")
	p.get("/", "Accept-Language", "en").wants(t, http.StatusOK, "No visits yet", `lang="en"`)
}

func TestVisitsAreShownNewestFirstInPages(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	b.deliver("van-1", false, ark.Visit{Place: "1970年的门", Outcome: ark.NoAnswer})
	var visits []any
	for i := range shown + 5 {
		visits = append(visits, ark.Visit{Place: fmt.Sprintf("%d幢", i), Person: "王<b>", Outcome: ark.Met, Services: []ark.Service{"knives", "new-one"}, Need: "轮椅", Note: "下午在", By: "阿芳"})
	}
	b.deliver("van-2", true, visits...)
	first := p.get("/")
	first.wants(t, http.StatusOK, "54幢", "5幢", "van-2", "已见面", "磨剪刀", "new-one", "王&lt;b&gt;", "轮椅", "下午在", "阿芳", "今天 14:30")
	if strings.Contains(first.body, ">4幢") || strings.Index(first.body, ">54幢") > strings.Index(first.body, ">53幢") {
		t.Error("not the fifty newest, newest first")
	}
	older := regexp.MustCompile(`href="(\?below=\d+)"`).FindStringSubmatch(first.body)
	if older == nil {
		t.Fatal("no way to the older ones")
	}
	second := p.get("/" + older[1])
	second.wants(t, http.StatusOK, ">4幢", ">0幢", "1970年的门", "时间未核准", "无人", "回到最新")
	if strings.Contains(second.body, ">5幢") || strings.Contains(second.body, `href="?below`) {
		t.Error("the second page repeats a row, or leads on to nothing")
	}
	p.get("/?below=1").wants(t, http.StatusOK, "没有更早的走访了")
}

func TestBroadcastsSayWhatWasHeard(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	b.deliver("van-1", true, ark.AsRun{Broadcast: ark.NewID(1, [10]byte{1}), Announcement: "welcome", Title: ark.Text{Zh: "方舟到了", En: "The van is here"},
		Trigger: ark.Trigger{Button: "1"}, State: ark.BroadcastCut, Why: ark.WhyStopped, LatencyMS: 42, Silent: true, Recordings: []ark.AsRunRecording{
			{Language: "cmn-Hans-CN", Frames: 96000, Consumed: 96000, State: ark.BroadcastFinished},
			{Language: "yue-Hant-HK", Frames: 96000, Consumed: 48000, State: ark.BroadcastCut, Why: ark.WhyStopped},
			{Language: "en", State: ark.BroadcastFailed, Why: ark.WhyMissing}}})
	p.get("/broadcasts").wants(t, http.StatusOK, "方舟到了", "车上按钮 1", "没播完", "被停止", "没有声卡", "普通话", "2.0 / 2.0 秒", "粤语", "1.0 / 2.0 秒", "英语", "车上没有这条录音")
	p.get("/broadcasts", "Accept-Language", "en").wants(t, http.StatusOK, "The van is here", "Cut short", "1.0 of 2.0 s", "no sound device")
}

func TestVansSayWhatIsWrong(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	b.deliver("van-1", true, ark.Health{Sound: "silent", Panel: "stuck", DiskFree: 100e6, Release: "v1.2.3"})
	b.presence.Present("van-1", true)
	b.deliver("van-9", true, ark.Visit{Place: "1幢", Outcome: ark.Met})
	page := p.get("/vans")
	page.wants(t, http.StatusOK, "在线", "没有声卡", "一直按着", "0.1 GB", "快满了", "1 辆在线，共 3 辆", "证书已吊销", "还没有连过", "/play?van=van-1")
	p.get("/vans/van-1").wants(t, http.StatusOK, "v1.2.3", "0.1 GB", "没有声卡", "一直按着")
	for only, want := range map[string]string{"": "van-1 van-2 van-9", "trouble": "van-1", "here": "van-1"} {
		var got []string
		for _, m := range regexp.MustCompile(`id="van-(van-\d)"`).FindAllStringSubmatch(p.get("/vans?only="+only).body, -1) {
			got = append(got, m[1])
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("only %q: %s, want %s", only, got, want)
		}
	}
	b.presence.Present("van-1", false)
	p.get("/vans").wants(t, http.StatusOK, "最后联系：今天 14:30")
	p.get("/vans/van-99").wants(t, http.StatusNotFound)
}

// A card that was damaged is told of by name and number, and so is what lies
// in quarantine.
func TestVansSayWhatWasLostAndWhatIsHeld(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	before := ark.NewIncarnation([16]byte{0xab, 0xcd})
	b.deliver("van-1", true, ark.Begun{Why: ark.BegunSalvage, Previous: before, Ended: 412, Unreadable: 7}, ark.Visit{Outcome: ark.Met})
	b.deliver("van-2", false, ark.Begun{Why: ark.BegunSalvage, Unreadable: -1})
	b.deliver("van-3", true, ark.Begun{Why: ark.BegunFork, Previous: before, Ended: 9})
	b.deliver("van-4", true, ark.Begun{Why: ark.BegunNew})
	for van, want := range map[string][]string{"van-1": {short(before), "到第 412 条为止，有 7 条读不出", "1 条记录看不懂", "第 2 条（卡 ", "重新开始记"},
		"van-2": {"有多少条读不出不清楚"}, "van-3": {"到第 9 条为止，全部读出"}} {
		p.get("/vans/"+van).wants(t, http.StatusOK, want...)
	}
	if strings.Contains(p.get("/vans/van-4").body, "重新开始记") {
		t.Error("a new card is told of as one that began anew")
	}
	p.get("/vans/van-1", "Accept-Language", "en").wants(t, http.StatusOK, "ended at record 412, 7 unreadable", "Record 2 (card ")
	p.get("/vans").wants(t, http.StatusOK, "卡坏过，有记录读不出", "1 条记录看不懂")
	var got struct{ Vans []toldVan }
	must(t, json.Unmarshal([]byte(p.get("/api/1/vans").body), &got))
	if v := got.Vans[0]; len(v.Begun) != 1 || v.Begun[0].Previous != before.String() || v.Begun[0].Unreadable != 7 || len(v.Held) != 1 || v.Held[0].Seq != 2 {
		t.Errorf("the API tells %+v", v)
	}
}

func TestPlayNow(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	form := p.get("/play?van=van-2")
	form.wants(t, http.StatusOK, "方舟到了", "停水通知", `value="van-2" checked`, "15 分钟")
	key := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(form.body)[1]
	p.post("/play", "announcement", "nothing", "van", "van-1", "minutes", "5").wants(t, http.StatusUnprocessableEntity, "请选择播哪一条", `value="van-1" checked`)
	p.post("/play", "announcement", "welcome", "minutes", "5").wants(t, http.StatusUnprocessableEntity, "至少选一辆车")
	p.post("/play", "announcement", "welcome", "van", "van-7", "minutes", "5").wants(t, http.StatusUnprocessableEntity, "至少选一辆车")
	p.post("/play", "announcement", "welcome", "van", "van-1", "minutes", "600").wants(t, http.StatusUnprocessableEntity, "多久之内")
	if n := len(mustList(t, b)); n != 0 {
		t.Fatalf("%d orders from forms that were refused", n)
	}
	for _, to := range []string{"/orders/2", "/orders"} { // the second is a second tap
		if a := p.post("/play", "key", key, "announcement", "welcome", "van", "*", "minutes", "5"); a.status != http.StatusSeeOther || a.to != to {
			t.Fatalf("got %d to %q:\n%s", a.status, a.to, a.body)
		}
	}
	orders := mustList(t, b)
	want := ark.PlayNow{Announcement: "welcome", NotAfter: ark.Milli(b.clock().Add(5 * time.Minute)), By: staff}
	if len(orders) != 2 || orders[0].Body != want || orders[0].Van == orders[1].Van {
		t.Fatalf("got %+v, want one order for each of two vans", orders)
	}
	p.get("/orders").wants(t, http.StatusOK, "已向 2 辆车下达播放指令", "方舟到了", "2 辆车", "林老师 下达", "今天 14:35 前有效", "已开始 0 / 2", "等车连上 2", "全部停止", `href="/orders/2"`)
	p.get("/orders/2").wants(t, http.StatusOK, "van-1", "van-2", `class="done"><span>已下达`, `class="open"><span>车已收到`, "停止（2 辆）")
	if a := p.get("/orders/of/" + orders[1].ID.String()); a.to != "/orders/2#o"+orders[1].ID.String() {
		t.Errorf("an order leads to %q", a.to)
	}
	for _, path := range []string{"/orders/99", "/orders/x", "/orders/-1", "/orders/of/nothing"} {
		p.get(path).wants(t, http.StatusNotFound, "没有这个页面")
	}
	b.pass(6 * time.Minute)
	p.get("/orders/2").wants(t, http.StatusOK, "已过时限")
	if strings.Contains(b.log.String(), staff) {
		t.Errorf("the log names people:\n%s", b.log.String())
	}
}

// Each state that a van can tell of an order shows as a step.
func TestOrdersShowHowFarTheyCame(t *testing.T) {
	play := func(s ark.BroadcastState, latency time.Duration, held bool) hub.Order {
		return hub.Order{Kind: ark.KindPlayNow, State: s, Latency: latency, Held: held}
	}
	for name, c := range map[string]struct {
		o    hub.Order
		want string // upper case: done; with !: badly
	}{
		"made":          {play(0, 0, false), "MADE held accepted started finished"},
		"held":          {play(0, 0, true), "MADE HELD accepted started finished"},
		"accepted":      {play(ark.BroadcastAccepted, 0, true), "MADE HELD ACCEPTED started finished"},
		"started":       {play(ark.BroadcastStarted, time.Second, true), "MADE HELD ACCEPTED STARTED finished"},
		"finished":      {play(ark.BroadcastFinished, time.Second, true), "MADE HELD ACCEPTED STARTED FINISHED"},
		"cut":           {play(ark.BroadcastCut, time.Second, true), "MADE HELD ACCEPTED STARTED CUT!"},
		"failed":        {play(ark.BroadcastFailed, 0, true), "MADE HELD FAILED!"},
		"expired":       {play(ark.BroadcastExpired, 0, true), "MADE HELD EXPIRED!"},
		"receipt later": {play(ark.BroadcastStarted, 1, false), "MADE HELD ACCEPTED STARTED finished"},
		"stop":          {hub.Order{Kind: ark.KindStop, Held: true}, "MADE HELD finished"},
		"stopped":       {hub.Order{Kind: ark.KindStop, Held: true, State: ark.BroadcastFinished}, "MADE HELD FINISHED"},
		"crew":          {hub.Order{Kind: ark.KindCrew}, "MADE held finished"},
		"crew taken":    {hub.Order{Kind: ark.KindCrew, Held: true}, "MADE HELD FINISHED"},
		"stop expired":  {hub.Order{Kind: ark.KindStop, Held: true, State: ark.BroadcastExpired}, "MADE HELD EXPIRED!"},
	} {
		var got []string
		for _, s := range steps(c.o) {
			word := s.Name
			if s.Done {
				word = strings.ToUpper(word)
			}
			if s.Bad {
				word += "!"
			}
			got = append(got, word)
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestStop(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	if a := p.post("/stop", "van", "van-1"); a.to != "/orders" {
		t.Fatalf("got %d to %q", a.status, a.to)
	}
	orders := mustList(t, b)
	if len(orders) != 1 || orders[0].Kind != ark.KindStop || orders[0].Van != "van-1" {
		t.Fatalf("got %+v, want one stop for van-1", orders)
	}
	p.get("/orders").wants(t, http.StatusOK, "已向 1 辆车下达停止指令", "停止播放")
	b.deliver("van-1", true, ark.OrderState{Order: orders[0].ID, State: ark.BroadcastFinished})
	p.get("/orders").wants(t, http.StatusOK, `class="done"><span>完成`)
	p.post("/stop", "van", "van-7").wants(t, http.StatusNotFound)
}

func TestADatabaseInTroubleIsSaid(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	b.store.Close()
	for _, path := range []string{"/", "/broadcasts", "/vans", "/orders", "/play"} {
		p.get(path).wants(t, http.StatusServiceUnavailable, "现在读不出数据", "再试一次")
	}
	p.get("/api/1/visits").wants(t, http.StatusServiceUnavailable, `"error":"store"`)
}

// unable makes no orders.
type unable struct{}

func (unable) Order(context.Context, []ark.VanID, ark.Kind, any) ([]ark.ID, error) {
	return nil, errors.New("disk full")
}

func TestAnOrderThatIsNotKeptIsSaid(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	b.parts.Commander = unable{}
	form := []string{"key", "k1", "announcement", "water", "van", "van-1", "minutes", "15"}
	p.post("/play", form...).wants(t, http.StatusServiceUnavailable, "没有下达", "再按一次", `value="water" required checked`, `value="van-1" checked`, `value="15" required checked`)
	p.post("/stop", "van", "*").wants(t, http.StatusServiceUnavailable, "没有下达停止指令")
	if strings.Contains(p.get("/orders").body, "已向") {
		t.Error("it claims that something was ordered")
	}
	b.parts.Commander = b.ingest
	if a := p.post("/play", form...); a.status != http.StatusSeeOther || len(mustList(t, b)) != 1 {
		t.Errorf("the same form again: %d, %d orders", a.status, len(mustList(t, b)))
	}
}

func TestAnotherSiteCannotMakeOrders(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+"/stop", strings.NewReader("van=*"))
	must(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	p.do(r).wants(t, http.StatusForbidden)
	if n := len(mustList(t, b)); n != 0 {
		t.Errorf("%d orders were made", n)
	}
}

func TestAPI(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	ids := b.deliver("van-1", true, ark.Visit{Place: "1幢", Outcome: ark.Met}, ark.Visit{Place: "2幢", Outcome: ark.Refused, Need: "轮椅"},
		ark.Health{Sound: "ok", Panel: "none", Release: "v1"}, ark.AsRun{Broadcast: ark.NewID(1, [10]byte{1}), Announcement: "welcome", State: ark.BroadcastFinished})
	p.post("/play", "announcement", "welcome", "van", "van-1", "minutes", "5")
	var got struct {
		Visits     []toldVisit
		Broadcasts []toldBroadcast
		Vans       []toldVan
		Orders     []toldOrder
	}
	for _, what := range []string{"visits?limit=1", "broadcasts", "vans", "orders"} {
		a := p.get("/api/1/" + what)
		a.wants(t, http.StatusOK)
		must(t, json.Unmarshal([]byte(a.body), &got))
	}
	if len(got.Visits) != 1 || got.Visits[0].ID != ids[1] || got.Visits[0].Outcome != "refused" || got.Visits[0].Need != "轮椅" || got.Visits[0].Received != b.clock().UnixMilli() {
		t.Errorf("got visits %+v", got.Visits)
	}
	if len(got.Broadcasts) != 1 || got.Broadcasts[0].State != "finished" || len(got.Orders) != 1 || got.Orders[0].Kind != "play-now" || got.Orders[0].By != staff {
		t.Errorf("got broadcasts %+v, orders %+v", got.Broadcasts, got.Orders)
	}
	if len(got.Vans) != 2 || got.Vans[0].Health == nil || got.Vans[0].Health.Panel != "none" || got.Vans[0].Entries != 4 || got.Vans[1].LastSeen != 0 {
		t.Errorf("got vans %+v", got.Vans)
	}
}

// An order that no van can be heard with is asked for once more; one that some
// can is made at once.
func TestAnOrderThatNobodyWouldHear(t *testing.T) {
	b := newBench(t)
	b.stock()
	p := b.signedIn()
	b.deliver("van-1", true, ark.Health{Sound: ark.WhyNoCard, Panel: "ok"})
	p.post("/play", "announcement", "welcome", "van", "van-1", "minutes", "5").wants(t, http.StatusOK, "哪辆车都不会响", "没有声卡", "仍然下达")
	if n := len(mustList(t, b)); n != 0 {
		t.Fatalf("%d orders", n)
	}
	if a := p.post("/play", "announcement", "welcome", "van", "van-1", "minutes", "5", "sure", "yes"); a.status != http.StatusSeeOther {
		t.Fatalf("got %d", a.status)
	}
	if a := p.post("/play", "announcement", "welcome", "van", "*", "minutes", "5"); a.status != http.StatusSeeOther {
		t.Fatalf("got %d", a.status)
	}
	b.pass(9 * time.Hour) // it is night
	p.post("/play", "announcement", "welcome", "van", "*", "minutes", "5").wants(t, http.StatusOK, "哪辆车都不会响", "现在是安静时段")
	p.get("/play").wants(t, http.StatusOK, "现在是安静时段")
	if body := mustList(t, b)[0].Body.(ark.PlayNow); body.Why != "" {
		t.Errorf("a reason without an emergency: %q", body.Why)
	}
}

// What goes out by itself is folded, in words, and can be looked at.
func TestStandingOrdersAreFolded(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	vans := []ark.VanID{"van-1", "van-2"}
	for _, o := range []struct {
		kind ark.Kind
		body any
	}{{ark.KindLibrary, ark.Library{Version: 7, Size: 1}}, {ark.KindPlan, ark.Plan{Version: 3, Zone: "Asia/Shanghai"}}, {ark.KindSettings, ark.Settings{Version: 2, Zone: "Asia/Shanghai", By: staff}}} {
		_, err := b.store.Stand(t.Context(), vans, o.kind, o.body)
		must(t, err)
	}
	orders := mustList(t, b)
	b.deliver("van-1", true, ark.OrderState{Order: orders[len(orders)-1].ID, State: ark.BroadcastFailed, Why: ark.WhyDiskFull})
	page := p.get("/orders")
	page.wants(t, http.StatusOK, "<details", "自动下发的广播稿库、定时表、设置和名单：3 次", "广播稿库 第 7 版", "定时表 第 3 版，0 条", "设置 第 2 版", "2 辆车", "失败 1")
	if strings.Contains(page.body, "全部停止") || strings.Contains(page.body, "已过时限") || strings.Contains(page.body, "已开始") {
		t.Errorf("a standing order looks like one to play:\n%s", page.body)
	}
	p.get("/orders/2").wants(t, http.StatusOK, "广播稿库 第 7 版", "车上的卡满了", "van-2")
	p.get("/orders/2?only=trouble", "Accept-Language", "en").wants(t, http.StatusOK, "Library 7", "the van&#39;s card is full")
	if strings.Contains(p.get("/orders/2?only=trouble").body, "<strong>van-2") {
		t.Error("a van without trouble is among those with some")
	}
}
