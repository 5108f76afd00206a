//! `counterpart work`, which no help lists: one submission's own process. It holds the list, looks
//! for its people, computes, answers with the released report and ends; its end is the erasure.
//!
//! Everything it needs it opens before the first byte of the list, and then gives up the rest.

mod custodial;
mod line;
mod lines;
mod planted;
mod problem;
mod releases;
mod sources;

use super::input;
use super::reader::Reader;
use crate::cohort::{self, Cohort, Reading};
use crate::comparison;
use crate::custody;
use crate::evaluation::{self, Context, Guard, Stage};
use crate::report::{Face, Report};
use crate::service::worker::protocol::{
    self, Answer, Beside, Cannot, Hello, Holding, Kind, Order, Ready, Whole, payload,
};
use crate::service::worker::{COMMAND, Problem, Step};
use crate::study::Study;
use custodial::Keeper;
use line::Line;
use lines::Lines;
use planted::Planted;
use releases::Told;
use sources::Opened;
use std::cell::RefCell;
use std::io;
use std::process::ExitCode;

/// When this process is to hold a submission: does so, and gives its exit code.
pub fn run_if_asked() -> Option<ExitCode> {
    if std::env::args_os().nth(1)? != COMMAND {
        return None;
    }
    Some(match serve() {
        Ok(()) => ExitCode::SUCCESS,
        // Nobody reads what would be printed; the server sees that there was no answer.
        Err(_) => ExitCode::FAILURE,
    })
}

/// Why there is no report.
enum Stop {
    /// The server has gone, or this process cannot go on.
    Lost(io::Error),
    /// The list, the study and the register have no answer.
    Told(Problem),
}

