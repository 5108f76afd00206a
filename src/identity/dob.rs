//! A date of birth as digits. Records hold dates that no calendar has (31 February, month 13):
//! they are still evidence of who somebody is.

use jiff::civil::Date;
use zeroize::Zeroize;

/// Year, month and day as the eight digits `YYYYMMDD`; 0 when there is none. Not printable.
///
/// ```compile_fail,E0277
/// format!("{:?}", counterpart::identity::Dob::MISSING);
/// ```
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Zeroize, bytemuck::Pod, bytemuck::Zeroable,
)]
#[repr(transparent)]
pub struct Dob(u32);

impl Dob {
    /// No date of birth.
    pub const MISSING: Dob = Dob(0);

    /// From days since 1970-01-01; missing beyond years 1 to 9999.
    pub fn from_days(days: i32) -> Dob {
        let epoch = Date::constant(1970, 1, 1);
        let span = jiff::Span::new().try_days(days);
        match span.and_then(|span| epoch.checked_add(span)) {
            Ok(day) if day.year() > 0 => Dob::from_parts(
                day.year().unsigned_abs().into(),
                day.month().unsigned_abs().into(),
                day.day().unsigned_abs().into(),
            ),
            _ => Dob::MISSING,
        }
    }

    /// From year (up to 9999), month and day (up to 99 each), whether a calendar has it or not;
    /// missing beyond those.
    pub fn from_parts(year: u32, month: u32, day: u32) -> Dob {
        match (year, month, day) {
            (1..=9999, 0..=99, 0..=99) => Dob(year * 10_000 + month * 100 + day),
            _ => Dob::MISSING,
        }
    }

    /// Eight digits `YYYYMMDD` as one number.
    pub fn expose(self) -> u32 {
        self.0
    }

    /// Is there none?
    pub fn is_missing(self) -> bool {
        self.0 == 0
    }

    /// Year.
    pub fn year(self) -> u32 {
        self.0 / 10_000
    }

    /// Month, 1 to 12 when a calendar has it.
    pub fn month(self) -> u32 {
        self.0 / 100 % 100
    }

    /// Day of the month.
    pub fn day(self) -> u32 {
        self.0 % 100
    }

    /// Day and month changed about.
    pub fn swapped(self) -> Dob {
        match self.is_missing() {
            true => self,
            false => Dob::from_parts(self.year(), self.day(), self.month()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_digits_agree() {
        assert_eq!(Dob::from_days(0).expose(), 19_700_101);
        assert_eq!(Dob::from_days(-1).expose(), 19_691_231);
        assert_eq!(Dob::from_days(11_016).expose(), 20_000_229);
        assert!(Dob::from_days(i32::MIN).is_missing());
    }

    #[test]
    fn dates_no_calendar_has_are_kept() {
        let odd = Dob::from_parts(1980, 13, 1);
        assert_eq!((odd.year(), odd.month(), odd.day()), (1980, 13, 1));
        assert_eq!(odd.swapped().expose(), 19_800_113);
        assert!(Dob::MISSING.swapped().is_missing());
    }
}
