package main

import (
	"fmt"
	"math/rand/v2"

	"ark"
	"ark/internal/invented"
)

// The visits trained on. Other seeds are for judging.
const (
	seeds     = 24
	perSeed   = 150
	firstSeed = 1
)

// samples are frames before compression, as vans send them: mostly one visit
// alone, now and then a handful, and some of every other kind of entry.
func samples() ([][]byte, error) {
	var all [][]byte
	for seed := uint64(firstSeed); seed < firstSeed+seeds; seed++ {
		r := rand.New(rand.NewPCG(seed, 2))
		entries := invented.Entries(seed, perSeed)
		others, err := otherKinds(r)
		if err != nil {
			return nil, err
		}
		for i, body := range others {
			e := entries[i]
			e.ID[15]++ // another entry of the same moment
			e.Kind, e.Body = body.kind, body.encoded
			entries = append(entries, e)
		}
		frames, err := inFrames(r, entries)
		if err != nil {
			return nil, err
		}
		all = append(all, frames...)
	}
	return all, nil
}

// inFrames makes frames of one to three entries of one journal.
func inFrames(r *rand.Rand, entries []ark.Entry) (frames [][]byte, err error) {
	var random [16]byte
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	inc := ark.NewIncarnation(random)
	cursor := inc.Start()
	for len(entries) > 0 {
		n := min(1+r.IntN(8)/6, len(entries))
		f := ark.Frame{Incarnation: inc, First: cursor.Seq + 1, Prev: cursor.Digest.Key(), Round: r.Uint32(), Ahead: uint64(r.IntN(3))}
		for _, e := range entries[:n] {
			raw, err := ark.EncodeEntry(e)
			if err != nil {
				return nil, err
			}
			f.Entries = append(f.Entries, raw)
			cursor = cursor.Next(raw)
		}
		entries = entries[n:]
		data, err := ark.EncodeFrame(f, true)
		if err != nil {
			return nil, err
		}
		frames = append(frames, data[2:]) // after version and packing
	}
	return frames, nil
}

type kindBody struct {
	kind    ark.Kind
	encoded []byte
}

// otherKinds are one entry of each kind that is not a visit.
func otherKinds(r *rand.Rand) (all []kindBody, err error) {
	at := ark.UnixMilli(1_790_000_000_000 + r.Int64N(1e9))
	id := ark.NewID(at, [10]byte{byte(r.Uint32()), 2: byte(r.Uint32()), 7: byte(r.Uint32())})
	run := ark.AsRun{Broadcast: id, Announcement: "welcome", Version: 1, Title: ark.Text{Zh: "服务方舟来了", En: "The service ark is here"},
		Trigger: ark.Trigger{Button: fmt.Sprint(1 + r.IntN(4))}, State: ark.BroadcastStarted, LatencyMS: 20 + r.Int64N(60), StartedAt: at}
	for _, l := range []ark.Language{"cmn-Hans-CN", "yue-Hant-HK", "en"} {
		run.Recordings = append(run.Recordings, ark.AsRunRecording{Language: l, Content: ark.HashOf([]byte(l)), Frames: 200_000 + r.Int64N(400_000), State: ark.BroadcastStarted})
	}
	ended := run
	ended.State, ended.EndedAt = ark.BroadcastFinished, at+30_000
	bodies := []struct {
		kind ark.Kind
		body any
	}{
		{ark.KindBroadcast, run}, {ark.KindBroadcast, ended},
		{ark.KindOrderState, ark.OrderState{Order: id, State: ark.BroadcastExpired, Why: ark.WhyMissing}},
		{ark.KindHealth, ark.Health{Sound: "ok", Device: "default", Panel: "ok", DiskFree: r.Int64N(32 << 30), Release: "0.1.0", LastSound: at}},
		{ark.KindClock, ark.Clock{Wall: at, Source: "hub", Step: r.Int64N(1000)}},
		{ark.KindPlayNow, ark.PlayNow{Announcement: "welcome", NotAfter: at, By: "office"}},
		{ark.KindStop, ark.Stop{NotAfter: at, By: "office"}},
	}
	for _, b := range bodies {
		encoded, err := ark.EncodeBody(b.kind, b.body)
		if err != nil {
			return nil, err
		}
		all = append(all, kindBody{b.kind, encoded})
	}
	return all, nil
}
