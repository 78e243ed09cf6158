package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"ark"
	"ark/hub"
)

// Visits that come by an index in one order are of no use in the other, if they
// are many. So time is also cut into days and months of 30 days, from 1970 on:
// what is asked for in a stretch of time is looked for in each of them in the
// order of arrival (by an index), and what is searched in the order of time is
// looked for day by day (each day is a word of its visits), then month by month.
const (
	dayLong   = 86_400_000 // ms
	monthLong = 30 * dayLong
)

// dayWord and monthWord are the words of a time. No pair of characters is so
// long.
func dayWord(made int64) string   { return fmt.Sprintf("day%d", made/dayLong) }
func monthWord(made int64) string { return fmt.Sprintf("month%d", made/monthLong) }

// Words are looked for day by day if so many days fill a page, and in so many
// days and months before all that is left is put in order.
const (
	mostDays    = 4
	mostPeriods = mostDays + 12
)

// fewVisits are so few that they are put in order when they are asked for.
const fewVisits = 2000

// fewInBox times as many are few in a part of the map: the index of its cells
// has all that puts them in order.
const fewInBox = 5

// period is a day or a month.
type period struct {
	long int64
	n    int64 // since 1970
}

// condition is that a visit was made in the period.
func (p period) condition(args *arguments) string {
	return fmt.Sprintf("v.made / %d = ", p.long) + args.add(p.n)
}

// periods cut a stretch of time into whole months and the days around them.
func periods(from, to int64) (all []period) {
	day, end := from/dayLong, (to+dayLong-1)/dayLong
	for day < end {
		if day%30 == 0 && day+30 <= end {
			all, day = append(all, period{monthLong, day / 30}), day+30
			continue
		}
		all, day = append(all, period{dayLong, day}), day+1
	}
	return all
}

// way finds the first places of a page among visits that come in its order.
type way func(p hub.VisitPage) ([]hub.VisitPlace, error)

// extent is how far a way will be gone.
type extent bool

const (
	onePage  extent = false
	toTheEnd extent = true
)

// ways are those to all visits that somebody sees and asks for: to each part of
// the sight one of its own, so that each goes by an index.
func (s *Store) ways(ctx context.Context, q querier, sight hub.Sight, f hub.VisitFilter, o hub.VisitOrder, far extent) (all []way, err error) {
	parts, err := s.sightParts(ctx, q, sight, f)
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		some, err := s.waysTo(ctx, q, f, part, o, far)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// waysTo are the ways to one part of the sight.
func (s *Store) waysTo(ctx context.Context, q querier, f hub.VisitFilter, part sightPart, o hub.VisitOrder, far extent) ([]way, error) {
	switch {
	case f.Text != "" && o == hub.ByTime && !f.Withdrawn:
		return []way{func(p hub.VisitPage) ([]hub.VisitPlace, error) { return s.searchByTime(ctx, q, f, part, p) }}, nil
	case part == sightPart{} && f == hub.VisitFilter{Text: f.Text}:
		return s.searchByArrival(ctx, q, f.Text)
	case o == hub.ByArrival && onlyTime(f, part):
		return s.stretchByArrival(ctx, q, f, part, far)
	case f.Box != nil && near(*f.Box):
		return s.nearby(ctx, q, f, part)
	}
	return s.oneWay(ctx, q, func() *chosen { return s.choose(f, part) }), nil
}

// oneWay is the way to what one query chooses, which each page asks anew.
func (s *Store) oneWay(ctx context.Context, q querier, choose func() *chosen) []way {
	return []way{func(p hub.VisitPage) ([]hub.VisitPlace, error) { return s.placesOf(ctx, q, choose(), p) }}
}

// onlyTime tells whether a stretch of time is all by which an index could
// choose.
func onlyTime(f hub.VisitFilter, part sightPart) bool {
	return (!f.From.IsZero() || !f.To.IsZero()) && !f.Withdrawn && f.Text == "" && f.Service == "" && f.Need == "" && f.By == "" &&
		f.Household.IsZero() && (f.Assigned == "" || f.Assigned == hub.AssignedNobody) && part == sightPart{}
}

// nearby is the way to visits in a small part of the map: where they are few,
// they are put in order; else they come often enough in the order of all.
func (s *Store) nearby(ctx context.Context, q querier, f hub.VisitFilter, part sightPart) ([]way, error) {
	box := hub.VisitFilter{Box: f.Box}
	c := s.choose(box, sightPart{})
	s.byRare(c, box, sightPart{})
	var n int
	few := s.few * fewInBox
	if err := q.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1"+c.query()+" LIMIT "+c.args.add(few)+") AS counted", c.args...).Scan(&n); err != nil {
		return nil, err
	}
	return s.oneWay(ctx, q, func() *chosen {
		c := s.choose(f, part)
		if n < few {
			s.byRare(c, f, part)
		}
		return c
	}), nil
}

