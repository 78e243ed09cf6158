package ark

import (
	"crypto/ed25519"
	"fmt"
	"testing"
)

// newGoldens makes one of everything that is stored or sent.
func newGoldens(t *testing.T) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	var raws [][]byte
	for k, body := range goldenBodies {
		raw := goldenEntry(t, k, body)
		all["entry-"+k.String()] = raw
	}
	for k, body := range goldenLater {
		all["entry-"+k.String()+"-of-broadcasting"] = goldenEntry(t, k, body)
	}
	for k, body := range goldenVisits {
		all["entry-"+k.String()+"-of-visiting"] = goldenEntry(t, k, body)
	}
	untrusted := Entry{ID: goldenID(9), Kind: KindVisit, Body: encoded(t, KindVisit, Visit{Place: "1幢101", Outcome: NoAnswer}),
		At: Stamp{Wall: 12_345, Mono: 6_000_000_000, Boot: BootID{9, 8, 7}}}
	all["entry-visit-in-1970"] = encodedEntry(t, untrusted)
	unknown := Entry{ID: goldenID(10), Kind: 77, Body: []byte{0xa1, 0x01, 0x63, 'n', 'e', 'w'}, At: Stamp{Wall: goldenID(10).Time(), Trusted: true}}
	all["entry-of-tomorrow"] = encodedEntry(t, unknown)
	for i := range 50 {
		raws = append(raws, goldenEntry(t, KindVisit, Visit{Place: fmt.Sprintf("翠苑一区%d幢2单元%d01室", 1+i/10, 1+i%10), Person: "王阿姨",
			Outcome: Outcomes[i%4], Services: []Service{Services[i%6]}, Need: "老人82岁独居，需要助餐，中午送饭", By: "李敏"}))
	}
	goldenFrames(t, all, raws)
	goldenReceipts(t, all)
	return all
}

var goldenInc = NewIncarnation([16]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})

func goldenFrames(t *testing.T, all map[string][]byte, raws [][]byte) {
	at := []Cursor{goldenInc.Start()}
	for i, raw := range raws {
		at = append(at, at[i].Next(raw))
	}
	frame := func(name string, plain bool, f Frame) {
		f.Incarnation, f.Round = goldenInc, 0x0a0b0c0d
		f.Prev = at[f.First-1].Digest.Key()
		data, err := EncodeFrame(f, plain)
		if err != nil {
			t.Fatal(err)
		}
		all["frame-"+name] = data
	}
	frame("plain", true, Frame{First: 1, Entries: raws[:1]})
	frame("packed", false, Frame{First: 1, Entries: raws[:1], Ahead: 49})
	frame("packed-50", false, Frame{First: 1, Entries: raws})
	frame("question", false, Frame{First: 51, AskTime: [8]byte{1, 2, 3, 4, 5, 6, 7, 8}})
	frame("lost", false, Frame{First: 11, LostFrom: 4, Lost: at[10].Digest, Entries: raws[10:12]})
	frame("lost-all", true, Frame{First: 51, LostFrom: 1, Lost: at[50].Digest})
	frame("of-tomorrow", false, Frame{First: 1, Entries: [][]byte{all["entry-of-tomorrow"], all["entry-visit"], all["entry-health"]}})
}

func goldenReceipts(t *testing.T, all map[string][]byte) {
	receipt := func(name string, r Receipt) {
		data, err := EncodeReceipt(r)
		if err != nil {
			t.Fatal(err)
		}
		all["receipt-"+name] = data
	}
	good := Receipt{Incarnation: goldenInc, Cursor: Cursor{300, Digest{1, 2, 3, 15: 16}}, Round: 77}
	for r := RefusedNot; r.String() != "unknown"; r++ {
		refusal := good
		refusal.Refusal = r
		receipt(goldenRefusal(r), refusal)
	}
	receipt("unread", Receipt{Refusal: RefusedGarbage})
	word := SignTime(ed25519.NewKeyFromSeed(make([]byte, 32)), "van-1", [8]byte{1, 2, 3}, 1_790_000_000_000)
	good.Time = &word
	receipt("time", good)
}

func goldenRefusal(r Refusal) string {
	if r == RefusedNot {
		return "good"
	}
	return r.String()
}

func goldenID(n byte) ID { return NewID(1_790_000_000_000+UnixMilli(n), [10]byte{1, 2, 3, 9: n}) }

func goldenEntry(t *testing.T, k Kind, body any) []byte {
	id := goldenID(byte(k))
	return encodedEntry(t, Entry{ID: id, Kind: k, Body: encoded(t, k, body),
		At: Stamp{Wall: id.Time(), Mono: 3_600_000_000_000, Boot: BootID{1, 2, 3, 4, 5, 6, 7, 8}, Trusted: true}})
}