impl From<io::Error> for Stop {
    fn from(e: io::Error) -> Stop {
        Stop::Lost(e)
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Stop {
        Stop::Told(problem)
    }
}

/// Everything that is needed, opened; nothing else can be.
struct Prepared {
    order: Order,
    study: Study,
    register: Opened,
    reader: Reader,
    keeper: Keeper,
}

fn serve() -> io::Result<()> {
    custody::die_with_parent()?;
    let mut line = Line::new();
    let hello = Hello {
        version: protocol::VERSION,
    };
    line.greet(&payload(&hello)?, &custody::own_memory()?)?;
    let order = line.order()?;
    let (mut prepared, ready) = match prepare(order) {
        Ok(prepared) => prepared,
        Err(cannot) => return line.say(Kind::Cannot, &payload(&cannot)?),
    };
    line.say(Kind::Ready, &payload(&ready)?)?;
    let whole = take(&mut prepared, &mut line)?;
    line.say(Kind::Whole, &payload(&whole)?)?;
    let beside = line.begin()?;
    match compute(prepared, &beside, &mut line) {
        Ok((report, submitted)) => tell(&report, submitted, &mut line),
        Err(Stop::Told(problem)) => line.say(Kind::NoAnswer, &payload(&problem)?),
        Err(Stop::Lost(e)) => Err(e),
    }
}

/// Starts the reader, gives up all but the register, and opens that.
fn prepare(order: Order) -> Result<(Prepared, Ready), Cannot> {
    let mut study = Study::parse("study", &order.study_toml).map_err(|_| Cannot::Study)?;
    if let Some(model) = &mut study.linkage.model {
        model.text = order.linkage_model.clone().ok_or(Cannot::Study)?;
    }
    if !std::path::Path::new(&order.register).is_dir() {
        return Err(Cannot::Register);
    }
    // No process can be started once the rest is given up; and threads, which opening a register
    // may start, are to have it given up from their beginning.
    let reader = Reader::start(None).map_err(|_| Cannot::Reader)?;
    let keeper = Keeper::new(&order);
    let confined = custodial::confine(&order).map_err(|_| Cannot::Confine)?;
    let register = Opened::open(order.register.as_ref(), order.vouched.as_ref())
        .map_err(|_| Cannot::Register)?;
    let ready = Ready {
        locked: confined.locked,
        confined: confined.fully(),
        note: custodial::note(confined),
        public_key: keeper.public_key().map(custody::hex::encode),
    };
    let prepared = Prepared {
        order,
        study,
        register,
        reader,
        keeper,
    };
    Ok((prepared, ready))
}

/// Takes the file in: a plain one goes straight on to the process that will read it.
fn take(prepared: &mut Prepared, line: &mut Line) -> io::Result<Whole> {
    let mut bytes = 0;
    while let Some(part) = line.data()? {
        bytes += part.len() as u64;
        if let Some(plain) = prepared.keeper.take(part) {
            prepared.reader.write(plain);
        }
    }
    let commitment = prepared.keeper.commitment();
    Ok(Whole { bytes, commitment })
}

/// From the file to the report, exactly as `counterpart evaluate` goes; the report, and how many
/// people were in the file, to the nearest five.
fn compute(prepared: Prepared, beside: &Beside, line: &mut Line) -> Result<(Report, u64), Stop> {
    let Prepared {
        order,
        study,
        register,
        reader,
        keeper,
    } = prepared;
    line.step(Step::Reading)?;
    let Read {
        cohort,
        commitment,
        lines,
    } = read(reader, keeper, &study)?;
    if let Some(covered) = &beside.covered {
        problem::not_covered(&cohort.quality, covered)?;
    }
    let planted = Planted::plant(&order, &study, &cohort, lines, &register);
    let holding = Holding {
        canaries: planted.canaries(),
        commitment,
    };
    line.say(
        Kind::Held,
        &protocol::held_payload(&holding, planted.prints())?,
    )?;
    line.wait_for(Kind::Go)?;
    // They have been seen.
    drop(planted);
    if order.check {
        return Err(problem::checked(cohort).into());
    }
    let submitted = (cohort.submitted + 2) / 5 * 5;
    let told = RefCell::new(line);
    let context = Context {
        seed: order.seed,
        now: &input::now,
        // When the server has gone this process is killed: nobody is left to be told.
        progress: &|stage| drop(told.borrow_mut().step(step(stage))),
        specifications: true,
        leave_one_out: true,
    };
    let releases = Told::new(&told, &order.release_key);
    // Whether a steward will look at it is the server's to know.
    let guard = Guard {
        releases: &releases,
        steward: None,
    };
    let released = evaluation::evaluate_guarded(cohort, &register, &study, &context, Some(guard))
        .map_err(|e| Stop::Told(problem::no_answer(e)))?;
    told.borrow_mut().step(Step::Writing)?;
    let report = Report::new(released);
    let said = comparison::context(
        report.json().as_bytes(),
        &beside.programme,
        &beside.today,
        &beside.before,
        &beside.others,
    );
    Ok((report.with_context(said), submitted))
}

/// A file that was read.
struct Read {
    cohort: Cohort,
    /// To its bytes.
    commitment: Option<String>,
    /// Some of it as it came.
    lines: Lines,
}

fn read(mut reader: Reader, keeper: Keeper, study: &Study) -> Result<Read, Stop> {
    let (commitment, lines) = keeper.opened(|plain| reader.write(plain))?;
    let table = reader.finish()?.map_err(problem::unreadable)?;
    let cohort =
        cohort::read(&table, &Reading::of(study), input::today()).map_err(problem::unreadable)?;
    match cohort.verdict.is_usable() {
        true => Ok(Read {
            cohort,
            commitment,
            lines,
        }),
        false => Err(problem::unusable(cohort).into()),
    }
}

/// Says the last word.
fn tell(report: &Report, submitted: u64, line: &mut Line) -> io::Result<()> {
    let mut told = 0;
    for face in Face::ALL {
        match report.face(face) {
            Ok(bytes) => {
                line.face(face.file_name(), &bytes)?;
                told += 1;
            }
            Err(e) if face.is_always_there() => return Err(io::Error::other(e)),
            // The list cannot be had again: the other forms are worth more than none.
            Err(_) => {}
        }
    }
    let answer = Answer {
        faces: told,
        headline: report.headline(),
        submitted,
    };
    line.say(Kind::Answer, &payload(&answer)?)
}

fn step(stage: Stage) -> Step {
    match stage {
        Stage::Linking => Step::Linking,
        Stage::IndexEvents => Step::IndexEvents,
        Stage::Designing => Step::Designing,
        Stage::Comparing => Step::Comparing,
        Stage::Checking => Step::Checking,
    }
}
