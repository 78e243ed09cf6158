// Households, visits and a form that nobody lives in, for the tests of the screens.

export const crew = [
  { id: "01990000-0000-7000-8000-0000000000a1", name: "王秀英", pin: true },
  { id: "01990000-0000-7000-8000-0000000000a2", name: "李建国", pin: true },
  { id: "01990000-0000-7000-8000-0000000000a3", name: "小周", pin: false },
];

const say = (zh, en) => ({ zh, en });
const choices = (...all) => all.map(([code, zh, en]) => ({ code, say: say(zh, en) }));

export const form = {
  version: 3,
  services: choices(["knives", "磨剪刀", "Knives"], ["umbrella", "修伞", "Umbrellas"], ["haircut", "理发", "Haircut"], ["shoes", "补鞋", "Shoes"],
    ["appliance", "小家电维修", "Appliances"], ["other", "其他", "Other"]),
  needs: choices(["health", "看病吃药", "Health"], ["repair", "家里要修", "Repairs"], ["company", "想有人聊聊", "Company"], ["other", "其他", "Other"]),
  fields: [
    { code: "alone", ask: say("平时是一个人住吗？", "Do they usually live alone?"), type: 3, when: [{ of: "outcome", any: ["met"] }] },
    { code: "call", ask: say("多久打一次电话好？", "How often should we ring?"), type: 4, required: true, choices: choices(["daily", "每天", "Daily"], ["weekly", "每周", "Weekly"]),
      when: [{ of: "alone", any: ["yes"] }] },
    { code: "sharp", ask: say("磨了几把？", "How many were ground?"), type: 2, when: [{ of: "services", any: ["knives"] }] },
  ],
  notice: { version: 2, say: say("您说的情况只给街道办事处的人看，用来安排上门服务。您可以不同意，服务照样做。",
    "What you tell us is read by the street office only, to arrange help. You may say no and are served all the same.") },
};

const family = [["王奶奶", "wangnainai wnn"], ["李师傅", "lishifu lsf"], ["陈老师", "chenlaoshi cls"], ["赵阿姨", "zhaoayi zay"], ["孙大爷", "sundaye sdy"]];
const id = (n) => "01990000-0000-7000-8000-" + String(n).padStart(12, "0");

export function homes() {
  const all = [];
  for (let floor = 1; floor <= 5; floor++) {
    for (let door = 1; door <= 4; door++) {
      const n = floor * 10 + door, [name, find] = family[(floor * 4 + door) % family.length], room = floor + "0" + door;
      all.push({ id: id(n), rev: id(n + 500), place: { compound: "翠苑一区", building: "3", unit: "2", room }, members: [{ name, born: 1940 + n % 30, note: n % 3 ? "" : "独居" }],
        phone: n % 4 ? "" : "0571 8000 00" + n, note: "", find: `翠苑一区 3 2 ${room} ${name} ${find}`.toLowerCase(), metres: 4 + n, open_needs: n % 7 === 0 ? 1 : 0 });
    }
  }
  all.find((h) => h.place.room === "302").no_visit = "家里有病人，请先打电话约时间";
  all.find((h) => h.place.room === "104").members = [{ name: "<img src=x onerror=window.hacked=1>", note: "<script>window.hacked=1</script>" }];
  return all;
}

export function visits() {
  const now = Date.now(), where = (room) => ({ compound: "翠苑一区", building: "3", unit: "2", room });
  const visit = (n, minutes, state, room, outcome, more = {}, about = {}) => ({ id: id(900 + n), made: now - minutes * 60_000, state, last: id(900 + n), amended: 0, withdrawn: false, attachments: {},
    ...about, visit: { place: `翠苑一区3幢2单元${room}室`, where: where(room), household: id(+(room[0] + room[2])), outcome, services: [], needs: [], consent: [], attachments: [], answers: [], by: "王秀英", form: 3, ...more } });
  return [
    visit(1, 2, "phone", "502", "met", { services: ["knives", "haircut"], person: "王奶奶" }),
    visit(2, 6, "van", "503", "no-answer", { return: true }),
    visit(3, 11, "van", "504", "refused", { note: "说下次再来" }, { doubtful: true }),
    visit(4, 20, "hub", "401", "met", { services: ["shoes"], needs: [{ category: "health", words: "要人陪去医院", urgency: 3 }], answers: [{ code: "alone", values: ["yes"] }, { code: "call", values: ["weekly"] }],
      consent: [{ what: "data", notice: 2, given: true, how: "spoken", at: now }], geo: { lat: 302741000, lon: 1201551000, acc: 12 },
      attachments: [{ content: "a".repeat(64), size: 214_000, type: "image/jpeg", role: "photo", taken: now }, { content: "b".repeat(64), size: 61_000, type: "audio/webm", role: "voice", taken: now }] },
    { attachments: { ["a".repeat(64)]: "hub", ["b".repeat(64)]: "van" }, amended: 1, editions: [{ made: now - 20 * 60_000, visit: { outcome: "no-answer", services: [] } }, { made: now - 15 * 60_000, visit: { outcome: "met", services: ["shoes"] }, why: "后来开门了" }] }),
    visit(5, 31, "approved", "402", "met", { services: ["umbrella"] }),
    visit(6, 40, "returned", "403", "moved", {}, { comment: "搬到哪里去了？请问一问邻居。", reviewer: "刘主任" }),
    visit(7, 55, "van", "404", "met", { services: ["appliance"] }, { withdrawn: true, why: "记错了" }),
  ];
}

// refusals are what the van did not take: the correction of a household, and a photo of a visit; a voice note waits for room.
export function refusals(book, doors) {
  const { find, metres, ...was } = doors[9], now = { ...structuredClone(was), members: [{ name: "赵阿姨", phone: "没有" }] };
  const refused = { word: "household-wrong", message: "住户资料不完整或太长：要有地点，每个人要有姓名。", edit: id(801) };
  Object.assign(doors[9], now, { waiting: true, refused });
  const v = book.find((one) => one.visit.attachments.length), [photo, voice] = v.visit.attachments;
  v.attachments = { [photo.content]: "phone", [voice.content]: "phone" };
  v.stuck = { [photo.content]: { word: "location", message: "这张照片里带有拍摄地点。为了住户的隐私，请用本应用重新拍。", final: true },
    [voice.content]: { word: "low-voice", message: "车上的存储卡快满了，暂时不收录音和签名。", final: false } };
  return [{ id: id(801), made: Date.now(), now, was, refused }];
}
