package sound

import (
	"fmt"
	"time"

	"ark/agent"
)

// holding tells that a program had better wait: a device is being opened, and
// on the silent one nobody would hear it. openWithin bounds the wait.
func (s *stage) holding() bool { return s.child == nil && s.opening != nil }

// opened yields when a child's device is open and can be used: what is said on
// the silent device is let go to its end first, so that nobody hears half a
// sentence. Music and live voice go over to the other device at once.
func (s *stage) opened() <-chan struct{} {
	speech := s.line.speech(s.consumed)
	if s.opening == nil || s.trial != nil || s.begun && speech != nil && speech.show.talk == nil {
		return nil
	}
	return s.opening.ready
}

func (s *stage) failed() <-chan struct{} {
	if s.opening == nil {
		return nil
	}
	return s.opening.gone
}

// silent is the paced silent device's name.
const silent = "silent"

// silence makes the paced silent device the one in use.
func (s *stage) silence() {
	s.device, s.child = newSilentDevice(), nil
	s.watch.at(nil, false)
	s.change(func(st *agent.SoundState) { st.Silent, st.Device = true, silent })
}

// open starts a child; it is used once its device is open.
func (s *stage) open() {
	if s.barred() {
		s.change(func(st *agent.SoundState) { st.Device = silent })
		s.later()
		return
	}
	command := s.c.Command()
	s.watch.at(command.Env, false)
	child, err := s.start(command)
	if err != nil {
		s.c.Log.Error("the loudspeaker process cannot be started", "err", err)
		s.later()
		return
	}
	s.opening, s.openBy = child, time.Now().Add(openWithin)
}

func (s *stage) later() {
	s.retryAt = time.Now().Add(s.retry)
	s.retry = min(2*s.retry, mostRetry)
}

func (s *stage) openFailed() {
	if text := fmt.Sprint(s.opening.err); text != s.failure { // once, not every minute
		s.failure = text
		s.c.Log.Warn("no sound device; trying again from time to time", "err", text)
	}
	s.opening.close()
	s.opening = nil
	s.change(func(st *agent.SoundState) { st.Device = silent })
	s.later()
}

// adopt goes over to the child's device.
func (s *stage) adopt() {
	select {
	case <-s.opening.gone:
		s.openFailed()
		return
	default:
	}
	s.device.close()
	s.device, s.child, s.opening = s.opening, s.opening, nil
	s.adopted, s.failure, s.trouble = time.Now(), "", ""
	s.watch.at(nil, true)
	s.watch.glance()
	s.change(func(st *agent.SoundState) { st.Silent, st.Device = false, "default" })
	if s.begun {
		s.carryOver()
	}
}

// lost replaces a device that is gone or stalled: at once, or, if it had not
// lasted, after a pause that grows, so that a broken device does not keep the
// processor and the journal busy.
func (s *stage) lost(why string) {
	s.c.Log.Error("the sound device failed; it is replaced", "why", why)
	s.over(why)
	s.owed = 0
	s.device.close()
	s.trouble = why
	s.change(func(st *agent.SoundState) { st.Restarts++ })
	s.silence()
	if time.Since(s.adopted) < lastedFor {
		s.later()
		return
	}
	s.retry = firstRetry
	s.open()
}

func (s *stage) close() {
	s.talks.Wait()
	s.device.close()
	if s.opening != nil {
		s.opening.close()
	}
	s.ears.Wait() // each was told to end when its program did
}
