package console

import "ark/internal/web"

var teamTexts = web.Texts{
	"nav.mine": {"交给我审的", "For me to review"},

	"assign.me":     {"我", "me"},
	"assign.mine":   {"我来审", "I'll review it"},
	"assign.to":     {"交给谁", "To whom"},
	"assign.none":   {"不交给谁", "nobody"},
	"assign.do":     {"交给", "Give"},
	"assign.given":  {"同事刚刚把它交给了别人。请看看现在是谁，要改再选一次。", "A colleague has just given it to somebody. See to whom, and choose again if it is to be otherwise."},
	"assign.nobody": {"不能交给这个账号：没有这个账号、进不来、不能审核、看不到这个地方，或走访已经撤回。", "It cannot be given to that account: there is none, it cannot come in, it may not review, it does not see visits of this place, or the visit was withdrawn."},
	"assign.gone":   {"读不到这条走访", "It cannot be read"},

	"comment.title":    {"和同事说", "To colleagues"},
	"comment.hint":     {"只有办公室看得到，不会发到车上；15 分钟内可以收回", "only the office sees it, no van is told; it can be taken back for 15 minutes"},
	"comment.do":       {"留言", "Comment"},
	"comment.word":     {"留言", "Comment"},
	"comment.office":   {"只给办公室", "office only"},
	"comment.gone":     {"已收回", "taken back"},
	"comment.back":     {"收回", "Take back"},
	"comment.goneSaid": {"留言已收回。", "The comment was taken back."},
	"comment.late":     {"收不回了：超过 15 分钟，或者已经收回。", "It cannot be taken back: more than 15 minutes have passed, or it was already."},
	"comment.count":    {"留言 %d", "Comments: %d"},
	"comment.bad":      {"请写 1 到 2000 个字。", "Please write 1 to 2,000 characters."},
	"comment.full":     {"这条走访的留言已满 200 条。", "There are 200 comments on this visit already."},

	"review.before": {"以前审过", "judged before"},
	"again.title":   {"改过以后再审", "To be reviewed again"},
	"again.since":   {"那以后改了：", "Changed since then:"},
	"again.same":    {"那以后内容没有变化。", "Nothing of it has changed since then."},

	"assign.was":       {"交给 %s 审核", "Given to %s for review"},
	"assign.wasNobody": {"不再交给谁审核", "Given to nobody any more"},

	"views.all":      {"全部走访", "All visits"},
	"views.title":    {"保存的视图", "Saved views"},
	"views.keep":     {"把这个列表存为视图", "Keep this list as a view"},
	"views.name":     {"名称", "Name"},
	"views.share":    {"同事也能用（看得到名称和条件）", "colleagues may use it (they see its name and filters)"},
	"views.first":    {"打开“走访”先看这个", "show it first when I open Visits"},
	"views.isFirst":  {"先看", "first"},
	"views.isShared": {"共用", "shared"},
	"views.of":       {"%s 共享", "shared by %s"},
	"views.save":     {"保存", "Save"},
	"views.remove":   {"删除", "Remove"},
	"views.manage":   {"管理视图", "Manage views"},
	"views.kept":     {"视图已保存。", "The view is kept."},
	"views.removed":  {"视图已删除。", "The view was removed."},
	"views.taken":    {"您已经有同名的视图，请换个名称。", "You have a view of that name already; choose another."},
	"views.full":     {"最多 50 个视图，请先删除不用的。", "At most 50 views: please remove one that you do not use."},
	"views.bad":      {"请写 1 到 40 个字的名称；列表的条件也要看得懂。", "Please give it a name of 1 to 40 characters; its filters must be known, too."},
	"views.noRoom":   {"放不回来：有了同名的视图，或者已满 50 个。", "It cannot be put back: there is one of that name, or there are 50."},
	"views.none":     {"还没有保存的视图", "No saved views yet"},
	"views.noneDo":   {"在“走访”里筛选好，按“把这个列表存为视图”。", "Filter the list of visits, then press “Keep this list as a view”."},

	"nav.views": {"保存的视图", "Saved views"},

	"load.title": {"待审核", "To be reviewed"},
	"load.all":   {"共", "In all"},

	"find.notWithdrawn":  {"不看", "leave out"},
	"find.onlyWithdrawn": {"只看", "only those"},

	"bulk.given":   {"%d 条走访交给了 %s。", "Visits: %d. Given to %s."},
	"bulk.freed":   {"%d 条走访不再交给谁。", "Visits: %d. Given to nobody now."},
	"bulk.ungiven": {"已撤销：%d 条走访还给原来的人。", "Undone. Visits that are with whom they were before: %d."},
	"keys.m":       {"我来审（勾选的；没有勾选就是当前这条）", "Give those marked, or this one, to me"},

	"wrong.late":      {"收不回了：超过 15 分钟，或者已经收回。", "It cannot be taken back: more than 15 minutes have passed, or it was already."},
	"wrong.taken":     {"您已经有同名的视图，请换个 name。", "You have a view of that name already: choose another name."},
	"wrong.manyViews": {"最多 50 个视图，请先删除不用的。", "At most 50 views: remove one that you do not use."},
	"wrong.badView":   {"name 要有 1 到 40 个字，query 要看得懂。", "name must have 1 to 40 characters, and query must be understood."},
	"wrong.given":     {"同事刚刚交给了别人。请重新取这条走访。", "A colleague has just given it to somebody. Read the visit again."},
	"wrong.nobody":    {"to 要是能审核、看得到这条走访的账号，走访没有撤回。", "to must be an account that may review and sees the visit, and the visit not withdrawn."},
	"wrong.full":      {"这条走访的留言已满 200 条。", "There are 200 comments on this visit already."},
	"wrong.bad":       {"words 要有 1 到 2000 个字。", "words must have 1 to 2,000 characters."},
}