// stretchByArrival are the ways to visits of a stretch of time in the order in
// which they came: to each period one.
func (s *Store) stretchByArrival(ctx context.Context, q querier, f hub.VisitFilter, part sightPart, far extent) (all []way, err error) {
	from, to, n, err := s.stretch(ctx, q, f)
	if err != nil || n == 0 {
		return nil, err
	}
	if n < s.few {
		return s.oneWay(ctx, q, func() *chosen {
			c := s.choose(f, part)
			c.from += s.db.Using("visits_made")
			return c
		}), nil
	}
	each := periods(from, to)
	if far == onePage { // together they read as much for each page as for the first
		all, each = s.betweenPeriods(ctx, q, f, part, each)
	}
	for _, one := range each {
		all = append(all, s.oneWay(ctx, q, func() *chosen {
			c := s.choose(f, part)
			c.where(one.condition(&c.args))
			return c
		})...)
	}
	return all, nil
}

// betweenPeriods are the ways to the visits of all periods but the first and
// the last, which may not lie in the stretch as a whole: days by one query, and
// months, where the database can be asked so. What is left is to be asked for
// one by one.
func (s *Store) betweenPeriods(ctx context.Context, q querier, f hub.VisitFilter, part sightPart, all []period) (ways []way, left []period) {
	if len(all) <= 2 || s.wording.each(nil, "") == "" {
		return nil, all
	}
	f.From, f.To = time.Time{}, time.Time{} // or PostgreSQL goes through all of the stretch for each
	numbers := map[int64][]int64{}
	for _, one := range all[1 : len(all)-1] {
		numbers[one.long] = append(numbers[one.long], one.n)
	}
	for long, some := range numbers {
		ways = append(ways, func(p hub.VisitPage) ([]hub.VisitPlace, error) {
			c := s.choose(f, part)
			c.where(fmt.Sprintf("v.made / %d = numbers.n", long))
			query := s.wording.each(some, c.page(p)) + " ORDER BY position" + direction(p) + " LIMIT " + c.args.add(p.Limit)
			return readPlaces(ctx, q, query, c.args)
		})
	}
	return ways, []period{all[0], all[len(all)-1]}
}

// stretch is what of a stretch of time there are visits in, and how many, up
// to a few.
func (s *Store) stretch(ctx context.Context, q querier, f hub.VisitFilter) (from, to int64, n int, err error) {
	times := hub.VisitFilter{From: f.From, To: f.To}
	c := s.choose(times, sightPart{})
	var first, last *int64
	if err := q.QueryRowContext(ctx, "SELECT min(v.made)"+c.query(), c.args...).Scan(&first); err != nil || first == nil {
		return 0, 0, 0, err
	}
	if err := q.QueryRowContext(ctx, "SELECT max(v.made)"+c.query(), c.args...).Scan(&last); err != nil || last == nil {
		return 0, 0, 0, err
	}
	err = q.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1"+c.query()+" LIMIT "+c.args.add(s.few)+") AS counted", c.args...).Scan(&n)
	return *first, *last + 1, n, err
}

// having is how many visits have some phrases, up to a few; those that are
// withdrawn count.
func (s *Store) having(ctx context.Context, q querier, wanted [][]string) (n int, err error) {
	var args arguments
	err = q.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM visit_words w WHERE "+s.wording.holds("visit_words", wanted, &args)+" LIMIT "+args.add(s.few)+") AS counted", args...).Scan(&n)
	if err == nil && n >= s.few {
		s.common.add(wanted)
	}
	return n, err
}

// areCommon tells whether some phrases are in more than a few visits, or were
// once: they seldom become rare, and only how they are looked for depends on it.
func (s *Store) areCommon(ctx context.Context, q querier, wanted [][]string) (bool, error) {
	if s.common.has(wanted) {
		return true, nil
	}
	n, err := s.having(ctx, q, wanted)
	return n >= s.few, err
}

// mostCommon is how many common phrases are remembered.
const mostCommon = 10_000

// commonPhrases are those that were met in more than a few visits: PostgreSQL
// goes through all that have them to find that out.
type commonPhrases struct {
	mu    sync.Mutex
	known map[string]bool
}

func (c *commonPhrases) has(wanted [][]string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known[fmt.Sprint(wanted)]
}

func (c *commonPhrases) add(wanted [][]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= mostCommon {
		c.known = map[string]bool{}
	}
	c.known[fmt.Sprint(wanted)] = true
}

