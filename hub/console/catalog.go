package console

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ark"
	"ark/hub"
)

// catalog is what there is to play.
type catalog struct {
	List      []hub.Edition // the newest edition of each, by title; withdrawn ones last
	ByID      map[ark.AnnouncementID]hub.Edition
	Languages []ark.Language
	Version   int64 // of the newest library; 0: there is none
}

// catalog reads the library; until there is one, vans have what they were
// delivered with.
func (c *Console) catalog(ctx context.Context) (k catalog, err error) {
	if err := readLibrary(ctx, &k); err != nil {
		return k, fmt.Errorf("read the library: %w", err)
	}
	if k.Version == 0 {
		for _, a := range c.c.Announcements() {
			k.List = append(k.List, hub.Edition{Announcement: a})
		}
	}
	k.ByID = make(map[ark.AnnouncementID]hub.Edition, len(k.List))
	for _, e := range k.List {
		k.ByID[e.ID] = e
	}
	return k, nil
}

func readLibrary(ctx context.Context, k *catalog) (err error) {
	if k.List, err = desk(ctx).Editions(ctx); err != nil {
		return err
	}
	if k.Languages, err = desk(ctx).Languages(ctx); err != nil {
		return err
	}
	k.Version, err = desk(ctx).LibraryVersion(ctx)
	return err
}

// Title is an announcement's title; of one that is unknown here, its id.
func (k catalog) Title(id ark.AnnouncementID) ark.Text {
	if e, ok := k.ByID[id]; ok {
		return e.Title
	}
	return ark.Text{Zh: string(id), En: string(id)}
}

// class is the announcements of one class.
type class struct {
	Class ark.Class
	List  []hub.Edition
}

// Classes are the announcements that may be played at a time, the most urgent
// class first.
func (k catalog) Classes(at time.Time) (all []class) {
	for _, c := range ark.Classes {
		list := slices.DeleteFunc(slices.Clone(k.List), func(e hub.Edition) bool {
			return e.Class != c || e.Withdrawn || !e.Valid(ark.Milli(at))
		})
		if len(list) > 0 {
			all = append(all, class{c, list})
		}
	}
	return all
}

// Recordings are the titles, and the languages, of the recordings that are
// named by their content.
func (k catalog) Recordings(of []ark.Hash) (all []recordingName) {
	for _, e := range k.List {
		for _, r := range e.Recordings {
			if slices.Contains(of, r.Content) {
				all = append(all, recordingName{e.Title, r.Language})
			}
		}
	}
	return all
}

// recordingName is what people call a recording.
type recordingName struct {
	Title    ark.Text
	Language ark.Language
}