func encoded(t testing.TB, k Kind, body any) []byte {
	t.Helper()
	b, err := EncodeBody(k, body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func encodedEntry(t testing.TB, e Entry) []byte {
	t.Helper()
	raw, err := EncodeEntry(e)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// goldenBodies has a body of each kind with every field that it had at first.
var goldenBodies = map[Kind]any{
	KindBegun: Begun{Why: BegunFork, Previous: goldenInc, Ended: 12, Digest: Digest{1, 2}, Receipted: 10, Unreadable: 3, Release: "0.1.0", Pruned: 4},
	KindVisit: Visit{Place: "3幢2单元501室", Person: "张大爷", Outcome: Met, Services: []Service{"knives", "haircut"},
		Need: "轮椅坏了，需要修", Note: "家里有狗", By: "陈静"},
	KindBroadcast: AsRun{Broadcast: goldenID(1), Announcement: "welcome", Version: 2, Title: Text{"服务方舟来了", "The service ark is here"},
		Trigger: Trigger{Button: "1", Order: goldenID(2)}, State: BroadcastCut, Why: WhyStopped, LatencyMS: 43,
		Recordings: []AsRunRecording{
			{Language: "cmn-Hans-CN", Content: HashOf([]byte("a")), Frames: 480_000, Consumed: 480_000, State: BroadcastFinished},
			{Language: "yue-Hant-HK", Content: HashOf([]byte("b")), Frames: 480_000, Consumed: 4_800, State: BroadcastCut, Why: WhyStopped}},
		Silent: true, StartedAt: 1_790_000_000_000, EndedAt: 1_790_000_010_100},
	KindOrderState: OrderState{Order: goldenID(3), State: BroadcastExpired, Why: WhyBusy},
	KindHealth:     Health{Sound: WhyStalled, Device: "USB Audio", Panel: "ok", DiskFree: 12 << 30, Release: "0.1.0", LastSound: 1_790_000_000_000},
	KindClock:      Clock{Wall: 1_790_000_000_000, Source: "hub", Step: -1_500},
	KindPlayNow:    PlayNow{Announcement: "welcome", NotAfter: 1_790_000_600_000, By: "office"},
	KindStop:       Stop{NotAfter: 1_790_000_600_000, By: "office"},
	KindLibraryState: LibraryState{Version: 3, Manifest: HashOf([]byte("m")), Stage: LibraryFailed, Why: WhyDiskFull, Have: 1 << 20, Want: 3 << 20, Held: 2,
		Missing: []Hash{HashOf([]byte("a"))}},
	KindSelfTest: SelfTest{At: 1_790_000_000_000, Result: HeardNo, Consumed: true, Why: WhyUnheard, Volume: 550, Broadcast: goldenID(4), Device: "USB Audio"},
	KindLibrary:  Library{Version: 3, Manifest: HashOf([]byte("m")), Size: 1234},
	KindPlan: Plan{Version: 4, Zone: "Asia/Shanghai", Items: []PlanItem{{ID: goldenID(5), Announcement: "welcome", Weekdays: 0b0111110, Dates: []Date{"2026-10-01"},
		Except: []Date{"2026-10-02"}, At: 34_200, Grace: 120, From: "2026-09-01", Until: "2026-12-31"}}},
	KindHousehold: HouseholdEdit{Now: goldenHousehold(), Was: Household{ID: goldenID(6), Rev: goldenID(7), Place: Place{Compound: "翠苑一区", Building: "3", Room: "501"}},
		By: goldenID(8), Name: "李敏"},
	KindPhone:    Phone{ID: goldenID(6), Name: "李敏的手机", Verifier: HashOf([]byte("token")), At: 1_790_000_000_000, Struck: true, By: "李敏"},
	KindAmend:    Amend{Visit: goldenID(1), Now: Visit{Place: "3幢501", Outcome: Refused}, Why: "写错了", After: goldenID(2)},
	KindWithdraw: Withdrawal{Visit: goldenID(1), Why: "写错了门", By: goldenID(8), Name: "李敏", Phone: goldenID(6)},
	KindCrew: Crew{Version: 2, Members: []CrewMember{{ID: goldenID(8), Name: "李敏", Struck: true,
		Verifier: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNo"}}},
	KindPhones: Phones{Version: 3, List: []Phone{{ID: goldenID(6), Name: "李敏的手机", Verifier: HashOf([]byte("token")), At: 1_790_000_000_000}}},
	KindForm: Form{Version: 4, Services: []Choice{{"knives", Text{"磨剪刀", "Knives"}, true}}, Needs: []Choice{{Code: "meal", Say: Text{"助餐", "Meals"}}},
		Fields: []Field{{Code: "alone", Ask: Text{"是否独居", "Lives alone?"}, Type: FieldOne, Choices: []Choice{{Code: "yes", Say: Text{"是", "Yes"}}}, Required: true,
			When: []When{{"outcome", []string{"met"}}}}}, Notice: Notice{2, Text{"我们会记下……", "We write down …"}}, Amend: 86_400},
	KindHouseholds: Households{List: []Household{goldenHousehold(), {ID: goldenID(9), Forget: true}}},
	KindReview:     Review{Visit: goldenID(1), Entry: goldenID(2), State: ReviewReturned, Comment: "电话号码少一位", By: "office", At: 1_790_000_000_000},
	KindSettings: Settings{Version: 5, Zone: "Asia/Shanghai", Rules: Neighbours{Quiet: []Span{{1320, 360}}, Caps: []Cap{{Span{1140, 1320}, 750}}},
		Places: []PlaceRules{{"翠苑一区", Neighbours{Quiet: []Span{{720, 840}}}}}, Classes: []ClassRule{{ClassMusic, AfterCutDrop}},
		Emergency: 950, Music: 90, By: "office", TestDay: 1, TestAt: 510},
}

func goldenHousehold() Household {
	return Household{ID: goldenID(6), Rev: goldenID(7), Place: Place{"翠苑街道", "翠苑社区", "3", "翠苑一区", "3", "2", "501"},
		Members: []Member{{"张大爷", 1942, "13800000000", "听力不好", true}}, Phone: "0571-88888888", Note: "家里有狗", NoVisit: "家属要求",
		MovedOut: 1_790_000_000_000, Geo: &Geo{302_700_000, 1_201_500_000, 12}, Has: []ID{goldenID(5)}, Disputed: []string{"phone"}}
}

// goldenVisits has the fields that came with the crew's app.
var goldenVisits = map[Kind]any{
	KindVisit: Visit{Place: "3幢2单元501室", Person: "张大爷", Outcome: Met, By: "李敏", Household: goldenID(6), Where: Place{Building: "3", Unit: "2", Room: "501"},
		Member: goldenID(8), Phone: goldenID(5), Form: 4, Needs: []Need{{"meal", "中午送饭", UrgencySoon}},
		Consent: []Consent{{"data", 2, true, ConsentSpoken, 1_790_000_000_000}}, Geo: &Geo{302_700_000, 1_201_500_000, 12},
		Attachments: []Attachment{{HashOf([]byte("photo")), 123_456, "image/jpeg", RolePhoto, 1_790_000_000_000}},
		Answers:     []Answer{{"alone", []string{"yes"}}}, Age: 3_600_000, Off: -1_200, Return: true},
}

// goldenLater has the fields that came to a kind afterwards.
var goldenLater = map[Kind]any{
	KindBroadcast: AsRun{Broadcast: goldenID(1), Announcement: "alarm", Version: 3, Title: Text{"暴雨红色预警", "Red warning of rain"},
		Trigger: Trigger{Button: "alarm", Line: "GPIO12", Schedule: goldenID(5), Due: 1_790_000_000_000, Talk: true, Test: true, By: "office"}, State: BroadcastFailed, Why: WhyMuted,
		Recordings: []AsRunRecording{{Language: "en", Content: HashOf([]byte("a")), Frames: 480_000, Consumed: 480_000, State: BroadcastFailed, Why: WhyMuted,
			Round: 2, StartedAt: 1_790_000_000_040, EndedAt: 1_790_000_010_040, Loudness: -1600}},
		Class: ClassEmergencyLocal, RequestedAt: 1_790_000_000_000, Volume: 950, Capped: true, Exempt: ExemptEmergency, ExemptBy: "office", Heard: HeardNo,
		Cuts: 1, Tone: true, Rounds: 2, Summed: 960_000, Alike: 7},
	KindPlayNow: PlayNow{Announcement: "alarm", NotAfter: 1_790_000_600_000, By: "office", Why: "气象局暴雨红色预警"},
	KindHealth: Health{Sound: "ok", Device: "USB Audio", Panel: "ok", DiskFree: 12 << 30, Release: "0.2.0", Volume: 860, Full: 950, Calibrated: true,
		Presses: [PressBuckets]int64{1, 2, 3, 11: 4}, Plan: WhyUntrusted, Place: "翠苑一区", Listening: true},
}