// searchByArrival finds visits by words and nothing else in the order in which
// they came. Many are met soon on the way; how many there are PostgreSQL cannot
// guess of a phrase, and would put them all in order.
func (s *Store) searchByArrival(ctx context.Context, q querier, text string) ([]way, error) {
	wanted, _ := phrases(text)
	choose := func() *chosen { return s.choose(hub.VisitFilter{Text: text}, sightPart{}) }
	if s.wording.passed(wanted, &arguments{}) == "" {
		return s.oneWay(ctx, q, choose), nil
	}
	common, err := s.areCommon(ctx, q, wanted)
	if err != nil {
		return nil, err
	}
	if common {
		choose = func() *chosen {
			c := &chosen{made: "v.made"}
			c.inWords(s.wording.passed(wanted, &c.args))
			c.where(found)
			return c
		}
	}
	return s.oneWay(ctx, q, choose), nil
}

// searchByTime finds visits by words in the order in which they were made.
// Rare words are found all and put in order; common ones are looked for from
// day to day, those of which some days would not fill the page from month to
// month, and those that do not occur there either, or hardly with what else is asked, in all
// that is left at once: so there is an end to it however far apart they are.
func (s *Store) searchByTime(ctx context.Context, q querier, f hub.VisitFilter, part sightPart, p hub.VisitPage) (all []hub.VisitPlace, err error) {
	wanted, _ := phrases(f.Text)
	common, err := s.areCommon(ctx, q, wanted)
	if err != nil {
		return nil, err
	}
	if !common {
		return s.placesOf(ctx, q, s.choose(f, part), p)
	}
	at, found, fewEachDay := p, 0, false
	for tries := 0; found < p.Limit; tries++ {
		if tries == mostPeriods {
			rest, err := s.placesOf(ctx, q, s.choose(f, part), at)
			return append(all, rest...), err
		}
		made, ok, err := s.nextTime(ctx, q, f, at)
		if err != nil || !ok {
			return all, err
		}
		one := period{dayLong, made / dayLong}
		word := dayWord(made)
		if fewEachDay {
			one, word = period{monthLong, made / monthLong}, monthWord(made)
		}
		c := s.chooseWords(f, part, append(slices.Clone(wanted), []string{word}))
		some, err := s.placesOf(ctx, q, c, at)
		if err != nil {
			return nil, err
		}
		all, found = append(all, some...), found+len(some)
		fewEachDay = fewEachDay || found < (tries+1)*p.Limit/mostDays
		at.After = hub.VisitPlace{At: ark.UnixMilli(one.n * one.long), Position: 1} // all of it lies behind
		if p.Up {
			at.After = hub.VisitPlace{At: ark.UnixMilli((one.n+1)*one.long - 1), Position: latest}
		}
	}
	return all, nil
}

// nextTime is when the next visit was made in the order of time, whatever its
// words.
func (s *Store) nextTime(ctx context.Context, q querier, f hub.VisitFilter, p hub.VisitPage) (made int64, ok bool, err error) {
	p.Limit = 1
	next, err := s.placesOf(ctx, q, s.choose(hub.VisitFilter{From: f.From, To: f.To}, sightPart{}), p)
	if err != nil || len(next) == 0 {
		return 0, false, err
	}
	return int64(next[0].At), true, nil
}

// placesOf finds the first places of a page among what was chosen.
func (s *Store) placesOf(ctx context.Context, q querier, c *chosen, p hub.VisitPage) (all []hub.VisitPlace, err error) {
	query := c.page(p) // adds to args
	return readPlaces(ctx, q, query, c.args)
}

func direction(p hub.VisitPage) string {
	if p.Up {
		return ""
	}
	return " DESC"
}

// page is the query for the first places of a page.
func (c *chosen) page(p hub.VisitPage) string {
	beyond := " < "
	if p.Up {
		beyond = " > "
	}
	order := c.position + direction(p)
	if p.Order == hub.ByTime {
		order = c.made + direction(p) + ", " + order
	}
	if p.After.Position != 0 && p.Order == hub.ByTime {
		c.where("(" + c.made + ", " + c.position + ")" + beyond + "(" + c.args.add(madeAt(p.After.At)) + ", " + c.args.add(int64(p.After.Position)) + ")")
	} else if p.After.Position != 0 {
		c.where(c.position + beyond + c.args.add(int64(p.After.Position)))
	}
	return strings.Join([]string{"SELECT ", c.position, ", ", c.made, c.query(), " ORDER BY ", order, " LIMIT ", c.args.add(p.Limit)}, "")
}

func readPlaces(ctx context.Context, q querier, query string, args arguments) (all []hub.VisitPlace, err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var at hub.VisitPlace
		if err := rows.Scan(&at.Position, &at.At); err != nil {
			return nil, err
		}
		all = append(all, at)
	}
	return all, rows.Err()
}
