//! The convex function of who waits, as its slopes.

use std::collections::VecDeque;

/// Slopes f(j) - f(j - 1), ascending: `low` those for j <= 0, `high` those for j > 0.
#[derive(Default)]
pub(super) struct Slopes {
    low: VecDeque<Slope>,
    high: VecDeque<Slope>,
    /// Distance from the first person: a slope of `low` is worth key - travelled, of `high`
    /// key + travelled.
    pub travelled: f64,
}

#[derive(Clone, Copy)]
struct Slope {
    level: i8,
    key: f64,
}

impl Slopes {
    /// Leaves states with at most so many held pool members and waiting participants.
    pub(super) fn bound(&mut self, held: usize, waiting: usize) {
        while self.low.len() > held {
            self.low.pop_front();
        }
        self.high.truncate(waiting);
    }

    /// A participant arrives: paired leads to j from j - 1, alone from j.
    pub(super) fn participant(&mut self, level: i8, value: f64) -> i32 {
        let low = self.low.len();
        let place = self.place(|l, v| (l, v) < (level, value));
        self.put(place, level, value);
        if place < low
            && let Some(last) = self.low.pop_back()
        {
            self.high.push_front(Slope {
                key: last.key - 2.0 * self.travelled,
                ..last
            });
        }
        place as i32 + 1 - low as i32
    }

    /// A pool member arrives: paired leads to j from j + 1, alone from j.
    pub(super) fn member(&mut self, level: i8, value: f64) -> i32 {
        let low = self.low.len();
        let place = self.place(|l, v| (l, v) <= (level, value));
        if place <= low {
            self.low.insert(
                place,
                Slope {
                    level,
                    key: value + self.travelled,
                },
            );
        } else {
            self.put(place, level, value);
            if let Some(first) = self.high.pop_front() {
                self.low.push_back(Slope {
                    key: first.key + 2.0 * self.travelled,
                    ..first
                });
            }
        }
        place as i32 - low as i32
    }

    /// How many slopes come before.
    fn place(&self, before: impl Fn(i8, f64) -> bool) -> usize {
        let low = self
            .low
            .partition_point(|s| before(s.level, s.key - self.travelled));
        if low < self.low.len() {
            return low;
        }
        low + self
            .high
            .partition_point(|s| before(s.level, s.key + self.travelled))
    }

    /// Puts a slope in, into `low` only where another of `low` follows.
    fn put(&mut self, place: usize, level: i8, value: f64) {
        let low = self.low.len();
        let (deque, at, key) = if place < low {
            (&mut self.low, place, value + self.travelled)
        } else {
            (&mut self.high, place - low, value - self.travelled)
        };
        deque.insert(at, Slope { level, key });
    }
}
