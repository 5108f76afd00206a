//! Who may come in, and whose turn it is: a bounded number of places, some of them for each
//! organisation, and turns that go round the organisations, so that one that sends fifty files
//! makes itself wait and nobody else.

use crate::service::model::OrganisationId;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How long a turn is taken to last until one has ended.
const FIRST_GUESS: Duration = Duration::from_secs(10);
/// Weight of the latest turn in the mean.
const LATEST: f64 = 0.2;
/// Most seconds that anybody is told to wait before asking again.
const LONGEST_WAIT_S: u64 = 600;

/// Places and turns.
pub(super) struct Queue {
    slots: usize,
    places: usize,
    places_each: usize,
    state: Mutex<State>,
}

struct State {
    /// Turns that are being had.
    running: usize,
    /// Places taken, of each organisation.
    taken: HashMap<OrganisationId, usize>,
    /// Who waits, of each organisation, first come first.
    waiting: HashMap<OrganisationId, VecDeque<oneshot::Sender<Turn>>>,
    /// Organisations somebody waits of, the next one first.
    round: VecDeque<OrganisationId>,
    /// Seconds that a turn lasts.
    mean_s: f64,
}

/// A place, until dropped.
pub(super) struct Place {
    queue: Arc<Queue>,
    organisation: OrganisationId,
}

/// A turn, until dropped.
pub(super) struct Turn {
    queue: Arc<Queue>,
    /// None once it was given back.
    began: Option<Instant>,
}

impl Queue {
    pub fn new(slots: usize, places: usize, places_each: usize) -> Arc<Queue> {
        Arc::new(Queue {
            slots: slots.max(1),
            places,
            places_each,
            state: Mutex::new(State {
                running: 0,
                taken: HashMap::new(),
                waiting: HashMap::new(),
                round: VecDeque::new(),
                mean_s: FIRST_GUESS.as_secs_f64(),
            }),
        })
    }

    /// A place, or in how many seconds to ask again.
    pub fn place(self: &Arc<Queue>, organisation: OrganisationId) -> Result<Place, u64> {
        let mut state = self.state();
        let all: usize = state.taken.values().sum();
        let own = state.taken.get(&organisation).copied().unwrap_or(0);
        if all >= self.places || own >= self.places_each {
            // A place is free when somebody's turn begins: of all, one every so often; of its own,
            // after a round of those who wait.
            let every = state.mean_s / self.slots as f64;
            let others = if all >= self.places {
                1
            } else {
                state.round.len().max(1)
            };
            let wait = (every * others as f64).ceil() as u64;
            return Err(wait.clamp(1, LONGEST_WAIT_S));
        }
        *state.taken.entry(organisation).or_default() += 1;
        Ok(Place {
            queue: self.clone(),
            organisation,
        })
    }

    /// Waits for a turn. Who stops listening is passed over.
    pub fn join(self: &Arc<Queue>, organisation: OrganisationId) -> oneshot::Receiver<Turn> {
        let (tell, told) = oneshot::channel();
        let mut state = self.state();
        let own = state.waiting.entry(organisation).or_default();
        own.push_back(tell);
        if own.len() == 1 {
            state.round.push_back(organisation);
        }
        drop(state);
        self.hand_out();
        told
    }

    /// Gives free slots to those whose turn it is.
    fn hand_out(self: &Arc<Queue>) {
        loop {
            let next = {
                let mut state = self.state();
                if state.running >= self.slots {
                    return;
                }
                let Some(next) = state.next() else { return };
                state.running += 1;
                next
            };
            let turn = Turn {
                queue: self.clone(),
                began: Some(Instant::now()),
            };
            // Nobody listens any more: the turn is given back, and not through here again.
            if let Err(mut unwanted) = next.send(turn) {
                unwanted.began = None;
                self.state().running -= 1;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics half way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The first of the organisation whose turn it is; that one goes to the end of the round.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let organisation = self.round.pop_front()?;
        let own = self.waiting.get_mut(&organisation)?;
        let next = own.pop_front();
        match own.is_empty() {
            true => drop(self.waiting.remove(&organisation)),
            false => self.round.push_back(organisation),
        }
        next
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        if let Some(own) = state.taken.get_mut(&self.organisation) {
            *own -= 1;
            if *own == 0 {
                state.taken.remove(&self.organisation);
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(began) = self.began else { return };
        let took = began.elapsed().as_secs_f64();
        let mut state = self.queue.state();
        state.running -= 1;
        state.mean_s += LATEST * (took - state.mean_s);
        drop(state);
        self.queue.hand_out();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Turns as they come when each is given back at once, by organisation.
    fn round(queue: &Arc<Queue>, joins: &[OrganisationId]) -> Vec<OrganisationId> {
        let held = queue.join(OrganisationId::random()).try_recv();
        let mut waiting: Vec<_> = joins.iter().map(|&o| (o, queue.join(o))).collect();
        drop(held);
        let mut order = Vec::new();
        while !waiting.is_empty() {
            let given = |(_, told): &mut (_, oneshot::Receiver<Turn>)| told.try_recv().ok();
            let next = waiting
                .iter_mut()
                .enumerate()
                .find_map(|(at, w)| Some((at, given(w)?)));
            let (at, turn) = next.unwrap();
            order.push(waiting.remove(at).0);
            drop(turn);
        }
        order
    }

    #[test]
    fn turns_alternate_between_those_who_wait_however_many_each_has() {
        let queue = Queue::new(1, 100, 100);
        let (a, b, c) = (
            OrganisationId::random(),
            OrganisationId::random(),
            OrganisationId::random(),
        );
        let order = round(&queue, &[a, a, a, a, b, c, c]);
        assert_eq!(order, [a, b, c, a, c, a, a]);
    }

    #[test]
    fn who_stops_waiting_is_passed_over_and_its_slot_is_not_lost() {
        let queue = Queue::new(1, 100, 100);
        let (a, b) = (OrganisationId::random(), OrganisationId::random());
        let held = queue.join(a).try_recv().unwrap();
        let (gone, mut stays) = (queue.join(a), queue.join(b));
        drop(gone);
        drop(held);
        let turn = stays.try_recv().unwrap();
        let unread = queue.join(a);
        drop(turn);
        drop(unread);
        assert!(queue.join(b).try_recv().is_ok(), "a turn nobody took up");
    }

    #[test]
    fn a_place_is_free_again_once_it_is_dropped() {
        let queue = Queue::new(1, 2, 1);
        let (a, b) = (OrganisationId::random(), OrganisationId::random());
        let first = queue.place(a).ok().unwrap();
        assert!(queue.place(a).is_err());
        let second = queue.place(b).ok().unwrap();
        assert!(queue.place(OrganisationId::random()).is_err());
        drop(first);
        assert!(queue.place(a).is_ok());
        drop(second);
    }
}
